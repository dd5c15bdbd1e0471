// The tests of the C++ headers, linked against the reference's runtime: what is checked of the
// process itself.
#include <link.h>

#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/module.h>

namespace kiln {
namespace {

std::vector<std::string> LoadedRuntimes() {
  std::vector<std::string> paths;
  dl_iterate_phdr(
      [](dl_phdr_info* object, size_t, void* found) {
        const std::string_view path(object->dlpi_name);
        if (path.ends_with("/libtvm_ffi.so")) {
          static_cast<std::vector<std::string>*>(found)->emplace_back(path);
        }
        return 0;
      },
      &paths);
  return paths;
}

TEST(OneRuntime, LibrariesOfBothHeadersShareTheReferences) {
  const Module with_our_headers = Module::LoadFromFile(KILN_TEST_LIBRARY);
  const Module with_theirs = Module::LoadFromFile(KILN_REFERENCE_OBJECTS);
  const std::vector<std::string> runtimes = LoadedRuntimes();
  ASSERT_EQ(runtimes.size(), 1u);
  EXPECT_TRUE(std::filesystem::equivalent(runtimes[0], KILN_REFERENCE_RUNTIME)) << runtimes[0];
}

// A class of modules compiled with the reference's headers needs the C++ symbols of its library.
TEST(OneRuntime, ModulesOfAClassOfTheirsAreUsedThroughOurHeaders) {
  const Module library = Module::LoadFromFile(KILN_REFERENCE_MODULE);
  const auto made = library.GetFunction("make_doubler")().cast<Module>();
  EXPECT_EQ(std::string_view(made->kind()), "doubler");
  EXPECT_EQ(made->GetPropertyMask(), kModuleRunnable);
  EXPECT_EQ(made.GetFunction("double")(21).cast<int>(), 42);
  EXPECT_FALSE(made->ImplementsFunction("half"));
  const Optional<String> doc = made->GetFunctionDoc("double");
  ASSERT_TRUE(doc.has_value());
  EXPECT_EQ(*doc, "doubles");
  EXPECT_EQ(made->InspectSource("").view(), "2 * x");
  const Module importer = Module::LoadFromFile(KILN_TEST_LIBRARY);
  importer->ImportModule(made);
  EXPECT_EQ(importer->imports().size(), 1u);
  // Through the virtual table an exception arrives as it was thrown: as an error of theirs.
  EXPECT_THROW(made->ImportModule(importer), std::exception);
  importer->ClearImports();
  EXPECT_EQ(made.use_count(), 1u);
}

}  // namespace
}  // namespace kiln
