#include "runtime/value_functions.h"

#include <cstdint>
#include <optional>
#include <string>

#include <kiln/registry.h>

namespace kiln::runtime {
namespace {

// The header, the cell, then the extents in the same block.
class ShapeObj : public Object, public TVMFFIShapeCell {
 public:
  static constexpr int32_t kTypeIndex = kTVMFFIShape;

  explicit ShapeObj(PackedArgs extents) : TVMFFIShapeCell{} {
    auto* tail = reinterpret_cast<int64_t*>(this + 1);
    data = tail;
    size = static_cast<size_t>(extents.size());
    for (int32_t i = 0; i < extents.size(); ++i) {
      const auto extent = extents[i].try_cast<int64_t>();
      if (!extent) {
        throw Error("ValueError", details::Concat({"extent ", std::to_string(i),
                                                   " of a shape must be an int, got ",
                                                   Describe(extents[i].raw())}));
      }
      tail[i] = *extent;
    }
  }
};

void MakeShape(PackedArgs extents, Any* result) {
  const auto tail_bytes = static_cast<size_t>(extents.size()) * sizeof(int64_t);
  *result = Any(ObjectRef(MakeObjectWithTail<ShapeObj>(tail_bytes, extents)));
}

Function FromExternC(void* self, void* safe_call, void* deleter) {
  TVMFFIObjectHandle handle = nullptr;
  CheckCall(TVMFFIFunctionCreate(self, reinterpret_cast<TVMFFISafeCallType>(safe_call),
                                 reinterpret_cast<void (*)(void*)>(deleter), &handle));
  return Function(ObjectPtr<FunctionObj>::AdoptHandle(handle));
}

}  // namespace

void RegisterValueFunctions() {
  GlobalFunction::RegisterTyped("ffi.String", [](const String& text) { return text; });
  GlobalFunction::RegisterTyped("ffi.Bytes", [](const Bytes& bytes) { return bytes; });
  GlobalFunction::Register("ffi.Shape", Function::FromPacked(&MakeShape));
  GlobalFunction::RegisterTyped("ffi.FunctionFromExternC", &FromExternC);
}

}  // namespace kiln::runtime
