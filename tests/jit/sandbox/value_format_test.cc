#include "jit/sandbox/value_format.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "jit/sandbox/crash_report.h"
#include "jit/sandbox/run_request.h"
#include "kiln/array.h"
#include "tests/jit/error_of.h"

namespace kiln::jit {
namespace {

using kiln::testing::ErrorOf;

std::string Written(const Any& value) {
  ByteWriter writer;
  PutResult(value, "the value", &writer);
  return writer.Take();
}

Array<Any> Sample() {
  const Tensor tensor = Tensor::Empty({2, 2}, DataTypeOf<float>());
  for (float& element : tensor.elements<float>()) element = 1.5f;
  return {Any(1), Any("a text of some length"), Any(tensor), Any(Array<Any>{Any(2.5)})};
}

TEST(ValueFormat, AResultIsReadAsItWasWritten) {
  const std::string bytes = Written(Sample());
  ByteReader reader(bytes, "the result");
  const auto read = GetResult(&reader).cast<Array<Any>>();
  EXPECT_EQ(ErrorOf([&] { reader.End(); }), "no error");
  EXPECT_EQ(read[1].cast<std::string>(), "a text of some length");
  EXPECT_EQ(read[2].cast<Tensor>().elements<float>()[3], 1.5f);
}

TEST(ValueFormat, AResultThatIsCutShortIsRefusedAtEveryLength) {
  const std::string bytes = Written(Sample());
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader reader(std::string_view(bytes).substr(0, size), "the result");
    EXPECT_NE(ErrorOf([&] { GetResult(&reader); }), "no error") << size;
  }
}

TEST(ValueFormat, ResultsWithAnyByteChangedAreReadOrRefused) {
  const std::string bytes = Written(Sample());
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = bytes;
    for (uint32_t left = 1 + random() % 4; left > 0; --left) {
      changed[random() % changed.size()] = static_cast<char>(random());
    }
    ByteReader reader(changed, "the result");
    ErrorOf([&] { GetResult(&reader); });
  }
}

TEST(ValueFormat, ATensorThatIsLargerThanItsBytesIsRefused) {
  ByteWriter writer;
  constexpr uint64_t kTensor = 11;
  constexpr uint64_t kFloat32 = kDLFloat | 32 << 8 | 1 << 16;
  for (const uint64_t number :
       {kTensor, kFloat32, uint64_t{2}, uint64_t{1} << 40, uint64_t{1} << 40}) {
    writer.Put(number);
  }
  writer.Put("1234");
  const std::string bytes = writer.Take();
  ByteReader reader(bytes, "the result");
  EXPECT_EQ(ErrorOf([&] { GetResult(&reader); }).substr(0, 41),
            "RuntimeError: the result is malformed: it");
}

TEST(ValueFormat, ArraysThatAreNestedWithoutEndAreRefused) {
  ByteWriter writer;
  for (int i = 0; i < 100'000; ++i) {
    writer.Put(uint64_t{10});  // an array
    writer.Put(uint64_t{1});   // of one element
  }
  const std::string bytes = writer.Take();
  ByteReader reader(bytes, "the result");
  EXPECT_EQ(ErrorOf([&] { GetResult(&reader); }),
            "RuntimeError: the result is malformed: its values are nested too deeply");
}

TEST(RunRequest, ArrivesWhole) {
  RunRequest sent;
  sent.artifact = "the artifact";
  sent.linked = {"one", "two"};
  sent.function = "f";
  sent.pieces = {{4096, 8192, 5000, true}};
  sent.arguments = std::string("\0\1", 2);
  sent.max_memory_mb = 12;
  sent.processor_seconds = 34;
  const RunRequest got = ParseRun(SerializeRun(sent));
  EXPECT_FALSE(got.source);
  EXPECT_EQ(got.artifact, sent.artifact);
  EXPECT_EQ(got.linked, sent.linked);
  EXPECT_EQ(got.function, "f");
  ASSERT_EQ(got.pieces.size(), 1u);
  EXPECT_EQ(got.pieces[0].data, 5000u);
  EXPECT_TRUE(got.pieces[0].read_only);
  EXPECT_EQ(got.arguments, sent.arguments);
  EXPECT_EQ(got.max_memory_mb, 12);
  EXPECT_EQ(got.processor_seconds, 34);
}

}  // namespace
}  // namespace kiln::jit
