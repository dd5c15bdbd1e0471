// kiln/jit.h without its engine: what it asks for, and what it says where it finds none.
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/array.h>
#include <kiln/jit.h>

#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

class EmptyModuleObj : public ModuleObj {
 public:
  const char* kind() const override { return "empty"; }
  Optional<Function> GetFunction(const String&) override { return std::nullopt; }
};

// Stands where the engine would: notes the arguments of the last compile.
class JitHeader : public ::testing::Test {
 protected:
  void RegisterEngine() {
    GlobalFunction::Register("kiln.jit.compile",
                             Function::FromPacked([this](PackedArgs args, Any* result) {
                               arguments_.clear();
                               for (int32_t i = 0; i < args.size(); ++i) {
                                 arguments_.emplace_back(args[i]);
                               }
                               *result = Module(MakeObject<EmptyModuleObj>());
                             }));
    GlobalFunction::RegisterTyped("kiln.jit.version", [] { return "1.2.3"; });
  }
  void TearDown() override {
    for (const char* name : {"kiln.jit.compile", "kiln.jit.version"}) GlobalFunction::Remove(name);
  }

  std::vector<Any> arguments_;
};

TEST_F(JitHeader, PassesTheSourceAsBytesAndItsDefaults) {
  RegisterEngine();
  const std::string_view source("int x;\0// more", 14);
  EXPECT_EQ(std::string_view(jit::Compile(source)->kind()), "empty");
  ASSERT_EQ(arguments_.size(), 5u);
  EXPECT_EQ(arguments_[0].cast<Bytes>().view(), source);
  EXPECT_EQ(arguments_[1].cast<String>(), "opt_level");
  EXPECT_EQ(arguments_[2].cast<int>(), 2);
  EXPECT_EQ(arguments_[3].cast<String>(), "cpu");
  EXPECT_EQ(arguments_[4].cast<String>(), "native");
}

TEST_F(JitHeader, PassesEveryOptionThatIsSet) {
  RegisterEngine();
  jit::Compile("x", {.language = "c",
                     .name = "x.c",
                     .opt_level = 0,
                     .more = {{"defines", Array<String>{"A=1"}}, {"fast_math", true}}});
  ASSERT_EQ(arguments_.size(), 13u);
  EXPECT_EQ(arguments_[5].cast<String>(), "language");
  EXPECT_EQ(arguments_[6].cast<String>(), "c");
  EXPECT_EQ(arguments_[8].cast<String>(), "x.c");
  EXPECT_EQ(arguments_[10].cast<Array<String>>()[0], "A=1");
  EXPECT_TRUE(arguments_[12].cast<bool>());
}

TEST_F(JitHeader, PassesSeveralSourcesAsAMapInTheirOrder) {
  RegisterEngine();
  jit::Compile({{"z.c", std::string("int x;\0", 7)}, {"a.ll", "; empty"}}, {.opt_level = 3});
  ASSERT_EQ(arguments_.size(), 5u);
  std::vector<std::string> names;
  for (const auto& [name, text] : arguments_[0].cast<Map<String, Bytes>>()) {
    names.push_back(name.str() + ": " + std::to_string(text.size()));
  }
  EXPECT_EQ(names, (std::vector<std::string>{"z.c: 7", "a.ll: 7"}));
  EXPECT_EQ(ThrownBy([] { jit::Compile({{"a.c", "1"}, {"a.c", "2"}}); }).kind(), "ValueError");
}

TEST_F(JitHeader, AsksTheEngineForItsVersion) {
  RegisterEngine();
  EXPECT_EQ(jit::Version(), "1.2.3");
}

TEST(DiagnosticsOf, IsTheTextThatACompileErrorCarries) {
  const Any text = String("[{\"severity\": \"error\"}]");
  const ObjectRef context = text.cast<ObjectRef>();
  EXPECT_EQ(jit::DiagnosticsOf(Error("CompileError", "", "", nullptr, context)),
            "[{\"severity\": \"error\"}]");
  EXPECT_EQ(jit::DiagnosticsOf(Error("ValueError", "", "", nullptr, context)), "");
  EXPECT_EQ(jit::DiagnosticsOf(Error("CompileError", "")), "");
  EXPECT_EQ(jit::DiagnosticsOf(Error("CompileError", "", "", nullptr, Array<Any>{})), "");
}

TEST_F(JitHeader, AnEngineThatIsNowhereIsAnErrorThatSaysWhereItWasSought) {
  ASSERT_EQ(setenv("KILN_JIT_LIBRARY", "/nowhere/libkiln_jit.so", 1), 0);
  const Error error = ThrownBy([] { jit::Compile("int x;"); });
  unsetenv("KILN_JIT_LIBRARY");
  EXPECT_EQ(error.kind(), "RuntimeError");
  EXPECT_TRUE(Contains(error.message(), "/nowhere/libkiln_jit.so")) << error.message();
  EXPECT_TRUE(Contains(error.message(), "KILN_JIT_LIBRARY")) << error.message();
}

}  // namespace
}  // namespace kiln::testing
