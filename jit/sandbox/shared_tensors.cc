#include "jit/sandbox/shared_tensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "jit/worker/message.h"

namespace kiln::jit {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kMostAligned = 64;

uint64_t InPages(uint64_t size) { return (size + kPage - 1) / kPage * kPage; }

int64_t CountOf(const std::vector<int64_t>& shape) { return kiln::details::CountElements(shape); }

char* FirstElement(const DLTensor& tensor) {
  return static_cast<char*>(tensor.data) + tensor.byte_offset;
}

uintptr_t AddressOf(const void* memory) { return reinterpret_cast<uintptr_t>(memory); }

// Calls `row` for each run of elements along the last dimension, with the offset of its first
// element in elements.
template <typename Row>
void ForEachRow(const std::vector<int64_t>& shape, const std::vector<int64_t>& strides, size_t axis,
                int64_t offset, const Row& row) {
  if (axis + 1 >= shape.size()) return row(offset);
  for (int64_t i = 0; i < shape[axis]; ++i) {
    ForEachRow(shape, strides, axis + 1, offset + i * strides[axis], row);
  }
}

// Copies the elements of a tensor between two places.
void CopyElements(const std::vector<int64_t>& shape, const std::vector<int64_t>& strides,
                  size_t element, char* to, const char* from) {
  if (CountOf(shape) == 0) return;
  const int64_t length = shape.empty() ? 1 : shape.back();
  const int64_t stride = shape.empty() ? 1 : strides.back();
  const auto bytes = static_cast<int64_t>(element);
  ForEachRow(shape, strides, 0, 0, [&](int64_t offset) {
    if (stride == 1 || length == 1) {
      std::memcpy(to + offset * bytes, from + offset * bytes, static_cast<size_t>(length * bytes));
      return;
    }
    for (int64_t i = 0; i < length; ++i) {
      const int64_t at = (offset + i * stride) * bytes;
      std::memcpy(to + at, from + at, element);
    }
  });
}

[[noreturn]] void NoMemory(uint64_t size) {
  throw kiln::Error("MemoryError",
                    "can't share " + std::to_string(size) +
                        " bytes of tensors with another process: " + std::strerror(errno));
}

}  // namespace

SharedTensors::~SharedTensors() {
  if (mapped_ != nullptr) munmap(mapped_, size_);
}

void SharedTensors::Add(const DLTensor& tensor, bool read_only, const std::string& argument) {
  if (tensor.device.device_type != kDLCPU) {
    throw kiln::Error("ValueError", argument +
                                        " must be a tensor in CPU memory, got one on device type " +
                                        std::to_string(tensor.device.device_type));
  }
  Entry entry{tensor, read_only, {tensor.shape, tensor.shape + tensor.ndim}, {}};
  const int64_t count = CountOf(entry.shape);
  entry.strides.resize(entry.shape.size());
  if (tensor.strides == nullptr) {
    kiln::details::FillRowMajorStrides(entry.shape, entry.strides.data());
  } else {
    std::copy_n(tensor.strides, tensor.ndim, entry.strides.begin());
  }
  if (count != 0) {
    const auto element = static_cast<int64_t>(ElementSize(tensor.dtype));
    int64_t first = 0;
    int64_t last = 0;
    for (size_t i = 0; i < entry.shape.size(); ++i) {
      const int64_t reach = (entry.shape[i] - 1) * entry.strides[i];
      (reach < 0 ? first : last) += reach;
    }
    const uintptr_t base = AddressOf(FirstElement(tensor));
    extents_.push_back({base + static_cast<uintptr_t>(first * element),
                        base + static_cast<uintptr_t>((last + 1) * element), read_only});
  }
  entries_.push_back(std::move(entry));
}

