// What the constructor and the destructor of a module call that Clang compiled from CUDA.

#include <cstdint>
#include <memory>

#include "jit/device/runtime_calls.h"
#include "jit/log.h"

namespace kiln::jit::runtime {
namespace {

// What Clang and nvcc put beside a module's fat binary.
struct FatBinaryWrapper {
  uint32_t magic;
  uint32_t version;
  const void* fat_binary;
  void* unused;
};
constexpr uint32_t kWrapperMagic = 0x466243B1;

RegisteredCode* CodeOf(void** handle) { return reinterpret_cast<RegisteredCode*>(handle); }

}  // namespace

void** RegisterFatBinary(const void* wrapper) {
  const auto& read = *static_cast<const FatBinaryWrapper*>(wrapper);
  if (read.magic != kWrapperMagic) {
    Log(LogLevel::kError, "a module registers GPU code in a form that is not known");
  }
  const void* const fat_binary = read.magic == kWrapperMagic ? read.fat_binary : nullptr;
  return reinterpret_cast<void**>(std::make_unique<RegisteredCode>(fat_binary).release());
}

void RegisterFatBinaryEnd(void** /*code*/) {}

void UnregisterFatBinary(void** code) { std::unique_ptr<RegisteredCode>(CodeOf(code)).reset(); }

int RegisterFunction(void** code, const void* stub, char* /*device_function*/, const char* name,
                     int /*thread_limit*/, void* /*tid*/, void* /*bid*/, void* /*block*/,
                     void* /*grid*/, int* /*warp*/) {
  CodeOf(code)->AddKernel(stub, name);
  return 0;
}

void RegisterVar(void** code, char* host, char* /*device_address*/, const char* name,
                 int /*is_extern*/, size_t /*size*/, int /*is_constant*/, int /*is_global*/) {
  CodeOf(code)->AddVariable(host, name);
}

}  // namespace kiln::jit::runtime
