#ifndef KILN_JIT_COMPILE_CLANG_PRECOMPILED_HEADERS_H_
#define KILN_JIT_COMPILE_CLANG_PRECOMPILED_HEADERS_H_

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/compile/clang/file_witness.h"

namespace kiln::jit {

// The leading headers of sources, parsed once: Clang's precompiled form of them, in memory.
struct PrecompiledHeader {
  std::string bytes;  // empty where the headers have something to say that belongs to each compile:
                      // then they are parsed each time
  std::vector<HeaderRecord> headers;  // that were read for it
  FileWitness witness;
};

// The precompiled headers of this process, those used last. Any number of threads may ask at once;
// two that ask for the same one wait for one build.
class PrecompiledHeaders {
 public:
  static PrecompiledHeaders& Global();

  // The header under `key`, which stands for all that goes into it but the machine's files. One
  // that is there is taken only while those are as they were; else `build` makes it. Never null.
  std::shared_ptr<const PrecompiledHeader> Get(const std::string& key,
                                               const std::function<PrecompiledHeader()>& build);

 private:
  // One key. The lock is held while its header is built.
  struct Slot {
    std::mutex mutex;
    std::shared_ptr<const PrecompiledHeader> header;
  };

  std::shared_ptr<Slot> SlotOf(const std::string& key);

  static constexpr size_t kMostSlots = 16;

  std::mutex mutex_;
  // The key that was used last comes first.
  std::list<std::pair<std::string, std::shared_ptr<Slot>>> slots_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_PRECOMPILED_HEADERS_H_
