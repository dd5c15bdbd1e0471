// Plain functions of C, C++ and LLVM IR as Functions of the ABI: what they take, check and return.
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/jit/error_of.h"

namespace kiln::testing {
namespace {

Module CompileC(std::string_view source, std::vector<std::string> exports) {
  return jit::Compile(source, {.name = "k.c", .exports = std::move(exports)});
}
Module CompileCxx(std::string_view source, std::vector<std::string> exports) {
  return jit::Compile(source, {.name = "k.cc", .exports = std::move(exports)});
}
Function OneOfC(std::string_view source, const std::string& name) {
  return CompileC(source, {name}).GetFunction(name);
}

Tensor Vector(std::initializer_list<float> values) {
  const Tensor tensor = Tensor::Empty({static_cast<int64_t>(values.size())}, DataTypeOf<float>());
  std::copy(values.begin(), values.end(), tensor.elements<float>().begin());
  return tensor;
}

// A view of `tensor` with other fields, valid as long as the tensor.
DLTensor With(const Tensor& tensor, int64_t* shape, int64_t* strides) {
  DLTensor view = tensor.dl();
  view.shape = shape;
  view.strides = strides;
  return view;
}

constexpr const char* kSaxpy = R"(
#include <stdint.h>
// Adds a multiple of x to y,
// element by element.
void saxpy(float a, const float* x, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] += a * x[i];
}
)";

TEST(PlainExports, ASaxpyNeedsNoBoilerplate) {
  const Function saxpy = OneOfC(kSaxpy, "saxpy");
  const Tensor x = Vector({1, 2, 3});
  const Tensor y = Vector({10, 20, 30});
  EXPECT_TRUE(saxpy(2.0, x, y, 3).is_none());
  EXPECT_EQ(y.elements<float>()[2], 36.0f);
  saxpy(1, x, y, true);  // an int where a float is expected, a bool where an int is
  EXPECT_EQ(y.elements<float>()[0], 13.0f);
  EXPECT_EQ(y.elements<float>()[1], 24.0f);
}

TEST(PlainExports, AWrongArgumentIsNamed) {
  const Function saxpy = OneOfC(kSaxpy, "saxpy");
  const Tensor x = Vector({1, 2, 3, 4});
  const Tensor doubles = Tensor::Empty({4}, DataTypeOf<double>());
  EXPECT_EQ(
      ErrorOf([&] { saxpy(1.0, doubles, x, 4); }),
      "TypeError: saxpy: argument 1 (x): expected float32 tensor, got float64 tensor of shape "
      "[4]");
  EXPECT_EQ(ErrorOf([&] { saxpy(1.0, x, x); }), "TypeError: saxpy: expected 4 arguments, got 3");
  EXPECT_EQ(ErrorOf([&] { saxpy(1.0, x, x, 4, 5); }),
            "TypeError: saxpy: expected 4 arguments, got 5");
  EXPECT_EQ(ErrorOf([&] { saxpy("one", x, x, 4); }),
            "TypeError: saxpy: argument 0 (a): expected float, got a string");
  EXPECT_EQ(ErrorOf([&] { saxpy(1.0, nullptr, x, 4); }),
            "TypeError: saxpy: argument 1 (x): expected float32 tensor, got None");
  EXPECT_EQ(ErrorOf([&] { saxpy(1.0, x, x, 4.0); }),
            "TypeError: saxpy: argument 3 (n): expected int, got float 4");
  EXPECT_EQ(ErrorOf([&] { saxpy(1.0, static_cast<DLTensor*>(nullptr), x, 4); }),
            "TypeError: saxpy: argument 1 (x): expected float32 tensor, got None");
  EXPECT_EQ(ErrorOf([&] { saxpy(1.0, Array<int64_t>{1}, x, 4); }),
            "TypeError: saxpy: argument 1 (x): expected float32 tensor, got ffi.Array");
}