void SharedTensors::Share() {
  std::sort(extents_.begin(), extents_.end(),
            [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
  std::vector<Extent> merged;
  for (const Extent& extent : extents_) {
    if (merged.empty() || extent.begin >= merged.back().end) {
      merged.push_back(extent);
      continue;
    }
    merged.back().end = std::max(merged.back().end, extent.end);
    merged.back().read_only &= extent.read_only;
  }
  extents_ = std::move(merged);

  for (Extent& extent : extents_) {
    const uint64_t size = extent.end - extent.begin;
    const uint64_t alignment = std::min(extent.begin & -extent.begin, kMostAligned);
    const uint64_t room = InPages(size);
    extent.piece = pieces_.size();
    pieces_.push_back(
        {size_, room, size_ + (room - size) / alignment * alignment, extent.read_only});
    size_ += room;
  }
  memory_ = OwnedDescriptor(memfd_create("kiln-tensors", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (memory_.get() < 0 || ftruncate(memory_.get(), static_cast<off_t>(size_)) != 0) {
    NoMemory(size_);
  }
  // Nobody can take pages away from under the other.
  fcntl(memory_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  if (size_ == 0) return;
  void* const mapped = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, memory_.get(), 0);
  if (mapped == MAP_FAILED) NoMemory(size_);
  mapped_ = static_cast<char*>(mapped);
  for (const Entry& entry : entries_) {
    if (CountOf(entry.shape) == 0) continue;
    const char* const from = FirstElement(entry.tensor);
    CopyElements(entry.shape, entry.strides, ElementSize(entry.tensor.dtype),
                 mapped_ + PlaceOf(AddressOf(from)), from);
  }
}

const SharedTensors::Extent& SharedTensors::ExtentOf(uintptr_t address) const {
  return *std::prev(
      std::upper_bound(extents_.begin(), extents_.end(), address,
                       [](uintptr_t sought, const Extent& e) { return sought < e.begin; }));
}

uint64_t SharedTensors::PlaceOf(uintptr_t address) const {
  const Extent& extent = ExtentOf(address);
  return pieces_[extent.piece].data + (address - extent.begin);
}

uint64_t SharedTensors::PlaceOf(const DLTensor& tensor) const {
  const std::span<const int64_t> shape(tensor.shape, static_cast<size_t>(tensor.ndim));
  return kiln::details::CountElements(shape) == 0 ? 0 : PlaceOf(AddressOf(FirstElement(tensor)));
}

void SharedTensors::CopyBack() const {
  for (const Entry& entry : entries_) {
    if (entry.read_only || CountOf(entry.shape) == 0) continue;
    char* const to = FirstElement(entry.tensor);
    CopyElements(entry.shape, entry.strides, ElementSize(entry.tensor.dtype), to,
                 mapped_ + PlaceOf(AddressOf(to)));
  }
}

void GatherElements(const DLTensor& tensor, char* to) {
  const auto ndim = static_cast<size_t>(tensor.ndim);
  const std::vector<int64_t> shape(tensor.shape, tensor.shape + ndim);
  std::vector<int64_t> strides(ndim);
  if (tensor.strides == nullptr) {
    kiln::details::FillRowMajorStrides(shape, strides.data());
  } else {
    std::copy_n(tensor.strides, ndim, strides.begin());
  }
  if (CountOf(shape) == 0) return;
  const size_t element = ElementSize(tensor.dtype);
  const char* const from = FirstElement(tensor);
  // One dimension more, so that a row is one element.
  std::vector<int64_t> rows = shape;
  rows.push_back(1);
  ForEachRow(rows, strides, 0, 0, [&](int64_t offset) {
    std::memcpy(to, from + offset * static_cast<int64_t>(element), element);
    to += element;
  });
}

MappedTensors::MappedTensors(const std::vector<SharedTensors::Piece>& pieces) {
  for (const SharedTensors::Piece& piece : pieces) {
    void* const room = mmap(nullptr, piece.size + 2 * kPage, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    char* const address = static_cast<char*>(room) + kPage;
    const int protection = piece.read_only ? PROT_READ : PROT_READ | PROT_WRITE;
    if (room == MAP_FAILED || mmap(address, piece.size, protection, MAP_SHARED | MAP_FIXED,
                                   kWorkerMemory, static_cast<off_t>(piece.at)) == MAP_FAILED) {
      throw kiln::Error("RuntimeError", std::string("the memory of the tensors can't be mapped: ") +
                                            std::strerror(errno));
    }
    pieces_.push_back({piece, address});
  }
  close(kWorkerMemory);
}

void* MappedTensors::AddressOf(uint64_t place) const {
  for (const auto& [piece, address] : pieces_) {
    if (place >= piece.at && place < piece.at + piece.size) return address + (place - piece.at);
  }
  return nullptr;
}

}  // namespace kiln::jit
