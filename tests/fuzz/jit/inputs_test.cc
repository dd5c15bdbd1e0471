// The seeds of the fuzzers and all inputs that ever broke a promise: each becomes an image or an
// error, and the engine works on.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/fuzz/jit/trial.h"

namespace kiln::fuzz {
namespace {

std::string BytesOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Tries all files for that kind of input; how many of them became images.
size_t ImagesOf(const std::string& kind) {
  size_t images = 0;
  for (const std::string root : {KILN_FUZZ_SEEDS, KILN_FUZZ_FINDINGS}) {
    const std::filesystem::path folder = std::filesystem::path(root) / kind;
    if (!std::filesystem::exists(folder)) continue;
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      files.insert(entry.path());
    for (const std::filesystem::path& file : files) {
      // Read where a promise is broken, which ends this process.
      std::fprintf(stderr, "%s\n", file.c_str());
      const Trial trial = TryInput(*InputKindOf(kind), BytesOf(file));
      std::fprintf(stderr, "%s\n", trial.error.c_str());
      if (trial.outcome == Outcome::kImage) ++images;
    }
  }
  CheckAftermath();
  return images;
}

TEST(FuzzInputs, CSourcesBecomeImagesOrErrors) { EXPECT_GT(ImagesOf("c"), 0U); }

TEST(FuzzInputs, IrTextsBecomeImagesOrErrors) { EXPECT_GT(ImagesOf("ir"), 0U); }

TEST(FuzzInputs, BitcodeBecomesImagesOrErrors) { EXPECT_GT(ImagesOf("bitcode"), 0U); }

TEST(FuzzInputs, ObjectsAndArchivesBecomeImagesOrErrors) { EXPECT_GT(ImagesOf("object"), 0U); }

TEST(FuzzInputs, OptionsBecomeImagesOrErrors) { EXPECT_GT(ImagesOf("options"), 0U); }

}  // namespace
}  // namespace kiln::fuzz