TEST(PlainExports, TensorsMustLieRowByRow) {
  const Function first = OneOfC("float first(const float* x) { return x ? x[0] : -1; }", "first");
  const Tensor base = Vector({1, 2, 3, 4, 5, 6});
  int64_t shape[] = {2, 3};
  int64_t rows[] = {3, 1};
  int64_t columns[] = {1, 2};
  DLTensor tensor = With(base, shape, rows);
  tensor.ndim = 2;
  EXPECT_EQ(first(&tensor).cast<double>(), 1.0);
  tensor.strides = columns;
  EXPECT_EQ(ErrorOf([&] { first(&tensor); }),
            "ValueError: first: argument 0 (x): expected a tensor whose rows follow each other "
            "without gaps, got one of shape [2, 3] with strides [1, 2]");
  tensor.strides = nullptr;
  EXPECT_EQ(first(&tensor).cast<double>(), 1.0) << "no strides at all mean rows without gaps";
  int64_t one[] = {1, 3};
  int64_t odd[] = {77, 1};
  tensor.shape = one;
  tensor.strides = odd;
  EXPECT_EQ(first(&tensor).cast<double>(), 1.0) << "the stride of one element does not count";
  int64_t none[] = {2, 0};
  tensor.shape = none;
  EXPECT_EQ(first(&tensor).cast<double>(), 1.0) << "an empty tensor has no gaps";
  tensor.ndim = 0;
  tensor.byte_offset = 4;
  EXPECT_EQ(first(&tensor).cast<double>(), 2.0) << "the offset counts";
}

TEST(PlainExports, AVectorMustNotHaveGapsEither) {
  const Module module = CompileC(
      "float first(const float* x) { return x[0]; }\n"
      "float of_any(const void* x) { return *(const float*)x; }",
      {"all"});
  const Tensor base = Vector({1, 2, 3, 4});
  int64_t shape[] = {2};
  int64_t strides[] = {2};
  for (const char* name : {"first", "of_any"}) {
    const Function function = module.GetFunction(name);
    DLTensor vector = With(base, shape, strides);
    shape[0] = 2;
    strides[0] = 2;
    EXPECT_EQ(ErrorOf([&] { function(&vector); }),
              "ValueError: " + std::string(name) +
                  ": argument 0 (x): expected a tensor whose rows follow each other without gaps, "
                  "got one of shape [2] with strides [2]");
    strides[0] = 1;
    EXPECT_EQ(function(&vector).cast<double>(), 1.0) << name;
    strides[0] = -1;
    EXPECT_NE(ErrorOf([&] { function(&vector); }), "no error")
        << name << ": backwards is no order of rows";
    shape[0] = 1;
    EXPECT_EQ(function(&vector).cast<double>(), 1.0) << name << ": one element has no stride";
    shape[0] = 0;
    EXPECT_EQ(function(&vector).cast<double>(), 1.0) << name << ": nor has none";
    vector.strides = nullptr;
    EXPECT_EQ(function(&vector).cast<double>(), 1.0) << name;
    vector.device = {kDLCUDA, 0};
    EXPECT_NE(ErrorOf([&] { function(&vector); }), "no error") << name;
  }
}

TEST(PlainExports, TensorsMustBeAlignedAndInCpuMemory) {
  const Function first = OneOfC("double first(const double* x) { return x[0]; }", "first");
  const Tensor base = Tensor::Empty({4}, DataTypeOf<double>());
  DLTensor tensor = base.dl();
  tensor.byte_offset = 4;
  EXPECT_TRUE(
      ErrorOf([&] { first(&tensor); })
          .starts_with("ValueError: first: argument 0 (x): expected a tensor aligned to its "
                       "element size, got float64 tensor at the address 0x"));
  tensor = base.dl();
  tensor.device = {kDLCUDA, 1};
  EXPECT_EQ(
      ErrorOf([&] { first(&tensor); }),
      "ValueError: first: argument 0 (x): expected a tensor in CPU memory, got one on cuda:1");
  tensor.device = {kDLCUDAHost, 0};
  base.elements<double>()[0] = 7;
  EXPECT_EQ(first(&tensor).cast<double>(), 7.0) << "pinned memory is the CPU's";
  tensor.device.device_type = static_cast<DLDeviceType>(77);
  EXPECT_TRUE(ErrorOf([&] { first(&tensor); }).ends_with("got one on device type 77:0"));
}

