#include "abi/python/src/host_memory.h"

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <vector>

namespace kiln::python {
namespace {

constexpr size_t kAlignment = 64;

struct HostTensor {
  DLManagedTensorVersioned managed{};
  std::vector<int64_t> extents;  // shape, then strides
  std::unique_ptr<void, decltype(&std::free)> memory{nullptr, &std::free};
};

// Bytes of the elements, rounded up to whole bytes. False where they are too many, or an extent is
// negative.
bool SizeOf(const DLTensor& tensor, size_t* bytes) {
  int64_t bits = static_cast<int64_t>(tensor.dtype.bits) * tensor.dtype.lanes;
  for (int32_t i = 0; i < tensor.ndim; ++i) {
    if (tensor.shape[i] < 0 || __builtin_mul_overflow(bits, tensor.shape[i], &bits)) return false;
  }
  if (bits > std::numeric_limits<int64_t>::max() - 7) return false;
  *bytes = static_cast<size_t>((bits + 7) / 8);
  return true;
}

}  // namespace

int AllocateOnHost(DLTensor* prototype, DLManagedTensorVersioned** out, void* error_context,
                   void (*set_error)(void*, const char*, const char*)) {
  if (prototype->device.device_type != kDLCPU) {
    set_error(error_context, "NotImplementedError",
              "new tensors are made in CPU memory: for another device make an array with the "
              "library that knows it, such as torch or cupy, and pass that");
    return -1;
  }
  size_t size = 0;
  if (!SizeOf(*prototype, &size)) {
    set_error(error_context, "ValueError",
              "a tensor's extents must be 0 or more, and its bytes fit into 63 bits");
    return -1;
  }
  auto tensor = std::unique_ptr<HostTensor>(new (std::nothrow) HostTensor);
  const size_t rounded = (size / kAlignment + 1) * kAlignment;
  void* const memory = tensor ? std::aligned_alloc(kAlignment, rounded) : nullptr;
  if (memory == nullptr) {
    set_error(error_context, "MemoryError", "there is no memory for a new tensor");
    return -1;
  }
  tensor->memory.reset(memory);
  const auto ndim = static_cast<size_t>(prototype->ndim);
  tensor->extents.assign(prototype->shape, prototype->shape + ndim);
  tensor->extents.resize(2 * ndim, 1);
  for (size_t i = ndim; i-- > 1;) {
    tensor->extents[ndim + i - 1] = tensor->extents[ndim + i] * tensor->extents[i];
  }
  DLTensor& made = tensor->managed.dl_tensor;
  made = {memory,
          {kDLCPU, 0},
          prototype->ndim,
          prototype->dtype,
          tensor->extents.data(),
          tensor->extents.data() + ndim,
          0};
  tensor->managed.version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
  tensor->managed.manager_ctx = tensor.get();
  tensor->managed.deleter = [](DLManagedTensorVersioned* self) {
    delete static_cast<HostTensor*>(self->manager_ctx);
  };
  *out = &tensor.release()->managed;
  return 0;
}

}  // namespace kiln::python
