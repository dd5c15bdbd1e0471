#include "jit/link/free_ranges.h"

#include <algorithm>

namespace kiln::jit {

FreeRanges::FreeRanges(size_t size, size_t granule) : granule_(granule) {
  if (size != 0) Insert(0, {size, false});
}

void FreeRanges::Insert(size_t begin, Range range) {
  by_size_.emplace(range.size, begin);
  ranges_.emplace(begin, range);
}

void FreeRanges::Erase(std::map<size_t, Range>::iterator range) {
  by_size_.erase({range->second.size, range->first});
  ranges_.erase(range);
}

std::optional<size_t> FreeRanges::Take(size_t size, size_t alignment) {
  const size_t wanted = RoundUp(size);
  const size_t step = std::max(alignment, granule_);
  for (auto fit = by_size_.lower_bound({wanted, 0}); fit != by_size_.end(); ++fit) {
    const auto found = ranges_.find(fit->second);
    const auto [begin, range] = *found;
    const size_t at = (begin + step - 1) & ~(step - 1);
    const size_t end = begin + range.size;
    if (at > end || end - at < wanted) continue;
    Erase(found);
    if (at != begin) Insert(begin, {at - begin, range.has_grown});
    if (at + wanted != end) Insert(at + wanted, {end - at - wanted, range.has_grown});
    taken_ += wanted;
    return at;
  }
  return std::nullopt;
}

void FreeRanges::Give(size_t begin, size_t size) {
  size_t wanted = RoundUp(size);
  taken_ -= wanted;
  const auto next = ranges_.lower_bound(begin);
  if (next != ranges_.begin()) {
    const auto previous = std::prev(next);
    if (previous->first + previous->second.size == begin) {
      begin = previous->first;
      wanted += previous->second.size;
      Erase(previous);
    }
  }
  if (next != ranges_.end() && begin + wanted == next->first) {
    wanted += next->second.size;
    Erase(next);
  }
  Insert(begin, {wanted, true});
}

}  // namespace kiln::jit
