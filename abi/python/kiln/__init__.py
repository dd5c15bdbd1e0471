"""Kernels from source, compiled in this process.

    import numpy as np
    import kiln

    module = kiln.compile(
        "void saxpy(float a, const float* x, float* y, long n) {"
        "  for (long i = 0; i < n; ++i) y[i] += a * x[i]; }",
        name="saxpy.c",
        exports="saxpy",
    )
    x, y = np.ones(8, np.float32), np.zeros(8, np.float32)
    module.saxpy(0.5, x, y, 8)

Arrays go in without a copy: numpy's, and anything with __dlpack__. Functions may be called from any
thread. Errors are exceptions of the kind that the kernel raised.
"""

from kiln import _runtime  # isort: skip  (before _core)
from kiln import _configuration  # isort: skip
from kiln._arrays import ArrayLike
from kiln._compile import compile, compile_async
from kiln._compile_many import compile_many
from kiln._containers import Array, Dict, List, Map, Shape
from kiln._core import Device, Function, Object, Tensor, dtype
from kiln._engine import doctor, options, preload, stats, version
from kiln._errors import CancelledError, CompileError, Error, LinkError
from kiln._future import CompileFuture
from kiln._jit import Kernel, jit
from kiln._launch import launch
from kiln._module import Module, load_module
from kiln._objects import object_class, register_class
from kiln._registry import function, get, register
from kiln._stream import use_stream
from kiln._stubgen import stubgen
from kiln._try_run import TryRunResult, try_run
from kiln._version import __version__

from_dlpack = Tensor.from_dlpack

__all__ = [
    "Array",
    "ArrayLike",
    "CancelledError",
    "CompileError",
    "CompileFuture",
    "Device",
    "Dict",
    "Error",
    "Function",
    "Kernel",
    "LinkError",
    "List",
    "Map",
    "Module",
    "Object",
    "Shape",
    "Tensor",
    "TryRunResult",
    "__version__",
    "compile",
    "compile_async",
    "compile_many",
    "doctor",
    "dtype",
    "from_dlpack",
    "function",
    "get",
    "jit",
    "launch",
    "load_module",
    "object_class",
    "options",
    "preload",
    "register",
    "register_class",
    "stats",
    "stubgen",
    "try_run",
    "use_stream",
    "version",
]
