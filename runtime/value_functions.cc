#include "runtime/value_functions.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kiln/registry.h>
#include <kiln/shape.h>

namespace kiln::runtime {
namespace {

void MakeShape(PackedArgs args, Any* result) {
  std::vector<int64_t> extents;
  for (int32_t i = 0; i < args.size(); ++i) {
    const auto extent = args[i].try_cast<int64_t>();
    if (!extent) {
      throw Error("ValueError",
                  details::Concat({"extent ", std::to_string(i), " of a shape must be an int, got ",
                                   Describe(args[i].raw())}));
    }
    extents.push_back(*extent);
  }
  *result = Any(Shape(extents));
}

// The object before the names and values of keyword arguments in a packed call. It lives for ever.
class KeywordsObj : public Object {};
ObjectRef Keywords() {
  static Object* object = MakeObject<KeywordsObj>().release();
  return ObjectRef(ObjectPtr<Object>::Share(object));
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
  GlobalFunction::RegisterTyped("ffi.GetKwargsObject", &Keywords);
}

}  // namespace kiln::runtime
