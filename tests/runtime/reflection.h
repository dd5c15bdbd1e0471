// Registers what the tests of types read back.
#ifndef KILN_TESTS_RUNTIME_REFLECTION_H_
#define KILN_TESTS_RUNTIME_REFLECTION_H_

#include <string>
#include <string_view>

#include <kiln/function.h>

namespace kiln {

inline int32_t MakeType(std::string_view key) {
  const TVMFFIByteArray bytes = details::ByteArrayOf(key);
  return TVMFFITypeGetOrAllocIndex(&bytes, -1, 1, 0, 1, kTVMFFIObject);
}

inline int AddField(int32_t type, std::string_view name, std::string_view doc = {}) {
  TVMFFIFieldInfo field{};
  field.name = details::ByteArrayOf(name);
  field.doc = details::ByteArrayOf(doc);
  return TVMFFITypeRegisterField(type, &field);
}

inline int AddMethod(int32_t type, std::string_view name, const Function& function) {
  TVMFFIMethodInfo method{};
  method.name = details::ByteArrayOf(name);
  method.method = AnyView(function).raw();
  return TVMFFITypeRegisterMethod(type, &method);
}

inline int AddAttribute(int32_t type, std::string_view name, AnyView value) {
  const TVMFFIByteArray bytes = details::ByteArrayOf(name);
  return TVMFFITypeRegisterAttr(type, &bytes, &value.raw());
}

inline const TVMFFITypeAttrColumn* ColumnOf(std::string_view name) {
  const TVMFFIByteArray bytes = details::ByteArrayOf(name);
  return TVMFFIGetTypeAttrColumn(&bytes);
}

// The kind of the error that this thread has raised, which is taken; "" if it has none.
inline std::string TakeRaisedKind() {
  TVMFFIObjectHandle handle = nullptr;
  TVMFFIErrorMoveFromRaised(&handle);
  if (handle == nullptr) return "";
  return std::string(Error(ObjectPtr<ErrorObj>::AdoptHandle(handle)).kind());
}

}  // namespace kiln

#endif  // KILN_TESTS_RUNTIME_REFLECTION_H_
