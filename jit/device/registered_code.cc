#include "jit/device/registered_code.h"

#include <cxxabi.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "jit/artifact/fat_binary.h"
#include "jit/device/address_table.h"
#include "jit/log.h"

namespace kiln::jit {
namespace {

// Never destroyed: modules may be unloaded while the process ends.
AddressTable<Kernel>& Kernels() {
  static auto* const kernels = new AddressTable<Kernel>();
  return *kernels;
}
AddressTable<Variable>& Variables() {
  static auto* const variables = new AddressTable<Variable>();
  return *variables;
}

// A function's name without its parameters and the type it returns, which templates have.
std::string ShownName(const std::string& name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), &std::free);
  if (demangled == nullptr) return name;
  std::string_view shown = demangled.get();
  int depth = 0;
  for (size_t at = shown.size(); at > 0; --at) {
    const char c = shown[at - 1];
    depth += c == ')' ? 1 : c == '(' ? -1 : 0;
    if (c != '(' || depth != 0) continue;
    shown = shown.substr(0, at - 1);
    break;
  }
  constexpr std::string_view kReturned = "void ";
  if (shown.starts_with(kReturned)) shown.remove_prefix(kReturned.size());
  return std::string(shown);
}

}  // namespace

Status Tell(const LoadFailure& failure) {
  Log(LogLevel::kError, failure.message);
  return failure.status;
}

Kernel::Kernel(RegisteredCode* code, const void* stub, std::string name)
    : code_(code), stub_(stub), name_(std::move(name)), shown_(ShownName(name_)) {}

Kernel::~Kernel() {
  for (const std::atomic<DeviceKernel*>& kernel : on_device_) delete kernel.load();
}

DeviceKernel* Kernel::FindOn(Device& device, LoadFailure* failure) {
  const std::lock_guard lock(find_);
  std::atomic<DeviceKernel*>& place = on_device_[static_cast<size_t>(device.ordinal())];
  if (DeviceKernel* const found = place.load(std::memory_order_relaxed)) return found;
  DeviceCode* const code = code_->On(device, shown_, failure);
  std::unique_ptr<DeviceKernel> kernel;
  if (code != nullptr) kernel = code->FindKernel(name_, shown_, failure);
  if (kernel == nullptr) return nullptr;
  place.store(kernel.get(), std::memory_order_release);
  return kernel.release();
}

RegisteredCode::~RegisteredCode() {
  for (const std::unique_ptr<Kernel>& kernel : kernels_) {
    Kernels().Remove(kernel->stub(), kernel.get());
  }
  for (const std::unique_ptr<Variable>& variable : variables_) {
    Variables().Remove(variable->host, variable.get());
  }
}

void RegisteredCode::AddKernel(const void* stub, std::string name) {
  kernels_.push_back(std::make_unique<Kernel>(this, stub, std::move(name)));
  Kernels().Add(stub, kernels_.back().get());
}

void RegisteredCode::AddVariable(const void* host, std::string name) {
  variables_.push_back(std::make_unique<Variable>(this, host, std::move(name)));
  Variables().Add(host, variables_.back().get());
}

DeviceCode* RegisteredCode::On(Device& device, const std::string& wanted, LoadFailure* failure) {
  const std::lock_guard lock(load_);
  std::unique_ptr<DeviceCode>& code = on_device_[static_cast<size_t>(device.ordinal())];
  if (code != nullptr) return code.get();
  const size_t size = fat_binary_ == nullptr ? 0 : FatBinarySize(fat_binary_);
  if (size == 0) {
    *failure = {kInvalidImage, "the module of " + wanted + " has no code for GPUs"};
    return nullptr;
  }
  code = device.Load({static_cast<const char*>(fat_binary_), size}, wanted, failure);
  if (code != nullptr && LogEnabled(LogLevel::kInfo)) {
    Log(LogLevel::kInfo, "loaded the module of " + wanted + " on " + device.description());
  }
  return code.get();
}

Kernel* FindKernel(const void* stub) { return Kernels().Find(stub); }
Variable* FindVariable(const void* host) { return Variables().Find(host); }

}  // namespace kiln::jit
