#include "jit/artifact/artifact.h"

#include <gtest/gtest.h>

#include "tests/jit/artifact/thrown.h"

namespace kiln::jit {
namespace {

Artifact Sample() {
  Diagnostic warning;
  warning.severity = Severity::kWarning;
  warning.file = "k.c";
  warning.line = 3;
  warning.column = 2;
  warning.message = "unused";
  QuoteLine(&warning, " x;");
  return {"k.c",
          Language::kC,
          "x86_64-pc-linux-gnu",
          "znver3",
          "+avx2,-avx512f",
          std::string("\x7F"
                      "ELF\0\xFF object",
                      13),
          {"add_one", "sub_one"},
          {warning}};
}

Thrown ParseThrows(std::string_view bytes) {
  return ThrownBy([&] { ParseArtifact(bytes, "k.kiln"); });
}

TEST(Artifact, ComesBackFromItsFileAsItWas) {
  EXPECT_EQ(ParseArtifact(Serialize(Sample()), "k.kiln"), Sample());
  const Artifact empty;
  EXPECT_EQ(ParseArtifact(Serialize(empty), "k.kiln"), empty);
}

TEST(Artifact, AlwaysGivesTheSameBytes) { EXPECT_EQ(Serialize(Sample()), Serialize(Sample())); }

TEST(Artifact, StartsWithMagicAndVersion) {
  EXPECT_EQ(Serialize(Sample()).substr(0, 12), std::string("KILNART\x1A\x01\0\0\0", 12));
}

TEST(ParseArtifact, RefusesEveryTruncation) {
  const std::string file = Serialize(Sample());
  for (size_t size = 0; size < file.size(); ++size) {
    const Thrown thrown = ParseThrows(std::string_view(file).substr(0, size));
    EXPECT_EQ(thrown.kind, "ValueError") << size;
    EXPECT_TRUE(thrown.message.starts_with("k.kiln: ")) << thrown.message;
  }
  EXPECT_TRUE(Contains(ParseThrows(file.substr(0, 40)).message, "artifact cut short: 40 bytes"));
  EXPECT_TRUE(Contains(ParseThrows(file.substr(0, 80)).message, "artifact cut short"));
}

TEST(ParseArtifact, RefusesEveryFlippedBit) {
  const std::string file = Serialize(Sample());
  for (size_t bit = 0; bit < 8 * file.size(); ++bit) {
    std::string damaged = file;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(ParseThrows(damaged).kind, "ValueError") << "bit " << bit;
  }
}

TEST(ParseArtifact, RefusesTrailingBytes) {
  EXPECT_EQ(ParseThrows(Serialize(Sample()) + "x").message,
            "k.kiln: artifact damaged: its BLAKE2b digest does not match its content");
}

TEST(ParseArtifact, RefusesForeignFiles) {
  EXPECT_EQ(ParseThrows("\x7F"
                        "ELF and so on")
                .message,
            "k.kiln: not a Kiln artifact: it does not start with KILNART");
  EXPECT_EQ(ParseThrows("").message, "k.kiln: not a Kiln artifact: no bytes at all");
}

TEST(ParseArtifact, TellsALaterVersion) {
  std::string file = Serialize(Sample());
  file[8] = 2;
  EXPECT_EQ(ParseThrows(file).message,
            "k.kiln: artifact of format version 2; this build of Kiln reads version 1: compile the "
            "source again");
}

TEST(ParseArtifact, RefusesSizesThatOverflow) {
  std::string file = Serialize(Sample());
  for (size_t i = 16; i < 32; ++i) file[i] = '\xFF';
  EXPECT_TRUE(Contains(ParseThrows(file).message, "artifact cut short"));
}

}  // namespace
}  // namespace kiln::jit
