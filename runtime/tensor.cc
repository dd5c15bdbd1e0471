#include "runtime/tensor.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include <kiln/dlpack.h>
#include <kiln/registry.h>
#include <kiln/tensor.h>

#include "runtime/argument.h"
#include "runtime/device_type.h"

namespace kiln::runtime {
namespace {

// A tensor that this library made.
class OwnTensorObj : public TensorObj {
 protected:
  // A copy of `tensor`'s fields. `strides_room` is for ndim strides, used where the tensor has
  // none.
  OwnTensorObj(const DLTensor& tensor, int64_t* strides_room) noexcept {
    static_cast<DLTensor&>(*this) = tensor;
    if (strides != nullptr || ndim == 0) return;
    details::FillRowMajorStrides({shape, static_cast<size_t>(ndim)}, strides_room);
    strides = strides_room;
  }

  // Has shape and strides of its own, in `room` for twice ndim of them.
  void CopyExtents(int64_t* room) noexcept {
    const size_t bytes = static_cast<size_t>(ndim) * sizeof(int64_t);
    if (bytes != 0) {
      std::memcpy(room, shape, bytes);
      std::memcpy(room + ndim, strides, bytes);
    }
    shape = room;
    strides = room + ndim;
  }
};

template <typename Managed>
struct CallDeleter {
  void operator()(Managed* managed) const noexcept {
    if (managed->deleter != nullptr) managed->deleter(managed);
  }
};
template <typename Managed>
using ManagedPtr = std::unique_ptr<Managed, CallDeleter<Managed>>;

// Owns a DLPack tensor of either form.
template <typename Managed>
class DLPackTensorObj : public OwnTensorObj {
 public:
  explicit DLPackTensorObj(Managed* managed) noexcept
      : OwnTensorObj(managed->dl_tensor, reinterpret_cast<int64_t*>(this + 1)), managed_(managed) {}

 private:
  const ManagedPtr<Managed> managed_;
};

// Another look at the memory of `source`. Shape and strides lie behind the object.
class ViewTensorObj : public OwnTensorObj {
 public:
  ViewTensorObj(const DLTensor& prototype, ObjectPtr<Object> source) noexcept
      : OwnTensorObj(prototype, nullptr), source_(std::move(source)) {
    CopyExtents(reinterpret_cast<int64_t*>(this + 1));
  }

 private:
  const ObjectPtr<Object> source_;
};

// Either of them, where the elements must not be written. One class, so that the deleter of an
// object tells.
class ReadOnlyTensorObj : public OwnTensorObj {
 public:
  explicit ReadOnlyTensorObj(DLManagedTensorVersioned* managed) noexcept
      : OwnTensorObj(managed->dl_tensor, reinterpret_cast<int64_t*>(this + 1)), managed_(managed) {}
  ReadOnlyTensorObj(const DLTensor& prototype, ObjectPtr<Object> source) noexcept
      : OwnTensorObj(prototype, nullptr), source_(std::move(source)) {
    CopyExtents(reinterpret_cast<int64_t*>(this + 1));
  }

