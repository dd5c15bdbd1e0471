#include "jit/compile/cuda/ptx_lines.h"

#include <gtest/gtest.h>

#include "jit/compile/cuda/nvrtc_log.h"

namespace kiln::jit {
namespace {

constexpr char kPtx[] =
    ".visible .entry _Z1kPi(\n"          // 1
    ")\n"                                // 2
    "{\n"                                // 3
    "\t.loc\t1 4 0\n"                    // 4
    "\t.loc\t2 2 3, function_name $L\n"  // 5
    "\tbogus.u32 %r1, 3;\n"              // 6
    "}\n"                                // 7
    "\t.file\t1 \"/somewhere/k.cu\"\n"
    "\t.file\t2 \"/somewhere/f.h\"\n";

DeviceSource Source() {
  DeviceSource source;
  source.name = "k.cu";
  source.text = "#include \"f.h\"\n\n\n__global__ void k(int* x) { f(x); }\n";
  source.headers["f.h"] = "// f\nasm(bogus);\n";
  return source;
}

Diagnostic Assembler(std::string file, uint32_t line, std::string message) {
  Diagnostic diagnostic;
  diagnostic.file = std::move(file);
  diagnostic.line = line;
  diagnostic.message = std::move(message);
  diagnostic.option = "ptxas";
  return diagnostic;
}

TEST(PtxLines, LeadToTheLineThatAnInstructionWasMadeFrom) {
  std::vector<Diagnostic> diagnostics = {Assembler(kPtxFile, 6, "no")};
  LocatePtx(kPtx, Source(), &diagnostics);
  EXPECT_EQ(diagnostics[0].file, "f.h");
  EXPECT_EQ(diagnostics[0].line, 2U);
  EXPECT_EQ(diagnostics[0].column, 3U);
  EXPECT_EQ(diagnostics[0].source_line, "asm(bogus);");
  ASSERT_EQ(diagnostics[0].notes.size(), 1U);
  EXPECT_EQ(diagnostics[0].notes[0].message, "the instruction is 'bogus.u32 %r1, 3;'");
}

TEST(PtxLines, LeadToTheFunctionThatAMessageQuotes) {
  std::vector<Diagnostic> diagnostics = {
      Assembler("k.cu", 0, "Entry function '_Z1kPi' uses 0x61a80 bytes, 0xc000 max")};
  LocatePtx(kPtx, Source(), &diagnostics);
  EXPECT_EQ(diagnostics[0].message, "Entry function 'k(int*)' uses 400000 bytes, 49152 max");
  EXPECT_EQ(diagnostics[0].file, "k.cu");
  EXPECT_EQ(diagnostics[0].line, 4U);
}

TEST(PtxLines, AreTheWholeSourceWhereNoLineIsKnown) {
  std::vector<Diagnostic> diagnostics = {Assembler(kPtxFile, 99, "no"),
                                         Assembler(kPtxFile, 1, "no")};
  LocatePtx(kPtx, Source(), &diagnostics);
  LocatePtx("", Source(), &diagnostics);
  EXPECT_EQ(diagnostics[1].file, "k.cu");
  EXPECT_EQ(diagnostics[1].line, 0U);
}

TEST(PtxLines, LeaveOtherMessagesAlone) {
  std::vector<Diagnostic> diagnostics = {Assembler("k.cu", 3, "_Z1kPi 0x10")};
  diagnostics[0].option = "";
  const std::vector<Diagnostic> before = diagnostics;
  LocatePtx(kPtx, Source(), &diagnostics);
  EXPECT_EQ(diagnostics, before);
}

}  // namespace
}  // namespace kiln::jit
