// The types of the process: a number and a key for each, and its ancestors.
//
// Static types have fixed numbers below 128. Others get theirs when they are first asked for: a
// block of one plus its child slots, out of the parent's free child slots where they suffice, else
// from the counter that starts at 128. So a type whose children don't overflow can tell "is a" by a
// range check.
//
// Reads take no lock. A type that is published stays where it is for ever.
#ifndef KILN_RUNTIME_TYPE_TABLE_H_
#define KILN_RUNTIME_TYPE_TABLE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <tvm/ffi/c_api.h>

#include "runtime/name_table.h"

namespace kiln::runtime {

// What a type is asked for with.
struct TypeRequest {
  std::string_view key;
  int32_t static_index = -1;  // -1: one is to be allocated
  int32_t depth = 0;          // ancestors
  int32_t child_slots = 0;    // indices to keep for its children
  bool children_may_overflow = true;
  int32_t parent = -1;  // -1: none
};

// Every member may be called from any thread.
class TypeTable {
 public:
  // Every index is below.
  static constexpr int32_t kMaxTypes = 1 << 20;

  // Holds the static types of the ABI from the first call on. That one may throw std::bad_alloc.
  static TypeTable& Global();

  // Null for an index that is not a type's.
  const TVMFFITypeInfo* Find(int32_t index) const noexcept;
  const TVMFFITypeInfo* Find(std::string_view key) const noexcept;

  // As Find, for what adds to a type that is published (type_reflection.cc).
  TVMFFITypeInfo* Writable(int32_t index) noexcept { return At(index); }

  // The type of that key, whatever the rest of the request says; or a fresh one. Throws ValueError
  // for a request that contradicts itself or the table, RuntimeError if there is no room.
  const TVMFFITypeInfo& FindOrAdd(const TypeRequest& request);

  // Every key, in no particular order.
  std::vector<std::string> Keys() const;

 private:
  static constexpr size_t kChunkSize = 1024;
  static constexpr size_t kMaxChunks = 1024;

  static_assert(kChunkSize * kMaxChunks == kMaxTypes);

  using Chunk = std::array<std::atomic<TVMFFITypeInfo*>, kChunkSize>;

  struct Type {
    explicit Type(const TypeRequest& request);
    std::string_view name() const noexcept { return key; }

    const std::string key;
    std::vector<const TVMFFITypeInfo*> ancestors;
    TVMFFITypeInfo info{};
    // Indices that are left for children, and whether others may be used. Guarded by mutex_.
    int32_t next_child = 0;
    int32_t end_of_children = 0;
    bool children_may_overflow;
  };

  TypeTable();

  Type* ParentOf(const TypeRequest& request) const;
  int32_t Allocate(const TypeRequest& request, Type* parent);
  TVMFFITypeInfo* At(int32_t index) const noexcept;
  std::atomic<TVMFFITypeInfo*>& SlotOf(int32_t index);

  NameTable<Type> types_;
  std::array<std::atomic<Chunk*>, kMaxChunks> chunks_{};
  std::mutex mutex_;  // held by whoever adds a type
  int32_t next_index_ = kTVMFFIDynObjectBegin;
};

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_TYPE_TABLE_H_
