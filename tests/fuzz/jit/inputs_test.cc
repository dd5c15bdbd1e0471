// The seeds of the fuzzers and all inputs that ever broke a promise: each becomes an image or an
// error, and the engine works on.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gmock/gmock.h>
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

// What an input that once broke a promise comes to, and why.
struct Finding {
  const char* file;
  const char* words;  // of its error; "" where it becomes an image
};

const Finding kFindings[] = {
    // A relocation changes the length of a record of the unwind tables.
    {"object/relocated_frame_length.o", "the linked record at byte"},
    // Nothing is there to be called.
    {"object/init_array_in_no_memory.o", ""},
    // Its artifact has to come back as it was.
    {"object/name_not_utf8.o", "is out of range"},
    {"object/symbol_in_empty_section.a", ""},
    {"object/relocation_of_no_symbol.o", "a relocation is for a symbol that does not exist"},
    {"object/section_at_last_address.o", "claims an address that no memory has"},
    {"object/jitlink_crashes_in_prune.o", "could not go on"},
    {"ir/broken_module_with_debug_info.ll",
     "breaks a rule of LLVM IR: Instruction does not dominate"},
    {"bitcode/attributes_of_far_parameter.bc", "it has attributes for parameter"},
};

TEST(FuzzInputs, EachFindingComesToWhatItShould) {
  for (const Finding& finding : kFindings) {
    const std::filesystem::path path = std::filesystem::path(KILN_FUZZ_FINDINGS) / finding.file;
    ASSERT_TRUE(std::filesystem::exists(path)) << path;
    const std::string error =
        TryInput(*InputKindOf(path.parent_path().filename().string()), BytesOf(path)).error;
    if (*finding.words == '\0') {
      EXPECT_EQ(error, "") << finding.file;
    } else {
      EXPECT_THAT(error, ::testing::HasSubstr(finding.words)) << finding.file;
    }
  }
}

}  // namespace
}  // namespace kiln::fuzz
