// Executables that stand in for the worker.
#ifndef KILN_TESTS_JIT_WORKER_FAKE_WORKER_H_
#define KILN_TESTS_JIT_WORKER_FAKE_WORKER_H_

#include <string>

namespace kiln::testing {

// Has workers started as a shell script that says `identity` and then runs `rest`. The script goes
// with the object.
class FakeWorker {
 public:
  FakeWorker(const std::string& identity, const std::string& rest);
  ~FakeWorker();
  FakeWorker(const FakeWorker&) = delete;
  FakeWorker& operator=(const FakeWorker&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace kiln::testing

#endif  // KILN_TESTS_JIT_WORKER_FAKE_WORKER_H_
