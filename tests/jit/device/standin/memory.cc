// The stand-in's memory: all of it is the host's, and every range is checked.

#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/jit/device/standin/functions.h"
#include "tests/jit/device/standin/machine.h"

namespace standin {
namespace {

int Allocate(const char* function, void** pointer, size_t bytes) {
  if (CurrentContext() == nullptr) return kInvalidContext;
  if (pointer == nullptr || bytes == 0) return kInvalidValue;
  Machine& machine = Machine::Get();
  const int failure = machine.Enter(function, std::to_string(bytes));
  if (failure != kOk) return failure;
  if (bytes > size_t{1} << 30) return kOutOfMemory;
  auto* const memory = static_cast<char*>(std::aligned_alloc(256, (bytes + 255) / 256 * 256));
  std::memset(memory, 0xCD, bytes);
  const std::lock_guard guard(machine.lock);
  machine.allocations[memory] = bytes;
  *pointer = memory;
  return kOk;
}

int Free(const char* function, void* pointer) {
  if (CurrentContext() == nullptr) return kInvalidContext;
  Machine& machine = Machine::Get();
  const int failure = machine.Enter(function);
  if (failure != kOk) return failure;
  const std::lock_guard guard(machine.lock);
  if (machine.allocations.erase(static_cast<char*>(pointer)) == 0) return kInvalidValue;
  std::free(pointer);
  return kOk;
}

// False where the range begins in memory of the driver's and ends outside of it.
bool IsInBounds(const void* pointer, size_t bytes) {
  Machine& machine = Machine::Get();
  const std::lock_guard guard(machine.lock);
  auto* const begin = static_cast<char*>(const_cast<void*>(pointer));
  auto next = machine.allocations.upper_bound(begin);
  if (next == machine.allocations.begin()) return true;
  const auto& [memory, size] = *--next;
  return begin >= memory + size || begin + bytes <= memory + size;
}

int Copy(const char* function, void* to, void* from, size_t bytes) {
  if (CurrentContext() == nullptr) return kInvalidContext;
  const int failure = Machine::Get().Enter(function, std::to_string(bytes));
  if (failure != kOk) return failure;
  if (!IsInBounds(to, bytes) || !IsInBounds(from, bytes)) return kInvalidValue;
  std::memcpy(to, from, bytes);
  return kOk;
}

int Fill(const char* function, void* to, unsigned char value, size_t bytes) {
  if (CurrentContext() == nullptr) return kInvalidContext;
  const int failure =
      Machine::Get().Enter(function, std::to_string(value) + " " + std::to_string(bytes));
  if (failure != kOk) return failure;
  if (!IsInBounds(to, bytes)) return kInvalidValue;
  std::memset(to, value, bytes);
  return kOk;
}

}  // namespace

int cuMemGetInfo(size_t* free, size_t* total) {
  if (CurrentContext() == nullptr) return kInvalidContext;
  *total = size_t{40} << 30;
  *free = *total / 2;
  return kOk;
}

int cuMemAlloc(void** pointer, size_t bytes) { return Allocate("cuMemAlloc", pointer, bytes); }
int cuMemFree(void* pointer) { return Free("cuMemFree", pointer); }
int cuMemAllocAsync(void** pointer, size_t bytes, void* /*stream*/) {
  return Allocate("cuMemAllocAsync", pointer, bytes);
}
int cuMemFreeAsync(void* pointer, void* /*stream*/) { return Free("cuMemFreeAsync", pointer); }
int cuMemHostAlloc(void** pointer, size_t bytes, unsigned /*flags*/) {
  return Allocate("cuMemHostAlloc", pointer, bytes);
}
int cuMemFreeHost(void* pointer) { return Free("cuMemFreeHost", pointer); }
int cuMemAllocManaged(void** pointer, size_t bytes, unsigned flags) {
  return flags != 1 && flags != 2 ? kInvalidValue : Allocate("cuMemAllocManaged", pointer, bytes);
}

int cuMemcpy(void* to, void* from, size_t bytes) { return Copy("cuMemcpy", to, from, bytes); }
int cuMemcpyAsync(void* to, void* from, size_t bytes, void* /*stream*/) {
  return Copy("cuMemcpyAsync", to, from, bytes);
}
int cuMemsetD8(void* to, unsigned char value, size_t bytes) {
  return Fill("cuMemsetD8", to, value, bytes);
}
int cuMemsetD8Async(void* to, unsigned char value, size_t bytes, void* /*stream*/) {
  return Fill("cuMemsetD8Async", to, value, bytes);
}

int cuPointerGetAttribute(void* value, int attribute, void* pointer) {
  Machine& machine = Machine::Get();
  const std::lock_guard guard(machine.lock);
  if (!machine.allocations.contains(static_cast<char*>(pointer))) return kInvalidValue;
  switch (attribute) {
    case 2:  // type of memory: the device's
      *static_cast<unsigned*>(value) = 2;
      return kOk;
    case 3:  // where the device sees it
      *static_cast<void**>(value) = pointer;
      return kOk;
    case 8:  // managed
      *static_cast<unsigned*>(value) = 0;
      return kOk;
    case 9:  // device
      *static_cast<int*>(value) = CurrentContext() == nullptr ? 0 : CurrentContext()->device;
      return kOk;
    default:
      return kInvalidValue;
  }
}

}  // namespace standin
