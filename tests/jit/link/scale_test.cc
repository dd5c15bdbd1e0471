// Many images at once, and many one after the other.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/jit/link/event_log.h"
#include "tests/jit/link/load.h"
#include "tests/jit/link/mappings.h"

// AddressSanitizer keeps freed memory for a while: less of it than these tests measure.
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() {
  return "quarantine_size_mb=1:thread_local_quarantine_size_kb=64";
}

namespace kiln::jit {
namespace {

TEST(Scale, TenThousandImagesTakeFewMappings) {
  const Artifact artifact =
      CompileC("int v = 1; const int k[4] = {1, 2, 3, 4}; int f(int i) { return v++ + k[i & 3]; }",
               Hermetic());
  const size_t before = Mappings().size();
  std::vector<std::shared_ptr<LoadedImage>> images;
  for (int i = 0; i < 10000; ++i) images.push_back(TestLinker().Link(artifact));
  EXPECT_LT(Mappings().size(), before + 200);
  for (const auto& image : images) ASSERT_EQ(FunctionOf<int(int)>(*image, "f")(1), 3);
  for (size_t i = 0; i < images.size(); i += 3) images[i].reset();
  EXPECT_LT(Mappings().size(), before + 200);
  for (size_t i = 1; i < images.size(); i += 3) {
    ASSERT_EQ(FunctionOf<int(int)>(*images[i], "f")(1), 4);
  }
}

TEST(Scale, MemoryStaysWhereItWasWhenImagesComeAndGo) {
  const Artifact artifact = CompileC(
      "int v = 1; int z[100]; const int k[4] = {1, 2, 3, 4};\n"
      "int f(int i) { return v++ + z[i] + k[i & 3]; }",
      Hermetic());
  const auto cycle = [&] {
    const auto image = TestLinker().Link(artifact);
    ASSERT_EQ(FunctionOf<int(int)>(*image, "f")(1), 3);
  };
  for (int i = 0; i < 1000; ++i) cycle();
  const size_t before = ResidentKib();
  for (int i = 0; i < 99000; ++i) cycle();
  EXPECT_LE(ResidentKib(), before + 4096);
}

TEST(Scale, MemoryGoesBackWhenManyImagesGo) {
  const Artifact artifact = CompileC("int z[1000]; int f(int i) { return z[i]++; }", Hermetic());
  const auto cycle = [&] {
    std::vector<std::shared_ptr<LoadedImage>> images;
    for (int i = 0; i < 5000; ++i) {
      images.push_back(TestLinker().Link(artifact));
      FunctionOf<int(int)>(*images.back(), "f")(1);
    }
  };
  cycle();
  const size_t before = ResidentKib();
  for (int i = 0; i < 3; ++i) cycle();
  EXPECT_LE(ResidentKib(), before + 4096);
}

TEST(Scale, EveryDestructorRunsOnce) {
  const Artifact artifact = CompileC(
      "void kiln_test_log(char);\n"
      "__attribute__((constructor)) static void c(void) { kiln_test_log('c'); }\n"
      "__attribute__((destructor)) static void d(void) { kiln_test_log('d'); }\n",
      Hermetic());
  Log().clear();
  std::vector<std::shared_ptr<LoadedImage>> images;
  for (int i = 0; i < 1000; ++i) images.push_back(TestLinker().Link(artifact));
  EXPECT_EQ(Log(), std::string(1000, 'c'));
  Log().clear();
  images.clear();
  EXPECT_EQ(Log(), std::string(1000, 'd'));
}

TEST(Scale, UnwindTablesGoWithTheirImages) {
  const Artifact artifact =
      CompileIr("define void @f(ptr %callback) uwtable { call void %callback() ret void }\n");
  for (int i = 0; i < 1000; ++i) {
    const auto image = TestLinker().Link(artifact);
    auto* const f = FunctionOf<void(void (*)())>(*image, "f");
    ASSERT_THROW(f([] { throw 42; }), int);
  }
}

}  // namespace
}  // namespace kiln::jit
