#include "runtime/builtin_fields.h"

#include <kiln/module.h>

namespace kiln::runtime {
namespace {

using Imports = Array<Any>;

// A module's header lies behind its virtual table, and its imports behind that.
constexpr int64_t kImportsOffset = sizeof(TVMFFIObject);

int GetImports(void* field, TVMFFIAny* result) {
  return SafeCall([&] { *result = Any(*static_cast<const Imports*>(field)).release(); });
}

// Imports change through the module alone, which guards them against circles.
int RefuseImports(void*, const TVMFFIAny*) {
  return SafeCall([] {
    throw Error("TypeError",
                "'imports_' of ffi.Module can't be set; call ffi.ModuleImportModule and "
                "ffi.ModuleClearImports");
  });
}

}  // namespace

void RegisterBuiltinFields() {
  TVMFFIFieldInfo imports{};
  imports.name = details::ByteArrayOf("imports_");
  imports.metadata = details::ByteArrayOf(
      R"({"type_schema":"{\"type\":\"ffi.Array\",\"args\":[{\"type\":\"Any\"}]}"})");
  imports.size = sizeof(Imports);
  imports.alignment = alignof(Imports);
  imports.offset = kImportsOffset;
  imports.getter = &GetImports;
  imports.setter = reinterpret_cast<void*>(&RefuseImports);
  imports.field_static_type_index = kTVMFFIArray;
  CheckCall(TVMFFITypeRegisterField(kTVMFFIModule, &imports));
}

}  // namespace kiln::runtime
