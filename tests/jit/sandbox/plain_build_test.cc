// Code in a sandbox, where the sanitizers of a build would take notice first: their allocators end
// a process in ways of their own, they stand between code and system calls, and make such calls
// themselves where an exception is thrown. Not in builds with them.
#include <csignal>

#include <gtest/gtest.h>

#include "tests/jit/sandbox/try_c.h"

namespace kiln::testing {
namespace {

TEST(TryRunDeaths, AMemoryHogIsAMemoryError) {
  const char* const hogs[] = {
      "#include <stdlib.h>\n#include <string.h>\n"
      "void f(void) { for (;;) memset(malloc(1 << 20), 1, 1 << 20); }",
      "#include <stdlib.h>\n"
      "void f(void) { char* p = malloc(1ul << 40); p[0] = 1; }",
  };
  for (const char* hog : hogs) {
    const auto tried = TryC(hog, {}, {{"max_memory_mb", 100}});
    EXPECT_EQ(tried.status, "memory") << MessageOf(tried);
    EXPECT_EQ(tried.error->kind(), "MemoryError");
    EXPECT_TRUE(Has(MessageOf(tried), "needs more than max_memory_mb = 100")) << MessageOf(tried);
  }
  const auto tried =
      jit::TryRun("#include <vector>\nvoid f() { std::vector<int> v; for (;;) v.push_back(1); }",
                  "f", {}, {.name = "k.cc", .exports = {"f"}, .more = {{"max_memory_mb", 100}}});
  EXPECT_EQ(tried.status, "memory") << MessageOf(tried);
}

TEST(TryRunDeaths, AHeapThatIsBrokenIsToldAsItsAbort) {
  const auto tried =
      TryC("#include <stdlib.h>\nvoid f(void) { char* p = malloc(8); free(p); free(p); }");
  EXPECT_EQ(tried.status, "died");
  EXPECT_EQ(tried.signal, SIGABRT) << MessageOf(tried);
  EXPECT_TRUE(Has(tried.standard_error, "free")) << tried.standard_error;
}

TEST(TryRunDeaths, StartingProcessesIsForbidden) {
  const char* const sources[] = {
      "#include <unistd.h>\nint f(void) { return fork(); }",
      "#include <stdlib.h>\nint f(void) { return system(\"true\"); }",
      "#include <unistd.h>\nint f(void) { return vfork(); }",
      "#include <unistd.h>\nint f(void) { return execl(\"/bin/true\", \"true\", (char*)0); }",
  };
  for (const char* source : sources) {
    const auto tried = TryC(source);
    EXPECT_EQ(tried.status, "forbidden") << source << MessageOf(tried);
  }
}

TEST(TryRunDeaths, TheSandboxCanNotBeLeft) {
  const char* const calls[] = {
      "prctl(38, 0, 0, 0, 0)",
      "(long)signal(SIGSYS, SIG_IGN)",
      "(long)mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)",
      "syscall(SYS_openat, -100, \"/etc/passwd\", 0)",
      "syscall(SYS_open, \"/etc/passwd\", 0)",
      "syscall(SYS_memfd_create, \"x\", 0)",
      "syscall(0x40000000 | SYS_getpid)",
      "syscall(SYS_io_uring_setup, 1, 0)",
      "write(3, \"x\", 1)",
  };
  for (const char* call : calls) {
    const auto tried = TryC(
        "#include <signal.h>\n#include <sys/mman.h>\n#include <sys/prctl.h>\n"
        "#include <sys/syscall.h>\n#include <unistd.h>\nint f(void) { return (int)" +
        std::string(call) + "; }");
    EXPECT_FALSE(tried.ok()) << call;
    EXPECT_TRUE(tried.status == "forbidden" || tried.signal == SIGSYS) << call << MessageOf(tried);
  }
}

TEST(TryRunDeaths, ExitIsToldWithItsStatus) {
  const auto tried = TryC("#include <stdlib.h>\nvoid f(void) { exit(7); }");
  EXPECT_EQ(tried.status, "died");
  EXPECT_EQ(tried.exit_code, 7);
  EXPECT_EQ(MessageOf(tried),
            "the process that ran 'f' exited with status 7 before it had returned");
}

TEST(TryRun, ArgumentsAreCheckedAsInACall) {
  const Tensor x = Tensor::Empty({4}, DataTypeOf<double>());
  const auto tried = TryC("void f(float* x) {}", {x});
  EXPECT_EQ(tried.status, "error");
  EXPECT_EQ(tried.error->kind(), "TypeError");
  EXPECT_TRUE(Has(MessageOf(tried), "expected float32 tensor, got float64")) << MessageOf(tried);
}

TEST(TryRun, AnErrorOfTheFunctionArrivesAndTensorsStayAsTheyWere) {
  const Tensor x = Tensor::Empty({1}, DataTypeOf<float>());
  x.elements<float>()[0] = 5;
  const char* const source = R"(
#include <tvm/ffi/c_api.h>
int __tvm_ffi_f(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  *(float*)((DLTensor*)(args[0].v_obj + 1))->data = 7;
  TVMFFIErrorSetRaisedFromCStr("IndexError", "seven is too much");
  return -1;
}
)";
  const auto tried = jit::TryRun(source, "f", {x}, {.name = "k.c"});
  EXPECT_EQ(tried.status, "error");
  EXPECT_EQ(tried.error->kind(), "IndexError");
  EXPECT_EQ(tried.error->message(), "seven is too much");
  EXPECT_EQ(x.elements<float>()[0], 5);
}

TEST(TryRun, AnExceptionThatLeavesTheFunctionIsAnError) {
  const auto tried =
      jit::TryRun("#include <stdexcept>\nvoid f() { throw std::runtime_error(\"out\"); }", "f", {},
                  {.name = "k.cc", .exports = {"f"}});
  EXPECT_EQ(tried.status, "error") << MessageOf(tried);
  EXPECT_TRUE(Has(MessageOf(tried), "out")) << MessageOf(tried);
}

TEST(TryRunArguments, ReadOnlyTensorsStaySo) {
  DLManagedTensorVersioned managed{};
  std::vector<float> memory(4, 1.0f);
  int64_t shape[] = {4};
  managed.version = {1, 0};
  managed.flags = DLPACK_FLAG_BITMASK_READ_ONLY;
  managed.dl_tensor = {memory.data(), kCpu, 1, DataTypeOf<float>(), shape, nullptr, 0};
  const Tensor x = Tensor::FromDLPack(&managed);
  EXPECT_EQ(TryC("float f(const float* x) { return x[0]; }", {x}).result.cast<double>(), 1.0);
  const auto checked = TryC("void f(float* x) { x[0] = 2; }", {x});
  EXPECT_EQ(checked.status, "error") << MessageOf(checked);
  const auto forced = TryC("void f(const float* x) { *(float*)x = 2; }", {x});
  EXPECT_EQ(forced.status, "died") << MessageOf(forced);
  EXPECT_EQ(memory[0], 1.0f);
}

}  // namespace
}  // namespace kiln::testing
