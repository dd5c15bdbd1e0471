// Values on their way between Python and the ABI.
#ifndef KILN_ABI_PYTHON_SRC_VALUES_H_
#define KILN_ABI_PYTHON_SRC_VALUES_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "abi/python/src/core.h"

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

  // Packs a Python value as a view. False, with a Python error set, where it can't be passed;
  // `index` counts arguments in messages, -1 for none.
  bool Pack(PyObject* value, TVMFFIAny* packed, Py_ssize_t index);

  // The type of the first array among the arguments; null where there is none.
  PyTypeObject* array_type() const { return array_type_; }

 private:
  struct ArrayView {
    DLTensor tensor;
    std::array<int64_t, 8> strides;
  };

  bool PackNumber(PyObject* value, TVMFFIAny* packed);
  bool PackInteger(PyObject* value, TVMFFIAny* packed);
  bool PackText(PyObject* value, TVMFFIAny* packed);
  bool PackBytes(PyObject* value, TVMFFIAny* packed);
  bool PackObject(PyObject* value, TVMFFIAny* packed);
  bool PackArray(PyObject* value, TVMFFIAny* packed);
  bool PackForeign(PyObject* value, TVMFFIAny* packed, Py_ssize_t index);
  // Packs an object and releases it when the call has returned.
  void Keep(TVMFFIObjectHandle owned, TVMFFIAny* packed);
  ArrayView* NewView();

  const bool lends_arrays_;
  PyTypeObject* array_type_ = nullptr;
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

// A tensor object of the ABI from anything with __dlpack__; -1 with a Python error set.
int TensorFromDLPack(PyObject* value, TVMFFIObjectHandle* out);

// A function of the ABI that calls `callable`; -1 with a Python error set.
int FunctionFromCallable(PyObject* callable, TVMFFIObjectHandle* out);

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_VALUES_H_
