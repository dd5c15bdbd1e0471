"""What once failed, each in as few lines as it takes."""

from __future__ import annotations

import ast
import gc
import subprocess
import sys
import traceback
import weakref

import numpy as np
import pytest

import kiln

SIGNALS = """
#include <signal.h>
#include <unistd.h>
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/c_env_api.h>
static int interrupted(void) {
  kill(getpid(), SIGINT);
  for (int64_t i = 0; i < 100000000; ++i) if (TVMFFIEnvCheckSignals() != 0) return 1;
  return 0;
}
int __tvm_ffi_run(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return -interrupted();
}
int __tvm_ffi_cleanup(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  if (interrupted()) TVMFFIFunctionCall(args[0].v_obj, 0, 0, result);
  return -1;
}
int __tvm_ffi_forget(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  interrupted();
  return 0;
}
int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIFunctionCall(args[0].v_obj, (TVMFFIAny*)args + 1, n - 1, result);
}
"""


@pytest.fixture(scope="module")
def signals() -> kiln.Module:
    return kiln.compile(SIGNALS, name="k.c", exports="all")


def test_an_interrupt_passes_through_a_call_of_compiled_code(signals: kiln.Module) -> None:
    with pytest.raises(KeyboardInterrupt):
        signals["call"](signals.run)


def test_a_callback_after_a_failed_check_for_signals_runs(signals: kiln.Module) -> None:
    with pytest.raises(KeyboardInterrupt):
        signals.cleanup(lambda: 3)


def test_an_interrupt_that_compiled_code_ignores_is_raised(signals: kiln.Module) -> None:
    with pytest.raises(KeyboardInterrupt):
        signals.forget()


def test_an_exporter_without_a_device_works_after_a_stream_was_used() -> None:
    class Exporter:
        def __dlpack__(self, **named: object) -> object:
            return np.ones(3).__dlpack__()

    kiln.from_dlpack(Exporter())
    with kiln.use_stream(0x1000):
        pass
    kiln.from_dlpack(Exporter())


def test_a_traceback_has_no_frames_of_the_interpreter() -> None:
    with pytest.raises(TypeError) as raised:
        kiln.compile("int f(int a) { return a; }", name="k.c", exports="f").f("x")
    names = [frame.name for frame in traceback.extract_tb(raised.value.__traceback__)][1:]
    assert names[0] == "f"
    interpreter = ("_start", "Py", "_Py", "pymain", "cfunction", "kiln::python", "Call<")
    assert [name for name in names if name.startswith(interpreter)] == []


@pytest.mark.parametrize("comment", ['Says "hi"', '"'])
def test_a_stub_of_a_comment_that_ends_in_a_quote_is_python(comment: str) -> None:
    module = kiln.compile(f"// {comment}\nint f(int a) {{ return a; }}", exports="all")
    ast.parse(kiln.stubgen(module))


def test_a_stub_does_not_promise_what_the_module_has_itself() -> None:
    module = kiln.compile("int save(int a) { return a; }", exports="all")
    # module.save is Module.save.
    assert "def save(" not in kiln.stubgen(module)


def test_a_stub_has_the_types_of_python_beside_a_function_of_that_name() -> None:
    source = "int str(int a) { return a; } int after(const char* s) { return 0; }"
    stub = kiln.stubgen(kiln.compile(source, exports="all"))
    assert "s: str" not in stub


def test_an_object_that_nothing_made_is_refused() -> None:
    with pytest.raises(TypeError):
        kiln.Object()


@pytest.mark.parametrize("named", [{"max_version": 3}, {"max_version": [1, 0]}, {"dl_device": 1}])
def test_a_wrong_argument_of_dlpack_is_a_type_error(named: dict) -> None:
    with pytest.raises(TypeError):
        kiln.Tensor.empty(3).__dlpack__(**named)


@pytest.mark.parametrize("device", [[1, 0], 3, None])
def test_a_wrong_device_of_an_exporter_is_a_type_error(device: object) -> None:
    class Exporter:
        def __dlpack_device__(self) -> object:
            return device

        def __dlpack__(self, **named: object) -> object:
            return np.ones(3).__dlpack__()

    with kiln.use_stream(0x1000), pytest.raises(TypeError):
        kiln.from_dlpack(Exporter())


