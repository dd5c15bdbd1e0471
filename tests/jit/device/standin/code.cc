// The stand-in's libraries and kernels.

#include <cstdio>
#include <cstring>
#include <string>

#include "tests/jit/device/standin/functions.h"
#include "tests/jit/device/standin/machine.h"

namespace standin {
namespace {

// CUfunction_attribute.
constexpr int kMaxThreads = 0;
constexpr int kStaticShared = 1;
constexpr int kRegisters = 4;
constexpr int kBinaryVersion = 6;
constexpr int kMaxDynamicSharedSize = 8;
constexpr int kRequiredClusterWidth = 11;

constexpr int kErrorLog = 5;

std::string TextOf(const unsigned (&dim)[3]) {
  return std::to_string(dim[0]) + "," + std::to_string(dim[1]) + "," + std::to_string(dim[2]);
}

void Explain(const char* text, const int* options, void** values, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    if (options[i] == kErrorLog) std::strcpy(static_cast<char*>(values[i]), text);
  }
}

size_t Product(const unsigned (&dim)[3]) { return size_t{dim[0]} * dim[1] * dim[2]; }

// What a real driver would say of a launch.
int CheckLaunch(const LaunchConfig& config, const Kernel& kernel, int device, void** parameters) {
  const Device& machine_device = Machine::Get().devices[device];
  const ImageKernel& image = kernel.image;
  const int code = kernel.library->image.architecture;
  const int own = machine_device.architecture;
  if (code > own || (!kernel.library->image.is_ptx && code / 10 != own / 10)) {
    return kNoBinaryForGpu;
  }
  const size_t threads = Product(config.block);
  if (Product(config.grid) == 0 || threads == 0) return kInvalidValue;
  if (threads > image.max_threads || config.block[2] > 64) return kInvalidValue;
  if (config.shared_bytes + image.static_shared > kMaxDynamicShared &&
      static_cast<int>(config.shared_bytes) > kernel.dynamic_shared[device]) {
    return kInvalidValue;
  }
  if (parameters == nullptr && !image.parameters.empty()) return kInvalidValue;
  for (unsigned i = 0; i < config.attribute_count; ++i) {
    const LaunchAttribute& attribute = config.attributes[i];
    if (attribute.id == 2 && attribute.value.cooperative != 0 && Product(config.grid) > 108 * 2) {
      return kCooperativeTooLarge;
    }
    for (int axis = 0; attribute.id == 4 && axis < 3; ++axis) {
      const unsigned extent = attribute.value.cluster[axis];
      if (extent == 0 || config.grid[axis] % extent != 0) return kInvalidClusterSize;
    }
  }
  return kOk;
}

std::string Describe(const LaunchConfig& config, const Kernel& kernel, int device) {
  std::string text = kernel.name + " on " + std::to_string(device) + " grid " +
                     TextOf(config.grid) + " block " + TextOf(config.block) + " smem " +
                     std::to_string(config.shared_bytes);
  if (config.stream != nullptr) {
    char stream[32];
    std::snprintf(stream, sizeof stream, " stream %p", config.stream);
    text += stream;
  }
  for (unsigned i = 0; i < config.attribute_count; ++i) {
    const LaunchAttribute& attribute = config.attributes[i];
    if (attribute.id == 2) text += " cooperative";
    if (attribute.id == 4) text += " cluster " + TextOf(attribute.value.cluster);
  }
  return text;
}

// Reads each parameter with the size that the code says, as a driver does.
std::vector<char> CopyParameters(const ImageKernel& kernel, void** parameters) {
  std::vector<char> bytes(kernel.parameter_bytes);
  for (size_t i = 0; i < kernel.parameters.size(); ++i) {
    const Parameter& parameter = kernel.parameters[i];
    std::memcpy(bytes.data() + parameter.offset, parameters[i], parameter.size);
  }
  return bytes;
}

}  // namespace

int cuLibraryLoadData(void** library, const void* code, const int* options, void** values,
                      unsigned count, const int* /*library_options*/, void** /*library_values*/,
                      unsigned /*library_count*/) {
  Machine& machine = Machine::Get();
  auto made = std::make_unique<Library>();
  std::optional<Image> image = ReadImage(static_cast<const char*>(code));
  const std::string architecture =
      image ? (image->is_ptx ? "compute_" : "sm_") + std::to_string(image->architecture)
            : "no image";
  const int failure = machine.Enter("cuLibraryLoadData", architecture);
  if (failure != kOk || !image) {
    Explain("the stand-in was told to fail", options, values, count);
    return failure != kOk ? failure : kInvalidImage;
  }
  made->image = *std::move(image);
  for (const auto& [name, kernel] : made->image.kernels) {
    Kernel& loaded = made->kernels[name];
    loaded.library = made.get();
    loaded.name = name;
    loaded.image = kernel;
    for (std::atomic<int>& bytes : loaded.dynamic_shared) bytes = kMaxDynamicShared;
  }
  for (auto& variables : made->variables) {
    for (const auto& [name, size] : made->image.variables) variables[name].bytes.resize(size);
  }
  const std::lock_guard guard(machine.lock);
  *library = machine.libraries.insert(std::move(made)).first->get();
  return kOk;
}

