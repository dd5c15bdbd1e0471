#include <array>
#include <cstdint>
#include <numeric>

#include "tests/jit/device/standin_test.h"

namespace kiln::jit {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): the calls under test

constexpr int kHostToDevice = 1;
constexpr int kDeviceToHost = 2;
constexpr int kDeviceToDevice = 3;
constexpr int kDefault = 4;

class RuntimeMemory : public StandIn {
 protected:
  static void* Allocated(size_t bytes) {
    void* pointer = nullptr;
    EXPECT_EQ(cudaMalloc(&pointer, bytes), kSuccess);
    return pointer;
  }
};

TEST_F(RuntimeMemory, BytesGoThereAndBack) {
  std::array<int, 64> from{};
  std::array<int, 64> to{};
  std::iota(from.begin(), from.end(), 1);
  void* const a = Allocated(sizeof from);
  void* const b = Allocated(sizeof from);
  EXPECT_EQ(cudaMemcpy(a, from.data(), sizeof from, kHostToDevice), kSuccess);
  EXPECT_EQ(cudaMemcpyAsync(b, a, sizeof from, kDeviceToDevice, nullptr), kSuccess);
  EXPECT_EQ(cudaMemcpy(to.data(), b, sizeof to, kDeviceToHost), kSuccess);
  EXPECT_EQ(to, from);
  EXPECT_EQ(cudaMemset(a, 0x5A, sizeof from), kSuccess);
  EXPECT_EQ(cudaMemsetAsync(a, 0, sizeof(int), nullptr), kSuccess);
  EXPECT_EQ(cudaMemcpy(to.data(), a, sizeof to, kDefault), kSuccess);
  EXPECT_EQ(to[0], 0);
  EXPECT_EQ(to[1], 0x5A5A5A5A);
  EXPECT_EQ(cudaFree(a), kSuccess);
  EXPECT_EQ(cudaFree(b), kSuccess);
  EXPECT_EQ(kiln_standin_count("allocations"), 0U);
}

TEST_F(RuntimeMemory, EachKindOfMemoryIsTheDriversOwn) {
  void* pointer = nullptr;
  EXPECT_EQ(cudaMallocAsync(&pointer, 16, nullptr), kSuccess);
  EXPECT_EQ(cudaFreeAsync(pointer, nullptr), kSuccess);
  EXPECT_EQ(cudaMallocHost(&pointer, 32), kSuccess);
  EXPECT_EQ(cudaFreeHost(pointer), kSuccess);
  EXPECT_EQ(cudaMallocManaged(&pointer, 64, 1), kSuccess);
  EXPECT_EQ(cudaFree(pointer), kSuccess);
  EXPECT_STREQ(kiln_standin_log(),
               "cuMemAllocAsync 16\ncuMemFreeAsync\ncuMemHostAlloc 32\ncuMemFreeHost\n"
               "cuMemAllocManaged 64\ncuMemFree\n");
}

TEST_F(RuntimeMemory, NothingIsNoError) {
  void* pointer = this;
  EXPECT_EQ(cudaMalloc(&pointer, 0), kSuccess);
  EXPECT_EQ(pointer, nullptr);
  EXPECT_EQ(cudaFree(nullptr), kSuccess);
  EXPECT_EQ(cudaFreeHost(nullptr), kSuccess);
  EXPECT_EQ(cudaMemcpy(nullptr, nullptr, 0, kDefault), kSuccess);
  EXPECT_EQ(cudaMemset(nullptr, 0, 0), kSuccess);
  EXPECT_STREQ(kiln_standin_log(), "");
}

TEST_F(RuntimeMemory, MistakesAreErrorsAndStayForGetLastError) {
  void* pointer = nullptr;
  EXPECT_EQ(cudaMalloc(nullptr, 8), kInvalidValue);
  EXPECT_EQ(cudaMalloc(&pointer, size_t{1} << 40), kOutOfMemory);
  EXPECT_EQ(pointer, nullptr);
  EXPECT_EQ(cudaGetLastError(), kOutOfMemory);
  EXPECT_EQ(cudaMemcpy(&pointer, &pointer, 8, 5), kInvalidCopyDirection);
  EXPECT_EQ(cudaMemcpy(&pointer, &pointer, 8, -1), kInvalidCopyDirection);
  EXPECT_EQ(cudaFree(&pointer), kInvalidValue);
  void* const memory = Allocated(16);
  EXPECT_EQ(cudaMemset(memory, 0, 17), kInvalidValue);
  EXPECT_EQ(cudaPeekAtLastError(), kInvalidValue);
  cudaFree(memory);
}

