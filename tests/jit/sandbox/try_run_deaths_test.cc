// Code in a sandbox that does not behave. Each is told as what it is, and this process goes on.
#include <csignal>

#include <gtest/gtest.h>

#include "tests/jit/sandbox/try_c.h"

namespace kiln::testing {
namespace {

TEST(TryRunDeaths, ASegmentationFaultHasItsAddressAndItsLine) {
  const auto tried = TryC("int f(void) {\n  int* p = (int*)0x1230;\n  return *p;\n}");
  EXPECT_EQ(tried.status, "died");
  EXPECT_EQ(tried.signal, SIGSEGV);
  EXPECT_EQ(tried.signal_name, "SIGSEGV");
  EXPECT_EQ(tried.address, 0x1230);
  EXPECT_EQ(tried.function, "f");
  EXPECT_EQ(tried.file, "k.c");
  EXPECT_EQ(tried.line, 3);
  EXPECT_EQ(MessageOf(tried),
            "'f' died in 'f' (k.c:3) of SIGSEGV: it touched memory at 0x1230, which it may not");
}

TEST(TryRunDeaths, AFaultInALibraryHasTheLineThatCalledIt) {
  const auto tried =
      TryC("#include <string.h>\nint f(void* volatile p) {\n  return 1 +\n    (int)strlen(p);\n}",
           {static_cast<void*>(nullptr)});
  EXPECT_EQ(tried.status, "died") << MessageOf(tried);
  EXPECT_EQ(tried.function, "f");
  EXPECT_EQ(tried.line, 4);
}

TEST(TryRunDeaths, AFunctionThatIsLocalIsNamed) {
  const auto tried = TryC(
      "__attribute__((noinline)) static int deep(int* p) { return *p; }\n"
      "int f(void) { return deep((int*)8); }");
  EXPECT_EQ(tried.function, "deep");
  EXPECT_EQ(tried.line, 1);
}

TEST(TryRunDeaths, OptimisedCodeHasItsLineToo) {
  const auto tried = jit::TryRun("int f(long a) {\n  int* p = (int*)a;\n  return *p + 1;\n}", "f",
                                 {0x40}, {.name = "k.c", .opt_level = 3});
  EXPECT_EQ(MessageOf(tried),
            "'f' died in 'f' (k.c:3) of SIGSEGV: it touched memory at 0x40, which it may not");
}

TEST(TryRunDeaths, WithoutDebugInformationTheFunctionIsKnown) {
  const auto tried = TryC("int f(void) { return *(volatile int*)8; }", {}, {{"debug_info", false}});
  EXPECT_EQ(tried.function, "f");
  EXPECT_EQ(tried.line, 0);
  EXPECT_TRUE(Has(MessageOf(tried), "died in 'f' at +0x")) << MessageOf(tried);
}

TEST(TryRunDeaths, AbortIsToldWithWhatWasPrinted) {
  const auto tried = TryC(
      "#include <stdio.h>\n#include <stdlib.h>\n"
      "void f(void) { printf(\"half a line\");\n  abort(); }");
  EXPECT_EQ(tried.status, "died");
  EXPECT_EQ(tried.signal, SIGABRT);
  EXPECT_EQ(tried.line, 4);
  EXPECT_EQ(tried.standard_output, "half a line");
}

TEST(TryRunDeaths, AStackOverflowIsCalledSo) {
  const auto tried = TryC(
      "int f(volatile int n) {\n  volatile char big[1000];\n  big[n % 1000] = 1;\n"
      "  return f(n + 1) + big[0];\n}",
      {0});
  EXPECT_EQ(tried.status, "died");
  EXPECT_TRUE(Has(MessageOf(tried), "its stack overflowed")) << MessageOf(tried);
  EXPECT_EQ(tried.function, "f");
}

TEST(TryRunDeaths, AnEndlessLoopIsATimeoutWithItsLine) {
  const auto tried =
      TryC("void f(void) {\n  volatile int x = 1;\n  while (x) {}\n}", {}, {{"timeout_ms", 300}});
  EXPECT_EQ(tried.status, "timeout");
  EXPECT_EQ(tried.error->kind(), "TimeoutError");
  EXPECT_EQ(tried.line, 3);
  EXPECT_EQ(MessageOf(tried),
            "'f' did not end within timeout_ms = 300 and was stopped in 'f' (k.c:3)");
}

TEST(TryRunDeaths, AnEndlessCompileIsATimeoutOfTheCompile) {
  const auto tried = jit::TryRun(
      "define i65536 @f(i65536 %a, i65536 %b) {\n  %c = sdiv i65536 %a, %b\n  ret i65536 %c\n}\n"
      "define void @g() {\n  ret void\n}\n",
      "g", {}, {.name = "k.ll", .more = {{"timeout_ms", 300}}});
  EXPECT_EQ(tried.status, "timeout");
  EXPECT_EQ(tried.phase, "compile") << MessageOf(tried);
}

TEST(TryRunDeaths, OpeningAFileIsForbidden) {
  const auto tried =
      TryC("#include <stdio.h>\nint f(void) {\n  return fopen(\"/etc/passwd\", \"r\") != 0;\n}");
  EXPECT_EQ(tried.status, "forbidden");
  EXPECT_EQ(tried.syscall, "openat");
  EXPECT_EQ(tried.signal, SIGSYS);
  EXPECT_EQ(MessageOf(tried),
            "'f' made the system call openat, which opens or changes files in 'f' (k.c:3); code "
            "that is tried may compute, print, and start threads");
}

TEST(TryRunDeaths, TheNetworkIsForbidden) {
  const auto tried =
      TryC("#include <sys/socket.h>\nint f(void) { return socket(AF_INET, SOCK_STREAM, 0); }");
  EXPECT_EQ(tried.status, "forbidden");
  EXPECT_EQ(tried.syscall, "socket");
}

TEST(TryRunDeaths, ReachingOtherProcessesIsForbidden) {
  const char* const calls[] = {"kill(1, 9)", "kill(getppid(), 9)",
                               "syscall(SYS_ptrace, 16, 1, 0, 0)",
                               "syscall(SYS_tgkill, getppid(), getppid(), 9)",
                               "syscall(SYS_sched_setaffinity, getppid(), 8, \"12345678\")"};
  for (const char* call : calls) {
    const auto tried = TryC(
        "#include <signal.h>\n#include <sys/syscall.h>\n#include <unistd.h>\n"
        "int f(void) { return (int)" +
        std::string(call) + "; }");
    EXPECT_EQ(tried.status, "forbidden") << call << MessageOf(tried);
  }
}

TEST(TryRunDeaths, AConstructorIsFencedInAsWell) {
  const auto tried = TryC(
      "#include <unistd.h>\n__attribute__((constructor)) static void first(void) { fork(); }\n"
      "int f(void) { return 1; }");
  EXPECT_EQ(tried.status, "forbidden");
  EXPECT_EQ(tried.phase, "constructors");
}

TEST(TryRunDeaths, WritesOutsideOfTensorsTouchNothingHere) {
  const Tensor x = Tensor::Empty({1024}, DataTypeOf<float>());
  for (float& element : x.elements<float>()) element = 1;
  const char* const source =
      "void f(float* x, long from, long to) {\n"
      "  for (long i = from; i != to; i += from < to ? 1 : -1)\n"
      "    x[i] = 5;\n"
      "}";
  const auto behind = TryC(source, {x, 0, 1'000'000});
  EXPECT_EQ(behind.status, "died") << MessageOf(behind);
  EXPECT_EQ(behind.signal, SIGSEGV);
  EXPECT_EQ(behind.line, 3);
  const auto before = TryC(source, {x, 0, -1'000'000});
  EXPECT_EQ(before.status, "died") << MessageOf(before);
  for (const float element : x.elements<float>()) ASSERT_EQ(element, 1);
}

TEST(TryRunDeaths, TheElementBehindATensorIsMissed) {
  const Tensor x = Tensor::Empty({16}, DataTypeOf<float>());
  const auto tried = TryC("void f(float* x) { x[16] = 1; }", {x});
  EXPECT_EQ(tried.status, "died") << MessageOf(tried);
}

TEST(TryRunDeaths, ADivisionByZeroIsToldWithItsLine) {
  const auto tried = TryC("int f(int a, int b) {\n\n  return a / b;\n}", {1, 0});
  EXPECT_EQ(tried.status, "died");
  EXPECT_EQ(tried.signal, SIGFPE);
  EXPECT_EQ(tried.line, 3);
}

TEST(TryRunDeaths, AForgedAnswerDoesNotHarmThisProcess) {
  const auto tried = TryC(
      "#include <string.h>\n#include <sys/socket.h>\n#include <unistd.h>\n"
      "void f(void) {\n  long message[3] = {16, 1, 1L << 60};\n"
      "  send(3, message, sizeof message, 0);\n  _exit(0);\n}");
  EXPECT_EQ(tried.status, "died");
  EXPECT_TRUE(Has(MessageOf(tried), "malformed")) << MessageOf(tried);
}

}  // namespace
}  // namespace kiln::testing
