#include "jit/link/describe_address.h"

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/jit/link/load.h"

namespace kiln::jit {
namespace {

std::optional<std::string> At(const LoadedImage& image, const char* symbol, int offset) {
  return DescribeAddress(static_cast<const char*>(image.Find(symbol)) + offset);
}

TEST(DescribeAddress, NamesTheFunctionTheOffsetAndTheImage) {
  const auto image = LoadC("int f(int x) { return x * 3; } int g(int x) { return x + 1; }");
  EXPECT_EQ(At(*image, "f", 0), "f+0x0 in k.c");
  EXPECT_EQ(At(*image, "g", 2), "g+0x2 in k.c");
}

TEST(DescribeAddress, NamesStaticAndHiddenFunctions) {
  const auto image = LoadC(
      "static int inner(void) { return 1; } void* f(void) { return (void*)inner; }\n"
      "__attribute__((visibility(\"hidden\"))) int unseen(void) { return 2; }\n"
      "void* g(void) { return (void*)unseen; }",
      AtLevel(0));
  EXPECT_EQ(DescribeAddress(FunctionOf<void*()>(*image, "f")()), "inner+0x0 in k.c");
  EXPECT_EQ(DescribeAddress(FunctionOf<void*()>(*image, "g")()), "unseen+0x0 in k.c");
}

TEST(DescribeAddress, KnowsNothingOfDataOrOfOtherCode) {
  const auto image = LoadC("int v = 1;");
  EXPECT_EQ(At(*image, "v", 0), std::nullopt);
  EXPECT_EQ(DescribeAddress(nullptr), std::nullopt);
  EXPECT_EQ(DescribeAddress(reinterpret_cast<const void*>(&strlen)), std::nullopt);
}

TEST(DescribeAddress, TellsImagesApartAndForgetsThem) {
  std::vector<std::shared_ptr<LoadedImage>> images;
  std::vector<const void*> functions;
  for (int i = 0; i < 50; ++i) {
    Artifact artifact = CompileC("int f(void) { return 1; }", Hermetic());
    artifact.name = "k" + std::to_string(i);
    images.push_back(TestLinker().Link(artifact));
    functions.push_back(images.back()->Find("f"));
  }
  for (size_t i = 0; i < images.size(); i += 2) images[i].reset();
  for (size_t i = 0; i < images.size(); ++i) {
    const std::optional<std::string> text = DescribeAddress(functions[i]);
    if (i % 2 == 0) {
      EXPECT_EQ(text, std::nullopt);
    } else {
      EXPECT_EQ(text, "f+0x0 in k" + std::to_string(i));
    }
  }
}

}  // namespace
}  // namespace kiln::jit
