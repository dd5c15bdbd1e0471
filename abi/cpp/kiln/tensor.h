// Tensors: `Tensor` owns (a share of) its memory, `TensorView` borrows it for the time of a call.
//
// Both describe an n-dimensional array by DLPack's fields: data pointer, device, dtype, shape,
// strides in elements (never null when ndim > 0, except in views of foreign DLTensors), byte
// offset.
#ifndef KILN_TENSOR_H_
#define KILN_TENSOR_H_

#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <tvm/ffi/extra/c_env_api.h>

#include "kiln/dtype.h"
#include "kiln/make_object.h"

namespace kiln {

inline constexpr DLDevice kCpu{kDLCPU, 0};

namespace details {

// Elements of a shape. Throws ValueError for a negative extent or a count beyond int64.
inline int64_t CountElements(std::span<const int64_t> shape) {
  int64_t count = 1;
  bool too_many = false;
  bool empty = false;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < 0) {
      throw Error("ValueError",
                  Concat({"a shape's extents must be >= 0, got ", std::to_string(shape[i]),
                          " in dimension ", std::to_string(i)}));
    }
    empty |= shape[i] == 0;
    too_many |= __builtin_mul_overflow(count, shape[i], &count);
  }
  if (empty) return 0;
  if (too_many) throw Error("ValueError", "a shape may have at most 2^63 - 1 elements");
  return count;
}

// The product of extents that CountElements accepts, or a number without meaning where another
// extent is 0.
constexpr int64_t MultiplyExtents(int64_t a, int64_t b) noexcept {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

inline void FillRowMajorStrides(std::span<const int64_t> shape, int64_t* strides) noexcept {
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    stride = MultiplyExtents(stride, shape[i]);
  }
}

// True if the elements lie row by row without gaps. Dimensions of extent 1 don't count, and an
// empty tensor is contiguous.
inline bool IsContiguous(const DLTensor& tensor) noexcept {
  if (tensor.strides == nullptr) return true;
  int64_t expected = 1;
  bool contiguous = true;
  for (int32_t i = tensor.ndim; i-- > 0;) {
    if (tensor.shape[i] == 0) return true;
    if (tensor.shape[i] != 1) contiguous = contiguous && tensor.strides[i] == expected;
    expected = MultiplyExtents(expected, tensor.shape[i]);
  }
  return contiguous;
}

// What tensors and views offer alike. `Self` has `const DLTensor& dl() const`.
template <typename Self>
class TensorAccess {
 public:
  int32_t ndim() const noexcept { return dl().ndim; }
  DLDataType dtype() const noexcept { return dl().dtype; }
  DLDevice device() const noexcept { return dl().device; }
  std::span<const int64_t> shape() const noexcept {
    return {dl().shape, static_cast<size_t>(dl().ndim)};
  }
  int64_t numel() const { return CountElements(shape()); }
  bool is_contiguous() const noexcept { return IsContiguous(dl()); }

  // The address of the first element.
  void* data() const noexcept { return static_cast<char*>(dl().data) + dl().byte_offset; }

  // The elements of a contiguous CPU tensor. Throws TypeError if the dtype is not T's, ValueError
  // if it is elsewhere or has gaps.
  template <typename T>
  std::span<T> elements() const {
    if (!SameDataType(dtype(), DataTypeOf<std::remove_const_t<T>>())) {
      throw Error("TypeError", Concat({"expected a tensor of ",
                                       DataTypeName(DataTypeOf<std::remove_const_t<T>>()).view(),
                                       ", got ", DataTypeName(dtype()).view()}));
    }
    if (device().device_type != kDLCPU) {
      throw Error("ValueError",
                  Concat({"elements() reads CPU memory, the tensor is on device type ",
                          std::to_string(device().device_type)}));
    }
    if (!is_contiguous()) throw Error("ValueError", "elements() needs a contiguous tensor");
    return {static_cast<T*>(data()), static_cast<size_t>(numel())};
  }

 private:
  friend Self;
  TensorAccess() = default;
  const DLTensor& dl() const noexcept { return static_cast<const Self*>(this)->dl(); }
};

}  // namespace details

// The data: the object header, then the DLTensor.
class TensorObj : public Object, public DLTensor {
 public:
  static constexpr int32_t kTypeIndex = kTVMFFITensor;

 protected:
  TensorObj() noexcept : DLTensor{} {}
  ~TensorObj() = default;
};

namespace details {

// A tensor over CPU memory of its own. Shape and strides lie behind the object.
class CpuTensorObj : public TensorObj {
 public:
  static constexpr size_t kAlignment = 64;

  CpuTensorObj(std::span<const int64_t> extents, DLDataType element) {
    size_t bytes = 0;
    if (__builtin_mul_overflow(static_cast<size_t>(CountElements(extents)), ElementSize(element),
                               &bytes) ||
        bytes > SIZE_MAX - kAlignment) {
      throw Error("ValueError", "the tensor's size in bytes does not fit size_t");
    }
    device = kCpu;
    dtype = element;
    ndim = static_cast<int32_t>(extents.size());
    shape = reinterpret_cast<int64_t*>(this + 1);
    strides = shape + extents.size();
    for (size_t i = 0; i < extents.size(); ++i) shape[i] = extents[i];
    FillRowMajorStrides(extents, strides);
    if (bytes == 0) return;
    data = std::aligned_alloc(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
    if (data == nullptr) throw std::bad_alloc();
  }
  ~CpuTensorObj() { std::free(data); }
};

}  // namespace details

// Null when default-made or cast from None; a null one has no fields to ask for.
class Tensor : public ObjectRef, public details::TensorAccess<Tensor> {
 public:
  KILN_OBJECT_REF(Tensor, ObjectRef, TensorObj);