struct ReadOnlySource {
  float values[2] = {1, 2};
  int64_t shape[1] = {2};
  DLManagedTensorVersioned managed{};

  ReadOnlySource() {
    managed.version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
    managed.flags = DLPACK_FLAG_BITMASK_READ_ONLY;
    managed.dl_tensor.data = values;
    managed.dl_tensor.device = kCpu;
    managed.dl_tensor.ndim = 1;
    managed.dl_tensor.dtype = DataTypeOf<float>();
    managed.dl_tensor.shape = shape;
  }
};

TEST(PlainExports, AReadOnlyTensorIsNotWritten) {
  ReadOnlySource source;
  const Tensor tensor = Tensor::FromDLPack(&source.managed);
  const Module module = CompileC(
      "float get(const float* x) { return x[1]; } void set(float* x) { x[1] = 5; }\n"
      "float get_any(const void* x) { return *(const float*)x; } void* set_any(void* x) { return "
      "x; }",
      {"all"});
  EXPECT_EQ(module.GetFunction("get")(tensor).cast<double>(), 2.0);
  EXPECT_EQ(ErrorOf([&] { module.GetFunction("set")(tensor); }),
            "ValueError: set: argument 0 (x): expected a tensor that may be written, got a "
            "read-only one");
  EXPECT_EQ(source.values[1], 2.0f);
  EXPECT_EQ(module.GetFunction("get_any")(tensor).cast<double>(), 1.0);
  EXPECT_TRUE(ErrorOf([&] {
                module.GetFunction("set_any")(tensor);
              }).starts_with("ValueError: set_any: argument 0 (x)"));
  TVMFFIObjectHandle handle = nullptr;
  int64_t stride = 1;
  const DLTensor prototype = With(tensor, source.shape, &stride);
  ASSERT_EQ(TVMFFITensorCreateUnsafeView(tensor.handle(), &prototype, &handle), 0);
  const Tensor view(ObjectPtr<TensorObj>::AdoptHandle(handle));
  EXPECT_NE(ErrorOf([&] { module.GetFunction("set")(view); }), "no error")
      << "a view is as read-only";
  EXPECT_EQ(module.GetFunction("get_any")(view).cast<double>(), 1.0);
}

TEST(PlainExports, IntegersAreCheckedForTheirRange) {
  const Module module = CompileC(R"(
#include <stdint.h>
int8_t i8(int8_t x) { return x; }
uint8_t u8(uint8_t x) { return x; }
int16_t i16(int16_t x) { return x; }
uint16_t u16(uint16_t x) { return x; }
int32_t i32(int32_t x) { return x; }
uint32_t u32(uint32_t x) { return x; }
int64_t i64(int64_t x) { return x; }
uint64_t u64(uint64_t x) { return x; }
enum Color { kRed, kBlue = 7 };
enum Color color(enum Color c) { return c; }
)",
                                 {"all"});
  const auto check = [&](const char* name, int64_t low, int64_t high, const char* type) {
    const Function same = module.GetFunction(name);
    EXPECT_EQ(same(low).cast<int64_t>(), low) << name;
    EXPECT_EQ(same(high).cast<int64_t>(), high) << name;
    EXPECT_EQ(same(true).cast<int64_t>(), 1) << name;
    EXPECT_EQ(ErrorOf([&] { same(0.5); }), "TypeError: " + std::string(name) +
                                               ": argument 0 (x): expected " + type +
                                               ", got float 0.5");
    if (high == std::numeric_limits<int64_t>::max()) return;
    for (const int64_t beyond : {low - 1, high + 1}) {
      EXPECT_EQ(ErrorOf([&] { same(beyond); }),
                "ValueError: " + std::string(name) + ": argument 0 (x): expected " + type +
                    ", got int " + std::to_string(beyond) + ", which it can't hold");
    }
  };
  check("i8", -128, 127, "int (8 bits)");
  check("u8", 0, 255, "unsigned int (8 bits)");
  check("i16", -32768, 32767, "int (16 bits)");
  check("u16", 0, 65535, "unsigned int (16 bits)");
  check("i32", INT32_MIN, INT32_MAX, "int (32 bits)");
  check("u32", 0, UINT32_MAX, "unsigned int (32 bits)");
  check("i64", INT64_MIN, INT64_MAX, "int");
  EXPECT_EQ(module.GetFunction("u64")(UINT64_MAX).cast<uint64_t>(), UINT64_MAX);
  EXPECT_EQ(module.GetFunction("color")(7).cast<int>(), 7);
}

