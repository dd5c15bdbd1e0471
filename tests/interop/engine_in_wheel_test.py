"""Kiln's engine on the runtime of another package: the reference's wheel, in a Python of its own."""

from __future__ import annotations

import ctypes
import json
import os
from pathlib import Path

import pytest
import tvm_ffi
from runtime_library import DLManagedTensor

KERNELS = Path(os.environ["KILN_TEST_KERNELS"])


class FloatVector:
    """Float32 elements in memory of ctypes, offered through DLPack. Outlives what is made of it."""

    def __init__(self, values: list[float]) -> None:
        self.elements = (ctypes.c_float * len(values))(*values)
        self.shape = (ctypes.c_int64 * 1)(len(values))
        self.managed = DLManagedTensor()
        self.managed.tensor.data = ctypes.addressof(self.elements)
        self.managed.tensor.device_type = 1  # CPU
        self.managed.tensor.ndim = 1
        self.managed.tensor.dtype = 2 | 32 << 8 | 1 << 16  # float, 32 bits, one lane
        self.managed.tensor.shape = self.shape

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)

    def __dlpack__(self, **_: object) -> object:
        new = ctypes.pythonapi.PyCapsule_New
        new.restype = ctypes.py_object
        new.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        return new(ctypes.addressof(self.managed), b"dltensor", None)


@pytest.fixture(scope="module")
def compile_source():
    tvm_ffi.load_module(os.environ["KILN_TEST_ENGINE"])
    return tvm_ffi.get_global_func("kiln.jit.compile")


@pytest.mark.parametrize("opt_level", [0, 2])
def test_a_kernel_runs_on_a_tensor_of_the_wheel(compile_source, opt_level):
    source = (KERNELS / "axpy.c").read_text()
    module = compile_source(source, "name", "axpy.c", "opt_level", opt_level)
    x = FloatVector([1, 2, 3])
    y = FloatVector([10, 20, 30])
    module["axpy"](2.0, tvm_ffi.from_dlpack(x), tvm_ffi.from_dlpack(y))
    assert list(y.elements) == [12, 24, 36]


def test_options_are_taken_as_a_dictionary(compile_source):
    source = "#include <tvm/ffi/c_api.h>\n" + (KERNELS / "fail.c").read_text()
    options = {"name": "fail.c", "opt_level": 1, "defines": ["UNUSED", "ALSO_UNUSED=1"]}
    assert compile_source(source, options).implements_function("fail")
    with pytest.raises(KeyError, match="did you mean 'opt_level'"):
        compile_source(source, {"name": "fail.c", "opt_levl": 1})


def test_the_wheel_sees_a_module_like_its_own(compile_source):
    module = compile_source((KERNELS / "axpy.c").read_text(), "name", "axpy.c")
    assert module.kind == "kiln_jit"
    assert module.implements_function("axpy")
    assert not module.implements_function("main")
    assert list(module.imports) == []
    with pytest.raises(AttributeError, match="nothing"):
        module["nothing"]


def test_a_function_outlives_its_module(compile_source):
    axpy = compile_source((KERNELS / "axpy.c").read_text(), "name", "axpy.c")["axpy"]
    x, y = FloatVector([1]), FloatVector([1])
    axpy(1.0, tvm_ffi.from_dlpack(x), tvm_ffi.from_dlpack(y))
    assert list(y.elements) == [2]


def test_a_kernels_error_becomes_a_python_exception(compile_source):
    module = compile_source((KERNELS / "fail.c").read_text(), "name", "fail.c")
    with pytest.raises(ValueError, match="the kernel was told to fail"):
        module["fail"]()


def test_a_mistake_in_the_source_says_where(compile_source):
    with pytest.raises(RuntimeError, match=r"bad\.c:1:"):
        compile_source("int f( {", "name", "bad.c")


def test_a_mistake_in_the_source_is_told_as_json(compile_source):
    with pytest.raises(RuntimeError) as raised:
        compile_source("int f(void) { return 3 }\n", "name", "bad.c")
    (diagnostic,) = json.loads(raised.value.__tvm_ffi_error__.extra_context)
    assert diagnostic["severity"] == "error"
    assert (diagnostic["file"], diagnostic["line"], diagnostic["column"]) == ("bad.c", 1, 23)
    assert diagnostic["fixits"][0]["text"] == ";"


def test_a_module_shows_its_stages(compile_source):
    source = "int f(void) {}\n"
    module = compile_source(source, "name", "f.c")
    assert module.inspect_source("source") == source
    assert "define" in module.inspect_source("ll")
    assert json.loads(module.inspect_source("diagnostics"))[0]["option"] == "-Wreturn-type"
    # The wheel calls the C++ class itself, and takes what that throws for an internal error.
    with pytest.raises(RuntimeError, match="ValueError: .*'ll-opt'"):
        module.inspect_source("wasm")


def test_a_registered_function_is_found_by_both_sides(compile_source):
    module = compile_source((KERNELS / "fail.c").read_text(), "name", "fail.c")
    tvm_ffi.register_global_func("test.kiln.fail", module["fail"])
    try:
        with pytest.raises(ValueError):
            tvm_ffi.get_global_func("test.kiln.fail")()
    finally:
        tvm_ffi.remove_global_func("test.kiln.fail")
