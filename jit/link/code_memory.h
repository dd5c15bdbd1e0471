#ifndef KILN_JIT_LINK_CODE_MEMORY_H_
#define KILN_JIT_LINK_CODE_MEMORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "jit/link/free_ranges.h"
#include "jit/link/process_mutex.h"

namespace kiln::jit {

class ImageMemory;

// The parts of an image, by what the processor may do there: run, read, read and write.
enum class MemoryPart { kCode, kConstants, kVariables };
inline constexpr size_t kMemoryParts = 3;

// The bytes that each part takes, and the alignment of its start: a power of two up to a page.
struct MemorySizes {
  std::array<size_t, kMemoryParts> size{};
  std::array<size_t, kMemoryParts> alignment{1, 1, 1};

  size_t& of(MemoryPart part) { return size[static_cast<size_t>(part)]; }
};

// Memory for code and what belongs to it. It comes in slabs of private anonymous memory, each with
// a range for every part, so that many images share a page, and the kernel sees three mappings in a
// slab however many images there are. What is given back is used again, and pages that stay unused
// go back to the kernel. Nothing is ever writable and executable at once.
//
// Code that shares a page with code that runs can't be made writable: it is written through
// /proc/self/mem (self_memory.h). Where that does not work, each image has pages of its own, which
// are writable first and executable after.
//
// Any number of threads may use it at once, and children of fork. Outlives what it gave.
class CodeMemory {
 public:
  enum class Writing { kSharedPages, kOwnPages };

  // Shared by all linkers; never destroyed. Pages are shared where the host allows.
  static CodeMemory& OfProcess();

  explicit CodeMemory(Writing writing);
  ~CodeMemory();
  CodeMemory(const CodeMemory&) = delete;
  CodeMemory& operator=(const CodeMemory&) = delete;

  // Memory for one image: its parts lie within 2 GB, and within 2 GB of `near` where that is not
  // null and such memory is to be had. The variables are zero. Nothing where the kernel has none,
  // or the image is too large. Throws std::bad_alloc.
  std::optional<ImageMemory> Take(const MemorySizes& sizes, const void* near = nullptr);

  // Bytes that images have at present.
  size_t bytes_in_use() const;

 private:
  friend class ImageMemory;
  struct Region;
  struct Slab;

  // Takes all parts in `slab`, or none.
  static bool TakeIn(Slab* slab, const MemorySizes& sizes,
                     std::array<size_t, kMemoryParts>* begins);
  static std::unique_ptr<Slab> Map(const std::array<size_t, kMemoryParts>& regions, bool is_shared,
                                   Writing writing, const void* near);
  void Give(Slab* slab, const std::array<uint32_t, kMemoryParts>& begins,
            const std::array<uint32_t, kMemoryParts>& sizes) noexcept;

  const Writing writing_;
  mutable ProcessMutex mutex_;
  std::vector<std::unique_ptr<Slab>> slabs_;
};

// The memory of one image. Gives it back when it dies: the code is overwritten with traps.
class ImageMemory {
 public:
  ImageMemory() = default;
  ImageMemory(ImageMemory&& other) noexcept;
  ImageMemory& operator=(ImageMemory&& other) noexcept;
  ~ImageMemory() { Reset(); }

  // Null and 0 for a part that the image has not.
  char* begin(MemoryPart part) const;
  size_t size(MemoryPart part) const;

  // Writes `bytes` to the start of a part: code or constants; variables are written as they are.
  // Returns false where the kernel refuses.
  bool Write(MemoryPart part, std::string_view bytes) noexcept;

 private:
  friend class CodeMemory;

  void FillCodeWithTraps() noexcept;
  void Reset() noexcept;

  CodeMemory* memory_ = nullptr;
  CodeMemory::Slab* slab_ = nullptr;
  // In granules: where a part begins in the slab's range for it, and how long it is.
  std::array<uint32_t, kMemoryParts> begins_{};
  std::array<uint32_t, kMemoryParts> sizes_{};
};

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_CODE_MEMORY_H_