TEST(PlainExports, ScalarsOfEveryKindComeBack) {
  const Module module = CompileC(R"(
_Bool negate(_Bool b) { return !b; }
float f32(float x) { return x; }
double f64(double x) { return x; }
_Float16 f16(_Float16 x) { return x; }
__bf16 bf16(__bf16 x) { return x; }
void nothing(void) {}
int length(const char* s) { int n = 0; while (s[n]) ++n; return n; }
void* same(void* p) { return p; }
)",
                                 {"all"});
  EXPECT_FALSE(module.GetFunction("negate")(true).cast<bool>());
  EXPECT_EQ(module.GetFunction("negate")(0).type_index(), kTVMFFIBool);
  EXPECT_EQ(module.GetFunction("f32")(0.1).cast<double>(), static_cast<double>(0.1f));
  EXPECT_EQ(module.GetFunction("f64")(0.1).cast<double>(), 0.1);
  EXPECT_EQ(module.GetFunction("f64")(-3).cast<double>(), -3.0);
  EXPECT_EQ(module.GetFunction("f16")(1.0009765625).cast<double>(), 1.0009765625);
  EXPECT_EQ(module.GetFunction("bf16")(1.0078125).cast<double>(), 1.0078125);
  EXPECT_TRUE(module.GetFunction("nothing")().is_none());
  const Function length = module.GetFunction("length");
  EXPECT_EQ(length("abc").cast<int>(), 3);
  EXPECT_EQ(length(String("abc")).cast<int>(), 3);
  EXPECT_EQ(length(String("a longer text than is inline")).cast<int>(), 28);
  EXPECT_EQ(ErrorOf([&] { length(nullptr); }),
            "TypeError: length: argument 0 (s): expected string, got None");
  const Function same = module.GetFunction("same");
  int place = 0;
  EXPECT_EQ(same(static_cast<void*>(&place)).cast<void*>(), &place);
  EXPECT_TRUE(same(nullptr).is_none());
  const Tensor tensor = Vector({1});
  EXPECT_EQ(same(tensor).cast<void*>(), tensor.data());
  EXPECT_EQ(ErrorOf([&] { same(3); }),
            "TypeError: same: argument 0 (p): expected tensor, pointer or None, got int 3");
}

TEST(PlainExports, ElementsOfEveryTypeAreTold) {
  const Module module = CompileC(R"(
#include <stdint.h>
#define FIRST(name, type) type name(const type* x) { return x[0]; }
FIRST(i8, int8_t) FIRST(u8, uint8_t) FIRST(i16, int16_t) FIRST(u16, uint16_t)
FIRST(i32, int32_t) FIRST(u32, uint32_t) FIRST(i64, int64_t) FIRST(u64, uint64_t)
FIRST(f32, float) FIRST(f64, double) FIRST(f16, _Float16) FIRST(bf16, __bf16) FIRST(b, _Bool)
)",
                                 {"all"});
  const std::pair<const char*, DLDataType> kTypes[] = {
      {"i8", {kDLInt, 8, 1}},     {"u8", {kDLUInt, 8, 1}},    {"i16", {kDLInt, 16, 1}},
      {"u16", {kDLUInt, 16, 1}},  {"i32", {kDLInt, 32, 1}},   {"u32", {kDLUInt, 32, 1}},
      {"i64", {kDLInt, 64, 1}},   {"u64", {kDLUInt, 64, 1}},  {"f32", {kDLFloat, 32, 1}},
      {"f64", {kDLFloat, 64, 1}}, {"f16", {kDLFloat, 16, 1}}, {"bf16", {kDLBfloat, 16, 1}},
      {"b", {kDLBool, 8, 1}}};
  for (const auto& [name, own] : kTypes) {
    const Function first = module.GetFunction(name);
    for (const auto& [other_name, dtype] : kTypes) {
      const Tensor tensor = Tensor::Empty({2}, dtype);
      std::fill_n(static_cast<char*>(tensor.data()), 2 * dtype.bits / 8, 0);
      const std::string error = ErrorOf([&] { first(tensor); });
      EXPECT_EQ(error == "no error", std::string(name) == other_name) << name << ": " << error;
    }
    const Tensor base = Tensor::Empty({2}, own);
    DLTensor lanes = base.dl();
    lanes.dtype.lanes = 2;
    EXPECT_NE(ErrorOf([&] { first(&lanes); }), "no error") << name;
  }
}