  // A new row-major tensor in CPU memory, 64-byte aligned, its elements uninitialised.
  static Tensor Empty(std::span<const int64_t> shape, DLDataType dtype) {
    return Tensor(MakeObjectWithTail<details::CpuTensorObj>(2 * shape.size() * sizeof(int64_t),
                                                            shape, dtype));
  }
  static Tensor Empty(std::initializer_list<int64_t> shape, DLDataType dtype) {
    return Empty(std::span<const int64_t>(shape.begin(), shape.size()), dtype);
  }

  // A new tensor from the environment's allocator, which a framework may have set. Throws
  // RuntimeError where none is set.
  static Tensor FromEnvironment(std::span<const int64_t> shape, DLDataType dtype, DLDevice device) {
    DLTensor prototype{};
    prototype.device = device;
    prototype.dtype = dtype;
    prototype.ndim = static_cast<int32_t>(shape.size());
    prototype.shape = const_cast<int64_t*>(shape.data());
    TVMFFIObjectHandle handle = nullptr;
    CheckCall(TVMFFIEnvTensorAlloc(&prototype, &handle));
    return Tensor(ObjectPtr<TensorObj>::AdoptHandle(handle));
  }

  // Takes over a DLPack tensor; its deleter runs when the last reference goes. On an error the
  // caller keeps it. `alignment` in bytes is demanded of the first element, 0 for any.
  static Tensor FromDLPack(DLManagedTensorVersioned* managed, int alignment = 0,
                           bool contiguous = false) {
    TVMFFIObjectHandle handle = nullptr;
    CheckCall(TVMFFITensorFromDLPackVersioned(managed, alignment, contiguous ? 1 : 0, &handle));
    return Tensor(ObjectPtr<TensorObj>::AdoptHandle(handle));
  }
  static Tensor FromDLPack(DLManagedTensor* managed, int alignment = 0, bool contiguous = false) {
    TVMFFIObjectHandle handle = nullptr;
    CheckCall(TVMFFITensorFromDLPack(managed, alignment, contiguous ? 1 : 0, &handle));
    return Tensor(ObjectPtr<TensorObj>::AdoptHandle(handle));
  }
  // A DLPack tensor that shares the memory and keeps it alive. The caller owns it.
  DLManagedTensorVersioned* ToDLPackVersioned() const {
    DLManagedTensorVersioned* managed = nullptr;
    CheckCall(TVMFFITensorToDLPackVersioned(handle(), &managed));
    return managed;
  }
  DLManagedTensor* ToDLPack() const {
    DLManagedTensor* managed = nullptr;
    CheckCall(TVMFFITensorToDLPack(handle(), &managed));
    return managed;
  }

  const DLTensor& dl() const noexcept { return *get(); }
};

// A tensor that somebody else owns; valid as long as that owner. Made from a Tensor or a DLTensor*.
class TensorView : public details::TensorAccess<TensorView> {
 public:
  // NOLINTBEGIN(google-explicit-constructor)
  TensorView(const DLTensor* tensor) noexcept : tensor_(tensor) {}
  TensorView(const Tensor& tensor) noexcept : tensor_(&tensor.dl()) {}
  // NOLINTEND(google-explicit-constructor)

  const DLTensor& dl() const noexcept { return *tensor_; }

 private:
  const DLTensor* tensor_;
};

template <>
inline constexpr bool kIsView<TensorView> = true;
template <>
inline constexpr bool kIsView<DLTensor*> = true;

template <>
struct TypeTraits<TensorView> {
  static void View(TensorView value, TVMFFIAny* out) noexcept {
    out->type_index = kTVMFFIDLTensorPtr;
    out->v_ptr = const_cast<DLTensor*>(&value.dl());
  }
  static std::optional<TensorView> From(const TVMFFIAny& any) noexcept {
    if (any.type_index == kTVMFFIDLTensorPtr) {
      return TensorView(static_cast<const DLTensor*>(any.v_ptr));
    }
    if (any.type_index == kTVMFFITensor) return TensorView(TVMFFITensorGetDLTensorPtr(any.v_obj));
    return std::nullopt;
  }
  static constexpr std::string_view kSchemaType = "DLTensor*";
  static std::string Name() { return "a tensor"; }
};

template <>
struct TypeTraits<DLTensor*> {
  static void View(DLTensor* value, TVMFFIAny* out) noexcept {
    out->type_index = value == nullptr ? kTVMFFINone : kTVMFFIDLTensorPtr;
    out->v_ptr = value;
  }
  static std::optional<DLTensor*> From(const TVMFFIAny& any) noexcept {
    if (any.type_index == kTVMFFIDLTensorPtr) return static_cast<DLTensor*>(any.v_ptr);
    if (any.type_index == kTVMFFITensor) return TVMFFITensorGetDLTensorPtr(any.v_obj);
    return std::nullopt;
  }
  static constexpr std::string_view kSchemaType = "DLTensor*";
  static std::string Name() { return "a tensor"; }
};

}  // namespace kiln

#endif  // KILN_TENSOR_H_
