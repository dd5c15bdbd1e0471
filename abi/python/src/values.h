// Values on their way between Python and the ABI.
#ifndef KILN_ABI_PYTHON_SRC_VALUES_H_
#define KILN_ABI_PYTHON_SRC_VALUES_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "abi/python/src/core.h"
#include "abi/python/src/exchange.h"
#include "abi/python/src/numpy_array.h"

namespace kiln::python {

// What the packed arguments of one call borrow from, and must live until it returns.
class CallFrame {
 public:
  // `lends_arrays`: whether arrays may go as DLTensor*, which the callee must not keep; else they
  // go as tensor objects.
  explicit CallFrame(bool lends_arrays) : lends_arrays_(lends_arrays) {}
  ~CallFrame();
  CallFrame(const CallFrame&) = delete;
  CallFrame& operator=(const CallFrame&) = delete;

  // Packs a Python value as a view. False, with a Python error set, where it can't be passed.
  bool Pack(PyObject* value, TVMFFIAny* packed);

  // Packs an array as a tensor object. False, with a Python error set, where it is none.
  bool PackTensor(PyObject* value, TVMFFIAny* packed);

  // A result of the call: a tensor becomes an array of the class of the first array among the
  // arguments. Null, with a Python error set, on failure, also where `result` is null.
  PyObject* ToArray(PyRef result) const {
    if (array_type_ == nullptr || !result || Py_TYPE(result.get()) != core.tensor_type) {
      return result.release();
    }
    return TensorToArray(std::move(result));
  }

 private:
  struct ArrayView {
    DLTensor tensor;
    std::array<int64_t, kMostDimensions> strides;
  };

  bool PackNumber(PyObject* value, TVMFFIAny* packed);
  bool PackInteger(PyObject* value, TVMFFIAny* packed);
  bool PackText(PyObject* value, TVMFFIAny* packed);
  bool PackBytes(PyObject* value, TVMFFIAny* packed);
  bool PackObject(PyObject* value, TVMFFIAny* packed);
  bool PackArray(PyObject* value, TVMFFIAny* packed);
  bool PackExchanged(PyObject* value, const DLPackExchangeAPI& table, TVMFFIAny* packed);
  bool PackForeign(PyObject* value, TVMFFIAny* packed);
  bool PackWithDLPack(PyObject* value, TVMFFIAny* packed);
  PyObject* TensorToArray(PyRef tensor) const;
  // Packs an object and releases it when the call has returned.
  void Keep(TVMFFIObjectHandle owned, TVMFFIAny* packed);
  ArrayView* NewView();

  const bool lends_arrays_;
  PyTypeObject* array_type_ = nullptr;  // of the first array
  BorrowedEnvironment environment_;
  std::array<ArrayView, 4> first_views_;
  size_t view_count_ = 0;
  std::vector<std::unique_ptr<ArrayView>> more_views_;
  std::vector<std::unique_ptr<TVMFFIByteArray>> byte_arrays_;
  std::vector<TVMFFIObjectHandle> kept_;
  std::vector<PyRef> kept_values_;
};

// The Python value of an owned value, which is consumed in every case. Null, with a Python error
// set, where there is none.
PyObject* ToPython(TVMFFIAny owned);

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_VALUES_H_
