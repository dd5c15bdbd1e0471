// A registered class as other languages see it: fields, methods and attributes by name.
#ifndef KILN_TESTS_ABI_CPP_REFLECTED_CLASS_H_
#define KILN_TESTS_ABI_CPP_REFLECTED_CLASS_H_

#include <string_view>

#include <kiln/function.h>

namespace kiln::testing {

class ReflectedClass {
 public:
  explicit ReflectedClass(std::string_view key) {
    const TVMFFIByteArray bytes = details::ByteArrayOf(key);
    int32_t index = 0;
    CheckCall(TVMFFITypeKeyToIndex(&bytes, &index));
    info_ = TVMFFIGetTypeInfo(index);
  }

  const TVMFFITypeInfo& info() const { return *info_; }

  const TVMFFIFieldInfo& field(std::string_view name) const {
    for (int32_t i = 0; i < info_->num_fields; ++i) {
      if (details::ViewOf(info_->fields[i].name) == name) return info_->fields[i];
    }
    throw Error("KeyError", name);
  }
  Any Get(const ObjectRef& object, std::string_view name) const {
    Any value;
    CheckCall(field(name).getter(AddressIn(object, field(name)), value.out()));
    return value;
  }
  void Set(const ObjectRef& object, std::string_view name, AnyView value) const {
    const auto setter = reinterpret_cast<TVMFFIFieldSetter>(field(name).setter);
    CheckCall(setter(AddressIn(object, field(name)), &value.raw()));
  }

  Function method(std::string_view name) const {
    for (int32_t i = 0; i < info_->num_methods; ++i) {
      if (details::ViewOf(info_->methods[i].name) != name) continue;
      return AnyView::FromRaw(info_->methods[i].method).cast<Function>();
    }
    throw Error("KeyError", name);
  }

  Any attribute(std::string_view name) const {
    const TVMFFIByteArray bytes = details::ByteArrayOf(name);
    const TVMFFITypeAttrColumn* column = TVMFFIGetTypeAttrColumn(&bytes);
    if (column == nullptr || info_->type_index >= column->begin_index + column->size) return Any();
    return Any(AnyView::FromRaw(column->data[info_->type_index - column->begin_index]));
  }

 private:
  static void* AddressIn(const ObjectRef& object, const TVMFFIFieldInfo& field) {
    return reinterpret_cast<char*>(object.handle()) + field.offset;
  }

  const TVMFFITypeInfo* info_ = nullptr;
};

}  // namespace kiln::testing

#endif  // KILN_TESTS_ABI_CPP_REFLECTED_CLASS_H_
