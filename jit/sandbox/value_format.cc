#include "jit/sandbox/value_format.h"

#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <kiln/dlpack.h>

#include "kiln/array.h"
#include "kiln/list.h"
#include "kiln/registry.h"
#include "kiln/shape.h"
#include "kiln/string.h"

namespace kiln::jit {
namespace {

enum Tag : uint64_t {
  kNone = 1,
  kBool,
  kInt,
  kFloat,
  kText,
  kBytes,
  kDataType,
  kDevice,
  kShape,
  kArray,
  kTensor,
};
constexpr int kDeepest = 64;
constexpr int32_t kMostDimensions = 64;

const DLTensor* TensorIn(AnyView value) {
  if (value.type_index() == kTVMFFIDLTensorPtr) {
    return static_cast<const DLTensor*>(value.raw().v_ptr);
  }
  return value.type_index() == kTVMFFITensor ? TVMFFITensorGetDLTensorPtr(value.raw().v_obj)
                                             : nullptr;
}

// The runtime marks objects of tensors that must not be written by their deleter.
bool IsReadOnly(AnyView value) {
  if (value.type_index() != kTVMFFITensor) return false;
  static const auto* const kDeleter = new std::optional<void*>([]() -> std::optional<void*> {
    const auto deleter = GlobalFunction::Find("kiln.read_only_tensor_deleter");
    if (!deleter) return std::nullopt;
    return (*deleter)().cast<void*>();
  }());
  return *kDeleter && reinterpret_cast<void*>(value.raw().v_obj->deleter) == **kDeleter;
}

bool IsSequence(AnyView value) {
  return value.type_index() == kTVMFFIArray || value.type_index() == kTVMFFIList;
}

std::vector<Any> ElementsOf(AnyView sequence) {
  const auto* cell = reinterpret_cast<const TVMFFISeqCell*>(sequence.raw().v_obj + 1);
  const Any* const first = static_cast<const Any*>(cell->data);
  return {first, first + cell->size};
}

// Calls `put_tensor` for each tensor; writes all else. Throws where a value can't travel.
template <typename PutTensor>
void Put(AnyView value, const std::string& what, int depth, ByteWriter* writer,
         const PutTensor& put_tensor) {
  if (const DLTensor* const tensor = TensorIn(value)) {
    writer->Put(uint64_t{kTensor});
    return put_tensor(*tensor, IsReadOnly(value), what);
  }
  if (IsSequence(value) && depth < kDeepest) {
    const std::vector<Any> elements = ElementsOf(value);
    writer->Put(uint64_t{kArray});
    writer->Put(elements.size());
    for (size_t i = 0; i < elements.size(); ++i) {
      Put(elements[i], what + "[" + std::to_string(i) + "]", depth + 1, writer, put_tensor);
    }
    return;
  }
  switch (value.type_index()) {
    case kTVMFFINone:
      return writer->Put(uint64_t{kNone});
    case kTVMFFIBool:
      writer->Put(uint64_t{kBool});
      return writer->Put(uint64_t{value.cast<bool>()});
    case kTVMFFIInt:
      writer->Put(uint64_t{kInt});
      return writer->Put(static_cast<uint64_t>(value.cast<int64_t>()));
    case kTVMFFIFloat: {
      uint64_t bits = 0;
      std::memcpy(&bits, &value.raw().v_float64, sizeof bits);
      writer->Put(uint64_t{kFloat});
      return writer->Put(bits);
    }
    case kTVMFFIRawStr:
    case kTVMFFISmallStr:
    case kTVMFFIStr:
      writer->Put(uint64_t{kText});
      return writer->Put(value.cast<std::string>());
    case kTVMFFIByteArrayPtr:
    case kTVMFFISmallBytes:
    case kTVMFFIBytes:
      writer->Put(uint64_t{kBytes});
      return writer->Put(value.cast<Bytes>().view());
    case kTVMFFIDataType: {
      const auto dtype = value.cast<DLDataType>();
      writer->Put(uint64_t{kDataType});
      return writer->Put(uint64_t{dtype.code} | uint64_t{dtype.bits} << 8 |
                         uint64_t{dtype.lanes} << 16);
    }
    case kTVMFFIDevice: {
      const auto device = value.cast<DLDevice>();
      writer->Put(uint64_t{kDevice});
      writer->Put(static_cast<uint64_t>(static_cast<int64_t>(device.device_type)));
      return writer->Put(static_cast<uint64_t>(static_cast<int64_t>(device.device_id)));
    }
    case kTVMFFIShape: {
      const auto shape = value.cast<Shape>();
      writer->Put(uint64_t{kShape});
      writer->Put(shape.size());
      for (const int64_t extent : shape) writer->Put(static_cast<uint64_t>(extent));
      return;
    }
    default:
      throw Error("TypeError",
                  what +
                      " must be None, a bool, int, float, str, bytes, dtype, device, shape, "
                      "tensor, or an array of these, to go to another process; got " +
                      KindName(value.type_index()));
  }
}

DLDataType DataTypeFrom(uint64_t bits) {
  return {static_cast<uint8_t>(bits), static_cast<uint8_t>(bits >> 8),
          static_cast<uint16_t>(bits >> 16)};
}

std::vector<int64_t> GetIntegers(ByteReader* reader) {
  std::vector<int64_t> integers(reader->Count(sizeof(int64_t)));
  for (int64_t& integer : integers) integer = static_cast<int64_t>(reader->Integer());
  return integers;
}

template <typename GetTensor>
Any Get(ByteReader* reader, int depth, const GetTensor& get_tensor) {
  if (depth > kDeepest) reader->Refuse("its values are nested too deeply");
  switch (reader->Integer()) {
    case kNone:
      return {};
    case kBool:
      return reader->Integer() != 0;
    case kInt:
      return static_cast<int64_t>(reader->Integer());
    case kFloat: {
      const uint64_t bits = reader->Integer();
      double number = 0;
      std::memcpy(&number, &bits, sizeof number);
      return number;
    }
    case kText:
      return String(reader->Text());
    case kBytes:
      return Bytes(reader->Text());
    case kDataType:
      return DataTypeFrom(reader->Integer());
    case kDevice: {
      DLDevice device{};
      device.device_type = static_cast<DLDeviceType>(reader->Integer());
      device.device_id = static_cast<int32_t>(reader->Integer());
      return device;
    }
    case kShape:
      return Shape(GetIntegers(reader));
    case kArray: {
      std::vector<Any> elements(reader->Count(sizeof(uint64_t)));
      for (Any& element : elements) element = Get(reader, depth + 1, get_tensor);
      return Array<Any>::From(elements);
    }
    case kTensor:
      return get_tensor();
    default:
      reader->Refuse("it has a value of no known kind");
  }
}

// A tensor over memory that lives elsewhere.
struct BorrowedTensor {
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
  DLManagedTensorVersioned managed{};
};

}  // namespace

void AddTensors(AnyView value, const std::string& what, SharedTensors* tensors) {
  ByteWriter unused;
  Put(value, what, 0, &unused, [&](const DLTensor& tensor, bool read_only, const std::string& of) {
    tensors->Add(tensor, read_only, of);
  });
}

void PutValue(AnyView value, const SharedTensors& tensors, ByteWriter* writer) {
  Put(value, "", 0, writer, [&](const DLTensor& tensor, bool read_only, const std::string&) {
    const DLDataType dtype = tensor.dtype;
    writer->Put(uint64_t{dtype.code} | uint64_t{dtype.bits} << 8 | uint64_t{dtype.lanes} << 16);
    const auto ndim = static_cast<size_t>(tensor.ndim);
    writer->Put(ndim);
    for (size_t i = 0; i < ndim; ++i) writer->Put(static_cast<uint64_t>(tensor.shape[i]));
    std::vector<int64_t> strides(ndim);
    if (tensor.strides == nullptr) {
      kiln::details::FillRowMajorStrides({tensor.shape, ndim}, strides.data());
    } else {
      std::copy_n(tensor.strides, ndim, strides.begin());
    }
    writer->Put(ndim);
    for (const int64_t stride : strides) writer->Put(static_cast<uint64_t>(stride));
    writer->Put(tensors.PlaceOf(tensor));
    writer->Put(uint64_t{read_only});
  });
}

Any GetValue(ByteReader* reader, const MappedTensors& tensors) {
  return Get(reader, 0, [&]() -> Any {
    auto tensor = std::make_unique<BorrowedTensor>();
    DLTensor& dl = tensor->managed.dl_tensor;
    dl.dtype = DataTypeFrom(reader->Integer());
    tensor->shape = GetIntegers(reader);
    tensor->strides = GetIntegers(reader);
    dl.device = kCpu;
    dl.ndim = static_cast<int32_t>(tensor->shape.size());
    dl.shape = tensor->shape.data();
    dl.strides = tensor->strides.data();
    const uint64_t place = reader->Integer();
    if (kiln::details::CountElements(tensor->shape) != 0) dl.data = tensors.AddressOf(place);
    tensor->managed.version = {1, 0};
    tensor->managed.flags = reader->Integer() != 0 ? DLPACK_FLAG_BITMASK_READ_ONLY : 0;
    tensor->managed.manager_ctx = tensor.get();
    tensor->managed.deleter = [](DLManagedTensorVersioned* self) {
      delete static_cast<BorrowedTensor*>(self->manager_ctx);
    };
    const Tensor made = Tensor::FromDLPack(&tensor->managed);
    tensor.release();  // NOLINT(bugprone-unused-return-value): it is the tensor's
    return made;
  });
}

void PutResult(AnyView value, const std::string& what, ByteWriter* writer) {
  Put(value, what, 0, writer, [&](const DLTensor& tensor, bool, const std::string& of) {
    if (tensor.device.device_type != kDLCPU) {
      throw Error("ValueError", of + " is a tensor on device type " +
                                    std::to_string(tensor.device.device_type) +
                                    "; only those in CPU memory go to another process");
    }
    const TensorView view(&tensor);
    const Tensor whole = Tensor::Empty(view.shape(), tensor.dtype);
    const size_t bytes = static_cast<size_t>(view.numel()) * ElementSize(tensor.dtype);
    GatherElements(tensor, static_cast<char*>(whole.data()));
    const DLDataType dtype = tensor.dtype;
    writer->Put(uint64_t{dtype.code} | uint64_t{dtype.bits} << 8 | uint64_t{dtype.lanes} << 16);
    writer->Put(view.shape().size());
    for (const int64_t extent : view.shape()) writer->Put(static_cast<uint64_t>(extent));
    writer->Put(std::string_view(static_cast<const char*>(whole.data()), bytes));
  });
}

Any GetResult(ByteReader* reader) {
  return Get(reader, 0, [&]() -> Any {
    const DLDataType dtype = DataTypeFrom(reader->Integer());
    const std::vector<int64_t> shape = GetIntegers(reader);
    const std::string_view bytes = reader->Text();
    if (dtype.bits == 0 || dtype.lanes == 0) reader->Refuse("it has a tensor of no dtype");
    if (shape.size() > kMostDimensions) reader->Refuse("it has a tensor of too many dimensions");
    for (const int64_t extent : shape) {
      if (extent < 0 || extent > (int64_t{1} << 40)) reader->Refuse("it has a tensor of no shape");
    }
    size_t size = ElementSize(dtype);
    for (const int64_t extent : shape) {
      if (__builtin_mul_overflow(size, static_cast<size_t>(extent), &size)) {
        reader->Refuse("it has a tensor that is too large");
      }
    }
    if (size != bytes.size()) reader->Refuse("it has a tensor without its elements");
    const Tensor tensor = Tensor::Empty(shape, dtype);
    if (!bytes.empty()) std::memcpy(tensor.data(), bytes.data(), bytes.size());
    return tensor;
  });
}

}  // namespace kiln::jit
