#ifndef KILN_JIT_SERVICE_RUNNING_COMPILES_H_
#define KILN_JIT_SERVICE_RUNNING_COMPILES_H_

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"
#include "jit/artifact/source.h"

namespace kiln::jit {

// All that goes into an artifact, as one text: equal for requests that give the same one on this
// machine, as long as its files stay as they are.
std::string KeyOf(const std::vector<Source>& sources, const CompileOptions& options);

// The compiles that run at the moment, by their keys. Any number of threads may use it at once.
class RunningCompiles {
 public:
  using SharedArtifact = std::shared_ptr<const Artifact>;

  // What `compile` makes, or what another thread makes of the same key meanwhile: then this one
  // waits for it, and gets its error too. Where the other one is cancelled, this one compiles.
  // Throws CancelledError where the work of this thread is cancelled (cancellation.h).
  SharedArtifact Get(const std::string& key, const std::function<Artifact()>& compile);

 private:
  struct Run {
    bool done = false;
    bool was_cancelled = false;
    SharedArtifact artifact;
    std::exception_ptr failure;
  };

  SharedArtifact Lead(const std::string& key, const std::shared_ptr<Run>& run,
                      const std::function<Artifact()>& compile);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<Run>> runs_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_SERVICE_RUNNING_COMPILES_H_
