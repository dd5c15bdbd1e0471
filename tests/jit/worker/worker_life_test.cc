// When workers start, stay and end.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "tests/jit/worker/isolated.h"
#include "tests/jit/worker/worker_processes.h"

namespace kiln::testing {
namespace {

pid_t OnlyWorker() {
  const std::vector<pid_t> workers = WorkersOf(getpid());
  if (workers.size() != 1) throw std::runtime_error(std::to_string(workers.size()) + " workers");
  return workers[0];
}

TEST(WorkerLife, OneIsKeptForTheNextCompile) {
  EXPECT_TRUE(WorkersOf(getpid()).empty());
  EXPECT_EQ(AnswerOfGoodCode(), 42);
  const pid_t worker = OnlyWorker();
  EXPECT_EQ(AnswerOfGoodCode(), 42);
  EXPECT_EQ(OnlyWorker(), worker);
}

TEST(WorkerLife, OneThatDiedIdleIsReplacedUnseen) {
  EXPECT_EQ(AnswerOfGoodCode(), 42);
  const pid_t worker = OnlyWorker();
  kill(worker, SIGKILL);
  WaitForEnd(worker);
  EXPECT_EQ(AnswerOfGoodCode(), 42);
  EXPECT_NE(OnlyWorker(), worker);
}

TEST(WorkerLife, OneOutlivesTheThreadThatStartedIt) {
  std::thread([] { EXPECT_EQ(AnswerOfGoodCode(), 42); }).join();
  const pid_t worker = OnlyWorker();
  EXPECT_EQ(AnswerOfGoodCode(), 42);
  EXPECT_EQ(OnlyWorker(), worker);
}

TEST(WorkerLife, OneHasNoFileOfTheHost) {
  const int secret = open("/etc/passwd", O_RDONLY);  // Without O_CLOEXEC.
  ASSERT_GE(secret, 0);
  EXPECT_EQ(AnswerOfGoodCode(), 42);
  const std::string folder = "/proc/" + std::to_string(OnlyWorker()) + "/fd";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_NE(std::filesystem::read_symlink(entry).string(), "/etc/passwd");
  }
  close(secret);
}

TEST(WorkerLife, OneStartsInAHostWithoutStandardStreams) {
  const int kept = dup(STDERR_FILENO);
  for (int stream = 0; stream < 3; ++stream) close(stream);
  const std::string error = ErrorOf([] { EXPECT_EQ(AnswerOfGoodCode(), 42); });
  for (int stream = 0; stream < 3; ++stream) dup2(kept, stream);
  EXPECT_EQ(error, "no error");
}

TEST(WorkerLife, AHostThatIgnoresItsChildrenIsNoHindrance) {
  signal(SIGCHLD, SIG_IGN);
  EXPECT_EQ(AnswerOfGoodCode(), 42);
  std::thread killer([] { kill(WaitForBusyWorker(getpid()), SIGKILL); });
  const std::string error = CompileError(kEndlessIr, {.name = "endless.ll"});
  killer.join();
  EXPECT_EQ(error, "RuntimeError: the worker process that compiled 'endless.ll' ended");
  EXPECT_EQ(AnswerOfGoodCode(), 42);
}

TEST(WorkerLife, AHostThatReapsEveryChildIsNoHindrance) {
  signal(SIGCHLD, [](int) {
    const int saved = errno;
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    errno = saved;
  });
  EXPECT_EQ(AnswerOfGoodCode(), 42);
  EXPECT_EQ(CompileError(kEndlessIr, {.name = "k.ll", .more = {{"timeout_ms", 100}}}).substr(0, 12),
            "TimeoutError");
  EXPECT_EQ(AnswerOfGoodCode(), 42);
}

// Forks a host that runs `body`, and returns it. It ends after a minute at the latest.
template <typename Body>
pid_t ForkHost(Body body) {
  const pid_t host = fork();
  if (host != 0) return host;
  alarm(60);
  try {
    body();
  } catch (...) {
    _exit(1);
  }
  _exit(0);
}

TEST(WorkerLife, OneEndsWithItsHostInTheMiddleOfACompile) {
  const pid_t host = ForkHost([] { CompileError(kEndlessIr, {.name = "endless.ll"}); });
  const pid_t worker = WaitForBusyWorker(host);
  kill(host, SIGKILL);
  waitpid(host, nullptr, 0);
  EXPECT_NO_THROW(WaitForEnd(worker));
}

TEST(WorkerLife, OneEndsWithItsHostThoughAForkOfThatHoldsItsSocket) {
  int forked[2];
  ASSERT_EQ(pipe(forked), 0);
  const pid_t host = ForkHost([&] {
    AnswerOfGoodCode();
    const pid_t holder = fork();
    if (holder == 0) {
      alarm(60);
      while (true) pause();
    }
    [[maybe_unused]] const ssize_t written = write(forked[1], &holder, sizeof holder);
    while (true) pause();
  });
  close(forked[1]);
  pid_t holder = 0;
  ASSERT_EQ(read(forked[0], &holder, sizeof holder), static_cast<ssize_t>(sizeof holder));
  const std::vector<pid_t> workers = WorkersOf(host);
  ASSERT_EQ(workers.size(), 1u);
  kill(host, SIGKILL);
  waitpid(host, nullptr, 0);
  EXPECT_NO_THROW(WaitForEnd(workers[0]));
  kill(holder, SIGKILL);
}

TEST(WorkerLife, AForkHasWorkersOfItsOwn) {
  EXPECT_EQ(AnswerOfGoodCode(), 42);
  const pid_t worker = OnlyWorker();
  const pid_t child = ForkHost([] { _exit(AnswerOfGoodCode() == 42 ? 0 : 1); });
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(AnswerOfGoodCode(), 42);
  EXPECT_EQ(OnlyWorker(), worker);
}

TEST(WorkerLife, AChangedEnvironmentReachesTheNextCompile) {
  EXPECT_EQ(AnswerOfGoodCode(), 42);
  const pid_t worker = OnlyWorker();
  setenv("KILN_TEST_OF_WORKERS", "1", 1);
  EXPECT_EQ(AnswerOfGoodCode(), 42);
  EXPECT_NE(OnlyWorker(), worker);
}

TEST(WorkerLife, AMissingExecutableIsAnErrorThatNamesIt) {
  setenv("KILN_WORKER", "/nowhere/kiln-worker", 1);
  EXPECT_EQ(ErrorOf([] { AnswerOfGoodCode(); }),
            "RuntimeError: the worker '/nowhere/kiln-worker' can't be run: No such file or "
            "directory; it belongs beside libkiln_jit.so, or set KILN_WORKER to its path");
}

TEST(WorkerLife, AnExecutableThatIsNoWorkerIsAnErrorThatShowsWhatItSaid) {
  setenv("KILN_WORKER", "/bin/cat", 1);
  EXPECT_EQ(ErrorOf([] { AnswerOfGoodCode(); }),
            "RuntimeError: the worker '/bin/cat' did not start: it exited with status 1; its last "
            "lines:\n  kiln-worker: compile: No such file or directory");
}

}  // namespace
}  // namespace kiln::testing
