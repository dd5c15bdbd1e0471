#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/module.h>
#include <tvm/ffi/extra/c_env_api.h>

#include "tests/runtime/reflection.h"

namespace kiln {
namespace {

// A module of functions that return numbers, and that says how many of them are alive.
class Numbers : public ModuleObj {
 public:
  explicit Numbers(std::map<std::string, int64_t> numbers,
                   std::shared_ptr<int> alive = std::make_shared<int>())
      : numbers_(std::move(numbers)), alive_(std::move(alive)) {}

  const char* kind() const override { return "numbers"; }
  Optional<Function> GetFunction(const String& name) override {
    const auto found = numbers_.find(name.str());
    if (found == numbers_.end()) return std::nullopt;
    return Function::FromTyped([value = found->second, alive = alive_] { return value; });
  }

 private:
  const std::map<std::string, int64_t> numbers_;
  const std::shared_ptr<int> alive_;
};

Module Make(std::map<std::string, int64_t> numbers, std::shared_ptr<int> alive = {}) {
  return Module(MakeObject<Numbers>(std::move(numbers), std::move(alive)));
}

TVMFFIObjectHandle Lookup(const Module& module, const std::string& name) {
  TVMFFIObjectHandle handle = nullptr;
  CheckCall(TVMFFIEnvModLookupFromImports(module.get(), name.c_str(), &handle));
  return handle;
}

int64_t Call(TVMFFIObjectHandle function) {
  return Function(ObjectPtr<FunctionObj>::ShareHandle(function))().cast<int64_t>();
}

TEST(ImportLookup, GoesDepthFirstAndLeavesTheModuleItselfOut) {
  const Module root = Make({{"a", 0}, {"own", 0}});
  const Module left = Make({{"b", 1}});
  left->ImportModule(Make({{"a", 2}, {"b", 2}}));
  root->ImportModule(left);
  root->ImportModule(Make({{"a", 3}, {"c", 3}}));
  EXPECT_EQ(Call(Lookup(root, "a")), 2);
  EXPECT_EQ(Call(Lookup(root, "b")), 1);
  EXPECT_EQ(Call(Lookup(root, "c")), 3);
  EXPECT_THROW(Lookup(root, "own"), Error);
}

TEST(ImportLookup, FallsBackOnTheRegistry) {
  const Module root = Make({});
  EXPECT_THROW(Lookup(root, "test.import_lookup.global"), Error);
  GlobalFunction::RegisterTyped("test.import_lookup.global", [] { return int64_t{9}; });
  const TVMFFIObjectHandle handle = Lookup(root, "test.import_lookup.global");
  GlobalFunction::Remove("test.import_lookup.global");
  EXPECT_EQ(Call(handle), 9);
}

TEST(ImportLookup, ResultLivesAsLongAsTheModule) {
  const auto alive = std::make_shared<int>();
  {
    const Module root = Make({});
    root->ImportModule(Make({{"f", 1}}, alive));
    const TVMFFIObjectHandle handle = Lookup(root, "f");
    EXPECT_EQ(Lookup(root, "f"), handle);
    EXPECT_EQ(alive.use_count(), 3);  // here, in the module, in one function
    for (int i = 0; i < 500; ++i) {
      const std::string name = "test.import_lookup." + std::to_string(i);
      GlobalFunction::RegisterTyped(name, [i] { return int64_t{i}; });
      EXPECT_EQ(Call(Lookup(root, name)), i);
      GlobalFunction::Remove(name);
    }
    EXPECT_EQ(Lookup(root, "f"), handle);
    EXPECT_EQ(Call(handle), 1);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

TEST(ImportLookup, ClearImportsForgets) {
  const auto alive = std::make_shared<int>();
  const Module root = Make({});
  root->ImportModule(Make({{"f", 1}}, alive));
  Lookup(root, "f");
  root->ClearImports();
  EXPECT_EQ(alive.use_count(), 1);
  EXPECT_THROW(Lookup(root, "f"), Error);
  root->ImportModule(Make({{"f", 2}}));
  EXPECT_EQ(Call(Lookup(root, "f")), 2);
}

TEST(ImportLookup, ManyThreadsGetOneFunction) {
  const Module root = Make({});
  root->ImportModule(Make({{"f", 1}, {"g", 2}}));
  std::vector<TVMFFIObjectHandle> found(4);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < found.size(); ++i) {
    threads.emplace_back([&, i] {
      found[i] = Lookup(root, "f");
      for (int round = 0; round < 200; ++round) EXPECT_EQ(Call(Lookup(root, "g")), 2);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const TVMFFIObjectHandle handle : found) EXPECT_EQ(handle, found[0]);
}

TEST(ImportLookup, MissingFunctionAndNullAreErrors) {
  const Module root = Make({});
  TVMFFIObjectHandle handle = nullptr;
  EXPECT_EQ(TVMFFIEnvModLookupFromImports(root.get(), "missing", &handle), -1);
  EXPECT_EQ(TakeRaisedKind(), "RuntimeError");
  EXPECT_EQ(TVMFFIEnvModLookupFromImports(nullptr, "f", &handle), -1);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  EXPECT_EQ(TVMFFIEnvModLookupFromImports(root.get(), nullptr, &handle), -1);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  EXPECT_EQ(TVMFFIEnvModLookupFromImports(root.get(), "f", nullptr), -1);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
}

}  // namespace
}  // namespace kiln
