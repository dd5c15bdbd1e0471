#include "jit/cli/tensor_argument.h"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/tensor.h>

namespace kiln::cli {
namespace {

template <typename T>
std::vector<T> Elements(std::string_view text, int position = 0) {
  const auto tensor = ParseArgument(text, position).cast<Tensor>();
  const std::span<T> elements = tensor.elements<T>();
  return {elements.begin(), elements.end()};
}

std::vector<int64_t> Shape(std::string_view text) {
  const auto tensor = ParseArgument(text, 0).cast<Tensor>();
  return {tensor.shape().begin(), tensor.shape().end()};
}

std::string MessageOf(std::string_view text) {
  try {
    ParseArgument(text, 2);
    return "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "ValueError");
    return std::string(error.message());
  }
}

template <typename T>
using Vector = std::vector<T>;

TEST(ParseArgument, ScalarsHaveTheKindThatTheirTextShows) {
  EXPECT_EQ(ParseArgument("3", 0).type_index(), kTVMFFIInt);
  EXPECT_EQ(ParseArgument("-7", 0).cast<int64_t>(), -7);
  EXPECT_EQ(ParseArgument("0x1f", 0).cast<int64_t>(), 31);
  EXPECT_EQ(ParseArgument("-9223372036854775808", 0).cast<int64_t>(),
            std::numeric_limits<int64_t>::min());
  EXPECT_EQ(ParseArgument("2.0", 0).type_index(), kTVMFFIFloat);
  EXPECT_EQ(ParseArgument("-.5", 0).cast<double>(), -0.5);
  EXPECT_EQ(ParseArgument("1e3", 0).cast<double>(), 1000);
  EXPECT_EQ(ParseArgument("-inf", 0).cast<double>(), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(ParseArgument("true", 0).type_index(), kTVMFFIBool);
  EXPECT_FALSE(ParseArgument("false", 0).cast<bool>());
  EXPECT_TRUE(ParseArgument("none", 0).is_none());
}

TEST(ParseArgument, StringsAreMarked) {
  EXPECT_EQ(ParseArgument("str:some longer text", 0).cast<std::string>(), "some longer text");
  EXPECT_EQ(ParseArgument("str:", 0).cast<std::string>(), "");
  EXPECT_EQ(ParseArgument("str:3", 0).cast<std::string>(), "3");
  EXPECT_EQ(ParseArgument("str:f32[2]=1", 0).cast<std::string>(), "f32[2]=1");
  EXPECT_NE(MessageOf("word").find("a text is written str:word"), std::string::npos);
}

TEST(ParseArgument, TensorsTakeListsAndPatterns) {
  EXPECT_EQ(Elements<float>("f32[4]=arange"), (Vector<float>{0, 1, 2, 3}));
  EXPECT_EQ(Elements<float>("float32[2,2]=ones"), (Vector<float>{1, 1, 1, 1}));
  EXPECT_EQ(Elements<int64_t>("i64[3]=1,2,3"), (Vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(Elements<int64_t>("int64[3]=-1, 2, -3"), (Vector<int64_t>{-1, 2, -3}));
  EXPECT_EQ(Elements<double>("f64[2]=zeros"), (Vector<double>{0, 0}));
  EXPECT_EQ(Elements<uint8_t>("u8[4]=7"), (Vector<uint8_t>{7, 7, 7, 7}));
  EXPECT_EQ(Elements<float>("f32[]=2.5"), (Vector<float>{2.5}));
  EXPECT_EQ(Elements<float>("f32[0]="), Vector<float>());
  EXPECT_EQ(Elements<float>("f32[0]=arange"), Vector<float>());
  EXPECT_EQ(Elements<bool>("bool[3]=true,false,1"), (Vector<bool>{true, false, true}));
}

TEST(ParseArgument, TensorsHaveTheShapeAskedFor) {
  EXPECT_EQ(Shape("f32[2,3]=ones"), (Vector<int64_t>{2, 3}));
  EXPECT_EQ(Shape("f32[ 2 , 3 ]=ones"), (Vector<int64_t>{2, 3}));
  EXPECT_EQ(Shape("f32[]=1"), Vector<int64_t>());
  EXPECT_EQ(Shape("f32[1152921504606846976,0,1]=ones"), (Vector<int64_t>{int64_t{1} << 60, 0, 1}));
}

TEST(ParseArgument, RandomElementsAreTheSameAtEveryRun) {
  EXPECT_EQ(Elements<float>("f32[64]=rand"), Elements<float>("f32[64]=rand"));
  EXPECT_NE(Elements<float>("f32[64]=rand", 0), Elements<float>("f32[64]=rand", 1));
  for (const float element : Elements<float>("f32[64]=rand")) {
    EXPECT_TRUE(element >= 0 && element < 1) << element;
  }
}

TEST(ParseArgument, ErrorsNameTheArgumentAndWhatIsWrong) {
  EXPECT_EQ(MessageOf("i8[2]=300,1"),
            "argument 2 'i8[2]=300,1': 300 does not fit int8, which goes from -128 to 127");
  EXPECT_EQ(MessageOf("f32[2]=1,2,3"),
            "argument 2 'f32[2]=1,2,3': 3 values for a tensor of 2 elements; give one for each, a "
            "single one to fill it, or arange, ones, zeros, rand");
}

TEST(ParseArgument, SillyTextIsAnErrorAndNothingElse) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "empty"},
      {"f32[", "no ']'"},
      {"f32[2", "no ']'"},
      {"f32]2[=1", "unknown element type 'f32]2'"},
      {"[1,2]", "unknown element type ''"},
      {"x32[2]=1", "unknown element type 'x32'; it is one of f16, bf16, f32"},
      {"f32[8]", "no values"},
      {"f32[8]arange", "'arange' after the shape"},
      {"f32[8]=", "0 values for a tensor of 8 elements"},
      {"f32[-1]=ones", "extent -1 is negative"},
      {"f32[a]=ones", "extent 'a' is not an integer"},
      {"f32[4,]=ones", "extent '' is not an integer"},
      {"f32[1.5]=ones", "extent '1.5' is not an integer"},
      {"f32[99999999999999999999]=ones", "beyond 2^63"},
      {"f32[9999999999,9999999999]=ones", "beyond 2^63 bytes"},
      {"f32[9999999999999]=ones", "the tensor needs 36.4 TiB"},
      {"f32[2]=1,,", "3 values"},
      {"f32[2]=1,", "'' is not a number"},
      {"f32[2]=one", "'one' is not a number"},
      {"i8[200]=arange", "128 does not fit int8"},
      {"bool[3]=arange", "2 does not fit bool"},
      {"99999999999999999999", "does not fit int64"},
      {"1e999", "does not fit float64"},
      {"1.2.3", "'1.2.3' is not a number"},
      {"-", "an argument is an int"},
      {"--", "an argument is an int"},
  };
  for (const auto& [text, part] : cases) {
    EXPECT_NE(MessageOf(text).find(part), std::string::npos) << MessageOf(text);
  }
}

TEST(ParseArgument, LongTextIsCutInMessages) {
  EXPECT_LT(MessageOf(std::string(100000, 'x')).size(), 500u);
  std::string shape = "f32[1";
  for (int i = 0; i < 100; ++i) shape += ",1";
  EXPECT_NE(MessageOf(shape + "]=ones").find("101 dimensions are more than the 32"),
            std::string::npos);
}

TEST(IsNumber, TellsNumbersFromOptions) {
  for (const char* text : {"-3", "-.5", "-1e3", "-inf", "-nan", "-0x10", "4", "2.5"}) {
    EXPECT_TRUE(IsNumber(text)) << text;
  }
  for (const char* text : {"-O", "--repeat", "-", "--", "-i", "-3x", "", "true"}) {
    EXPECT_FALSE(IsNumber(text)) << text;
  }
}

}  // namespace
}  // namespace kiln::cli
