#ifndef KILN_JIT_SANDBOX_SHARED_TENSORS_H_
#define KILN_JIT_SANDBOX_SHARED_TENSORS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "jit/worker/byte_stream.h"
#include "jit/worker/owned_descriptor.h"
#include "kiln/tensor.h"

namespace kiln::jit {

// Copies of tensors in memory that this process shares with another. Tensors that overlap here
// overlap there. Each piece of memory there ends at a page that can't be touched, or as close to it
// as the alignment of the tensor allows, and begins behind one.
class SharedTensors {
 public:
  // One piece: the file's bytes [at, at + size), in whole pages; `data` is where its tensors lie.
  struct Piece {
    uint64_t at = 0;
    uint64_t size = 0;
    uint64_t data = 0;  // from the start of the file
    bool read_only = false;
  };

  SharedTensors() = default;
  ~SharedTensors();
  SharedTensors(const SharedTensors&) = delete;
  SharedTensors& operator=(const SharedTensors&) = delete;

  // Remembers a tensor. `argument` names it in messages. Throws ValueError where its memory is not
  // the CPU's.
  void Add(const DLTensor& tensor, bool read_only, const std::string& argument);

  // Makes the memory and copies all tensors into it. Once, after every Add. Throws MemoryError.
  void Share();

  // Where the first element of a tensor that was added lies in the memory, from its start.
  uint64_t PlaceOf(const DLTensor& tensor) const;

  // Copies the elements of those that may be written back.
  void CopyBack() const;

  int descriptor() const { return memory_.get(); }
  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  // The bytes of one tensor, or of several that overlap.
  struct Extent {
    uintptr_t begin;
    uintptr_t end;
    bool read_only;
    size_t piece = 0;
  };
  struct Entry {
    DLTensor tensor;
    bool read_only;
    std::vector<int64_t> shape;
    std::vector<int64_t> strides;  // in elements, never empty but for ndim 0
  };

  const Extent& ExtentOf(uintptr_t address) const;
  uint64_t PlaceOf(uintptr_t address) const;

  std::vector<Entry> entries_;
  std::vector<Extent> extents_;
  std::vector<Piece> pieces_;
  OwnedDescriptor memory_;
  char* mapped_ = nullptr;
  size_t size_ = 0;
};

// Copies the elements of a tensor in CPU memory to `to`, row by row without gaps.
void GatherElements(const DLTensor& tensor, char* to);

// The other side: maps the pieces of kWorkerMemory.
class MappedTensors {
 public:
  // Throws RuntimeError.
  explicit MappedTensors(const std::vector<SharedTensors::Piece>& pieces);

  // The address for what SharedTensors::PlaceOf said; null where it is in no piece.
  void* AddressOf(uint64_t place) const;

 private:
  struct Mapped {
    SharedTensors::Piece piece;
    char* address;
  };
  std::vector<Mapped> pieces_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_SANDBOX_SHARED_TENSORS_H_
