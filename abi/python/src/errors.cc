// Errors of the ABI as Python exceptions, and back.
#include <cstring>
#include <string>
#include <string_view>

#include "abi/python/src/core.h"
#include "abi/python/src/traceback.h"
#include "abi/python/src/values.h"

namespace kiln::python {
namespace {

const TVMFFIErrorCell& CellOf(TVMFFIObjectHandle error) {
  return *reinterpret_cast<TVMFFIErrorCell*>(static_cast<TVMFFIObject*>(error) + 1);
}

PyRef Text(const TVMFFIByteArray& bytes) {
  return PyRef(PyUnicode_DecodeUTF8(bytes.data, static_cast<Py_ssize_t>(bytes.size), "replace"));
}

// The Python exception that an error was made from, if it was: borrowed.
PyObject* OriginalOf(const TVMFFIErrorCell& cell) {
  const auto* context = static_cast<TVMFFIObject*>(cell.extra_context);
  if (context == nullptr || context->type_index != kTVMFFIOpaquePyObject) return nullptr;
  const auto& opaque = *reinterpret_cast<const TVMFFIOpaqueObjectCell*>(context + 1);
  auto* const object = static_cast<PyObject*>(opaque.handle);
  return PyExceptionInstance_Check(object) ? object : nullptr;
}

void Set(PyObject* exception, const char* name, PyObject* value) {
  if (value == nullptr || PyObject_SetAttrString(exception, name, value) != 0) PyErr_Clear();
}

void ReleaseException(void* exception) { ReleaseFromAnyThread(static_cast<PyObject*>(exception)); }

// The name of an exception's class; of kiln's own classes what they stand for.
std::string KindOf(PyObject* exception) {
  const PyRef kind(PyObject_GetAttrString(exception, "kind"));
  if (kind && PyUnicode_Check(kind.get())) {
    if (const char* text = PyUnicode_AsUTF8(kind.get())) return text;
  }
  PyErr_Clear();
  const char* name = Py_TYPE(exception)->tp_name;
  const char* const dot = std::strrchr(name, '.');
  return dot == nullptr ? name : dot + 1;
}

}  // namespace

PyObject* RaiseInPython() {
  TVMFFIObjectHandle error = nullptr;
  TVMFFIErrorMoveFromRaised(&error);
  // What a signal handler has raised is the reason, whatever the error is that came of it.
  if (PyErr_Occurred() != nullptr) {
    TVMFFIObjectDecRef(error);
    return nullptr;
  }
  if (error == nullptr) {
    PyErr_SetString(PyExc_SystemError, "a call failed silently");
    return nullptr;
  }
  const TVMFFIErrorCell& cell = CellOf(error);
  if (PyObject* const original = OriginalOf(cell)) {
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(original)), original);
    TVMFFIObjectDecRef(error);
    return nullptr;
  }
  const PyRef kind = Text(cell.kind);
  const PyRef message = Text(cell.message);
  if (!kind || !message) {
    TVMFFIObjectDecRef(error);
    return nullptr;
  }
  PyObject* type = PyDict_GetItemWithError(core.error_classes, kind.get());
  if (type == nullptr) type = core.error_base;
  const PyRef exception(PyObject_CallOneArg(type, message.get()));
  if (exception) {
    Set(exception.get(), "kind", kind.get());
    Set(exception.get(), "backtrace", Text(cell.backtrace).get());
    if (cell.extra_context != nullptr) {
      TVMFFIObjectIncRef(cell.extra_context);
      TVMFFIAny context{};
      context.type_index = static_cast<TVMFFIObject*>(cell.extra_context)->type_index;
      context.v_obj = static_cast<TVMFFIObject*>(cell.extra_context);
      Set(exception.get(), "context", PyRef(ToPython(context)).get());
    }
    PyErr_SetObject(type, exception.get());
    AddBacktraceToTraceback({cell.backtrace.data, cell.backtrace.size});
  }
  TVMFFIObjectDecRef(error);
  return nullptr;
}

int RaiseInAbi() {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  const PyRef owned_type(type), exception(value), owned_traceback(traceback);
  if (!exception) return -1;
  if (owned_traceback) PyException_SetTraceback(value, traceback);
  const std::string kind = KindOf(value);
  const PyRef text(PyObject_Str(value));
  const char* message = text ? PyUnicode_AsUTF8(text.get()) : nullptr;
  if (message == nullptr) {
    PyErr_Clear();
    message = "";
  }
  TVMFFIObjectHandle original = nullptr;
  Py_INCREF(value);
  if (TVMFFIObjectCreateOpaque(value, kTVMFFIOpaquePyObject, &ReleaseException, &original) != 0) {
    Py_DECREF(value);
    return -1;
  }
  const TVMFFIByteArray kind_bytes{kind.data(), kind.size()};
  const TVMFFIByteArray message_bytes{message, std::strlen(message)};
  const std::string frames = BacktraceOf(traceback);
  const TVMFFIByteArray backtrace{frames.data(), frames.size()};
  TVMFFIObjectHandle error = nullptr;
  const int status = TVMFFIErrorCreateWithCauseAndExtraContext(
      &kind_bytes, &message_bytes, &backtrace, nullptr, original, &error);
  TVMFFIObjectDecRef(original);
  if (status != 0) return -1;
  TVMFFIErrorSetRaised(error);
  TVMFFIObjectDecRef(error);
  return -1;
}

}  // namespace kiln::python