@pytest.mark.parametrize("dtype", ["int4", "float4_e2m1fn", "float32x4"])
def test_numpy_of_a_type_that_it_has_not_is_a_type_error_with_the_name(dtype: str) -> None:
    with pytest.raises(TypeError, match=dtype):
        kiln.Tensor.empty(4, dtype).numpy()


def test_a_shape_may_be_a_numpy_array() -> None:
    assert kiln.Tensor.empty(np.array([2, 3])).shape == (2, 3)


@pytest.mark.parametrize(("dtype", "name"), [(int, "int64"), (float, "float64")])
def test_pythons_classes_mean_what_they_mean_to_numpy(dtype: type, name: str) -> None:
    assert str(kiln.Tensor.empty(3, dtype).dtype) == name


def test_another_byte_order_is_refused() -> None:
    with pytest.raises((TypeError, ValueError)):
        kiln.Tensor.empty(3, np.dtype(">f4"))


def test_what_is_no_whole_frame_is_left_out() -> None:
    source = """
#include <tvm/ffi/c_api.h>
int __tvm_ffi_fail(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  TVMFFIByteArray kind = {"ValueError", 10}, backtrace = {"File \\"a.cc\\", line 3", 19};
  TVMFFIObjectHandle error = 0;
  TVMFFIErrorCreate(&kind, &kind, &backtrace, &error);
  TVMFFIErrorSetRaised(error);
  TVMFFIObjectDecRef(error);
  return -1;
}
"""
    with pytest.raises(ValueError) as raised:
        kiln.compile(source).fail()
    names = [frame.name for frame in traceback.extract_tb(raised.value.__traceback__)][1:]
    assert names == ["fail"]


def test_an_object_that_holds_itself_is_printed() -> None:
    items = kiln.List([1])
    items.append(items)
    assert repr(items)


def test_a_class_whose_arrays_were_passed_may_die() -> None:
    def use() -> weakref.ref:
        class Exporter:
            def __dlpack__(self, **named: object) -> object:
                return np.ones(3).__dlpack__()

            def __dlpack_device__(self) -> tuple[int, int]:
                return 1, 0

        kiln.from_dlpack(Exporter())
        return weakref.ref(Exporter)

    gone = use()
    gc.collect()
    assert gone() is None


REGISTERS = """
#include <kiln/kiln.h>
#include <kiln/reflection.h>
class PointObj : public kiln::Object {
 public:
  KILN_OBJECT_TYPE("python.test.AtExit", PointObj, kiln::Object);
  int64_t x = 1;
};
KILN_STATIC_INIT_BLOCK() {
  kiln::reflection::ObjectDef<PointObj>("").def(kiln::reflection::init<>());
}
"""


def test_the_end_is_silent_with_a_module_that_registered_a_class() -> None:
    program = f"""
import kiln
module = kiln.compile({REGISTERS!r}, "c++")
kept = kiln.object_class("python.test.AtExit")()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    "cls", [kiln.Error, kiln.CompileError, kiln.LinkError, kiln.CancelledError]
)
def test_exceptions_show_as_the_packages_names(cls: type) -> None:
    assert cls.__module__ == "kiln"


INHERITS = """
#include <kiln/kiln.h>
#include <kiln/reflection.h>
class BaseObj : public kiln::Object {
 public:
  KILN_OBJECT_TYPE("python.test.Base", BaseObj, kiln::Object);
  int64_t x = 1;
};
class DerivedObj : public BaseObj {
 public:
  KILN_OBJECT_TYPE("python.test.Derived", DerivedObj, BaseObj);
  int64_t y = 2;
};
KILN_STATIC_INIT_BLOCK() {
  namespace refl = kiln::reflection;
  refl::ObjectDef<BaseObj>("").def_rw("x", &BaseObj::x);
  refl::ObjectDef<DerivedObj>("").def(refl::init<>()).def_rw("y", &DerivedObj::y);
}
"""
KEPT = []


def test_a_registered_class_has_the_fields_of_the_base_too() -> None:
    KEPT.append(kiln.compile(INHERITS, "c++"))

    # As the docstring of register_class does it.
    @kiln.register_class("python.test.Derived")
    class Derived(kiln.Object):
        pass

    KEPT.append(Derived())
    assert (KEPT[-1].x, KEPT[-1].y) == (1, 2)


def test_an_error_of_a_field_names_the_field() -> None:
    made = kiln.object_class("python.test.Derived")()
    with pytest.raises(TypeError, match="y"):
        made.y = "text"
