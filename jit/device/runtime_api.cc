#include "jit/device/runtime_api.h"

#include "jit/device/bare_launch.h"
#include "jit/device/runtime_calls.h"

namespace kiln::jit {
namespace {

template <typename Function>
void* AddressOf(Function* function) {
  return reinterpret_cast<void*>(function);
}

}  // namespace

std::span<const std::pair<std::string_view, void*>> RuntimeSymbols() {
  static const std::pair<std::string_view, void*> kSymbols[] = {
#define KILN_ENTRY(name, Result, parameters) {#name, AddressOf(&runtime::name)},
      KILN_CUDA_RUNTIME_CALLS(KILN_ENTRY)
#undef KILN_ENTRY
          {"__cudaPushCallConfiguration", AddressOf(&runtime::PushCallConfiguration)},
      {"__cudaPopCallConfiguration", AddressOf(&runtime::PopCallConfiguration)},
      {"__cudaRegisterFatBinary", AddressOf(&runtime::RegisterFatBinary)},
      {"__cudaRegisterFatBinaryEnd", AddressOf(&runtime::RegisterFatBinaryEnd)},
      {"__cudaRegisterFunction", AddressOf(&runtime::RegisterFunction)},
      {"__cudaRegisterVar", AddressOf(&runtime::RegisterVar)},
      {"__cudaUnregisterFatBinary", AddressOf(&runtime::UnregisterFatBinary)},
      {"__kiln_launch_kernel", AddressOf(&runtime::LaunchFromSlot)},
      {"kiln_begin_launch", AddressOf(&BeginLaunch)},
      {"kiln_end_launch", AddressOf(&EndLaunch)},
  };
  return kSymbols;
}

}  // namespace kiln::jit