TEST(PlainExports, ValuesAndTensorsPassAsTheyAre) {
  const Module module = CompileC(R"(
#include <tvm/ffi/c_api.h>
int64_t ndim(DLTensor* t) { return t->ndim; }
int32_t kind(TVMFFIAny value) { return value.type_index; }
int32_t late(int a, int b, int c, int d, int e, TVMFFIAny value) { return value.type_index; }
TVMFFIAny plus(TVMFFIAny value, int by) { value.v_int64 += by; return value; }
)",
                                 {"all"});
  EXPECT_EQ(module.GetFunction("ndim")(Tensor::Empty({2, 3}, DataTypeOf<float>())).cast<int>(), 2);
  EXPECT_EQ(module.GetFunction("kind")("text").cast<int>(), kTVMFFIRawStr);
  EXPECT_EQ(module.GetFunction("late")(1, 2, 3, 4, 5, 0.5).cast<int>(), kTVMFFIFloat);
  EXPECT_EQ(module.GetFunction("plus")(40, 2).cast<int>(), 42);
}

TEST(PlainExports, FunctionsCarryMetadataAndDocumentation) {
  const Module module = CompileC(kSaxpy, {"saxpy"});
  EXPECT_EQ(module.get()->GetFunctionDoc("saxpy")->str(),
            "Adds a multiple of x to y,\nelement by element.");
  EXPECT_FALSE(module.get()->GetFunctionDoc("other").has_value());
  const std::string metadata = module.get()->GetFunctionMetadata("saxpy")->str();
  EXPECT_NE(metadata.find(R"("parameters":["a","x","y","n"])"), std::string::npos) << metadata;
  EXPECT_NE(metadata.find("saxpy(a: float, x: float32 tensor, y: float32 tensor, n: int) -> None"),
            std::string::npos);
  EXPECT_TRUE(metadata.starts_with(R"({"type_schema":"{\"type\":\"ffi.Function\",)")) << metadata;
}

TEST(PlainExports, AllTakesWhatItCan) {
  const Module module = CompileC(R"(
#include <math.h>
#include <tvm/ffi/c_api.h>
struct Pair { int a, b; };
int sum(int a, int b) { return a + b; }
int of_pair(struct Pair p) { return p.a; }
static int hidden(int a) { return a; }
int use(int a) { return hidden(a); }
int __tvm_ffi_packed(void* h, const TVMFFIAny* args, int32_t n, TVMFFIAny* r) { return 0; }
)",
                                 {"all"});
  EXPECT_EQ(module.get()->InspectSource("exports").str(), "packed\nsum\nuse\n");
}

TEST(PlainExports, AStaticFunctionCanBeExportedByName) {
  EXPECT_EQ(OneOfC("static int hidden(int a) { return a + 1; }", "hidden")(1).cast<int>(), 2);
}

TEST(PlainExports, ANameThatIsGivenTwiceIsExportedOnce) {
  const Module module = CompileC("int f(int a) { return a; }", {"f", "f"});
  EXPECT_EQ(module.get()->InspectSource("exports").str(), "f\n");
  EXPECT_FALSE(module.get()->InspectSource("ll").empty());
}

