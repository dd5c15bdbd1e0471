#include "jit/threads/crash_guard.h"

#include <setjmp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "jit/threads/compile_threads.h"

namespace kiln::jit {
namespace {

using ::testing::ExitedWithCode;
using ::testing::KilledBySignal;

// How `work` ended on a compile thread: "" where it returned.
template <typename Work>
std::string EndOf(Work work) {
  std::string end;
  CompileThreads::Global().Run([&] {
    if (const std::optional<Crash> crash = RunGuarded(work)) end = crash->reason;
  });
  return end;
}

// A page that may not be touched.
char* ForbiddenPage() {
  static char* const kPage =
      static_cast<char*>(mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  return kPage;
}

void TouchForbiddenPage() { *const_cast<volatile char*>(ForbiddenPage()) = 1; }

__attribute__((noinline)) int Recurse(int depth) {
  volatile char frame[512];
  frame[0] = static_cast<char>(depth);
  return depth == 0 ? 0 : Recurse(depth + 1) + frame[0];
}

TEST(CrashGuard, WorkThatReturnsIsNoCrash) {
  int runs = 0;
  EXPECT_EQ(EndOf([&] { ++runs; }), "");
  EXPECT_EQ(runs, 1);
}

TEST(CrashGuard, AFaultIsReturnedWithItsSignalAndAddress) {
  char expected[64];
  std::snprintf(expected, sizeof expected, "SIGSEGV at address %p", ForbiddenPage());
  EXPECT_EQ(EndOf(&TouchForbiddenPage), expected);
}

TEST(CrashGuard, EndlessRecursionRunsOutOfStack) {
  EXPECT_EQ(EndOf([] { Recurse(1); }), "it ran out of stack");
}

TEST(CrashGuard, AbortAndExitEndTheWorkAlone) {
  EXPECT_EQ(EndOf([] { std::abort(); }), "it called abort()");
  EXPECT_EQ(EndOf([] { std::exit(7); }), "it called exit(7)");
  EXPECT_EQ(EndOf([] { AbandonGuarded("no way on"); }), "no way on");
}

TEST(CrashGuard, TheThreadGoesOnAfterManyCrashes) {
  for (int i = 0; i < 100; ++i) ASSERT_NE(EndOf(&TouchForbiddenPage), "");
  EXPECT_EQ(EndOf([] {}), "");
}

TEST(CrashGuard, ExceptionsGoThrough) {
  EXPECT_THROW(
      CompileThreads::Global().Run([] { RunGuarded([] { throw std::runtime_error("as ever"); }); }),
      std::runtime_error);
  EXPECT_NE(EndOf(&TouchForbiddenPage), "");
}

TEST(CrashGuard, ACrashEndsTheInnermostGuard) {
  std::string inner;
  const std::string outer = EndOf([&] {
    inner = RunGuarded([] { AbandonGuarded("inner"); })->reason;
    AbandonGuarded("outer");
  });
  EXPECT_EQ(inner, "inner");
  EXPECT_EQ(outer, "outer");
}

TEST(CrashGuard, AbandonReturnsWhereNothingIsGuarded) {
  AbandonGuarded("nothing");
  SUCCEED();
}

sigjmp_buf host_place;
volatile void* host_address = nullptr;

void HostHandler(int, siginfo_t* event, void*) {
  host_address = event->si_addr;
  siglongjmp(host_place, 1);
}

// Has the host handle its own faults.
class HostFaults {
 public:
  HostFaults() {
    struct sigaction action{};
    action.sa_sigaction = &HostHandler;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, &former_);
  }
  ~HostFaults() { sigaction(SIGSEGV, &former_, nullptr); }
  HostFaults(const HostFaults&) = delete;
  HostFaults& operator=(const HostFaults&) = delete;

  // Whether a fault of this thread reaches the host's handler, with its address.
  static bool AreHandled() {
    host_address = nullptr;
    if (sigsetjmp(host_place, 1) == 0) TouchForbiddenPage();
    return host_address == ForbiddenPage();
  }

 private:
  struct sigaction former_{};
};

TEST(CrashGuard, TheHostsHandlersAreAsTheyWereAfterTheWork) {
  const HostFaults faults;
  struct sigaction before{};
  sigaction(SIGSEGV, nullptr, &before);
  EXPECT_NE(EndOf(&TouchForbiddenPage), "");
  struct sigaction after{};
  sigaction(SIGSEGV, nullptr, &after);
  EXPECT_EQ(after.sa_sigaction, &HostHandler);
  EXPECT_EQ(after.sa_flags, before.sa_flags);
  sigaction(SIGABRT, nullptr, &after);
  EXPECT_EQ(after.sa_handler, SIG_DFL);
}

TEST(CrashGuard, TheHostsFaultsAreTheHostsWhileWorkRuns) {
  const HostFaults faults;
  std::string end = EndOf([] {
    bool handled = false;
    std::thread host([&] { handled = HostFaults::AreHandled(); });
    host.join();
    if (!handled) AbandonGuarded("the host was not asked");
    TouchForbiddenPage();
  });
  EXPECT_NE(end.find("SIGSEGV"), std::string::npos) << end;
}

TEST(CrashGuard, AHandlerThatTheHostInstallsMeanwhileStays) {
  std::optional<HostFaults> faults;
  EXPECT_EQ(EndOf([&] { faults.emplace(); }), "");
  struct sigaction after{};
  sigaction(SIGSEGV, nullptr, &after);
  EXPECT_EQ(after.sa_sigaction, &HostHandler);
  EXPECT_TRUE(HostFaults::AreHandled());
  faults.reset();
  // What the host puts back is the guard's own, with nothing behind it.
  EXPECT_NE(EndOf(&TouchForbiddenPage), "");
}

TEST(CrashGuard, AFaultOfTheHostEndsTheProcessAsEver) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(CompileThreads::Global().Run([] {
    RunGuarded([] {
      std::thread host([] { raise(SIGILL); });
      host.join();
    });
  }),
              KilledBySignal(SIGILL), "");
}

TEST(CrashGuard, ExitOfTheHostEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::exit(3), ExitedWithCode(3), "");
}

}  // namespace
}  // namespace kiln::jit
