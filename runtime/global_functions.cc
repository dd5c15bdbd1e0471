// What this library registers about itself, in one place and one order: first the types, then the
// functions. Runs when the library is loaded.

#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kiln/array.h>
#include <kiln/registry.h>

#include "runtime/big_int.h"
#include "runtime/builtin_fields.h"
#include "runtime/containers.h"
#include "runtime/loaded_modules.h"
#include "runtime/module.h"
#include "runtime/registry.h"
#include "runtime/tensor.h"
#include "runtime/type_table.h"
#include "runtime/value_functions.h"

namespace kiln::runtime {
namespace {

// A list as a function: -1 gives the length, i the name at i.
Function NamesFunctor() {
  return Function::FromTyped([names = Registry::Global().Names()](int64_t index) -> Any {
    const auto size = static_cast<int64_t>(names.size());
    if (index == -1) return Any(size);
    if (index < 0 || index >= size) {
      throw Error("IndexError", "index " + std::to_string(index) + " is out of range for " +
                                    std::to_string(size) + " names");
    }
    return Any(String(names[static_cast<size_t>(index)]));
  });
}

String FunctionMetadata(const String& name) {
  auto description = Registry::Global().Describe(name.view());
  if (!description) {
    throw Error("RuntimeError", "no global function is named '" + name.str() + "'");
  }
  return String(description->metadata);
}

// The attributes that the ABI's C++ headers look for when a library that uses them is loaded. They
// take a column for given, with or without values, and end the process where there is none.
void DeclareTypeAttributes() {
  for (const std::string_view name :
       {"__any_equal__", "__any_hash__", "__data_from_json__", "__data_to_json__",
        "__ffi_compare__", "__ffi_convert__", "__ffi_enum__", "__ffi_eq__", "__ffi_hash__",
        "__ffi_init__", "__ffi_new__", "__ffi_repr__", "__ffi_shallow_copy__", "__ffi_type_final__",
        "__s_equal__", "__s_hash__", "__s_maybe_inplace_mutate__", "__s_mutate__", "__s_visit__"}) {
    const TVMFFIByteArray text = details::ByteArrayOf(name);
    CheckCall(TVMFFITypeRegisterAttr(kTVMFFINone, &text, nullptr));
  }
}

void RegisterAll() {
  TypeTable::Global();
  DeclareTypeAttributes();
  RegisterBuiltinFields();
  RegisterBigIntKeys();
  GlobalFunction::RegisterTyped("ffi.FunctionListGlobalNamesFunctor", &NamesFunctor);
  GlobalFunction::RegisterTyped("ffi.FunctionRemoveGlobal", [](const String& name) {
    return Registry::Global().Remove(name.view());
  });
  GlobalFunction::RegisterTyped("ffi.GetGlobalFuncMetadata", &FunctionMetadata);
  GlobalFunction::RegisterTyped("ffi.GetRegisteredTypeKeys", [] {
    const std::vector<std::string> keys = TypeTable::Global().Keys();
    return Array<String>::From(keys);
  });
  RegisterValueFunctions();
  RegisterTensorFunctions();
  RegisterModuleFunctions();
  RegisterLoadedModules();
  RegisterSequenceFunctions();
  RegisterTableFunctions();
  RegisterDeviceFunctions();
}

[[gnu::constructor]] void RegisterAtLoad() noexcept {
  try {
    RegisterAll();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "libtvm_ffi: the builtin functions can't be registered: %s\n",
                 error.what());
  }
}

}  // namespace
}  // namespace kiln::runtime
