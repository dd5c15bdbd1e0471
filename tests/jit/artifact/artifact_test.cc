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
  warning.option = "-Wunused";
  warning.fixits = {{.line = 3, .column = 2, .end_line = 3, .end_column = 3, .text = "y"}};
  warning.notes = {Diagnostic{}};
  Artifact artifact;
  artifact.name = "k.c";
  artifact.triple = "x86_64-pc-linux-gnu";
  artifact.cpu = "znver3";
  artifact.features = "+avx2,-avx512f";
  artifact.objects = {std::string("\x7F"
                                  "ELF\0\xFF object",
                                  13),
                      "", "another"};
  artifact.exports = {"add_one", "sub_one"};
  artifact.libraries = {"libm.so.6"};
  artifact.headers = {{"k.h", DigestOf("int x;")}};
  artifact.warnings = {warning};
  return artifact;
}

Thrown ParseThrows(std::string_view bytes) {
  return ThrownBy([&] { ParseArtifact(bytes, "k.kiln"); });
}

TEST(Artifact, ComesBackFromItsFileAsItWas) {
  EXPECT_EQ(ParseArtifact(Serialize(Sample()), "k.kiln"), Sample());
  const Artifact empty;
  EXPECT_EQ(ParseArtifact(Serialize(empty), "k.kiln"), empty);
}

TEST(Artifact, KeepsNamesThatAreNotText) {
  Artifact artifact = Sample();
  artifact.name = "\xFF.c";
  artifact.exports = {"good", "f\xC3", std::string("\0\x80", 2), ""};
  artifact.libraries = {"/tmp/\xED\xA0\x80.so"};
  artifact.headers[0].path = "\xF5.h";
  EXPECT_EQ(ParseArtifact(Serialize(artifact), "k.kiln"), artifact);
}

TEST(Artifact, AlwaysGivesTheSameBytes) { EXPECT_EQ(Serialize(Sample()), Serialize(Sample())); }

TEST(Artifact, StartsWithMagicAndVersion) {
  EXPECT_EQ(Serialize(Sample()).substr(0, 12), std::string("KILNART\x1A\x02\0\0\0", 12));
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
  file[8] = 3;
  EXPECT_EQ(ParseThrows(file).message,
            "k.kiln: artifact of format version 3; this build of Kiln reads version 2: compile the "
            "source again");
}

TEST(ParseArtifact, RefusesSizesThatOverflow) {
  std::string file = Serialize(Sample());
  for (size_t i = 16; i < 32; ++i) file[i] = '\xFF';
  EXPECT_TRUE(Contains(ParseThrows(file).message, "artifact cut short"));
}

TEST(ExportName, IsThatOfAPackedFunctionAlone) {
  EXPECT_EQ(ExportName("__tvm_ffi_add_one"), "add_one");
  EXPECT_EQ(ExportName("__tvm_ffi__private"), "_private");
  EXPECT_EQ(ExportName("__tvm_ffi_scale<float>"), "scale<float>");
  for (const char* symbol : {"add_one", "__tvm_ffi_", "__tvm_ffi__metadata_add_one",
                             "__tvm_ffi__doc_add_one", "__tvm_ffi__library_ctx"}) {
    EXPECT_EQ(ExportName(symbol), "") << symbol;
  }
}

TEST(Combine, HoldsWhatEachPartHolds) {
  Artifact other = Sample();
  other.name = "l.c";
  other.exports = {"mul"};
  other.libraries = {"libm.so.6", "libz.so.1"};
  const Artifact whole = Combine({Sample(), other});
  EXPECT_EQ(whole.name, "k.c");
  EXPECT_EQ(whole.objects.size(), 6u);
  EXPECT_EQ(whole.exports, (std::vector<std::string>{"add_one", "sub_one", "mul"}));
  EXPECT_EQ(whole.libraries, (std::vector<std::string>{"libm.so.6", "libz.so.1"}));
  EXPECT_EQ(whole.headers.size(), 1u);
  EXPECT_EQ(whole.warnings.size(), 2u);
}

TEST(Combine, TakesTheTargetOfWhatWasCompiledBeforeThatOfReadyObjects) {
  Artifact object = Sample();
  object.language = Language::kObject;
  object.cpu = "x86-64";
  object.features = "-avx2";
  object.exports = {"ready"};
  for (const Artifact& whole : {Combine({object, Sample()}), Combine({Sample(), object})}) {
    EXPECT_EQ(whole.cpu, "znver3");
    EXPECT_EQ(whole.features, "+avx2,-avx512f");
  }
  EXPECT_EQ(Combine({object}).cpu, "x86-64");
}

TEST(Combine, RefusesTwoExportsOfOneName) {
  Artifact other = Sample();
  other.name = "l.c";
  const Thrown thrown = ThrownBy([&] { Combine({Sample(), other}); });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_EQ(thrown.message,
            "'l.c' exports 'add_one', which another source of the module exports already");
}

TEST(DigestOf, IsBlake2bInHexadecimal) {
  EXPECT_EQ(DigestOf(""), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}

}  // namespace
}  // namespace kiln::jit
