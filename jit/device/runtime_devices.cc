// CUDA's runtime API: versions, errors and devices.

#include <algorithm>
#include <cstring>
#include <utility>

#include "jit/device/runtime_calls.h"

namespace kiln::jit::runtime {
namespace {

// CUDART_VERSION of the headers that compiled code sees.
constexpr int kRuntimeVersion = 12080;

// Runs `call` on that device, current or not.
template <typename Call>
Status OnDevice(int ordinal, Call&& call) {
  Platform& platform = CudaPlatform();
  Status status = platform.Ready();
  const auto devices = platform.devices();
  if (status == kSuccess && (ordinal < 0 || static_cast<size_t>(ordinal) >= devices.size())) {
    status = kInvalidDevice;
  }
  if (status == kSuccess) status = call(*devices[static_cast<size_t>(ordinal)]);
  return ThisThread().Record(status);
}

// Fills a field from an attribute of the device; 0 where the driver does not know it.
template <typename Field>
void Fill(Device& device, int attribute, Field* field) {
  int value = 0;
  if (device.Attribute(attribute, &value) != kSuccess) value = 0;
  *field = static_cast<Field>(value);
}

struct IntField {
  int attribute;  // a cudaDeviceAttr
  int DeviceProperties::* field;
};
struct SizeField {
  int attribute;
  size_t DeviceProperties::* field;
};
struct ExtentsField {
  int attribute;  // of the first extent, the others follow
  int (DeviceProperties::*field)[3];
};

using P = DeviceProperties;

constexpr IntField kInts[] = {{1, &P::maxThreadsPerBlock},
                              {10, &P::warpSize},
                              {12, &P::regsPerBlock},
                              {16, &P::multiProcessorCount},
                              {18, &P::integrated},
                              {19, &P::canMapHostMemory},
                              {21, &P::maxTexture1D},
                              {31, &P::concurrentKernels},
                              {32, &P::ECCEnabled},
                              {33, &P::pciBusID},
                              {34, &P::pciDeviceID},
                              {35, &P::tccDriver},
                              {37, &P::memoryBusWidth},
                              {38, &P::l2CacheSize},
                              {39, &P::maxThreadsPerMultiProcessor},
                              {40, &P::asyncEngineCount},
                              {41, &P::unifiedAddressing},
                              {50, &P::pciDomainID},
                              {52, &P::maxTextureCubemap},
                              {55, &P::maxSurface1D},
                              {66, &P::maxSurfaceCubemap},
                              {75, &P::major},
                              {76, &P::minor},
                              {77, &P::maxTexture1DMipmap},
                              {78, &P::streamPrioritiesSupported},
                              {79, &P::globalL1CacheSupported},
                              {80, &P::localL1CacheSupported},
                              {82, &P::regsPerMultiprocessor},
                              {83, &P::managedMemory},
                              {84, &P::isMultiGpuBoard},
                              {85, &P::multiGpuBoardGroupID},
                              {86, &P::hostNativeAtomicSupported},
                              {88, &P::pageableMemoryAccess},
                              {89, &P::concurrentManagedAccess},
                              {90, &P::computePreemptionSupported},
                              {91, &P::canUseHostPointerForRegisteredMem},
                              {95, &P::cooperativeLaunch},
                              {99, &P::hostRegisterSupported},
                              {100, &P::pageableMemoryAccessUsesHostPageTables},
                              {101, &P::directManagedMemAccessFromHost},
                              {106, &P::maxBlocksPerMultiProcessor},
                              {108, &P::persistingL2CacheMaxSize},
                              {109, &P::accessPolicyMaxWindowSize},
                              {112, &P::sparseCudaArraySupported},
                              {113, &P::hostRegisterReadOnlySupported},
                              {114, &P::timelineSemaphoreInteropSupported},
                              {115, &P::memoryPoolsSupported},
                              {116, &P::gpuDirectRDMASupported},
                              {118, &P::gpuDirectRDMAWritesOrdering},
                              {120, &P::clusterLaunch},
                              {121, &P::deferredMappingCudaArraySupported},
                              {125, &P::ipcEventSupported},
                              {129, &P::unifiedFunctionPointers},
                              {130, &P::deviceNumaConfig},
                              {131, &P::deviceNumaId},
                              {133, &P::mpsEnabled},
                              {134, &P::hostNumaId},
                              {143, &P::hostNumaMultinodeIpcSupported}};

constexpr SizeField kSizes[] = {{8, &P::sharedMemPerBlock},
                                {9, &P::totalConstMem},
                                {11, &P::memPitch},
                                {14, &P::textureAlignment},
                                {30, &P::surfaceAlignment},
                                {51, &P::texturePitchAlignment},
                                {81, &P::sharedMemPerMultiprocessor},
                                {97, &P::sharedMemPerBlockOptin},
                                {111, &P::reservedSharedMemPerBlock}};

constexpr ExtentsField kExtents[] = {{2, &P::maxThreadsDim},        {5, &P::maxGridSize},
                                     {24, &P::maxTexture3D},        {27, &P::maxTexture2DLayered},
                                     {47, &P::maxTexture3DAlt},     {58, &P::maxSurface3D},
                                     {63, &P::maxSurface2DLayered}, {70, &P::maxTexture2DLinear}};

void FillPairs(Device& device, P* properties) {
  const std::pair<int, int*> pairs[] = {{22, properties->maxTexture2D},
                                        {42, properties->maxTexture1DLayered},
                                        {45, properties->maxTexture2DGather},
                                        {53, properties->maxTextureCubemapLayered},
                                        {56, properties->maxSurface2D},
                                        {61, properties->maxSurface1DLayered},
                                        {67, properties->maxSurfaceCubemapLayered},
                                        {73, properties->maxTexture2DMipmap}};
  for (const auto& [attribute, values] : pairs) {
    for (int i = 0; i < 2; ++i) Fill(device, attribute + i, &values[i]);
  }
}

}  // namespace

Status cudaRuntimeGetVersion(int* version) {
  if (version == nullptr) return ThisThread().Record(kInvalidValue);
  *version = kRuntimeVersion;
  return kSuccess;
}

Status cudaDriverGetVersion(int* version) {
  if (version == nullptr) return ThisThread().Record(kInvalidValue);
  *version = CudaPlatform().version();
  return kSuccess;
}

Status cudaGetLastError() { return std::exchange(ThisThread().last_error, kSuccess); }
Status cudaPeekAtLastError() { return ThisThread().last_error; }
const char* cudaGetErrorName(Status error) { return RuntimeName(error); }
const char* cudaGetErrorString(Status error) { return Meaning(error); }

Status cudaGetDeviceCount(int* count) {
  if (count == nullptr) return ThisThread().Record(kInvalidValue);
  *count = static_cast<int>(CudaPlatform().devices().size());
  return ThisThread().Record(CudaPlatform().Ready());
}

Status cudaGetDevice(int* ordinal) {
  if (ordinal == nullptr) return ThisThread().Record(kInvalidValue);
  return OnCurrentDevice([ordinal](Device& device) {
    *ordinal = device.ordinal();
    return kSuccess;
  });
}

Status cudaSetDevice(int ordinal) { return ThisThread().Record(CudaPlatform().Choose(ordinal)); }

Status cudaGetDeviceProperties(DeviceProperties* properties, int ordinal) {
  if (properties == nullptr) return ThisThread().Record(kInvalidValue);
  return OnDevice(ordinal, [properties](Device& device) {
    std::memset(properties, 0, sizeof *properties);
    Status status = device.Name(properties->name);
    if (status == kSuccess) status = device.Uuid(properties->uuid);
    if (status == kSuccess) status = device.TotalMemory(&properties->totalGlobalMem);
    if (status != kSuccess) return status;
    for (const auto& [attribute, field] : kInts) Fill(device, attribute, &(properties->*field));
    for (const auto& [attribute, field] : kSizes) Fill(device, attribute, &(properties->*field));
    for (const auto& [attribute, field] : kExtents) {
      for (int i = 0; i < 3; ++i) Fill(device, attribute + i, &(properties->*field)[i]);
    }
    FillPairs(device, properties);
    Fill(device, 117, &properties->gpuDirectRDMAFlushWritesOptions);
    Fill(device, 119, &properties->memoryPoolSupportedHandleTypes);
    Fill(device, 139, &properties->gpuPciDeviceID);
    Fill(device, 140, &properties->gpuPciSubsystemID);
    return kSuccess;
  });
}

Status cudaDeviceGetAttribute(int* value, int attribute, int ordinal) {
  return OnDevice(ordinal, [&](Device& device) { return device.Attribute(attribute, value); });
}

Status cudaDeviceSynchronize() {
  return OnCurrentDevice([](Device& device) { return device.Synchronize(); });
}

Status cudaDeviceReset() { return cudaDeviceSynchronize(); }

Status cudaDeviceSetLimit(int limit, size_t value) {
  return OnCurrentDevice([&](Device& device) { return device.SetLimit(limit, value); });
}

Status cudaDeviceGetLimit(size_t* value, int limit) {
  return OnCurrentDevice([&](Device& device) { return device.GetLimit(limit, value); });
}

Status cudaDeviceCanAccessPeer(int* can, int ordinal, int peer) {
  return OnDevice(ordinal, [&](Device& device) {
    const auto devices = CudaPlatform().devices();
    if (peer < 0 || static_cast<size_t>(peer) >= devices.size()) return kInvalidDevice;
    return device.CanAccessPeer(*devices[static_cast<size_t>(peer)], can);
  });
}

Status cudaDeviceEnablePeerAccess(int peer, unsigned flags) {
  return OnCurrentDevice([&](Device& device) {
    const auto devices = CudaPlatform().devices();
    if (peer < 0 || static_cast<size_t>(peer) >= devices.size()) return kInvalidDevice;
    return device.EnablePeerAccess(*devices[static_cast<size_t>(peer)], flags);
  });
}

Status cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  return OnCurrentDevice([&](Device& device) { return device.PriorityRange(least, greatest); });
}

}  // namespace kiln::jit::runtime
