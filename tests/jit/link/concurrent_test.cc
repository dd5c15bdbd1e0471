#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "jit/link/describe_address.h"
#include "tests/jit/link/load.h"

extern "C" {
// In the program itself, and so too far from JIT code for a short relocation.
__attribute__((visibility("default"))) int kiln_test_far = 0;
}

namespace kiln::jit {
namespace {

TEST(Linker, TwoThreadsLinkAndUnloadAtOnce) {
  const Artifact artifact = CompileC("int v = 20; int f(int x) { return v + x; }", Hermetic());
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto image = TestLinker().Link(artifact);
        if (FunctionOf<int(int)>(*image, "f")(i) != 20 + i) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Linker, TwoThreadsLinkSeveralObjectsWithOneImage) {
  const auto base = TestLinker().Link(CompileC("int base(void) { return 20; }", Hermetic()));
  const Artifact artifact = Combine(
      {CompileC("int base(void); int g(int); int f(int x) { return g(x) + base(); }", Hermetic()),
       CompileC("int v = 1; int g(int x) { return v * x; }", Hermetic())});
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto image = TestLinker().Link(artifact, {{}, {base}});
        if (FunctionOf<int(int)>(*image, "f")(i) != 20 + i) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Linker, ThreadsLinkCallAndUnloadWhileAnotherAsksWhatLiesWhere) {
  CompileOptions options = Hermetic();
  options.debug_info = true;
  const Artifact plain = CompileC("int v = 20; int f(int x) { return v + x; }", Hermetic());
  const Artifact debugged = CompileC("int v = 20; int f(int x) { return v + x; }", options);
  std::atomic<int> wrong = 0;
  std::atomic<bool> stop = false;
  std::atomic<const void*> latest = nullptr;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::vector<std::shared_ptr<LoadedImage>> images(10);
      for (int i = 0; i < 200; ++i) {
        auto& image = images[static_cast<size_t>(i) % images.size()];
        image = TestLinker().Link(t == 0 ? debugged : plain);
        latest = image->Find("f");
        if (FunctionOf<int(int)>(*image, "f")(i) != 20 + i) ++wrong;
      }
    });
  }
  std::thread asking([&] {
    while (!stop) {
      const auto text = DescribeAddress(latest);
      if (text && *text != "f+0x0 in k.c") ++wrong;
    }
  });
  for (std::thread& thread : threads) thread.join();
  stop = true;
  asking.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Linker, TwoThreadsGoOnWithTheStateOfOneImage) {
  const Artifact artifact = CompileC("int v = 20; int f(void) { return v; }", Hermetic());
  const auto first = TestLinker().Link(artifact);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        LinkInputs inputs;
        inputs.state_of = first;
        const auto image = TestLinker().Link(artifact, std::move(inputs));
        if (image->Find("v") != first->Find("v")) ++wrong;
        if (FunctionOf<int()>(*image, "f")() != 20) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Linker, AnErrorOnOneThreadDoesNotReachAnother) {
  const Artifact good = CompileC("int f(void) { return 1; }", Hermetic());
  const Artifact bad = CompileC("int absent(void); int f(void) { return absent(); }", Hermetic());
  const Artifact far = CompileC(
      "extern __attribute__((visibility(\"hidden\"))) int kiln_test_far; int f(void) { return "
      "kiln_test_far; }",
      Hermetic());
  std::atomic<int> wrong = 0;
  std::thread failing([&] {
    for (int i = 0; i < 100; ++i) {
      if (ThrownBy([&] { TestLinker().Link(bad); }).kind != "LinkError") ++wrong;
      // The reason of this one comes from JITLink.
      const Thrown error = ThrownBy([&] { TestLinker().Link(far); });
      if (error.kind != "LinkError" || error.message.find("out of range") == std::string::npos) {
        ++wrong;
      }
    }
  });
  std::thread working([&] {
    for (int i = 0; i < 200; ++i) {
      if (FunctionOf<int()>(*TestLinker().Link(good), "f")() != 1) ++wrong;
    }
  });
  failing.join();
  working.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace kiln::jit
