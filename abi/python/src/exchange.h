// The DLPack exchange tables of array classes: how arrays and tensors travel without calls of
// Python methods (dlpack.h, DLPackExchangeAPI), and what of their surroundings comes along.
#ifndef KILN_ABI_PYTHON_SRC_EXCHANGE_H_
#define KILN_ABI_PYTHON_SRC_EXCHANGE_H_

#include <kiln/dlpack.h>
#include <tvm/ffi/extra/c_env_api.h>

#include "abi/python/src/core.h"

namespace kiln::python {

// The table of an array class, or null where it has none. Never fails. A class that
// has one stays alive.
const DLPackExchangeAPI* ExchangeTableOf(PyTypeObject* type);

// The same, if the class is the one that this thread asked for last; else null.
struct MetClass {
  PyTypeObject* type;
  const DLPackExchangeAPI* table;
};
extern thread_local constinit MetClass last_met_class __attribute__((tls_model("initial-exec")));
inline const DLPackExchangeAPI* LastExchangeTable(PyTypeObject* type) {
  return last_met_class.type == type ? last_met_class.table : nullptr;
}

// Gives kiln.Tensor its own. False with a Python error set.
bool AddExchangeTable(PyTypeObject* tensor_type);

// The environment of a call that is given arrays of another library: kernels that ask for new
// tensors get those of that library, and launch on the stream that it works on. Undone when the
// call is over.
class BorrowedEnvironment {
 public:
  BorrowedEnvironment() = default;
  ~BorrowedEnvironment();
  BorrowedEnvironment(const BorrowedEnvironment&) = delete;
  BorrowedEnvironment& operator=(const BorrowedEnvironment&) = delete;

  // To be told of each array; the first one decides. False with a Python error set.
  bool Meet(const DLPackExchangeAPI& table, DLDevice device);

 private:
  bool has_allocator_ = false;
  bool has_stream_ = false;
  DLPackManagedTensorAllocator former_allocator_ = nullptr;
  TVMFFIStreamHandle former_stream_ = nullptr;
  DLDevice stream_device_{};
};

// Makes `stream` the current one of this thread for the device, as the user asked: arrays don't
// change it while `depth` is above 0. (device, stream address, change of depth) -> former address.
PyObject* SetStream(PyObject* module, PyObject* args);

// Adds the current stream to the arguments of __dlpack__, where `array` is on a device for which
// one is set. False with a Python error set.
bool AddStream(PyObject* array, PyObject* arguments);

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_EXCHANGE_H_
