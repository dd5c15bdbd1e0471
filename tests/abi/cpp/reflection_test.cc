// Classes and functions that are described with Kiln's headers, read back through the C ABI.
#include <string>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

#include "tests/abi/cpp/reflected_class.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

class VectorObj : public Object {
 public:
  KILN_OBJECT_TYPE("kiln.test.Vector", VectorObj, Object);
  VectorObj() = default;
  VectorObj(const VectorObj& other) : x(other.x), y(other.y), name(other.name) {}
  VectorObj(double x, double y) : x(x), y(y) {}

  double Dot(const VectorObj* other) const { return x * other->x + y * other->y; }
  void Scale(double factor) {
    x *= factor;
    y *= factor;
  }

  double x = 0;
  double y = 0;
  String name;
  Array<int64_t> tags;
  Optional<int64_t> weight;
};
class Vector : public ObjectRef {
 public:
  KILN_OBJECT_REF(Vector, ObjectRef, VectorObj);
  double Sum() const { return get()->x + get()->y; }
};

KILN_STATIC_INIT_BLOCK() {
  namespace refl = kiln::reflection;
  refl::ObjectDef<VectorObj>("A vector of the plane.")
      .def(refl::init<double, double>(), "Of its coordinates.")
      .def_rw("x", &VectorObj::x, "The abscissa.", refl::DefaultValue(1.5))
      .def_ro("y", &VectorObj::y, refl::Metadata{{"unit", "m\"s"}, {"rank", 2}, {"fixed", true}})
      .def_rw("name", &VectorObj::name, refl::AttachFieldFlag(kTVMFFIFieldFlagBitMaskReprOff))
      .def_rw("tags", &VectorObj::tags,
              refl::DefaultFactory(Function::FromTyped([] { return Array<int64_t>{7}; })))
      .def_rw("weight", &VectorObj::weight)
      .def("dot", &VectorObj::Dot, "The scalar product.")
      .def("scale", &VectorObj::Scale)
      .def("sum", &Vector::Sum)
      .def_static("unit", [] { return Vector(MakeObject<VectorObj>(1.0, 0.0)); })
      .def_type_attr("kiln.test.axes", 2)
      .def_type_attr("kiln.test.norm1", [](const VectorObj* v) { return v->x + v->y; });
  refl::GlobalDef()
      .def(
          "kiln.test.hypot2", [](double a, double b) { return a * a + b * b; }, "a^2 + b^2")
      .def_method("kiln.test.vector_sum", &Vector::Sum)
      .def_packed("kiln.test.count", [](PackedArgs args, Any* result) { *result = args.size(); });
}

ReflectedClass Described() { return ReflectedClass("kiln.test.Vector"); }

TEST(Reflection, DescribesTheClass) {
  const TVMFFITypeInfo& info = Described().info();
  ASSERT_NE(info.metadata, nullptr);
  EXPECT_EQ(details::ViewOf(info.metadata->doc), "A vector of the plane.");
  EXPECT_EQ(info.metadata->total_size, static_cast<int32_t>(sizeof(VectorObj)));
  TVMFFIObjectHandle made = nullptr;
  CheckCall(info.metadata->creator(&made));
  const Vector vector(ObjectPtr<VectorObj>::AdoptHandle(made));
  EXPECT_EQ(vector->y, 0);
}

TEST(Reflection, DescribesFields) {
  const ReflectedClass vector = Described();
  EXPECT_EQ(details::ViewOf(vector.field("x").doc), "The abscissa.");
  EXPECT_EQ(details::ViewOf(vector.field("x").metadata),
            R"({"type_schema":"{\"type\":\"float\"}"})");
  EXPECT_EQ(AnyView::FromRaw(vector.field("x").default_value_or_factory).cast<double>(), 1.5);
  EXPECT_EQ(vector.field("x").flags,
            kTVMFFIFieldFlagBitMaskWritable | kTVMFFIFieldFlagBitMaskHasDefault);
  EXPECT_EQ(vector.field("x").field_static_type_index, kTVMFFIFloat);
  EXPECT_EQ(vector.field("y").flags, 0);
  EXPECT_EQ(details::ViewOf(vector.field("y").metadata),
            R"({"type_schema":"{\"type\":\"float\"}","unit":"m\"s","rank":2,"fixed":true})");
  EXPECT_EQ(vector.field("name").flags,
            kTVMFFIFieldFlagBitMaskWritable | kTVMFFIFieldFlagBitMaskReprOff);
  EXPECT_EQ(vector.field("name").size, 16);
  EXPECT_EQ(vector.field("tags").field_static_type_index, kTVMFFIArray);
  const Any factory(AnyView::FromRaw(vector.field("tags").default_value_or_factory));
  EXPECT_EQ(factory.cast<Function>()().cast<Array<int64_t>>()[0], 7);
  EXPECT_EQ(vector.field("weight").field_static_type_index, kTVMFFIAny);
}

TEST(Reflection, FieldsAreReadAndSet) {
  const ReflectedClass vector = Described();
  const ObjectRef object(MakeObject<VectorObj>(1.0, 2.0));
  EXPECT_EQ(vector.Get(object, "y").cast<double>(), 2.0);
  vector.Set(object, "x", 5);
  EXPECT_EQ(object.as<VectorObj>()->x, 5.0);
  vector.Set(object, "name", "a name that is not inline");
  EXPECT_EQ(vector.Get(object, "name").cast<std::string>(), "a name that is not inline");
  EXPECT_TRUE(vector.Get(object, "weight").is_none());
  vector.Set(object, "weight", 3);
  EXPECT_EQ(vector.Get(object, "weight").cast<int>(), 3);
  const Error error = ThrownBy([&] { vector.Set(object, "x", "text"); });
  EXPECT_EQ(error.kind(), "TypeError");
  EXPECT_EQ(error.message(), "expected float, got const char*");
}

