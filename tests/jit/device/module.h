#ifndef KILN_TESTS_JIT_DEVICE_MODULE_H_
#define KILN_TESTS_JIT_DEVICE_MODULE_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "jit/artifact/fat_binary.h"
#include "jit/device/runtime_calls.h"

namespace kiln::jit {

// A module as Clang compiles it from CUDA, as far as the runtime sees it: its constructor registers
// a fat binary, kernels by their stubs and variables by their host addresses; its destructor takes
// them back. A stub is the address of a byte of the module.
class TestModule {
 public:
  TestModule(const std::vector<DeviceImage>& images, const std::vector<std::string>& kernels,
             const std::vector<std::string>& variables = {})
      : TestModule(WriteFatBinary(images), kernels, variables) {}
  TestModule(std::string fat_binary, const std::vector<std::string>& kernels,
             const std::vector<std::string>& variables = {})
      : fat_binary_(std::move(fat_binary)), wrapper_{0x466243B1, 1, fat_binary_.data(), nullptr} {
    code_ = runtime::RegisterFatBinary(&wrapper_);
    for (size_t i = 0; i < kernels.size(); ++i) {
      slots_[i].stub = &stubs_[i];
      runtime::RegisterFunction(code_, &stubs_[i], &stubs_[i], kernels[i].c_str(), -1, nullptr,
                                nullptr, nullptr, nullptr, nullptr);
    }
    for (size_t i = 0; i < variables.size(); ++i) {
      runtime::RegisterVar(code_, &variables_[i], &variables_[i], variables[i].c_str(), 0, 4, 0, 0);
    }
    runtime::RegisterFatBinaryEnd(code_);
  }
  ~TestModule() { runtime::UnregisterFatBinary(code_); }
  TestModule(const TestModule&) = delete;
  TestModule& operator=(const TestModule&) = delete;

  const void* stub(size_t index = 0) const { return &stubs_[index]; }
  const void* variable(size_t index = 0) const { return &variables_[index]; }
  KernelSlot* slot(size_t index = 0) { return &slots_[index]; }

  // What `kernel<<<grid, block, shared, stream>>>(parameters...)` does: it pushes the
  // configuration, and the stub pops it and launches. The status is the stub's, which it drops.
  template <typename... Parameters>
  Status Launch(size_t index, Dim3 grid, Dim3 block, size_t shared, void* stream,
                Parameters... parameters) {
    runtime::PushCallConfiguration(grid, block, shared, stream);
    return CallStub(index, parameters...);
  }

  template <typename... Parameters>
  Status CallStub(size_t index, Parameters... parameters) {
    void* arguments[] = {static_cast<void*>(&parameters)..., nullptr};
    Dim3 grid;
    Dim3 block;
    size_t shared = 0;
    void* stream = nullptr;
    runtime::PopCallConfiguration(&grid, &block, &shared, &stream);
    return runtime::LaunchFromSlot(&slots_[index], grid, block, arguments, shared, stream);
  }

 private:
  struct Wrapper {
    uint32_t magic;
    uint32_t version;
    const void* fat_binary;
    void* unused;
  };

  std::string fat_binary_;
  Wrapper wrapper_;
  void** code_ = nullptr;
  std::array<char, 8> stubs_{};
  std::array<char, 8> variables_{};
  std::array<KernelSlot, 8> slots_{};
};

}  // namespace kiln::jit

#endif  // KILN_TESTS_JIT_DEVICE_MODULE_H_
