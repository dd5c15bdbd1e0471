#include "jit/worker/child_process.h"

#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "jit/worker/message.h"
#include "jit/worker/worker_pool.h"
#include "tests/jit/error_of.h"
#include "tests/jit/worker/fake_worker.h"

namespace kiln::jit {
namespace {

using kiln::testing::ErrorOf;
using kiln::testing::FakeWorker;
using Outcome = ChildProcess::Outcome;

std::string CompileOnPool(const CompileOptions& options, const Cancellation* cancellation) {
  WorkerPool pool;
  CompileReport report;
  return ErrorOf(
      [&] { pool.Compile({{Language::kC, "k.c", "int x;"}}, options, &report, cancellation); });
}

TEST(ChildProcess, AWorkerOfAnotherEngineIsRefused) {
  const FakeWorker fake("9.9.9 abc", "sleep 100");
  EXPECT_EQ(ErrorOf([] { ChildProcess process({.mode = "compile"}); }),
            "RuntimeError: the worker '" + fake.path() +
                "' has another engine than this process: '9.9.9 abc', and here it is '" +
                EngineIdentity() +
                "'; start this process again where Kiln was installed anew meanwhile, or see what "
                "KILN_WORKER names");
}

TEST(ChildProcess, DeathTellsTheExitStatusAndTheLastLines) {
  const FakeWorker fake(EngineIdentity(), "read line <&3; echo oh no >&2; exit 5");
  ChildProcess process({.mode = "compile"});
  std::string answer;
  EXPECT_EQ(process.Ask("a line\n", {}, &answer), Outcome::kUnheard);
  EXPECT_EQ(process.End(/*now=*/false).ToString(), "exited with status 5");
  EXPECT_EQ(LastLines(process.errors().text()), "; its last lines:\n  oh no");
}

TEST(ChildProcess, AnAnswerThatCameBeforeTheEndCounts) {
  const FakeWorker fake(EngineIdentity(),
                        "printf '\\0\\0\\0\\0\\0\\0\\0\\0\\002\\0\\0\\0\\0\\0\\0\\0ok' >&3");
  ChildProcess process({.mode = "compile"});
  std::string answer;
  EXPECT_EQ(process.Ask("", {}, &answer), Outcome::kAnswered);
  EXPECT_EQ(answer, "ok");
  EXPECT_EQ(process.Ask("", {}, &answer), Outcome::kUnheard);
}

TEST(ChildProcess, OutputWithoutEndIsBoundedAndDoesNotStopTheWorker) {
  const FakeWorker fake(EngineIdentity(),
                        "yes | head -c 3000000; yes no | head -c 3000000 >&2; exit 0");
  ChildProcess process({.mode = "compile", .kept_output = 1000});
  std::string answer;
  EXPECT_EQ(process.Ask("", {}, &answer), Outcome::kUnheard);
  process.End(/*now=*/false);
  EXPECT_EQ(process.output().text().size(), 1000u);
  EXPECT_FALSE(process.output().complete());
  EXPECT_EQ(process.errors().text().size(), 1000u);
}

TEST(ChildProcess, AWorkerThatClosesItsSocketAndStaysIsKilled) {
  const FakeWorker fake(EngineIdentity(), "exec 3>&-; exec sleep 1000");
  ChildProcess process({.mode = "compile"});
  std::string answer;
  EXPECT_EQ(process.Ask("", {}, &answer), Outcome::kUnheard);
  EXPECT_EQ(process.End(/*now=*/false).signal, SIGKILL);
}

TEST(ChildProcess, AWorkerThatReadsNothingIsStoppedInTime) {
  const FakeWorker fake(EngineIdentity(), "exec sleep 1000");
  ChildProcess process({.mode = "compile"});
  std::string answer;
  const std::string long_message(10'000'000, 'x');
  EXPECT_EQ(process.Ask(long_message, {.timeout_ms = 50}, &answer), Outcome::kTimedOut);
}

TEST(WorkerPool, ACompileThatIsCancelledSaysSo) {
  const FakeWorker fake(EngineIdentity(), "exec sleep 1000");
  Cancellation cancellation;
  std::thread other([&] { cancellation.Cancel(); });
  EXPECT_EQ(CompileOnPool({}, &cancellation), "CancelledError: the compile of 'k.c' was cancelled");
  other.join();
  EXPECT_TRUE(cancellation.IsCancelled());
  EXPECT_EQ(CompileOnPool({}, &cancellation), "CancelledError: the compile of 'k.c' was cancelled");
}

TEST(WorkerPool, AMalformedAnswerIsARuntimeError) {
  const FakeWorker fake(EngineIdentity(), "printf '\\003\\0\\0\\0\\0\\0\\0\\0abc' >&3; sleep 1");
  EXPECT_EQ(CompileOnPool({}, nullptr),
            "RuntimeError: the answer of a worker is malformed: it ends inside an integer");
}

}  // namespace
}  // namespace kiln::jit
