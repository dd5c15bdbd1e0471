#include "jit/link/code_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>

#include "jit/link/self_memory.h"

namespace kiln::jit {
namespace {

using Sizes = std::array<size_t, kMemoryParts>;

constexpr size_t kPage = 4096;
// A cache line: threads that write to variables of different images don't disturb each other.
constexpr size_t kGranule = 64;
constexpr size_t kMegabyte = size_t{1} << 20;
constexpr Sizes kSharedSlab = {32 * kMegabyte, 16 * kMegabyte, 16 * kMegabyte};
// An image with a part larger than this share of a shared slab's range gets a slab of its own.
constexpr size_t kLargestShare = 2;
// Short of 2 GB by what a relocation may add.
constexpr size_t kReach = (size_t{1} << 31) - kMegabyte;
// Unused bytes of a range that are kept for reuse: asking for a page anew costs about a
// microsecond.
constexpr size_t kKeptUnused = kMegabyte / 4;
constexpr size_t kDroppedWhole = 16 * kPage;
constexpr std::array<int, kMemoryParts> kProtections = {PROT_READ | PROT_EXEC, PROT_READ,
                                                        PROT_READ | PROT_WRITE};
constexpr size_t kVariables = static_cast<size_t>(MemoryPart::kVariables);
constexpr size_t kCode = static_cast<size_t>(MemoryPart::kCode);
constexpr size_t kHints = 16;
constexpr char kTrap = '\xCC';  // int3

size_t RoundUp(size_t size, size_t step) { return (size + step - 1) & ~(step - 1); }

uintptr_t Distance(uintptr_t a, uintptr_t b) { return a > b ? a - b : b - a; }

bool IsNear(const char* base, size_t size, const void* near) {
  const auto begin = reinterpret_cast<uintptr_t>(base);
  const auto at = reinterpret_cast<uintptr_t>(near);
  return Distance(begin, at) < kReach && Distance(begin + size, at) < kReach;
}

char* MapAt(const char* hint, size_t size) {
  void* const mapped = mmap(const_cast<char*>(hint), size, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return mapped == MAP_FAILED ? nullptr : static_cast<char*>(mapped);
}

// Null where there is no memory, or none that near.
char* MapNear(size_t size, const void* near) {
  if (near == nullptr) return MapAt(nullptr, size);
  for (size_t i = 0; i <= kHints; ++i) {
    // The kernel gives another place where this one is taken. New mappings lie below older ones.
    const char* const hint =
        i == 0 ? nullptr : static_cast<const char*>(near) - (kReach / kHints) * i + size;
    char* const mapped = MapAt(hint, size);
    if (mapped == nullptr) return nullptr;
    if (IsNear(mapped, size, near)) return mapped;
    munmap(mapped, size);
  }
  return nullptr;
}

}  // namespace

// The memory of a slab for one part.
struct CodeMemory::Region {
  Region(char* b, size_t s, size_t granule) : base(b), size(s), ranges(s, granule) {}

  char* base;
  size_t size;
  FreeRanges ranges;
  size_t touched = 0;  // bytes at the start that may hold other than zero
  size_t unused = 0;   // bytes that were given since pages went back to the kernel

  // Makes [begin, end) zero. Many pages are cheaper to drop than to write, and take no memory
  // after.
  void Clear(size_t begin, size_t end) const {
    end = std::min(end, touched);
    if (begin >= end) return;
    const size_t first = RoundUp(begin, kPage);
    const size_t last = end & ~(kPage - 1);
    if (last > first && last - first >= kDroppedWhole &&
        madvise(base + first, last - first, MADV_DONTNEED) == 0) {
      std::memset(base + begin, 0, first - begin);
      std::memset(base + last, 0, end - last);
    } else {
      std::memset(base + begin, 0, end - begin);
    }
  }

  void ReturnPages() {
    ranges.VisitGrown([this](size_t begin, size_t end) {
      begin = RoundUp(begin, kPage);
      end = std::min(end, RoundUp(touched, kPage)) & ~(kPage - 1);
      if (begin < end) madvise(base + begin, end - begin, MADV_DONTNEED);
    });
    unused = 0;
  }
};

struct CodeMemory::Slab {
  ~Slab() { munmap(base, size); }

