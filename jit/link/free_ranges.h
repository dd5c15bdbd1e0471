#ifndef KILN_JIT_LINK_FREE_RANGES_H_
#define KILN_JIT_LINK_FREE_RANGES_H_

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace kiln::jit {

// Which parts of the bytes [0, size) are free. Neighbours become one. Not for two threads at once.
// All numbers are bytes.
class FreeRanges {
 public:
  // All is free. Positions and sizes are multiples of `granule`, a power of two.
  FreeRanges(size_t size, size_t granule);

  // Takes the smallest free range that holds `size` bytes, which are rounded up, from its first
  // multiple of `alignment`, a power of two, on. Returns the position; nothing where none holds
  // them. Throws std::bad_alloc.
  std::optional<size_t> Take(size_t size, size_t alignment);

  // Gives back what was taken; `size` as it was then.
  void Give(size_t begin, size_t size);

  bool all_free() const { return taken_ == 0; }
  size_t taken() const { return taken_; }

  // Calls `visit(begin, end)` for each free range that has grown since the last visit, in order.
  template <class Visit>
  void VisitGrown(Visit visit) {
    for (auto& [begin, range] : ranges_) {
      if (!range.has_grown) continue;
      range.has_grown = false;
      visit(begin, begin + range.size);
    }
  }

 private:
  struct Range {
    size_t size;
    bool has_grown;
  };

  void Insert(size_t begin, Range range);
  void Erase(std::map<size_t, Range>::iterator range);
  size_t RoundUp(size_t size) const { return (size + granule_ - 1) & ~(granule_ - 1); }

  size_t granule_;
  size_t taken_ = 0;
  std::map<size_t, Range> ranges_;               // by position
  std::set<std::pair<size_t, size_t>> by_size_;  // size, position
};

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_FREE_RANGES_H_
