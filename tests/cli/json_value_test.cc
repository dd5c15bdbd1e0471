#include "jit/cli/json_value.h"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <kiln/kiln.h>

#include "jit/cli/tensor_argument.h"

namespace kiln::cli {
namespace {

std::string Text(AnyView value) { return JsonValue(value).dump(); }
std::string TensorText(std::string_view argument) { return Text(ParseArgument(argument, 0)); }

TEST(JsonValue, ScalarsAreThemselves) {
  EXPECT_EQ(Text(nullptr), "null");
  EXPECT_EQ(Text(true), "true");
  EXPECT_EQ(Text(-3), "-3");
  EXPECT_EQ(Text(2.5), "2.5");
  EXPECT_EQ(Text("a \"text\""), R"("a \"text\"")");
  EXPECT_EQ(Text(std::numeric_limits<int64_t>::min()), "-9223372036854775808");
}

TEST(JsonValue, WhatJsonHasNoNumberForIsAString) {
  EXPECT_EQ(Text(std::nan("")), "\"nan\"");
  EXPECT_EQ(Text(std::numeric_limits<double>::infinity()), "\"inf\"");
  EXPECT_EQ(Text(-std::numeric_limits<double>::infinity()), "\"-inf\"");
}

TEST(JsonValue, TensorsHaveTypeShapeAndEveryElement) {
  EXPECT_EQ(TensorText("i32[2,2]=1,-2,3,4"),
            R"({"dtype":"int32","shape":[2,2],"data":[1,-2,3,4]})");
  EXPECT_EQ(TensorText("f32[3]=0.1,nan,-inf"),
            R"({"dtype":"float32","shape":[3],"data":[0.1,"nan","-inf"]})");
  EXPECT_EQ(TensorText("bool[2]=true,false"),
            R"({"dtype":"bool","shape":[2],"data":[true,false]})");
  EXPECT_EQ(TensorText("u64[1]=18446744073709551615"),
            R"({"dtype":"uint64","shape":[1],"data":[18446744073709551615]})");
  EXPECT_EQ(TensorText("bf16[]=1.5"), R"({"dtype":"bfloat16","shape":[],"data":[1.5]})");
  EXPECT_EQ(TensorText("f32[0,4]="), R"({"dtype":"float32","shape":[0,4],"data":[]})");
  EXPECT_EQ(JsonValue(ParseArgument("i8[5000]=ones", 0))["data"].size(), 5000u);
}

TEST(JsonValue, TensorsFollowStridesAndByteOffset) {
  int32_t memory[] = {0, 1, 2, 3, 4, 5, 6};
  int64_t shape[] = {3, 2};
  int64_t strides[] = {1, 3};
  DLTensor tensor{};
  tensor.data = memory;
  tensor.device = kCpu;
  tensor.ndim = 2;
  tensor.dtype = DataTypeOf<int32_t>();
  tensor.shape = shape;
  tensor.strides = strides;
  tensor.byte_offset = sizeof(int32_t);
  EXPECT_EQ(Text(&tensor), R"({"dtype":"int32","shape":[3,2],"data":[1,4,2,5,3,6]})");
}

TEST(JsonValue, ElementsThatCanNotBeReadAreNull) {
  float memory[2] = {};
  int64_t shape[] = {2};
  DLTensor tensor{};
  tensor.data = memory;
  tensor.device = {kDLCUDA, 0};
  tensor.ndim = 1;
  tensor.dtype = DataTypeOf<float>();
  tensor.shape = shape;
  EXPECT_EQ(Text(&tensor), R"({"dtype":"float32","shape":[2],"data":null})");
}

TEST(JsonValue, ContainersNest) {
  const Array<Any> inner{Any(1), Any("two"), Any()};
  EXPECT_EQ(Text(Array<Any>{Any(inner), Any(List<Any>{Any(2.5)})}), R"([[1,"two",null],[2.5]])");
  EXPECT_EQ(Text(Map<String, Any>{{"b", Any(1)}, {"a", Any(inner)}}),
            R"({"b":1,"a":[1,"two",null]})");
  EXPECT_TRUE(Text(Map<int64_t, Any>{{1, Any(1)}}).starts_with(R"({"text":)"));
}

TEST(JsonValue, DeepNestingIsCut) {
  Array<Any> array;
  for (int i = 0; i < 100'000; ++i) array = Array<Any>{Any(array)};
  EXPECT_LT(Text(array).size(), 500u);
}

TEST(JsonValue, OtherValuesAreTheirText) {
  EXPECT_EQ(Text(Bytes(std::string_view("\0\xFF", 2))), R"({"bytes":"00ff"})");
  EXPECT_EQ(Text(DataTypeOf<float>()), R"({"text":"float32"})");
  EXPECT_EQ(Text(Function::FromTyped([] { return 1; })), R"({"text":"function"})");
}

}  // namespace
}  // namespace kiln::cli
