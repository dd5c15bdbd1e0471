#ifndef KILN_JIT_DEVICE_REGISTERED_CODE_H_
#define KILN_JIT_DEVICE_REGISTERED_CODE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "jit/device/device.h"

namespace kiln::jit {

class RegisteredCode;

// The status of a failure, for callers that can tell no more than that: the message goes to the
// log.
Status Tell(const LoadFailure& failure);

// A kernel that a loaded module has registered. Found on each device once: from then on `On` takes
// no lock. Any number of threads may use it at once.
class Kernel {
 public:
  Kernel(RegisteredCode* code, const void* stub, std::string name);
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  // The host function that launches it, and its name in the code for devices.
  const void* stub() const { return stub_; }
  const std::string& name() const { return name_; }
  // The name as the source has it, without parameters: "saxpy", "ns::scale<float>".
  const std::string& shown() const { return shown_; }

  // The kernel on that device. Loads the module's code there if that has not happened. Null where
  // it can't be had, and says why in `failure`.
  DeviceKernel* On(Device& device, LoadFailure* failure) {
    DeviceKernel* const found =
        on_device_[static_cast<size_t>(device.ordinal())].load(std::memory_order_acquire);
    return found != nullptr ? found : FindOn(device, failure);
  }

 private:
  DeviceKernel* FindOn(Device& device, LoadFailure* failure);

  RegisteredCode* const code_;
  const void* const stub_;
  const std::string name_;
  const std::string shown_;
  std::mutex find_;
  std::array<std::atomic<DeviceKernel*>, Platform::kMaxDevices> on_device_{};
};

// A `__device__` or `__constant__` variable that a module has registered.
struct Variable {
  RegisteredCode* code;
  const void* host;  // the address by which host code names it
  std::string name;
};

// The code for devices of one module: a fat binary, and what host code may name of it. Loaded on a
// device at the first use there; unloaded from all where it dies. Kernels and variables are
// registered by the module's constructor, and used afterwards by any number of threads.
class RegisteredCode {
 public:
  // `fat_binary` points to the container and stays there; its header gives its size.
  explicit RegisteredCode(const void* fat_binary) : fat_binary_(fat_binary) {}
  ~RegisteredCode();
  RegisteredCode(const RegisteredCode&) = delete;
  RegisteredCode& operator=(const RegisteredCode&) = delete;

  void AddKernel(const void* stub, std::string name);
  void AddVariable(const void* host, std::string name);

  // The code on that device, loaded for `wanted` if it was not yet. Null where it can't be.
  DeviceCode* On(Device& device, const std::string& wanted, LoadFailure* failure);

 private:
  const void* const fat_binary_;
  std::mutex load_;
  std::array<std::unique_ptr<DeviceCode>, Platform::kMaxDevices> on_device_;
  std::vector<std::unique_ptr<Kernel>> kernels_;
  std::vector<std::unique_ptr<Variable>> variables_;
};

// What a stub launches, and what a host variable stands for; null where no loaded module has
// registered it. Take no lock.
Kernel* FindKernel(const void* stub);
Variable* FindVariable(const void* host);

// What a launch stub keeps beside itself, in the memory of its module: the kernel, null until the
// first launch has found it.
struct KernelSlot {
  std::atomic<Kernel*> kernel;
  const void* stub;

  // Null where the stub is not registered.
  Kernel* Find() {
    Kernel* found = kernel.load(std::memory_order_acquire);
    if (found != nullptr) return found;
    found = FindKernel(stub);
    kernel.store(found, std::memory_order_release);
    return found;
  }
};
static_assert(sizeof(KernelSlot) == 16);

}  // namespace kiln::jit

#endif  // KILN_JIT_DEVICE_REGISTERED_CODE_H_
