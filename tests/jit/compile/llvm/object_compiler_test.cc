#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/jit/compile/compile.h"
#include "tests/jit/objects/objects.h"
#include "tests/kernels/kernels.h"

namespace kiln::jit {
namespace {

using kiln::testing::ObjectBytes;

const Compiler& Objects() {
  static const std::unique_ptr<Compiler> kCompiler = MakeObjectCompiler();
  return *kCompiler;
}

Artifact Read(Language language, std::string name, std::string bytes) {
  return CompileWith(Objects(), {language, std::move(name), std::move(bytes)}, {});
}

Artifact ReadObject(const std::string& file) {
  return Read(Language::kObject, "k.o", ObjectBytes(file));
}

std::string Refused(Language language, const std::string& bytes) {
  const Thrown thrown = ThrownBy([&] { Read(language, "k.o", bytes); });
  return thrown.kind + ": " + thrown.message;
}

std::string RefusedObject(const std::string& bytes) { return Refused(Language::kObject, bytes); }

TEST(ObjectCompiler, TakesTheBytesAsTheyAreAndFindsTheExports) {
  for (const char* file : {"kernel.c.gcc.pic.o", "kernel.c.clang.pic.o", "kernel.c.gcc.plain.o"}) {
    const Artifact artifact = ReadObject(file);
    EXPECT_EQ(artifact.name, "k.o");
    EXPECT_EQ(artifact.language, Language::kObject);
    EXPECT_EQ(artifact.objects, std::vector<std::string>{ObjectBytes(file)});
    std::vector<std::string> exports = artifact.exports;
    std::sort(exports.begin(), exports.end());
    EXPECT_EQ(exports, (std::vector<std::string>{"constructed", "length"})) << file;
  }
}

TEST(ObjectCompiler, TakesNothingForGrantedThatSomeX86Lacks) {
  const Artifact artifact = ReadObject("kernel.c.gcc.pic.o");
  EXPECT_EQ(artifact.cpu, "x86-64");
  EXPECT_FALSE(Contains(artifact.features, "+avx")) << artifact.features;
}

TEST(ObjectCompiler, SaysWhatAFileIsThatIsNoObject) {
  const std::string so = kiln::testing::ReadFile(kiln::testing::KernelFile("axpy.cc.O2.so"));
  EXPECT_TRUE(
      RefusedObject(so).starts_with("CompileError: k.o: 1 error\nk.o: error: not a "
                                    "relocatable object: it is a shared library"))
      << RefusedObject(so);
  EXPECT_TRUE(Contains(RefusedObject(ObjectBytes("arm.o")), "it is for AArch64"));
  EXPECT_TRUE(Contains(RefusedObject(ObjectBytes("x86_32.o")), "it is a 32-bit ELF file"));
  EXPECT_TRUE(Contains(RefusedObject(ObjectBytes("clang_lto.o")), "it is LLVM bitcode"));
  EXPECT_TRUE(Contains(RefusedObject(ObjectBytes("gcc_lto.o")), "compile it without -flto"));
  EXPECT_TRUE(Contains(RefusedObject("int f(void);"), "it is not an ELF file"));
  std::string program = ObjectBytes("kernel.c.gcc.pic.o");
  program[16] = 2;  // e_type: ET_EXEC
  EXPECT_TRUE(Contains(RefusedObject(program), "it is an executable program"));
}

TEST(ObjectCompiler, RefusesAnObjectThatIsCutShortAnywhere) {
  const std::string whole = ObjectBytes("classes.cc.gcc.pic.o");
  for (size_t size = 1; size < whole.size(); size += 61) {
    const std::string message = RefusedObject(whole.substr(0, size));
    EXPECT_TRUE(message.starts_with("CompileError: ")) << size << ": " << message;
  }
}

TEST(ObjectCompiler, RefusesAlignmentsAndOffsetsThatLieOutside) {
  std::string object = ObjectBytes("kernel.c.gcc.pic.o");
  std::fill(object.begin() + 40, object.begin() + 48, '\x7F');  // e_shoff
  EXPECT_TRUE(Contains(RefusedObject(object), "can't be used: the section table: "))
      << RefusedObject(object);
}

TEST(ObjectCompiler, RefusesCompressedSections) {
  EXPECT_TRUE(Contains(RefusedObject(ObjectBytes("sum.c.gcc.compressed.o")),
                       " is compressed: compile it without -gz"));
}

TEST(ObjectCompiler, RefusesUnwindRecordsThatNoCompilerWrites) {
  std::string object = ObjectBytes("templates.cc.gcc.pic.o");
  const size_t augmentation = object.find(std::string("zPLR\0", 5));
  ASSERT_NE(augmentation, std::string::npos);
  object[augmentation + 9] = '\x0D';  // how the personality is pointed to
  EXPECT_TRUE(
      Contains(RefusedObject(object), "has pointers in an encoding that objects do not use"))
      << RefusedObject(object);
}

TEST(ArchiveCompiler, HoldsEveryMember) {
  const Artifact artifact = Read(Language::kArchive, "libmath.a", ObjectBytes("libmath.a"));
  EXPECT_EQ(artifact.objects.size(), 3u);
  EXPECT_EQ(artifact.objects[2], ObjectBytes("sum.c.gcc.pic.o"));
  EXPECT_EQ(artifact.exports, std::vector<std::string>{"average"});
}

TEST(ArchiveCompiler, RefusesThinDamagedAndEmptyArchives) {
  EXPECT_TRUE(Contains(Refused(Language::kArchive, ObjectBytes("libthin.a")), "a thin archive"));
  EXPECT_TRUE(Contains(Refused(Language::kArchive, "!<arch>\n"), "the archive holds no object"));
  EXPECT_TRUE(Contains(Refused(Language::kArchive, "int f;"), "the archive is damaged"));
  const std::string whole = ObjectBytes("libmath.a");
  for (size_t size = 9; size < whole.size(); size += 97) {
    const std::string message = Refused(Language::kArchive, whole.substr(0, size));
    EXPECT_TRUE(message.starts_with("CompileError: ")) << size << ": " << message;
  }
}

TEST(ArchiveCompiler, LeavesOutAMemberThatIsNoObjectAndSaysSo) {
  std::string archive = ObjectBytes("libmath.a");
  archive += "notes.txt/      0           0     0     644     6         `\nhello\n";
  const Artifact artifact = Read(Language::kArchive, "libmath.a", archive);
  EXPECT_EQ(artifact.objects.size(), 3u);
  ASSERT_EQ(artifact.warnings.size(), 1u);
  EXPECT_EQ(Format(artifact.warnings[0]),
            "libmath.a(notes.txt): warning: left out: this member of the archive is not an ELF "
            "file");
}

TEST(KeepNeededMembers, KeepsWhatExportsAndWhatThatNeeds) {
  std::vector<Artifact> parts = {Read(Language::kArchive, "libmath.a", ObjectBytes("libmath.a"))};
  KeepNeededMembers(&parts);
  EXPECT_EQ(parts[0].objects, (std::vector<std::string>{ObjectBytes("average.c.gcc.pic.o"),
                                                        ObjectBytes("sum.c.gcc.pic.o")}));
}

TEST(KeepNeededMembers, KeepsWhatOtherPartsNeed) {
  std::vector<Artifact> parts = {CompileC("int unused(void); int f(void) { return unused(); }"),
                                 Read(Language::kArchive, "libmath.a", ObjectBytes("libmath.a"))};
  KeepNeededMembers(&parts);
  EXPECT_EQ(parts[0].objects.size(), 1u);
  EXPECT_EQ(parts[1].objects.size(), 3u);
}

TEST(KeepNeededMembers, KeepsAllOfAnArchiveAloneThatExportsNothing) {
  Artifact archive = Read(Language::kArchive, "libmath.a", ObjectBytes("libmath.a"));
  archive.objects.erase(archive.objects.begin() + 1);
  std::vector<Artifact> parts = {archive};
  KeepNeededMembers(&parts);
  EXPECT_EQ(parts[0].objects, archive.objects);
}

}  // namespace
}  // namespace kiln::jit
