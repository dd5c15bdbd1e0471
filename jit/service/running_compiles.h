#ifndef KILN_JIT_SERVICE_RUNNING_COMPILES_H_
#define KILN_JIT_SERVICE_RUNNING_COMPILES_H_

#include <sys/types.h>
#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"
#include "jit/artifact/source.h"
#include "jit/link/process_mutex.h"

namespace kiln::jit {

// All that goes into an artifact, as one text: equal for requests that give the same one on this
// machine, as long as its files stay as they are.
std::string KeyOf(const std::vector<Source>& sources, const CompileOptions& options);

// The compiles that are asked for at the moment, by their keys: whoever asks for one that another
// asked for before, and that is not done yet, gets what becomes of that. Any number of threads may
// use it at once. The child of a fork knows of none: nobody does there what ran in the parent.
class RunningCompiles {
 public:
  using SharedArtifact = std::shared_ptr<const Artifact>;
  class Run;

  // The compile of that key: to be called when it is asked for, which may be long before somebody
  // has the time for it.
  std::shared_ptr<Run> Join(const std::string& key);

  // What becomes of `run`. The first thread that comes here calls `compile`, the others wait for
  // it, and get its error too. Where the first one is cancelled, the next compiles. Throws
  // CancelledError where the work of this thread is cancelled (cancellation.h).
  SharedArtifact Get(const std::shared_ptr<Run>& run, const std::function<Artifact()>& compile);

 private:
  SharedArtifact Lead(const std::shared_ptr<Run>& run, const std::function<Artifact()>& compile);

  void ForgetParent();

  ProcessMutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, std::weak_ptr<Run>> runs_;  // those that are not done
  pid_t process_ = getpid();                        // that they run in
};

}  // namespace kiln::jit

#endif  // KILN_JIT_SERVICE_RUNNING_COMPILES_H_
