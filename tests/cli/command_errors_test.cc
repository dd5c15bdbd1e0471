// `kiln` where it can't do what it is asked: always a message and an exit status, never a crash.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cli/command_line.h"

namespace kiln::testing {
namespace {

class KilnErrors : public CommandTest {
 protected:
  KilnErrors() { Write("k.c", kKernels); }

  // Expects an error of status 1 whose text begins "kiln: error: " and then `beginning`, and has
  // `part` in it.
  void ExpectError(const std::vector<std::string>& words, const std::string& beginning,
                   std::string_view part = "", const std::string& environment = "") const {
    const Ended ended = Kiln(words, environment);
    EXPECT_EQ(ended.status, 1) << ended.err;
    EXPECT_EQ(ended.out, "");
    EXPECT_TRUE(ended.err.starts_with("kiln: error: " + beginning)) << ended.err;
    EXPECT_NE(ended.err.find(part), std::string::npos) << ended.err;
  }

  void ExpectUsageError(const std::vector<std::string>& words, std::string_view part) const {
    const Ended ended = Kiln(words);
    EXPECT_EQ(ended.status, 2) << ended.err;
    EXPECT_EQ(ended.out, "");
    EXPECT_NE(ended.err.find(part), std::string::npos) << ended.err;
  }
};

TEST_F(KilnErrors, AKernelsOwnErrorIsShown) {
  const Ended ended = Kiln({"run", "k.c", "--fn", "fail"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "kiln: error: ValueError: the kernel was told to fail\n");
  ExpectError({"run", "k.c", "--fn", "add_one", "3"}, "TypeError: add_one takes two tensors");
}

TEST_F(KilnErrors, SourceErrorsShowEveryDiagnostic) {
  Write("bad.c", "int f(void) { return first; }\nint g(void) { return second; }\n");
  ExpectError({"run", "bad.c", "--fn", "f"}, "CompileError: ", "bad.c:1:22: error: ");
  ExpectError({"compile", "bad.c", "-o", "bad.o"}, "CompileError: ", "bad.c:2:22: error: ");
}

TEST_F(KilnErrors, AMissingFunctionListsWhatThereIs) {
  ExpectError({"run", "k.c", "--fn", "add_two"}, "AttributeError: ", "add_one");
}

TEST_F(KilnErrors, FilesThatCanNotBeReadAreNamed) {
  ExpectError({"run", "none.c", "--fn", "f"},
              "RuntimeError: can't read 'none.c': there is no such file");
  ExpectError({"run", "none.so", "--fn", "f"}, "RuntimeError: can't read 'none.so'");
  ExpectError({"run", ".", "--fn", "f"}, "RuntimeError: can't read '.': it is a directory");
  ExpectError({"run", "/dev/zero", "--fn", "f"}, "RuntimeError: can't read '/dev/zero'");
  ExpectError({"run", "", "--fn", "f"}, "RuntimeError: can't read ''");
}

TEST_F(KilnErrors, FilesThatAreNoModulesAreRefused) {
  Write("no.so", "not a library");
  Write("no.kiln", "not an artifact");
  Write("empty.kiln", "");
  Write("empty.c", "");
  for (const char* file : {"no.so", "no.kiln", "empty.kiln", "empty.c"}) {
    ExpectError({"run", file, "--fn", "f"}, "");
  }
}

TEST_F(KilnErrors, ArgumentsAreCheckedBeforeAnythingIsCompiled) {
  for (const char* argument : {"f32[", "f32[9999999999999]", "f32[9999999999999]=ones",
                               "i8[2]=300,1", "f32[-1]", "f32[2]=1,2,3", "", "word", "[1,2]"}) {
    ExpectError({"run", "none.c", "--fn", "echo", argument}, "ValueError: argument 0 '");
  }
}

TEST_F(KilnErrors, OptionsAreJudgedByTheEngine) {
  ExpectError({"run", "k.c", "--fn", "echo", "-O7"}, "ValueError: opt_level must be", "got 7");
  ExpectError({"run", "k.c", "--fn", "echo", "--option", "opt_level=fast"}, "TypeError: opt_level");
  ExpectError({"run", "k.c", "--fn", "echo", "--option", "opt_levl=3"}, "KeyError: ", "opt_level");
  ExpectError({"run", "k.c", "--fn", "echo", "--option", "defines"},
              "ValueError: --option takes NAME=VALUE, got 'defines'");
  ExpectError({"run", "k.c", "--fn", "echo", "--cpu", "abacus"}, "", "abacus");
}

TEST_F(KilnErrors, OptionsForACompiledModuleAreRefused) {
  ASSERT_EQ(Kiln({"compile", "k.c", "-o", "k.kiln"}).status, 0);
  ExpectError({"run", "k.kiln", "--fn", "echo", "-O2"}, "ValueError: 'k.kiln' is compiled already");
}

TEST_F(KilnErrors, TheOutputsSuffixMustBeAWriteFormat) {
  for (const char* output : {"k.exe", "k", "k."}) {
    ExpectError({"compile", "k.c", "-o", output}, "ValueError: the suffix of -o", ".o");
  }
  ExpectError({"compile", "k.c", "-o", "nowhere/k.o"}, "", "nowhere/k.o");
}

TEST_F(KilnErrors, AMissingEngineSaysWhatWasTried) {
  ExpectError({"doctor"}, "RuntimeError: libkiln_jit.so can't be loaded", "/nowhere",
              "KILN_JIT_LIBRARY=/nowhere");
  ExpectError({"run", "k.c", "--fn", "echo"}, "RuntimeError: libkiln_jit.so can't be loaded", "",
              "KILN_JIT_LIBRARY=/nowhere");
}

TEST_F(KilnErrors, AWrongCommandLineIsStatus2) {
  ExpectUsageError({}, "subcommand is required");
  ExpectUsageError({"walk"}, "no command 'walk'");
  ExpectUsageError({"run"}, "FILE is required");
  ExpectUsageError({"run", "k.c"}, "--fn is required");
  ExpectUsageError({"run", "k.c", "--fn", "echo", "--repaet", "3"}, "no option --repaet");
  ExpectUsageError({"run", "k.c", "--fn", "echo", "--repeat", "0"}, "--repeat");
  ExpectUsageError({"run", "k.c", "--fn", "echo", "--repeat", "many"}, "--repeat");
  ExpectUsageError({"run", "k.c", "--fn", "echo", "-O", "high"}, "-O");
  ExpectUsageError({"compile", "k.c"}, "-o is required");
  ExpectUsageError({"doctor", "--xml"}, "--xml");
}

TEST_F(KilnErrors, LostOutputIsAnError) {
  EXPECT_EQ(Shell(KILN_COMMAND " doctor >/dev/full").status, 1);
  EXPECT_EQ(Shell(KILN_COMMAND " --version >/dev/full").status, 1);
}

}  // namespace
}  // namespace kiln::testing
