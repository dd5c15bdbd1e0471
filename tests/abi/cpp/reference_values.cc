// The part of the reference's library about tuples, variants, optional values, typed functions,
// arguments that are given away, and classes that both sides know.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/tuple.h>
#include <tvm/ffi/container/variant.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/rvalue_ref.h>
#include <tvm/ffi/string.h>

namespace {

namespace ffi = tvm::ffi;

ffi::Tuple<ffi::String, int64_t> SwapTuple(const ffi::Tuple<int64_t, ffi::String>& pair) {
  return ffi::Tuple<ffi::String, int64_t>(pair.get<1>(), pair.get<0>());
}

ffi::Variant<ffi::String, int64_t> OtherAlternative(const ffi::Variant<int64_t, ffi::String>& v) {
  if (auto number = v.as<int64_t>()) return ffi::String(std::to_string(*number));
  return static_cast<int64_t>(v.get<ffi::String>().size());
}

ffi::Optional<int64_t> TwiceIfGiven(ffi::Optional<int64_t> value) {
  if (!value.has_value()) return std::nullopt;
  return 2 * value.value();
}

int64_t ApplyTwice(ffi::TypedFunction<int64_t(int64_t)> f, int64_t x) { return f(f(x)); }

// True if the array is the callee's alone.
bool TakesTheOnlyReference(ffi::RValueRef<ffi::Array<int64_t>> given) {
  const ffi::Array<int64_t> array = *std::move(given);
  return array.use_count() == 1;
}
bool GivesTheOnlyReference(const ffi::Function& callee) {
  ffi::Array<int64_t> array{1, 2, 3};
  return callee(ffi::RValueRef(std::move(array))).cast<bool>();
}

class ShapeObj : public ffi::Object {
 public:
  static constexpr bool _type_mutable = true;
  static constexpr uint32_t _type_child_slots = 4;
  TVM_FFI_DECLARE_OBJECT_INFO("kiln.test.ShapeOfBoth", ShapeObj, ffi::Object);
  double scale = 1;
};
class Shape : public ffi::ObjectRef {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(Shape, ffi::ObjectRef, ShapeObj);
};
class CircleObj : public ShapeObj {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("kiln.test.CircleOfBoth", CircleObj, ShapeObj);
  double radius = 0;
};

double ScaleOf(const Shape& shape) { return shape->scale; }
double RadiusOf(const ffi::ObjectRef& object) {
  const auto* circle = object.as<CircleObj>();
  return circle == nullptr ? -1 : circle->radius;
}
ffi::ObjectRef MakeCircle(double radius) {
  auto circle = ffi::make_object<CircleObj>();
  circle->radius = radius;
  circle->scale = 3;
  return ffi::ObjectRef(circle);
}

// Fields and methods of a class that only the other side's headers describe.
ffi::Any GetField(const ffi::ObjectRef& object, const ffi::String& name) {
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(object->type_index());
  return ffi::reflection::FieldGetter(ffi::reflection::GetFieldInfo(
      std::string(info->type_key.data, info->type_key.size), name.c_str()))(object);
}
ffi::Function GetMethod(const ffi::String& type_key, const ffi::String& name) {
  return ffi::reflection::GetMethod(std::string(type_key), name.c_str());
}

}  // namespace

TVM_FFI_DLL_EXPORT_TYPED_FUNC(swap_tuple, SwapTuple);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(other_alternative, OtherAlternative);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(twice_if_given, TwiceIfGiven);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(apply_twice, ApplyTwice);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(takes_the_only_reference, TakesTheOnlyReference);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(gives_the_only_reference, GivesTheOnlyReference);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(scale_of, ScaleOf);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(radius_of, RadiusOf);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(make_circle, MakeCircle);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(get_field, GetField);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(get_method, GetMethod);
