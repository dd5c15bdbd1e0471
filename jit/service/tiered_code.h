#ifndef KILN_JIT_SERVICE_TIERED_CODE_H_
#define KILN_JIT_SERVICE_TIERED_CODE_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/link/linker.h"
#include "jit/threads/compile_threads.h"
#include "kiln/function.h"
#include "kiln/optional.h"

namespace kiln::jit {

// An artifact and the image that it became.
struct LoadedCode {
  std::shared_ptr<const Artifact> artifact;
  std::shared_ptr<LoadedImage> image;
};

// The code of a module that is compiled twice: quickly at first, so that it can be called, and then
// well. Its functions call the first code until the second is there, and the second from then on,
// by one atomic change for each; calls that have begun finish on the first, which stays in memory.
// Any number of threads may use it at once.
class TieredCode : public std::enable_shared_from_this<TieredCode> {
 public:
  using Clock = std::chrono::steady_clock;

  explicit TieredCode(LoadedCode first);
  TieredCode(const TieredCode&) = delete;
  TieredCode& operator=(const TieredCode&) = delete;

  // Queues `make`, which makes the second code, as background work. What it throws is what Wait
  // throws. It does not run where nobody has the code any longer.
  void Improve(std::function<LoadedCode(const LoadedCode& first)> make);

  // The best that there is.
  LoadedCode Current() const;

  // The function of `symbol`, an export's full name; none where the code has no such symbol.
  Optional<Function> FunctionOf(const std::string& symbol);

  // Waits until the second code is there, or until `deadline`: true if it is. It is made before
  // other background work from then on. Throws the error that the second compile ended with: the
  // first code stays in use then.
  bool WaitUntil(std::optional<Clock::time_point> deadline);

  // Calls `hook` once when the second code is there or has failed: on the thread that made it, or
  // here and now. What the hook throws is lost.
  void OnDone(std::function<void()> hook);

 private:
  using Entry = std::atomic<TVMFFISafeCallType>;
  class TieredFunctionObj;

  void End(std::optional<LoadedCode> second, std::optional<Error> failure);

  const LoadedCode first_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  CompileThreads::Ticket ticket_;
  bool done_ = false;
  std::optional<LoadedCode> second_;
  std::optional<Error> failure_;
  std::map<std::string, Entry, std::less<>> entries_;  // by the symbols that were asked for
  std::vector<std::function<void()>> hooks_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_SERVICE_TIERED_CODE_H_
