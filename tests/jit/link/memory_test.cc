#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/jit/link/load.h"
#include "tests/jit/link/mappings.h"

extern "C" {
// In the program itself, and so too far from JIT code for a short relocation.
__attribute__((visibility("default"))) int kiln_test_far_away = 0;
}

namespace kiln::jit {
namespace {

constexpr char kCodeAndData[] =
    "int v = 1; const int k[4] = {1, 2, 3, 4}; int z[1000];\n"
    "int f(int i) { return v + k[i & 3] + z[i]; }\n";

TEST(ImageMemory, IsNeverWritableAndExecutable) {
  const auto image = LoadC(kCodeAndData);
  const std::vector<Mapping> mappings = Mappings();
  for (const Mapping& mapping : mappings) EXPECT_FALSE(mapping.writable && mapping.executable);

  const Mapping* code = MappingOf(mappings, image->Find("f"));
  ASSERT_NE(code, nullptr);
  EXPECT_TRUE(code->executable);
  const Mapping* data = MappingOf(mappings, image->Find("v"));
  ASSERT_NE(data, nullptr);
  EXPECT_TRUE(data->writable);
  const Mapping* constant = MappingOf(mappings, image->Find("k"));
  ASSERT_NE(constant, nullptr);
  EXPECT_FALSE(constant->writable);
}

TEST(ImageMemory, IsUsedAgainWhenTheImageDies) {
  auto image = LoadC(kCodeAndData);
  const std::array<const void*, 3> before = {image->Find("f"), image->Find("v"), image->Find("k")};
  image.reset();
  image = LoadC(kCodeAndData);
  EXPECT_EQ((std::array<const void*, 3>{image->Find("f"), image->Find("v"), image->Find("k")}),
            before);
}

TEST(ImageMemory, ACallOfCodeThatIsGoneTraps) {
  auto image = LoadC(kCodeAndData);
  auto* const f = FunctionOf<int(int)>(*image, "f");
  image.reset();
  EXPECT_EXIT(f(1), ::testing::KilledBySignal(SIGTRAP), "");
}

TEST(ImageMemory, ServesAChildOfForkWhileOtherThreadsLink) {
  const Artifact artifact = CompileC(kCodeAndData, Hermetic());
  TestLinker().Link(artifact);
  std::atomic<bool> stop = false;
  std::thread linking([&] {
    while (!stop) TestLinker().Link(artifact);
  });
  int failures = 0;
  for (int i = 0; i < 50; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      const auto image = TestLinker().Link(artifact);
      _exit(FunctionOf<int(int)>(*image, "f")(1) == 3 ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    if (status != 0) ++failures;
  }
  stop = true;
  linking.join();
  EXPECT_EQ(failures, 0);
}

// A child asks anew whether code can be written to pages that run, and here can't open the file
// that it takes.
TEST(ImageMemory, IsOnPagesOfItsOwnWhereCodeCannotBeWrittenToPagesThatRun) {
  const Artifact artifact = CompileC(kCodeAndData, Hermetic());
  const pid_t child = fork();
  if (child == 0) {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_NOFILE, &none);
    const auto one = TestLinker().Link(artifact);
    const auto two = TestLinker().Link(artifact);
    const auto apart = static_cast<char*>(two->Find("f")) - static_cast<char*>(one->Find("f"));
    const bool works = FunctionOf<int(int)>(*one, "f")(1) == 3 && apart == 4096;
    _exit(works ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(ImageMemory, ASectionThatIsWritableAndExecutableIsRefused) {
  const Thrown thrown = ThrownBy([] {
    LoadC(
        "asm(\".section changing, \\\"awx\\\", @progbits\\n.globl changed\\nchanged: ret\\n"
        ".text\");\n"
        "int f(void) { return 1; }\n");
  });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_TRUE(Contains(thrown.message,
                       "section 'changing' is writable and executable: code that changes itself "
                       "can't be loaded"))
      << thrown.message;
}

TEST(ImageMemory, AnImageOfMoreThanCodeCanReachIsRefused) {
  const Thrown thrown = ThrownBy([] { LoadC("char v[3ull << 30]; char* f(void) { return v; }"); });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_TRUE(Contains(thrown.message, "code can reach no more than 2 GB")) << thrown.message;
}

TEST(ImageMemory, AnImageMayHaveLargeVariables) {
  const auto image = LoadC("char v[1 << 30]; char* f(void) { v[1 << 29] = 7; return v; }");
  EXPECT_EQ(FunctionOf<char*()>(*image, "f")()[1 << 29], 7);
}

TEST(ImageMemory, DoesNotGrowWithTheNumberOfImagesThatCameAndWent) {
  const Artifact artifact = CompileC(kCodeAndData);
  const auto cycle = [&] {
    std::vector<std::shared_ptr<LoadedImage>> images;
    for (int i = 0; i < 100; ++i) images.push_back(TestLinker().Link(artifact));
  };
  cycle();
  const size_t before = Mappings().size();
  for (int i = 0; i < 5; ++i) cycle();
  EXPECT_LE(Mappings().size(), before + 4);  // the heap may grow
}

TEST(ImageMemory, AFailedLinkLeavesNoneBehind) {
  const auto fail = [] {
    ThrownBy([] { LoadC("int absent(void); int f(void) { return absent(); }"); });
    ThrownBy([] {
      LoadC(
          "extern __attribute__((visibility(\"hidden\"))) int kiln_test_far_away;\n"
          "int f(void) { return kiln_test_far_away; }\n");
    });
  };
  fail();
  const size_t before = Mappings().size();
  for (int i = 0; i < 20; ++i) fail();
  EXPECT_LE(Mappings().size(), before + 4);
}

}  // namespace
}  // namespace kiln::jit
