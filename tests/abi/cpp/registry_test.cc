// The registry: names, the override rule, removal.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/registry.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

bool IsListed(const std::string& name) {
  const std::vector<std::string> names = GlobalFunction::Names();
  return std::count(names.begin(), names.end(), name) == 1;
}

// Takes the names of a test out of the registry again.
class Registry : public ::testing::Test {
 protected:
  void TearDown() override {
    for (const std::string& name : GlobalFunction::Names()) {
      if (name.starts_with("registry_test.")) GlobalFunction::Remove(name);
    }
  }
};

TEST_F(Registry, FindsWhatWasRegistered) {
  GlobalFunction::RegisterTyped("registry_test.add", [](int a, int b) { return a + b; });
  EXPECT_EQ(GlobalFunction::Get("registry_test.add")(1, 2).cast<int>(), 3);
  ASSERT_TRUE(GlobalFunction::Find("registry_test.add").has_value());
}

TEST_F(Registry, AnUnknownNameIsNoneOrAValueErrorThatNamesIt) {
  EXPECT_FALSE(GlobalFunction::Find("registry_test.unknown").has_value());
  const Error error = ThrownBy([] { GlobalFunction::Get("registry_test.unknown"); });
  EXPECT_EQ(error.kind(), "ValueError");
  EXPECT_TRUE(Contains(error.message(), "registry_test.unknown")) << error.message();
}

TEST_F(Registry, APartOfANameIsNotTheName) {
  GlobalFunction::RegisterTyped("registry_test.name", [] {});
  EXPECT_FALSE(GlobalFunction::Find("registry_test.nam").has_value());
  EXPECT_FALSE(GlobalFunction::Find("registry_test.name2").has_value());
  const std::string_view longer = "registry_test.name and more";
  EXPECT_TRUE(GlobalFunction::Find(longer.substr(0, 18)).has_value());
}

TEST_F(Registry, ATakenNameIsKeptUnlessOverrideIsSaid) {
  GlobalFunction::RegisterTyped("registry_test.f", [] { return 1; });
  const Error error =
      ThrownBy([] { GlobalFunction::RegisterTyped("registry_test.f", [] { return 2; }); });
  EXPECT_EQ(error.kind(), "RuntimeError");
  EXPECT_TRUE(Contains(error.message(), "registry_test.f")) << error.message();
  EXPECT_EQ(GlobalFunction::Get("registry_test.f")().cast<int>(), 1);
}

TEST_F(Registry, AnOverrideReplacesAndLeavesOldHandlesAlone) {
  GlobalFunction::RegisterTyped("registry_test.f", [] { return 1; });
  const Function old = GlobalFunction::Get("registry_test.f");
  GlobalFunction::RegisterTyped("registry_test.f", [] { return 2; }, true);
  EXPECT_EQ(old().cast<int>(), 1);
  EXPECT_EQ(GlobalFunction::Get("registry_test.f")().cast<int>(), 2);
}

TEST_F(Registry, RemovalFreesTheNameAndLeavesOldHandlesAlone) {
  GlobalFunction::RegisterTyped("registry_test.f", [] { return 1; });
  const Function old = GlobalFunction::Get("registry_test.f");
  EXPECT_TRUE(GlobalFunction::Remove("registry_test.f"));
  EXPECT_FALSE(GlobalFunction::Remove("registry_test.f"));
  EXPECT_FALSE(GlobalFunction::Find("registry_test.f").has_value());
  EXPECT_EQ(old().cast<int>(), 1);
  GlobalFunction::RegisterTyped("registry_test.f", [] { return 3; });
  EXPECT_EQ(GlobalFunction::Get("registry_test.f")().cast<int>(), 3);
}

TEST_F(Registry, ListsEachNameOnceWhileItIsThere) {
  EXPECT_FALSE(IsListed("registry_test.listed"));
  GlobalFunction::RegisterTyped("registry_test.listed", [] {});
  EXPECT_TRUE(IsListed("registry_test.listed"));
  GlobalFunction::RegisterTyped("registry_test.listed", [] {}, true);
  EXPECT_TRUE(IsListed("registry_test.listed"));
  GlobalFunction::Remove("registry_test.listed");
  EXPECT_FALSE(IsListed("registry_test.listed"));
  EXPECT_TRUE(IsListed("ffi.FunctionRemoveGlobal"));
}

TEST_F(Registry, HoldsOneReferenceUntilTheNameGoes) {
  Lives lives;
  GlobalFunction::RegisterTyped("registry_test.held", [held = Counted(&lives)] {});
  EXPECT_EQ(GlobalFunction::Get("registry_test.held").use_count(), 2u);
  GlobalFunction::RegisterTyped("registry_test.held", [] {}, true);
  EXPECT_EQ(lives.destroyed, 1);
}

TEST_F(Registry, ANullFunctionIsRefused) {
  const Error error = ThrownBy([] { GlobalFunction::Register("registry_test.null", Function()); });
  EXPECT_EQ(error.kind(), "TypeError");
  EXPECT_FALSE(GlobalFunction::Find("registry_test.null").has_value());
}

TEST_F(Registry, AFunctionMayChangeTheRegistryWhileItRuns) {
  GlobalFunction::RegisterTyped("registry_test.self", [] {
    GlobalFunction::RegisterTyped("registry_test.self", [] { return 2; }, true);
    return 1;
  });
  EXPECT_EQ(GlobalFunction::Get("registry_test.self")().cast<int>(), 1);
  EXPECT_EQ(GlobalFunction::Get("registry_test.self")().cast<int>(), 2);
}

}  // namespace
}  // namespace kiln::testing
