#include "abi/python/src/traceback.h"

#include <dlfcn.h>
#include <frameobject.h>

#include <charconv>
#include <vector>

namespace kiln::python {
namespace {

// Puts a frame that no Python code has in front of the exception's traceback. Never fails: at worst
// the frame is left out.
void AddFrame(const std::string& file, const std::string& function, int line) {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  const PyRef globals(PyDict_New());
  PyCodeObject* const code = PyCode_NewEmpty(file.c_str(), function.c_str(), line);
  PyFrameObject* const frame =
      code == nullptr || !globals
          ? nullptr
          : PyFrame_New(PyThreadState_Get(), code, globals.get(), /*locals=*/nullptr);
  if (frame == nullptr) PyErr_Clear();
  PyErr_Restore(type, value, traceback);
  if (frame != nullptr) PyTraceBack_Here(frame);
  Py_XDECREF(reinterpret_cast<PyObject*>(frame));
  Py_XDECREF(reinterpret_cast<PyObject*>(code));
}

// The next part of a line up to `end`, which is taken away; empty where there is none.
std::string_view Take(std::string_view& text, std::string_view end) {
  const size_t at = text.find(end);
  if (at == std::string_view::npos) return {};
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return taken;
}

// The file that this extension is loaded from, as backtraces call it.
const std::string& OwnFile() {
  static const std::string* const file = [] {
    Dl_info info{};
    const bool found = dladdr(reinterpret_cast<const void*>(&AddFrame), &info) != 0;
    return new std::string(found && info.dli_fname != nullptr ? info.dli_fname : "");
  }();
  return *file;
}

}  // namespace

void AddFunctionToTraceback(PyObject* function) {
  if (AsFunction(function)->name == nullptr || AsFunction(function)->origin == nullptr) return;
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  const PyRef place(PyObject_CallOneArg(core.place_of, function));
  const char* file = nullptr;
  const char* name = nullptr;
  int line = 0;
  const bool known = place && place.get() != Py_None &&
                     PyArg_ParseTuple(place.get(), "sis", &file, &line, &name) != 0;
  PyErr_Clear();
  PyErr_Restore(type, value, traceback);
  if (known) AddFrame(file, name, line);
}

void AddBacktraceToTraceback(std::string_view backtrace) {
  while (!backtrace.empty()) {
    const size_t end = backtrace.find('\n');
    std::string_view line = backtrace.substr(0, end);
    backtrace.remove_prefix(end == std::string_view::npos ? backtrace.size() : end + 1);
    Take(line, "File \"");
    const std::string_view file = Take(line, "\", line ");
    const std::string_view digits = Take(line, ", in ");
    if (digits.empty()) continue;
    int number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    // From here on the frames are the interpreter's, whose Python functions the traceback has.
    if (file == OwnFile() || file.find("abi/python/src/") != file.npos ||
        line.find("kiln::python::") != line.npos)
      return;
    // An address alone tells a reader nothing.
    if (file.empty() || line.empty() || line.starts_with("0x")) continue;
    AddFrame(std::string(file), std::string(line), number);
  }
}

std::string BacktraceOf(PyObject* traceback) {
  std::vector<std::string> lines;
  for (PyRef here = PyRef::Share(traceback); here && here.get() != Py_None;) {
    const PyRef line(PyObject_GetAttrString(here.get(), "tb_lineno"));
    const PyRef frame(PyObject_GetAttrString(here.get(), "tb_frame"));
    const PyRef code(frame ? PyObject_GetAttrString(frame.get(), "f_code") : nullptr);
    const PyRef file(code ? PyObject_GetAttrString(code.get(), "co_filename") : nullptr);
    const PyRef name(code ? PyObject_GetAttrString(code.get(), "co_name") : nullptr);
    if (!line || !file || !name) break;
    const PyRef text(PyUnicode_FromFormat("  File \"%S\", line %S, in %S\n", file.get(), line.get(),
                                          name.get()));
    const char* utf8 = text ? PyUnicode_AsUTF8(text.get()) : nullptr;
    if (utf8 == nullptr) break;
    lines.emplace_back(utf8);
    here = PyRef(PyObject_GetAttrString(here.get(), "tb_next"));
  }
  PyErr_Clear();
  std::string text;
  for (size_t i = lines.size(); i-- > 0;) text += lines[i];
  return text;
}

}  // namespace kiln::python