TEST(Reflection, MethodsAreCalled) {
  const ReflectedClass vector = Described();
  const Any object = vector.method("__ffi_init__")(3, 4);
  EXPECT_EQ(vector.method("dot")(object, object).cast<double>(), 25.0);
  vector.method("scale")(object, 2);
  EXPECT_EQ(vector.method("sum")(object).cast<double>(), 14.0);
  EXPECT_EQ(vector.method("unit")().cast<Vector>()->x, 1.0);
  EXPECT_EQ(ThrownBy([&] { vector.method("dot")(nullptr, object); }).kind(), "TypeError");
  EXPECT_EQ(ThrownBy([&] { vector.method("dot")(3, object); }).kind(), "TypeError");
}

TEST(Reflection, TheTypesAttributesAreSet) {
  const ReflectedClass vector = Described();
  EXPECT_EQ(vector.attribute("kiln.test.axes").cast<int>(), 2);
  const ObjectRef object(MakeObject<VectorObj>(1.0, 2.0));
  EXPECT_EQ(vector.attribute("kiln.test.norm1").cast<Function>()(object).cast<double>(), 3.0);
  EXPECT_FALSE(vector.attribute("__ffi_type_final__").cast<bool>());
  EXPECT_EQ(vector.attribute("__ffi_new__").cast<Function>()().cast<Vector>()->x, 0.0);
  EXPECT_EQ(vector.attribute("__ffi_init__").cast<Function>()(8, 9).cast<Vector>()->y, 9.0);
  const Any copied = vector.attribute("__ffi_shallow_copy__").cast<Function>()(object);
  EXPECT_EQ(copied.cast<Vector>()->y, 2.0);
  EXPECT_FALSE(copied.cast<Vector>().same_as(object));
}

TEST(Reflection, GlobalFunctionsAreDefined) {
  EXPECT_EQ(GlobalFunction::Get("kiln.test.hypot2")(3, 4).cast<double>(), 25.0);
  EXPECT_EQ(GlobalFunction::Get("kiln.test.count")(1, 2, 3).cast<int>(), 3);
  EXPECT_EQ(GlobalFunction::Get("kiln.test.vector_sum")(ObjectRef(MakeObject<VectorObj>(1.0, 2.0)))
                .cast<double>(),
            3.0);
  EXPECT_EQ(
      GlobalFunction::Get("ffi.GetGlobalFuncMetadata")("kiln.test.hypot2").cast<std::string>(),
      "{\"type_schema\":\"{\\\"type\\\":\\\"ffi.Function\\\",\\\"named_args\\\":{\\\"return\\\":"
      "[{\\\"type\\\":\\\"float\\\"}],\\\"params\\\":[{\\\"type\\\":\\\"float\\\"},{\\\"type\\\":"
      "\\\"float\\\"}]}}\"}");
}

TEST(Reflection, ANameIsDefinedOnce) {
  EXPECT_EQ(ThrownBy([] { reflection::GlobalDef().def("kiln.test.hypot2", [] {}); }).kind(),
            "RuntimeError");
  EXPECT_EQ(ThrownBy([] { reflection::ObjectDef<VectorObj>(); }).kind(), "RuntimeError");
}

TEST(Reflection, MetadataOfAnotherKindIsAnError) {
  const Error error = ThrownBy([] { (void)reflection::Metadata{{"half", 0.5}}.Json("{}"); });
  EXPECT_EQ(error.kind(), "TypeError");
  EXPECT_EQ(error.message(), "metadata 'half' must be bool, int or text, got float");
}

TEST(Schema, NamesTheTypesOfTheAbi) {
  EXPECT_EQ(TypeSchema<int8_t>(), R"({"type":"int"})");
  EXPECT_EQ(TypeSchema<void>(), R"({"type":"None"})");
  EXPECT_EQ(TypeSchema<Any>(), R"({"type":"Any"})");
  EXPECT_EQ(TypeSchema<const String&>(), R"({"type":"ffi.String"})");
  EXPECT_EQ(TypeSchema<TensorView>(), R"({"type":"DLTensor*"})");
  EXPECT_EQ(TypeSchema<Tensor>(), R"({"type":"ffi.Tensor"})");
  EXPECT_EQ(TypeSchema<Vector>(), R"({"type":"kiln.test.Vector"})");
  EXPECT_EQ((TypeSchema<Map<String, List<Any>>>()),
            R"({"type":"ffi.Map","args":[{"type":"ffi.String"},)"
            R"({"type":"ffi.List","args":[{"type":"Any"}]}]})");
  EXPECT_EQ(
      (TypeSchema<Tuple<int, Optional<bool>>>()),
      R"({"type":"Tuple","args":[{"type":"int"},{"type":"Optional","args":[{"type":"bool"}]}]})");
  EXPECT_EQ((TypeSchema<Variant<double, String>>()),
            R"({"type":"Variant","args":[{"type":"float"},{"type":"ffi.String"}]})");
  EXPECT_EQ(TypeSchema<RValueRef<Array<int>>>(),
            R"({"type":"ffi.ObjectRValueRef","args":)"
            R"([{"type":"ffi.Array","args":[{"type":"int"}]}]})");
}

TEST(Schema, QuotesWhatJsonDoesNotTake) {
  EXPECT_EQ(details::QuoteJson("a\"b\\c\n\x01"), R"("a\"b\\c\u000a\u0001")");
}

}  // namespace
}  // namespace kiln::testing
