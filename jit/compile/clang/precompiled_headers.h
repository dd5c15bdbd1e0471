#ifndef KILN_JIT_COMPILE_CLANG_PRECOMPILED_HEADERS_H_
#define KILN_JIT_COMPILE_CLANG_PRECOMPILED_HEADERS_H_

#include <cstddef>
#include <functional>
#include <list>
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

// The precompiled headers of this process: those used last, up to 256 MB. Any number of threads may
// ask at once; two that ask for the same one wait for one build.
class PrecompiledHeaders {
 public:
  static PrecompiledHeaders& Global();

  // The header under `key`, which stands for all that goes into it but the machine's files. One
  // that is there is taken only while those are as they were; else `build` makes it. Never null.
  std::shared_ptr<const PrecompiledHeader> Get(const std::string& key,
                                               const std::function<PrecompiledHeader()>& build);

 private:
  // One key.
  struct Slot {
    explicit Slot(std::string name) : key(std::move(name)) {}

    const std::string key;
    std::mutex mutex;  // held while the header is built
    std::shared_ptr<const PrecompiledHeader> header;
    size_t size = 0;  // of the header, in bytes; for the holder of the outer lock
  };

  std::shared_ptr<Slot> SlotOf(const std::string& key);
  // Notes the size of what a slot holds, and drops those that were used longest ago.
  void Account(Slot* slot, size_t size);

  static constexpr size_t kMostSlots = 64;
  static constexpr size_t kMostBytes = size_t{256} << 20;

  std::mutex mutex_;
  std::list<std::shared_ptr<Slot>> slots_;  // the one that was used last comes first
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_PRECOMPILED_HEADERS_H_