TEST(PlainExports, AnUnknownNameIsAnError) {
  EXPECT_EQ(ErrorOf([] { CompileC("int scale(int x) { return x; }", {"scael"}); }),
            "KeyError: exports: 'k.c' defines no function 'scael'; did you mean 'scale'? It "
            "defines: scale");
  EXPECT_EQ(ErrorOf([] { CompileC("int f(int x) { return x; }", {"f;g"}); }),
            "ValueError: exports: 'f;g' is not the name of a function");
}

TEST(PlainExports, ASignatureThatCannotTravelIsShownInTheSource) {
  const std::string error =
      ErrorOf([] { CompileC("struct S { int a; };\nint f(struct S s) { return s.a; }", {"f"}); });
  EXPECT_TRUE(error.starts_with(
      "CompileError: k.c: 1 error\nk.c:2:16: error: can't export 'f': parameter 0 ('s') is of type "
      "'struct S', a struct by value: take its members, or a pointer to a tensor's elements"))
      << error;
  EXPECT_NE(ErrorOf([] {
              CompileC("int f(int n, ...) { return n; }", {"f"});
            }).find("it takes a variable number of arguments"),
            std::string::npos);
  EXPECT_NE(ErrorOf([] {
              CompileC("long double f(void) { return 1; }", {"f"});
            }).find("its result is of type 'long double'"),
            std::string::npos);
  EXPECT_NE(ErrorOf([] {
              CompileC("int f(int** p) { return **p; }", {"f"});
            }).find("no pointer to numbers"),
            std::string::npos);
}

TEST(PlainExports, TemplatesAndNamespacesOfCxxAreExported) {
  const Module module =
      CompileCxx(R"(
namespace ns {
template <typename T> void scale(T* x, long n, T by) { for (long i = 0; i < n; ++i) x[i] *= by; }
int twice(int x) { return 2 * x; }
}
int thrice(int x) { return 3 * x; }
extern "C" int four(void) { return 4; }
)",
                 {"ns::scale<float>", "ns::scale<double>", "ns::twice", "thrice", "four"});
  const Tensor x = Vector({1, 2});
  module.GetFunction("ns::scale<float>")(x, 2, 3.0);
  EXPECT_EQ(x.elements<float>()[1], 6.0f);
  EXPECT_NE(ErrorOf([&] {
              module.GetFunction("ns::scale<double>")(x, 2, 3.0);
            }).find("ns::scale<double>: argument 0 (x): expected float64 tensor"),
            std::string::npos);
  EXPECT_EQ(module.GetFunction("ns::twice")(4).cast<int>(), 8);
  EXPECT_EQ(module.GetFunction("thrice")(4).cast<int>(), 12);
  EXPECT_EQ(module.GetFunction("four")().cast<int>(), 4);
}

TEST(PlainExports, AnOverloadedFunctionIsRefused) {
  const std::string error =
      ErrorOf([] { CompileCxx("int f(int x) { return x; }\nint f(long x) { return 0; }", {"f"}); });
  EXPECT_NE(error.find("can't export 'f': there are several functions of that name"),
            std::string::npos)
      << error;
}

TEST(PlainExports, ExceptionsBecomeErrors) {
  const Module module = CompileCxx(R"(
#include <stdexcept>
#include <string>
#include <kiln/kiln.h>
int checked(int x) {
  if (x < 0) throw std::out_of_range("negative: " + std::to_string(x));
  return x;
}
int odd(int x) { throw 'c'; }
int kind(int x) { throw kiln::Error("IndexError", "of the kernel"); }
int caught(int x) { try { return checked(x); } catch (const std::exception& e) { return -100; } }
extern "C" int __tvm_ffi_packed(void*, const TVMFFIAny*, int32_t, TVMFFIAny*) {
  throw std::runtime_error("out of a packed function");
}
)",
                                   {"all"});
  EXPECT_EQ(module.GetFunction("checked")(3).cast<int>(), 3);
  EXPECT_EQ(ErrorOf([&] { module.GetFunction("checked")(-3); }), "InternalError: negative: -3");
  EXPECT_EQ(ErrorOf([&] { module.GetFunction("odd")(1); }),
            "InternalError: an exception of a foreign type was thrown");
  EXPECT_EQ(ErrorOf([&] { module.GetFunction("kind")(1); }), "IndexError: of the kernel");
  EXPECT_EQ(module.GetFunction("caught")(-3).cast<int>(), -100);
  EXPECT_EQ(ErrorOf([&] { module.GetFunction("packed")(); }),
            "InternalError: out of a packed function");
}

