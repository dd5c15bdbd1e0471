#include "jit/worker/byte_stream.h"

#include <gtest/gtest.h>

#include "jit/worker/error_format.h"
#include "kiln/string.h"
#include "tests/jit/error_of.h"

namespace kiln::jit {
namespace {

using kiln::testing::ErrorOf;

TEST(ByteStream, ReadsWhatWasWritten) {
  ByteWriter writer;
  writer.Put(uint64_t{1} << 63);
  writer.Put("a text");
  writer.Put("");
  writer.Put(std::string_view("with\0nul", 8));
  const std::string bytes = writer.Take();
  ByteReader reader(bytes, "the bytes");
  EXPECT_EQ(reader.Integer(), uint64_t{1} << 63);
  EXPECT_EQ(reader.Text(), "a text");
  EXPECT_EQ(reader.Text(), "");
  EXPECT_EQ(reader.Text(), std::string_view("with\0nul", 8));
  EXPECT_EQ(ErrorOf([&] { reader.End(); }), "no error");
}

TEST(ByteStream, BytesThatEndTooEarlyAreRefused) {
  ByteWriter writer;
  writer.Put("a text");
  const std::string bytes = writer.Take();
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader reader(std::string_view(bytes).substr(0, size), "the answer");
    EXPECT_EQ(ErrorOf([&] { reader.Text(); }).substr(0, 38),
              "RuntimeError: the answer is malformed:");
  }
}

TEST(ByteStream, BytesThatAreLeftAreRefused) {
  ByteReader reader("more", "the answer");
  EXPECT_EQ(ErrorOf([&] { reader.End(); }),
            "RuntimeError: the answer is malformed: 4 bytes follow its end");
}

TEST(ErrorFormat, AnErrorArrivesWithItsContextAndItsCauses) {
  TVMFFIAny text{};
  const TVMFFIByteArray bytes{"a context of some length", 24};
  ASSERT_EQ(TVMFFIStringFromByteArray(&bytes, &text), 0);
  const ObjectRef context(ObjectPtr<Object>::AdoptHandle(text.v_obj));
  const Error cause("ValueError", "the cause");
  const Error error("CompileError", "the message", "the backtrace", &cause, context);
  ByteWriter writer;
  PutError(error, &writer);
  const std::string written = writer.Take();
  ByteReader reader(written, "the error");
  const Error read = GetError(&reader);
  EXPECT_EQ(read.kind(), "CompileError");
  EXPECT_EQ(read.message(), "the message");
  EXPECT_EQ(read.backtrace(), "the backtrace");
  ASSERT_NE(read.get()->extra_context, nullptr);
  EXPECT_EQ(details::ViewOf(*TVMFFIBytesGetByteArrayPtr(read.get()->extra_context)),
            "a context of some length");
  ASSERT_TRUE(read.cause());
  EXPECT_EQ(read.cause()->message(), "the cause");
  EXPECT_FALSE(read.cause()->cause());
}

}  // namespace
}  // namespace kiln::jit