  char* base = nullptr;
  size_t size = 0;
  bool is_shared = false;
  Writing writing = Writing::kSharedPages;
  std::vector<Region> regions;

  bool IsUnused() const {
    return std::all_of(regions.begin(), regions.end(),
                       [](const Region& region) { return region.ranges.all_free(); });
  }
};

CodeMemory& CodeMemory::OfProcess() {
  static auto* const memory = new CodeMemory(Writing::kSharedPages);
  return *memory;
}

CodeMemory::CodeMemory(Writing writing) : writing_(writing) {}

CodeMemory::~CodeMemory() = default;

std::unique_ptr<CodeMemory::Slab> CodeMemory::Map(const Sizes& regions, bool is_shared,
                                                  Writing writing, const void* near) {
  auto slab = std::make_unique<Slab>();
  slab->regions.reserve(kMemoryParts);
  size_t size = 0;
  for (const size_t region : regions) size += region;
  slab->base = MapNear(size, near);
  if (slab->base == nullptr) return nullptr;
  slab->size = size;
  slab->is_shared = is_shared;
  slab->writing = writing;
  char* next = slab->base;
  for (size_t part = 0; part < kMemoryParts; ++part) {
    const bool pages = writing == Writing::kOwnPages && part != kVariables;
    if (regions[part] != 0 && mprotect(next, regions[part], kProtections[part]) != 0) {
      return nullptr;
    }
    slab->regions.emplace_back(next, regions[part], pages ? kPage : kGranule);
    next += regions[part];
  }
  // Huge pages would make the first small image of a slab take megabytes.
  if (is_shared) madvise(slab->base, slab->size, MADV_NOHUGEPAGE);
  return slab;
}

bool CodeMemory::TakeIn(Slab* slab, const MemorySizes& sizes, Sizes* begins) {
  for (size_t part = 0; part < kMemoryParts; ++part) {
    if (sizes.size[part] == 0) continue;
    Region& region = slab->regions[part];
    const std::optional<size_t> begin = region.ranges.Take(sizes.size[part], sizes.alignment[part]);
    if (!begin) {
      for (size_t taken = 0; taken < part; ++taken) {
        if (sizes.size[taken] != 0) {
          slab->regions[taken].ranges.Give((*begins)[taken], sizes.size[taken]);
        }
      }
      return false;
    }
    (*begins)[part] = *begin;
  }
  return true;
}

std::optional<ImageMemory> CodeMemory::Take(const MemorySizes& sizes, const void* near) {
  Sizes whole{};
  size_t total = 0;
  bool is_small = true;
  for (size_t part = 0; part < kMemoryParts; ++part) {
    if (sizes.size[part] > kReach || sizes.alignment[part] > kPage) return std::nullopt;
    whole[part] = RoundUp(sizes.size[part], kPage);
    total += whole[part];
    if (sizes.size[part] > kSharedSlab[part] / kLargestShare) is_small = false;
  }
  if (total > kReach) return std::nullopt;
  if (total == 0) return ImageMemory();
  const Writing writing = writing_ == Writing::kSharedPages && CanWriteProtected()
                              ? Writing::kSharedPages
                              : Writing::kOwnPages;

  const std::lock_guard lock(mutex_);
  Sizes begins{};
  Slab* slab = nullptr;
  if (is_small) {
    for (const std::unique_ptr<Slab>& known : slabs_) {
      if (!known->is_shared || known->writing != writing) continue;
      if (near != nullptr && !IsNear(known->base, known->size, near)) continue;
      if (TakeIn(known.get(), sizes, &begins)) {
        slab = known.get();
        break;
      }
    }
  }
  if (slab == nullptr) {
    std::unique_ptr<Slab> mapped = Map(is_small ? kSharedSlab : whole, is_small, writing, near);
    if (mapped == nullptr && near != nullptr) {
      mapped = Map(is_small ? kSharedSlab : whole, is_small, writing, nullptr);
    }
    if (mapped == nullptr) return std::nullopt;
    slab = slabs_.emplace_back(std::move(mapped)).get();
    if (!TakeIn(slab, sizes, &begins)) return std::nullopt;
  }

  ImageMemory image;
  image.memory_ = this;
  image.slab_ = slab;
  for (size_t part = 0; part < kMemoryParts; ++part) {
    image.begins_[part] = static_cast<uint32_t>(begins[part] / kGranule);
    image.sizes_[part] = static_cast<uint32_t>(RoundUp(sizes.size[part], kGranule) / kGranule);
    Region& region = slab->regions[part];
    const size_t end = begins[part] + sizes.size[part];
    if (part == kVariables) region.Clear(begins[part], end);
    region.touched = std::max(region.touched, end);
  }
  return image;
}

void CodeMemory::Give(Slab* slab, const std::array<uint32_t, kMemoryParts>& begins,
                      const std::array<uint32_t, kMemoryParts>& sizes) noexcept {
  const std::lock_guard lock(mutex_);
  for (size_t part = 0; part < kMemoryParts; ++part) {
    if (sizes[part] == 0) continue;
    Region& region = slab->regions[part];
    const size_t size = size_t{sizes[part]} * kGranule;
    region.ranges.Give(size_t{begins[part]} * kGranule, size);
    region.unused += size;
    if (slab->is_shared && region.unused >= kKeptUnused) region.ReturnPages();
  }
  if (!slab->IsUnused()) return;
  const bool has_other =
      std::any_of(slabs_.begin(), slabs_.end(), [slab](const std::unique_ptr<Slab>& other) {
        return other.get() != slab && other->is_shared;
      });
  if (slab->is_shared && !has_other) return;
  std::erase_if(slabs_, [slab](const std::unique_ptr<Slab>& s) { return s.get() == slab; });
}

size_t CodeMemory::bytes_in_use() const {
  const std::lock_guard lock(mutex_);
  size_t bytes = 0;
  for (const std::unique_ptr<Slab>& slab : slabs_) {
    for (const Region& region : slab->regions) bytes += region.ranges.taken();
  }
  return bytes;
}

ImageMemory::ImageMemory(ImageMemory&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)),
      slab_(other.slab_),
      begins_(other.begins_),
      sizes_(other.sizes_) {}

ImageMemory& ImageMemory::operator=(ImageMemory&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(slab_, other.slab_);
  std::swap(begins_, other.begins_);
  std::swap(sizes_, other.sizes_);
  return *this;
}

char* ImageMemory::begin(MemoryPart part) const {
  const auto index = static_cast<size_t>(part);
  if (memory_ == nullptr || sizes_[index] == 0) return nullptr;
  return slab_->regions[index].base + size_t{begins_[index]} * kGranule;
}

size_t ImageMemory::size(MemoryPart part) const {
  return memory_ == nullptr ? 0 : size_t{sizes_[static_cast<size_t>(part)]} * kGranule;
}

bool ImageMemory::Write(MemoryPart part, std::string_view bytes) noexcept {
  char* const to = begin(part);
  if (to == nullptr || bytes.empty()) return bytes.empty();
  if (slab_->writing == CodeMemory::Writing::kSharedPages) return WriteProtected(to, bytes);
  const size_t pages = RoundUp(size(part), kPage);
  if (mprotect(to, pages, PROT_READ | PROT_WRITE) != 0) return false;
  std::memcpy(to, bytes.data(), bytes.size());
  return mprotect(to, pages, kProtections[static_cast<size_t>(part)]) == 0;
}

// A pointer to code that outlives it stops the program there.
void ImageMemory::FillCodeWithTraps() noexcept {
  char* const begin = this->begin(MemoryPart::kCode);
  const size_t size = this->size(MemoryPart::kCode);
  if (slab_->writing == CodeMemory::Writing::kOwnPages) {
    const size_t pages = RoundUp(size, kPage);
    if (mprotect(begin, pages, PROT_READ | PROT_WRITE) != 0) return;
    std::memset(begin, kTrap, pages);
    mprotect(begin, pages, kProtections[kCode]);
    return;
  }
  static const std::string kTraps(kPage, kTrap);
  if (!CanWriteProtected()) return;
  for (size_t at = 0; at < size; at += kPage) {
    WriteProtected(begin + at, std::string_view(kTraps).substr(0, size - at));
  }
}

void ImageMemory::Reset() noexcept {
  if (memory_ == nullptr) return;
  if (slab_->is_shared && sizes_[kCode] != 0) FillCodeWithTraps();
  std::exchange(memory_, nullptr)->Give(slab_, begins_, sizes_);
}

}  // namespace kiln::jit
