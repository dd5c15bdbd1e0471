#ifndef KILN_JIT_COMPILE_CLANG_RECENT_KEYS_H_
#define KILN_JIT_COMPILE_CLANG_RECENT_KEYS_H_

#include <cstddef>
#include <list>
#include <mutex>
#include <string>

namespace kiln::jit {

// Tells what comes again from what comes once. Any number of threads may ask.
class RecentKeys {
 public:
  // Whether `key` is one of the last 256 different ones that this was called with.
  bool SeenBefore(const std::string& key);

 private:
  static constexpr size_t kMostKeys = 256;

  std::mutex mutex_;
  std::list<std::string> keys_;  // the last one comes first
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_RECENT_KEYS_H_
