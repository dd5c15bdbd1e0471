#include "jit/cli/print.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

#include "jit/cli/tensor_argument.h"

namespace kiln::cli {
namespace {

std::string Elements(std::string_view argument) {
  return ElementsText(ParseArgument(argument, 0).cast<Tensor>().dl());
}

std::string Entry(std::string_view argument) {
  return LabelledText("arg 0", ParseArgument(argument, 0));
}

TEST(ValueText, ShowsTheKindOfAScalar) {
  EXPECT_EQ(ValueText(nullptr), "none");
  EXPECT_EQ(ValueText(2), "2");
  EXPECT_EQ(ValueText(2.0), "2.0");
  EXPECT_EQ(ValueText(-0.5), "-0.5");
  EXPECT_EQ(ValueText(1e30), "1e+30");
  EXPECT_EQ(ValueText(true), "true");
  EXPECT_EQ(ValueText(DataTypeOf<float>()), "float32");
  EXPECT_EQ(ValueText(DLDevice{kDLCUDA, 1}), "cuda:1");
  EXPECT_EQ(ValueText(Function::FromTyped([] { return 1; })), "function");
}

TEST(ValueText, QuotesStringsAndEscapesWhatDoesNotPrint) {
  EXPECT_EQ(ValueText("text"), R"("text")");
  EXPECT_EQ(ValueText(String(std::string("a\"b\\c\n\x01\0d", 9))), R"("a\"b\\c\n\x01\x00d")");
  EXPECT_EQ(ValueText(Bytes(std::string_view("ab"))), R"(bytes "ab")");
}

TEST(ValueText, ShowsArraysInBrackets) {
  EXPECT_EQ(ValueText(Array<Any>{Any(1), Any(2.5), Any("x"), Any()}), R"([1, 2.5, "x", none])");
  EXPECT_EQ(ValueText(Array<Any>()), "[]");
  const std::string long_text = ValueText(Array<int64_t>::From(std::vector<int64_t>(5000, 1)));
  EXPECT_TRUE(long_text.ends_with(", 1, ... (5000 elements)]")) << long_text;
}

TEST(LabelledText, TensorsTakeATypeLineAndTheirElements) {
  EXPECT_EQ(Entry("f32[4]=arange"), "arg 0: float32[4]\n[0, 1, 2, 3]\n");
  EXPECT_EQ(Entry("3"), "arg 0: 3\n");
}

TEST(LabelledText, ArraysOfTensorsTakeOneEntryEach) {
  const Array<Any> array{ParseArgument("f32[2]=arange", 0), Any(3)};
  EXPECT_EQ(LabelledText("result", array),
            "result: array of 2\nresult[0]: float32[2]\n[0, 1]\nresult[1]: 3\n");
}

TEST(ElementsText, StandsInColumns) {
  EXPECT_EQ(Elements("f32[]=1.5"), "1.5");
  EXPECT_EQ(Elements("f32[0]="), "[]");
  EXPECT_EQ(Elements("f32[1000000000000,0]=ones"), "[]");
  EXPECT_EQ(Elements("f16[3]=1,0.1,-2.5"), "[   1,  0.1, -2.5]");
  EXPECT_EQ(Elements("bool[2]=1,0"), "[ true, false]");
  EXPECT_EQ(Elements("i32[3,4]=arange"),
            "[[ 0,  1,  2,  3],\n"
            " [ 4,  5,  6,  7],\n"
            " [ 8,  9, 10, 11]]");
  EXPECT_EQ(Elements("i32[2,2,2]=arange"),
            "[[[0, 1],\n"
            "  [2, 3]],\n"
            "\n"
            " [[4, 5],\n"
            "  [6, 7]]]");
}

TEST(ElementsText, WrapsLongRowsAt80Columns) {
  const std::string text = Elements("i32[60]=arange");
  size_t start = 0;
  size_t lines = 0;
  for (; start < text.size(); ++lines) {
    const size_t end = std::min(text.find('\n', start), text.size());
    EXPECT_LE(end - start, 80u);
    start = end + 1;
  }
  EXPECT_EQ(lines, 3u);
  EXPECT_EQ(text.substr(text.find('\n'), 7), "\n 20, 2") << text;
}

TEST(ElementsText, IsWholeUpTo1000ElementsAndAbbreviatedAbove) {
  EXPECT_EQ(Elements("i32[1000]=arange").find("..."), std::string::npos);
  EXPECT_EQ(Elements("i32[1001]=arange"), "[   0,    1,    2, ...,  998,  999, 1000]");
  EXPECT_EQ(Elements("i32[2,600]=arange"),
            "[[   0,    1,    2, ...,  597,  598,  599],\n"
            " [ 600,  601,  602, ..., 1197, 1198, 1199]]");
  EXPECT_EQ(Elements("i32[600,2]=arange"),
            "[[   0,    1],\n"
            " [   2,    3],\n"
            " [   4,    5],\n"
            " ...,\n"
            " [1194, 1195],\n"
            " [1196, 1197],\n"
            " [1198, 1199]]");
}

TEST(ElementsText, FollowsStridesAndByteOffset) {
  std::vector<int32_t> memory = {0, 1, 2, 3, 4, 5, 6};
  int64_t shape[] = {3, 2};
  int64_t strides[] = {1, 3};
  DLTensor tensor{};
  tensor.data = memory.data();
  tensor.device = kCpu;
  tensor.ndim = 2;
  tensor.dtype = DataTypeOf<int32_t>();
  tensor.shape = shape;
  tensor.strides = strides;
  tensor.byte_offset = sizeof(int32_t);
  EXPECT_EQ(TensorTypeText(tensor), "int32[3, 2], strides [1, 3]");
  EXPECT_EQ(ElementsText(tensor), "[[1, 4],\n [2, 5],\n [3, 6]]");
  tensor.strides = nullptr;
  EXPECT_EQ(ElementsText(tensor), "[[1, 2],\n [3, 4],\n [5, 6]]");
}

TEST(ElementsText, SaysWhyElementsCanNotBeShown) {
  int64_t shape[] = {2};
  float memory[2] = {};
  DLTensor tensor{};
  tensor.data = memory;
  tensor.device = {kDLCUDA, 1};
  tensor.ndim = 1;
  tensor.dtype = DataTypeOf<float>();
  tensor.shape = shape;
  EXPECT_EQ(TensorTypeText(tensor), "float32[2] on cuda:1");
  EXPECT_EQ(ElementsText(tensor), "<the elements are in the memory of cuda:1>");
  tensor.device = kCpu;
  tensor.dtype = {kDLFloat, 32, 4};
  EXPECT_EQ(ElementsText(tensor), "<elements of float32x4 have no text form here>");
  tensor.dtype = DataTypeOf<float>();
  tensor.data = nullptr;
  EXPECT_EQ(ElementsText(tensor), "<the data pointer is null>");
}

TEST(DurationText, HasThreeDigitsAndAUnit) {
  EXPECT_EQ(DurationText(85), "85 ns");
  EXPECT_EQ(DurationText(999.6), "1.00 us");
  EXPECT_EQ(DurationText(1234), "1.23 us");
  EXPECT_EQ(DurationText(45.6e6), "45.6 ms");
  EXPECT_EQ(DurationText(456e6), "456 ms");
  EXPECT_EQ(DurationText(1234e9), "1234 s");
}

}  // namespace
}  // namespace kiln::cli
