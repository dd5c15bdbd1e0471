// Threads that compile, call and drop modules at once.
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/kernels/kernels.h"

namespace kiln::testing {
namespace {

std::string ConstantKernel(int value) {
  return "#include <tvm/ffi/c_api.h>\n"
         "int __tvm_ffi_value(void* s, const TVMFFIAny* a, int32_t n, TVMFFIAny* r) {\n"
         "  r->type_index = kTVMFFIInt;\n  r->v_int64 = " +
         std::to_string(value) + ";\n  return 0;\n}\n";
}

template <typename Body>
void RunOnThreads(int count, Body body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

TEST(JitConcurrent, TwoThreadsCompileAtOnceAndBothAreRight) {
  std::atomic<int> right = 0;
  RunOnThreads(2, [&](int thread) {
    for (int i = 0; i < 10; ++i) {
      const int value = thread * 1000 + i;
      const Module module = jit::Compile(ConstantKernel(value), {.name = "value.c"});
      if (module.GetFunction("value")().cast<int64_t>() == value) ++right;
    }
  });
  EXPECT_EQ(right, 20);
}

TEST(JitConcurrent, GoodAndBadSourcesDoNotDisturbEachOther) {
  std::atomic<int> right = 0;
  RunOnThreads(4, [&](int thread) {
    for (int i = 0; i < 5; ++i) {
      if (thread % 2 == 0) {
        const Module module = jit::Compile(ConstantKernel(i), {.name = "value.c"});
        if (module.GetFunction("value")().cast<int64_t>() == i) ++right;
        continue;
      }
      const std::string name = "bad" + std::to_string(thread) + ".c";
      try {
        jit::Compile("int f(void) { return nothing; }", {.name = name});
      } catch (const Error& error) {
        if (error.message().find(name + ":1:") != std::string_view::npos) ++right;
      }
    }
  });
  EXPECT_EQ(right, 20);
}

TEST(JitConcurrent, AFunctionIsReplacedWhileOthersCallIt) {
  const std::string name = "test.jit.replaced";
  const auto install = [&](int value) {
    GlobalFunction::Register(
        name, jit::Compile(ConstantKernel(value), {.name = "value.c"}).GetFunction("value"), true);
  };
  install(0);
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::thread caller([&] {
    int64_t last = 0;
    while (!done) {
      const int64_t value = GlobalFunction::Get(name)().cast<int64_t>();
      if (value < last || value > 20) ++wrong;
      last = value;
    }
  });
  for (int value = 1; value <= 20; ++value) install(value);
  done = true;
  caller.join();
  EXPECT_EQ(wrong, 0);
  GlobalFunction::Remove(name);
}

TEST(JitConcurrent, SharedLibrariesAreWrittenWhileOtherThreadsCompileAndFail) {
  const std::string folder = ::testing::TempDir();
  std::atomic<int> right = 0;
  RunOnThreads(3, [&](int thread) {
    const std::string path = folder + "kiln_concurrent_" + std::to_string(thread) + ".so";
    for (int i = 0; i < 5; ++i) {
      const int value = thread * 1000 + i;
      const Module module = jit::Compile(ConstantKernel(value), {.name = "value.c"});
      if (thread == 2) {
        try {
          module->WriteToFile("/no/such/folder/value.so", "so");
        } catch (const Error& error) {
          if (error.kind() == "LinkError") ++right;
        }
        continue;
      }
      module->WriteToFile(path, "so");
      const Module loaded = Module::LoadFromFile(path);
      if (loaded.GetFunction("value")().cast<int64_t>() == value) ++right;
    }
    std::filesystem::remove(path);
  });
  EXPECT_EQ(right, 15);
}

}  // namespace
}  // namespace kiln::testing
