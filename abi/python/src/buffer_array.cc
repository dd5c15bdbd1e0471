#include "abi/python/src/buffer_array.h"

#include <array>
#include <string_view>

#include "abi/python/src/numpy_array.h"
#include "abi/python/src/tensors.h"

namespace kiln::python {
namespace {

// Reads a format of the module struct that stands for one number in the machine's byte order.
bool ReadFormat(std::string_view format, Py_ssize_t item_size, DLDataType* dtype) {
  if (format.starts_with('@') || format.starts_with('=') || format.starts_with('<')) {
    format.remove_prefix(1);
  }
  const auto bits = static_cast<uint8_t>(item_size * 8);
  const auto one_of = [&](std::string_view letters) {
    return format.size() == 1 && letters.find(format[0]) != std::string_view::npos;
  };
  if (format == "?") {
    *dtype = {static_cast<uint8_t>(kDLBool), bits, 1};
  } else if (one_of("bhilq")) {
    *dtype = {kDLInt, bits, 1};
  } else if (one_of("BHILQ")) {
    *dtype = {kDLUInt, bits, 1};
  } else if (one_of("efd")) {
    *dtype = {kDLFloat, bits, 1};
  } else if (format == "Zf" || format == "Zd") {
    *dtype = {kDLComplex, bits, 1};
  } else {
    return false;
  }
  return true;
}

}  // namespace

TVMFFIObjectHandle TensorOfBuffer(PyObject* array) {
  if (PyObject_CheckBuffer(array) == 0) return nullptr;
  const PyRef memory(PyMemoryView_FromObject(array));
  if (!memory) {
    PyErr_Clear();
    return nullptr;
  }
  const Py_buffer& buffer = *PyMemoryView_GET_BUFFER(memory.get());
  DLTensor view{};
  if (buffer.format == nullptr || buffer.suboffsets != nullptr || buffer.ndim > kMostDimensions ||
      !ReadFormat(buffer.format, buffer.itemsize, &view.dtype)) {
    return nullptr;
  }
  std::array<int64_t, kMostDimensions> strides;
  for (int i = 0; i < buffer.ndim; ++i) {
    if (buffer.strides[i] % buffer.itemsize != 0) return nullptr;
    strides[static_cast<size_t>(i)] = buffer.strides[i] / buffer.itemsize;
  }
  view.data = buffer.buf;
  view.device = {kDLCPU, 0};
  view.ndim = buffer.ndim;
  view.shape = reinterpret_cast<int64_t*>(buffer.shape);
  view.strides = strides.data();
  TVMFFIObjectHandle tensor = nullptr;
  if (TensorOfMemory(view, memory.get(), buffer.readonly != 0, &tensor) != 0) PyErr_Clear();
  return tensor;
}

}  // namespace kiln::python
