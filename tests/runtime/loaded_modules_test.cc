#include <gtest/gtest.h>

#include <kiln/module.h>

#include "tests/abi/cpp/counted.h"

namespace kiln {
namespace {

class CountedModuleObj : public ModuleObj {
 public:
  explicit CountedModuleObj(testing::Lives* lives) : counted_(lives) {}
  const char* kind() const override { return "counted"; }
  Optional<Function> GetFunction(const String&) override { return std::nullopt; }

 private:
  testing::Counted counted_;
};

TEST(LoadedModules, StayUntilTheyAreRemoved) {
  testing::Lives lives;
  const Function add = GlobalFunction::Get("ffi.ModuleGlobalsAdd");
  const Function remove = GlobalFunction::Get("ffi.ModuleGlobalsRemove");
  Module module(MakeObject<CountedModuleObj>(&lives));
  add(module);
  add(module);
  EXPECT_EQ(module.use_count(), 2u);
  ModuleObj* kept = module.get();
  module = Module();
  EXPECT_EQ(lives.alive(), 1);
  module = Module(ObjectPtr<ModuleObj>::Share(kept));
  remove(module);
  remove(module);
  EXPECT_EQ(module.use_count(), 1u);
  module = Module();
  EXPECT_EQ(lives.alive(), 0);
}

TEST(LoadedModules, AreModules) {
  for (const char* name : {"ffi.ModuleGlobalsAdd", "ffi.ModuleGlobalsRemove"}) {
    EXPECT_THROW(GlobalFunction::Get(name)(nullptr), Error) << name;
    EXPECT_THROW(GlobalFunction::Get(name)(1), Error) << name;
  }
}

}  // namespace
}  // namespace kiln
