// What goes into a sandbox and comes out.
#include <vector>

#include <gtest/gtest.h>

#include "tests/jit/error_of.h"
#include "tests/jit/sandbox/try_c.h"

namespace kiln::testing {
namespace {

// Returns its first argument.
constexpr const char* kEcho = R"(
#include <tvm/ffi/c_api.h>
int __tvm_ffi_f(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIAnyViewToOwnedAny(&args[0], result);
}
)";

Any Echo(AnyView value) {
  const auto tried = jit::TryRun(kEcho, "f", {value}, {.name = "echo.c"});
  EXPECT_EQ(tried.status, "ok") << MessageOf(tried);
  return tried.result;
}

TEST(TryRunArguments, PlainValuesGoThereAndBack) {
  EXPECT_TRUE(Echo(nullptr).is_none());
  EXPECT_EQ(Echo(true).type_index(), kTVMFFIBool);
  EXPECT_EQ(Echo(-3).cast<int64_t>(), -3);
  EXPECT_EQ(Echo(2.5).cast<double>(), 2.5);
  EXPECT_EQ(Echo("short").cast<std::string>(), "short");
  EXPECT_EQ(Echo(String("a text that is longer")).cast<std::string>(), "a text that is longer");
  EXPECT_EQ(Echo(Bytes(std::string_view("a\0b", 3))).cast<Bytes>().view(),
            std::string_view("a\0b", 3));
  EXPECT_TRUE(SameDataType(Echo(DLDataType{kDLBfloat, 16, 2}).cast<DLDataType>(),
                           DLDataType{kDLBfloat, 16, 2}));
  EXPECT_EQ(Echo(DLDevice{kDLCUDA, 3}).cast<DLDevice>().device_id, 3);
  EXPECT_TRUE(Echo(Shape({2, 3})).cast<Shape>() == Shape({2, 3}));
}

TEST(TryRunArguments, ArraysOfValuesAndTensorsGoThereAndBack) {
  const Tensor x = Tensor::Empty({2}, DataTypeOf<int32_t>());
  x.elements<int32_t>()[0] = 8;
  x.elements<int32_t>()[1] = 9;
  const Array<Any> nested = {Any(1), Any(Array<Any>{Any("two"), Any(x)})};
  const auto back = Echo(nested).cast<Array<Any>>();
  ASSERT_EQ(back.size(), 2u);
  const auto inner = back[1].cast<Array<Any>>();
  EXPECT_EQ(inner[0].cast<std::string>(), "two");
  const auto y = inner[1].cast<Tensor>();
  EXPECT_EQ(y.elements<int32_t>()[1], 9);
  EXPECT_NE(y.data(), x.data());
}

TEST(TryRunArguments, OtherValuesAreRefusedByName) {
  const Function function = Function::FromTyped([] {});
  EXPECT_EQ(ErrorOf([&] { jit::TryRun(kEcho, "f", {1, function}, {.name = "k.c"}); }),
            "TypeError: argument 1 must be None, a bool, int, float, str, bytes, dtype, device, "
            "shape, tensor, or an array of these, to go to another process; got ffi.Function");
  const Array<Any> inside = {Any(0), Any(function)};
  EXPECT_TRUE(Has(ErrorOf([&] { jit::TryRun(kEcho, "f", {inside}, {.name = "k.c"}); }),
                  "argument 0[1] must be"));
}

TEST(TryRunArguments, TensorsOfOtherDevicesAreRefused) {
  DLTensor tensor{};
  tensor.device = {kDLCUDA, 0};
  tensor.dtype = DataTypeOf<float>();
  EXPECT_EQ(ErrorOf([&] { jit::TryRun(kEcho, "f", {&tensor}, {.name = "k.c"}); }),
            "ValueError: argument 0 must be a tensor in CPU memory, got one on device type 2");
}

// Adds 1 to each element of a matrix of int32 with any strides.
constexpr const char* kIncrement = R"(
#include <tvm/ffi/c_api.h>
static DLTensor* tensor(const TVMFFIAny* arg) {
  return arg->type_index == kTVMFFIDLTensorPtr ? arg->v_ptr : (DLTensor*)(arg->v_obj + 1);
}
int __tvm_ffi_f(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  DLTensor* t = tensor(&args[0]);
  int32_t* data = (int32_t*)((char*)t->data + t->byte_offset);
  for (long i = 0; i < t->shape[0]; ++i)
    for (long j = 0; j < t->shape[1]; ++j) data[i * t->strides[0] + j * t->strides[1]] += 1;
  return 0;
}
)";

TEST(TryRunArguments, StridedTensorsKeepWhatLiesBetween) {
  std::vector<int32_t> memory(24);
  for (int i = 0; i < 24; ++i) memory[i] = 100 * i;
  int64_t shape[] = {2, 3};
  int64_t strides[] = {-12, 2};
  DLTensor tensor{memory.data() + 12, kCpu, 2, DataTypeOf<int32_t>(), shape, strides, 0};
  const auto tried = jit::TryRun(kIncrement, "f", {&tensor}, {.name = "k.c"});
  ASSERT_EQ(tried.status, "ok") << MessageOf(tried);
  for (int i = 0; i < 24; ++i) {
    const bool is_element = i % 12 < 6 && i % 2 == 0;
    EXPECT_EQ(memory[i], 100 * i + (is_element ? 1 : 0)) << i;
  }
}

TEST(TryRunArguments, TensorsThatOverlapHereOverlapThere) {
  std::vector<float> memory(8, 1.0f);
  int64_t shape[] = {6};
  DLTensor low{memory.data(), kCpu, 1, DataTypeOf<float>(), shape, nullptr, 0};
  DLTensor high{memory.data() + 2, kCpu, 1, DataTypeOf<float>(), shape, nullptr, 0};
  const auto tried =
      TryC("float f(float* out, const float* in) { out[2] = 9; return in[0]; }", {&low, &high});
  ASSERT_EQ(tried.status, "ok") << MessageOf(tried);
  EXPECT_EQ(tried.result.cast<double>(), 9.0);
  EXPECT_EQ(memory[2], 9.0f);
}

TEST(TryRunArguments, EmptyAndScalarTensorsGoThere) {
  const Tensor empty = Tensor::Empty({0, 3}, DataTypeOf<float>());
  const Tensor scalar = Tensor::Empty(std::initializer_list<int64_t>{}, DataTypeOf<int32_t>());
  scalar.elements<int32_t>()[0] = 4;
  EXPECT_EQ(Echo(empty).cast<Tensor>().shape()[1], 3);
  EXPECT_EQ(Echo(scalar).cast<Tensor>().elements<int32_t>()[0], 4);
}

}  // namespace
}  // namespace kiln::testing