int cuLibraryUnload(void* library) {
  Machine& machine = Machine::Get();
  const int failure = machine.Enter("cuLibraryUnload");
  if (failure != kOk) return failure;
  const std::lock_guard guard(machine.lock);
  const size_t erased = std::erase_if(
      machine.libraries, [library](const auto& known) { return known.get() == library; });
  return erased == 1 ? kOk : kInvalidHandle;
}

int cuLibraryGetKernel(void** kernel, void* library, const char* name) {
  const int failure = Machine::Get().Enter("cuLibraryGetKernel", name);
  if (failure != kOk) return failure;
  auto& kernels = static_cast<Library*>(library)->kernels;
  const auto found = kernels.find(name);
  if (found == kernels.end()) return kNotFound;
  *kernel = &found->second;
  return kOk;
}

int cuLibraryGetGlobal(void** pointer, size_t* bytes, void* library, const char* name) {
  if (CurrentContext() == nullptr) return kInvalidContext;
  const int failure = Machine::Get().Enter("cuLibraryGetGlobal", name);
  if (failure != kOk) return failure;
  auto& variables = static_cast<Library*>(library)->variables[CurrentContext()->device];
  const auto found = variables.find(name);
  if (found == variables.end()) return kNotFound;
  *pointer = found->second.bytes.data();
  *bytes = found->second.bytes.size();
  return kOk;
}

int cuKernelGetAttribute(int* value, int attribute, void* handle, int device) {
  const auto& kernel = *static_cast<Kernel*>(handle);
  const int failure = Machine::Get().Enter("cuKernelGetAttribute", std::to_string(attribute));
  if (failure != kOk) return failure;
  switch (attribute) {
    case kMaxThreads:
      *value = static_cast<int>(kernel.image.max_threads);
      return kOk;
    case kStaticShared:
      *value = static_cast<int>(kernel.image.static_shared);
      return kOk;
    case kRegisters:
      *value = 32;
      return kOk;
    case kBinaryVersion:
      *value = kernel.library->image.architecture;
      return kOk;
    case kMaxDynamicSharedSize:
      *value = kernel.dynamic_shared[device];
      return kOk;
    case kRequiredClusterWidth:
      *value = static_cast<int>(kernel.image.cluster[0]);
      return kOk;
    default:
      *value = 0;
      return attribute >= 0 && attribute <= 15 ? kOk : kInvalidValue;
  }
}

int cuKernelSetAttribute(int attribute, int value, void* handle, int device) {
  auto& kernel = *static_cast<Kernel*>(handle);
  const int failure = Machine::Get().Enter(
      "cuKernelSetAttribute", std::to_string(attribute) + " " + std::to_string(value) + " " +
                                  kernel.name + " on " + std::to_string(device));
  if (failure != kOk) return failure;
  if (attribute != kMaxDynamicSharedSize) return kOk;
  int limit = 0;
  cuDeviceGetAttribute(&limit, 97, device);
  if (value < 0 || value > limit) return kInvalidValue;
  kernel.dynamic_shared[device] = value;
  return kOk;
}

int cuKernelSetCacheConfig(void* kernel, int preference, int /*device*/) {
  return Machine::Get().Enter("cuKernelSetCacheConfig", static_cast<Kernel*>(kernel)->name + " " +
                                                            std::to_string(preference));
}

int cuLaunchKernelEx(const LaunchConfig* config, void* handle, void** parameters,
                     void** /*extra*/) {
  if (CurrentContext() == nullptr) return kInvalidContext;
  Machine& machine = Machine::Get();
  const auto& kernel = *static_cast<Kernel*>(handle);
  const int device = CurrentContext()->device;
  if (!machine.is_quiet()) {
    const int failure = machine.Enter("cuLaunchKernelEx", Describe(*config, kernel, device));
    if (failure != kOk) return failure;
  }
  const int status = CheckLaunch(*config, kernel, device, parameters);
  if (status != kOk) return status;
  ++machine.launches;
  std::vector<char> bytes;
  if (!machine.is_quiet()) {
    bytes = CopyParameters(kernel.image, parameters);
    const std::lock_guard guard(machine.lock);
    machine.parameters = bytes;
  }
  const auto run = machine.run.load();
  if (run == nullptr) return kOk;
  if (bytes.empty()) bytes = CopyParameters(kernel.image, parameters);
  std::vector<void*> copies;
  for (const Parameter& parameter : kernel.image.parameters) {
    copies.push_back(bytes.data() + parameter.offset);
  }
  run(kernel.name.c_str(), copies.data(), Product(config->grid) * Product(config->block));
  return kOk;
}

int cuOccupancyMaxPotentialBlockSize(int* min_grid, int* block, void* kernel,
                                     size_t (* /*shared_of*/)(int), size_t shared_bytes,
                                     int limit) {
  const auto& image = static_cast<Kernel*>(kernel)->image;
  const int failure =
      Machine::Get().Enter("cuOccupancyMaxPotentialBlockSize", std::to_string(shared_bytes));
  if (failure != kOk) return failure;
  *block = static_cast<int>(image.max_threads < 256 ? image.max_threads : 256);
  if (limit > 0 && *block > limit) *block = limit;
  *min_grid = 108 * 2048 / *block;
  return kOk;
}

int cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, void* /*kernel*/, int threads,
                                                         size_t /*shared_bytes*/,
                                                         unsigned /*flags*/) {
  if (threads <= 0) return kInvalidValue;
  *blocks = 2048 / threads;
  return Machine::Get().Enter("cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags",
                              std::to_string(threads));
}

}  // namespace standin