 private:
  const ManagedPtr<DLManagedTensorVersioned> managed_;  // null of a view
  const ObjectPtr<Object> source_;                      // null but of a view
};

constexpr auto kReadOnlyDeleter = &details::DeleteObject<ReadOnlyTensorObj>;

bool IsReadOnly(const DLManagedTensorVersioned& managed) noexcept {
  return (managed.flags & DLPACK_FLAG_BITMASK_READ_ONLY) != 0;
}

// A tensor that another library made is taken for writable: it has no place to say otherwise.
bool IsReadOnly(TVMFFIObjectHandle tensor) noexcept {
  return static_cast<const TVMFFIObject*>(tensor)->deleter == kReadOnlyDeleter;
}

// Objects of a class of their own may derive from ffi.Tensor.
void CheckTensorHandle(TVMFFIObjectHandle handle) {
  const auto& object = Required(static_cast<const TVMFFIObject*>(handle), "a tensor");
  if (object.type_index == kTVMFFITensor || object.type_index >= kTVMFFIDynObjectBegin) return;
  throw Error("TypeError", "expected ffi.Tensor, got " + KindName(object.type_index));
}

// Where host addresses say how the elements are aligned. Elsewhere only the offset does.
bool HasAddresses(const DLDevice& device) noexcept {
  switch (DeviceTypeOf(device)) {
    case kDLCPU:
    case kDLCUDA:
    case kDLCUDAHost:
    case kDLROCM:
    case kDLROCMHost:
    case kDLCUDAManaged:
      return true;
    default:
      return false;
  }
}

void CheckAlignment(const DLTensor& tensor, int32_t alignment) {
  if (alignment == 0) return;
  if (alignment < 0) {
    throw Error("RuntimeError",
                "the alignment must be >= 0 bytes, got " + std::to_string(alignment));
  }
  const uint64_t first =
      tensor.byte_offset +
      (HasAddresses(tensor.device) ? reinterpret_cast<uintptr_t>(tensor.data) : 0);
  if (first % static_cast<uint64_t>(alignment) == 0) return;
  throw Error("RuntimeError", "the tensor's first element must be aligned to " +
                                  std::to_string(alignment) + " bytes, it is " +
                                  std::to_string(first % static_cast<uint64_t>(alignment)) +
                                  " bytes past that");
}

std::string Extents(const int64_t* extents, int32_t ndim) {
  std::string text = "[";
  for (int32_t i = 0; i < ndim; ++i) text += (i == 0 ? "" : ", ") + std::to_string(extents[i]);
  return text + "]";
}

void CheckTensor(const DLTensor& tensor, int32_t alignment, bool contiguous) {
  if (tensor.ndim < 0 || (tensor.ndim > 0 && tensor.shape == nullptr)) {
    throw Error("ValueError", "a DLPack tensor must have ndim >= 0 and a shape, got ndim " +
                                  std::to_string(tensor.ndim));
  }
  CheckAlignment(tensor, alignment);
  if (contiguous && !details::IsContiguous(tensor)) {
    throw Error("RuntimeError", "a contiguous tensor is needed, got shape " +
                                    Extents(tensor.shape, tensor.ndim) + " with strides " +
                                    Extents(tensor.strides, tensor.ndim));
  }
}

// Another major version means another layout: nothing behind the version may be read.
void CheckVersion(const DLManagedTensorVersioned& managed) {
  if (managed.version.major <= DLPACK_MAJOR_VERSION) return;
  throw Error("RuntimeError",
              "the tensor has DLPack version " + std::to_string(managed.version.major) + "." +
                  std::to_string(managed.version.minor) + ", at most version 1 is understood");
}

void CheckPacking(const DLManagedTensorVersioned& managed) {
  if ((managed.flags & DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED) == 0) return;
  throw Error("RuntimeError", "a DLPack tensor of sub-byte elements must be packed, not padded");
}

template <typename Managed>
TVMFFIObjectHandle Import(Managed* managed) {
  const size_t strides_bytes = static_cast<size_t>(managed->dl_tensor.ndim) * sizeof(int64_t);
  if constexpr (std::is_same_v<Managed, DLManagedTensorVersioned>) {
    if (IsReadOnly(*managed)) {
      return MakeObjectWithTail<ReadOnlyTensorObj>(strides_bytes, managed).release_handle();
    }
  }
  return MakeObjectWithTail<DLPackTensorObj<Managed>>(strides_bytes, managed).release_handle();
}

TVMFFIObjectHandle MakeView(const DLTensor& view, TVMFFIObjectHandle source) {
  const size_t tail = 2 * static_cast<size_t>(view.ndim) * sizeof(int64_t);
  auto owner = ObjectPtr<Object>::ShareHandle(source);
  if (IsReadOnly(source)) {
    return MakeObjectWithTail<ReadOnlyTensorObj>(tail, view, std::move(owner)).release_handle();
  }
  return MakeObjectWithTail<ViewTensorObj>(tail, view, std::move(owner)).release_handle();
}

template <typename Managed>
void DeleteExport(Managed* managed) {
  TVMFFIObjectDecRef(managed->manager_ctx);
  delete managed;
}

template <typename Managed>
Managed* Export(TVMFFIObjectHandle tensor) {
  CheckTensorHandle(tensor);
  auto managed = std::make_unique<Managed>();
  managed->dl_tensor = *TVMFFITensorGetDLTensorPtr(tensor);
  managed->manager_ctx = tensor;
  managed->deleter = &DeleteExport<Managed>;
  details::RetainStrong(static_cast<TVMFFIObject*>(tensor));
  return managed.release();
}

}  // namespace

void RegisterTensorFunctions() {
  GlobalFunction::RegisterTyped("kiln.read_only_tensor_deleter",
                                [] { return reinterpret_cast<void*>(kReadOnlyDeleter); });
}

}  // namespace kiln::runtime

extern "C" {

int TVMFFITensorFromDLPack(DLManagedTensor* from, int32_t require_alignment,
                           int32_t require_contiguous, TVMFFIObjectHandle* out) {
  return kiln::SafeCall([&] {
    kiln::runtime::CheckTensor(kiln::runtime::Required(from, "a DLPack tensor").dl_tensor,
                               require_alignment, require_contiguous != 0);
    *out = kiln::runtime::Import(from);
  });
}

int TVMFFITensorFromDLPackVersioned(DLManagedTensorVersioned* from, int32_t require_alignment,
                                    int32_t require_contiguous, TVMFFIObjectHandle* out) {
  return kiln::SafeCall([&] {
    kiln::runtime::CheckVersion(kiln::runtime::Required(from, "a DLPack tensor"));
    kiln::runtime::CheckTensor(from->dl_tensor, require_alignment, require_contiguous != 0);
    kiln::runtime::CheckPacking(*from);
    *out = kiln::runtime::Import(from);
  });
}

int TVMFFITensorToDLPack(TVMFFIObjectHandle from, DLManagedTensor** out) {
  return kiln::SafeCall([&] { *out = kiln::runtime::Export<DLManagedTensor>(from); });
}

int TVMFFITensorToDLPackVersioned(TVMFFIObjectHandle from, DLManagedTensorVersioned** out) {
  return kiln::SafeCall([&] {
    auto* managed = kiln::runtime::Export<DLManagedTensorVersioned>(from);
    managed->version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
    managed->flags = kiln::runtime::IsReadOnly(from) ? DLPACK_FLAG_BITMASK_READ_ONLY : 0;
    *out = managed;
  });
}

int TVMFFITensorCreateUnsafeView(TVMFFIObjectHandle source, const DLTensor* prototype,
                                 TVMFFIObjectHandle* out) {
  return kiln::SafeCall([&] {
    kiln::runtime::CheckTensorHandle(source);
    const DLTensor& view = kiln::runtime::Required(prototype, "a view's prototype");
    if (view.ndim < 0 || view.strides == nullptr || (view.ndim > 0 && view.shape == nullptr)) {
      throw kiln::Error("InternalError",
                        "a view's prototype must have ndim >= 0, a shape and strides, got ndim " +
                            std::to_string(view.ndim));
    }
    *out = kiln::runtime::MakeView(view, source);
  });
}

}  // extern "C"
