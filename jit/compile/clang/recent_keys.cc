#include "jit/compile/clang/recent_keys.h"

#include <algorithm>

namespace kiln::jit {

bool RecentKeys::SeenBefore(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find(keys_.begin(), keys_.end(), key);
  if (found != keys_.end()) {
    keys_.splice(keys_.begin(), keys_, found);
    return true;
  }
  keys_.push_front(key);
  if (keys_.size() > kMostKeys) keys_.pop_back();
  return false;
}

}  // namespace kiln::jit