TEST(PlainExports, FunctionsOfLlvmIrAreExported) {
  const Module module = jit::Compile(R"(
define float @axpy(float %a, ptr %x) {
  %v = load float, ptr %x
  %r = fmul float %a, %v
  ret float %r
}
define zeroext i8 @byte(i8 zeroext %b) { ret i8 %b }
define signext i8 @sbyte(i8 signext %b) { ret i8 %b }
define void @nothing() { ret void }
define internal i32 @hidden(i32 %x) { ret i32 %x }
define <4 x i32> @vector(<4 x i32> %v) { ret <4 x i32> %v }
)",
                                     {.name = "k.ll", .exports = {"all"}});
  EXPECT_EQ(module.get()->InspectSource("exports").str(), "axpy\nbyte\nsbyte\nnothing\n");
  EXPECT_EQ(module.GetFunction("axpy")(2, Vector({3})).cast<double>(), 6.0);
  EXPECT_EQ(module.GetFunction("byte")(200).cast<int>(), 200);
  EXPECT_EQ(module.GetFunction("sbyte")(-100).cast<int>(), -100);
  EXPECT_NE(ErrorOf([&] { module.GetFunction("sbyte")(200); }), "no error");
  EXPECT_TRUE(module.GetFunction("nothing")().is_none());
  EXPECT_EQ(ErrorOf([] {
              jit::Compile("define <4 x i32> @v(<4 x i32> %v) { ret <4 x i32> %v }",
                           {.name = "k.ll", .exports = {"v"}});
            }),
            "ValueError: exports: can't export 'v': parameter 0 is of type '<4 x i32>', which no "
            "argument can be");
}

TEST(PlainExports, APackedFunctionOfThatNameIsAConflict) {
  const std::string error = ErrorOf([] {
    CompileC(
        "int f(int x) { return x; }\n"
        "int __tvm_ffi_f(void* h, const void* a, int n, void* r) { return 0; }",
        {"f"});
  });
  EXPECT_EQ(error, "ValueError: exports: the source defines '__tvm_ffi_f' itself; leave 'f' out");
}

// What is written to disk stands without the engine.
TEST(PlainExports, ASharedLibraryHasThemToo) {
  const std::string path =
      ::testing::TempDir() + "kiln_plain_exports_" + std::to_string(::getpid()) + ".so";
  const Module compiled = jit::Compile({{"saxpy.c", kSaxpy},
                                        {"checked.cc",
                                         "#include <stdexcept>\nint checked(int x) { if (x < 0) "
                                         "throw std::range_error(\"negative\");"
                                         " return x; }"}},
                                       {.exports = {"saxpy", "checked"}});
  compiled.get()->WriteToFile(path, "so");
  const Module library = Module::LoadFromFile(path);
  std::filesystem::remove(path);
  const Tensor x = Vector({1, 2});
  const Tensor y = Vector({1, 1});
  library.GetFunction("saxpy")(2.0, x, y, 2);
  EXPECT_EQ(y.elements<float>()[1], 5.0f);
  EXPECT_EQ(ErrorOf([&] { library.GetFunction("saxpy")(2.0, 1, y, 2); }),
            "TypeError: saxpy: argument 1 (x): expected float32 tensor, got int 1");
  EXPECT_EQ(ErrorOf([&] { library.GetFunction("checked")(-1); }), "InternalError: negative");
  EXPECT_EQ(library.get()->GetFunctionDoc("saxpy")->str(),
            "Adds a multiple of x to y,\nelement by element.");
}

}  // namespace
}  // namespace kiln::testing