TEST_F(RuntimeMemory, VariablesAreReachedByTheirHostAddress) {
  const TestModule module(Images(), {}, {"table", "counter"});
  const std::array<float, 8> table = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(cudaMemcpyToSymbol(module.variable(0), table.data(), 32, 0, kHostToDevice), kSuccess);
  std::array<float, 2> part{};
  EXPECT_EQ(cudaMemcpyFromSymbol(part.data(), module.variable(0), 8, 8, kDeviceToHost), kSuccess);
  EXPECT_EQ(part, (std::array<float, 2>{3, 4}));
  const int seven = 7;
  int back = 0;
  EXPECT_EQ(cudaMemcpyToSymbolAsync(module.variable(1), &seven, 4, 0, kHostToDevice, nullptr),
            kSuccess);
  EXPECT_EQ(cudaMemcpyFromSymbolAsync(&back, module.variable(1), 4, 0, kDeviceToHost, nullptr),
            kSuccess);
  EXPECT_EQ(back, 7);
  size_t size = 0;
  void* address = nullptr;
  EXPECT_EQ(cudaGetSymbolSize(&size, module.variable(0)), kSuccess);
  EXPECT_EQ(size, 32U);
  EXPECT_EQ(cudaGetSymbolAddress(&address, module.variable(1)), kSuccess);
  EXPECT_EQ(*static_cast<int*>(address), 7);
}

TEST_F(RuntimeMemory, EachDeviceHasVariablesOfItsOwn) {
  const TestModule module(Images(), {}, {"table", "counter"});
  for (const int device : {0, 1}) {
    cudaSetDevice(device);
    EXPECT_EQ(cudaMemcpyToSymbol(module.variable(1), &device, 4, 0, kHostToDevice), kSuccess);
  }
  cudaSetDevice(0);
  int value = -1;
  EXPECT_EQ(cudaMemcpyFromSymbol(&value, module.variable(1), 4, 0, kDeviceToHost), kSuccess);
  EXPECT_EQ(value, 0);
}

TEST_F(RuntimeMemory, CopiesBesideAVariableAreRefused) {
  const TestModule module(Images(), {}, {"table", "missing"});
  char bytes[64] = {};
  EXPECT_EQ(cudaMemcpyToSymbol(module.variable(0), bytes, 33, 0, kHostToDevice), kInvalidValue);
  EXPECT_EQ(cudaMemcpyToSymbol(module.variable(0), bytes, 1, 32, kHostToDevice), kInvalidValue);
  EXPECT_EQ(cudaMemcpyToSymbol(module.variable(0), bytes, 8, SIZE_MAX, kHostToDevice),
            kInvalidValue);
  EXPECT_EQ(cudaMemcpyToSymbol(module.variable(0), bytes, 8, 0, kDeviceToHost),
            kInvalidCopyDirection);
  EXPECT_EQ(cudaMemcpyFromSymbol(bytes, module.variable(0), 8, 0, kHostToDevice),
            kInvalidCopyDirection);
  EXPECT_EQ(cudaMemcpyToSymbol(bytes, bytes, 8, 0, kHostToDevice), kInvalidSymbol);
  EXPECT_EQ(cudaMemcpyToSymbol(module.variable(1), bytes, 8, 0, kHostToDevice), kInvalidSymbol);
}

TEST_F(RuntimeMemory, PointersAreTold) {
  void* const memory = Allocated(16);
  PointerAttributes attributes{};
  EXPECT_EQ(cudaPointerGetAttributes(&attributes, memory), kSuccess);
  EXPECT_EQ(attributes.type, 2);
  EXPECT_EQ(attributes.device, 0);
  EXPECT_EQ(attributes.devicePointer, memory);
  EXPECT_EQ(cudaPointerGetAttributes(&attributes, &attributes), kSuccess);
  EXPECT_EQ(attributes.type, 0);
  EXPECT_EQ(attributes.device, -1);
  EXPECT_EQ(attributes.hostPointer, &attributes);
  cudaFree(memory);
}

}  // namespace
}  // namespace kiln::jit
