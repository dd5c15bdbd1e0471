#include "jit/link/host_symbols.h"

#include <dlfcn.h>

#include <algorithm>
#include <utility>

#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/c_env_api.h>

// Every function of the two headers that is not inline, sorted by name.
#define KILN_FOR_EACH_ABI_FUNCTION(X)          \
  X(TVMFFIAnyViewToOwnedAny)                   \
  X(TVMFFIBacktrace)                           \
  X(TVMFFIBigIntFromByteArray)                 \
  X(TVMFFIBigIntGetContentByteArray)           \
  X(TVMFFIBytesFromByteArray)                  \
  X(TVMFFIDataTypeFromString)                  \
  X(TVMFFIDataTypeToString)                    \
  X(TVMFFIEnvCheckSignals)                     \
  X(TVMFFIEnvGetDLPackManagedTensorAllocator)  \
  X(TVMFFIEnvGetStream)                        \
  X(TVMFFIEnvModLookupFromImports)             \
  X(TVMFFIEnvModRegisterContextSymbol)         \
  X(TVMFFIEnvModRegisterSystemLibSymbol)       \
  X(TVMFFIEnvRegisterCAPI)                     \
  X(TVMFFIEnvSetDLPackManagedTensorAllocator)  \
  X(TVMFFIEnvSetStream)                        \
  X(TVMFFIEnvTensorAlloc)                      \
  X(TVMFFIErrorCreate)                         \
  X(TVMFFIErrorCreateWithCauseAndExtraContext) \
  X(TVMFFIErrorMoveFromRaised)                 \
  X(TVMFFIErrorSetRaised)                      \
  X(TVMFFIErrorSetRaisedFromCStr)              \
  X(TVMFFIErrorSetRaisedFromCStrParts)         \
  X(TVMFFIFunctionCall)                        \
  X(TVMFFIFunctionCreate)                      \
  X(TVMFFIFunctionGetGlobal)                   \
  X(TVMFFIFunctionSetGlobal)                   \
  X(TVMFFIFunctionSetGlobalFromMethodInfo)     \
  X(TVMFFIGetCustomAllocator)                  \
  X(TVMFFIGetTypeAttrColumn)                   \
  X(TVMFFIGetTypeInfo)                         \
  X(TVMFFIGetVersion)                          \
  X(TVMFFIHandleDeinitOnce)                    \
  X(TVMFFIHandleInitOnce)                      \
  X(TVMFFIObjectCreateOpaque)                  \
  X(TVMFFIObjectDecRef)                        \
  X(TVMFFIObjectIncRef)                        \
  X(TVMFFISetCustomAllocator)                  \
  X(TVMFFIStringFromByteArray)                 \
  X(TVMFFITensorCreateUnsafeView)              \
  X(TVMFFITensorFromDLPack)                    \
  X(TVMFFITensorFromDLPackVersioned)           \
  X(TVMFFITensorToDLPack)                      \
  X(TVMFFITensorToDLPackVersioned)             \
  X(TVMFFITypeGetOrAllocIndex)                 \
  X(TVMFFITypeKeyToIndex)                      \
  X(TVMFFITypeRegisterAttr)                    \
  X(TVMFFITypeRegisterField)                   \
  X(TVMFFITypeRegisterMetadata)                \
  X(TVMFFITypeRegisterMethod)

// Weak: the runtime in this process may be another build of the ABI, which lacks some of them.
#define KILN_WEAK(name) extern "C" __attribute__((weak)) decltype(name) name;
KILN_FOR_EACH_ABI_FUNCTION(KILN_WEAK)
#undef KILN_WEAK

// Conversions of half precision that compilers call, out of LLVM's runtime library: libgcc_s has
// some of them, and the oldest supported one none for bfloat16.
#define KILN_FOR_EACH_CONVERSION(X) \
  X(__extendhfsf2)                  \
  X(__truncdfbf2)                   \
  X(__truncdfhf2)                   \
  X(__truncsfbf2)                   \
  X(__truncsfhf2)
#define KILN_DECLARE(name) extern "C" void name();
KILN_FOR_EACH_CONVERSION(KILN_DECLARE)
#undef KILN_DECLARE

namespace kiln::jit {
namespace {

constexpr std::pair<std::string_view, void (*)()> kConversions[] = {
#define KILN_PAIR(name) {#name, &name},
    KILN_FOR_EACH_CONVERSION(KILN_PAIR)
#undef KILN_PAIR
};

void* FindConversion(std::string_view name) {
  for (const auto& [known, function] : kConversions) {
    if (known == name) return reinterpret_cast<void*>(function);
  }
  return nullptr;
}

// The libraries that compiled code leans on. Open for as long as the process lives.
std::span<void* const> SupportLibraries() {
  static void* const kLibraries[] = {dlopen("libm.so.6", RTLD_LAZY | RTLD_LOCAL),
                                     dlopen("libgcc_s.so.1", RTLD_LAZY | RTLD_LOCAL),
                                     dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL),
                                     dlopen("libc.so.6", RTLD_LAZY | RTLD_LOCAL)};
  return kLibraries;
}

}  // namespace

std::span<const HostSymbol> AbiSymbols() {
#define KILN_ENTRY(name) {#name, reinterpret_cast<void*>(&name)},
  static const HostSymbol kSymbols[] = {KILN_FOR_EACH_ABI_FUNCTION(KILN_ENTRY)};
#undef KILN_ENTRY
  return kSymbols;
}

void* FindAbiSymbol(std::string_view name) {
  const std::span<const HostSymbol> symbols = AbiSymbols();
  const auto found = std::lower_bound(
      symbols.begin(), symbols.end(), name,
      [](const HostSymbol& symbol, std::string_view n) { return symbol.name < n; });
  return found != symbols.end() && found->name == name ? found->address : nullptr;
}

void* FindHostSymbol(const std::string& name) {
  if (void* address = FindAbiSymbol(name)) return address;
  if (void* address = FindConversion(name)) return address;
  if (void* address = dlsym(RTLD_DEFAULT, name.c_str())) return address;
  for (void* library : SupportLibraries()) {
    if (library == nullptr) continue;
    if (void* address = dlsym(library, name.c_str())) return address;
  }
  return nullptr;
}

}  // namespace kiln::jit
