// Frames of other languages in Python's tracebacks, and Python's frames in the backtraces of
// errors.
#ifndef KILN_ABI_PYTHON_SRC_TRACEBACK_H_
#define KILN_ABI_PYTHON_SRC_TRACEBACK_H_

#include <string>
#include <string_view>

#include "abi/python/src/core.h"

namespace kiln::python {

// Adds the function that was called to the traceback of the exception that is set: its name and, as
// far as it is known, where it is written.
void AddFunctionToTraceback(PyObject* function);

// Adds the frames of an error's backtrace (lines `  File "f", line n, in g`, the innermost first)
// to the traceback of the exception that is set.
void AddBacktraceToTraceback(std::string_view backtrace);

// The frames of a traceback as lines of that form, the innermost first.
std::string BacktraceOf(PyObject* traceback);

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_TRACEBACK_H_
