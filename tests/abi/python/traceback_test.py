"""Tracebacks over the boundary: frames of Python and of compiled code, in both directions."""

from __future__ import annotations

import gc
import traceback
import weakref
from collections.abc import Callable

import numpy as np
import pytest

import kiln

SOURCE = r"""
#include <string.h>
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/c_env_api.h>

int check(int a) { return a; }

int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIFunctionCall(args[0].v_obj, (TVMFFIAny*)args + 1, n - 1, result);
}
// Raises an error of a kind, with a message and a backtrace.
int __tvm_ffi_raise(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  TVMFFIByteArray texts[3];
  for (int i = 0; i < 3; ++i) {
    texts[i].data = args[i].v_c_str;
    texts[i].size = strlen(args[i].v_c_str);
  }
  TVMFFIObjectHandle error = 0;
  if (TVMFFIErrorCreate(&texts[0], &texts[1], &texts[2], &error) != 0) return -1;
  TVMFFIErrorSetRaised(error);
  TVMFFIObjectDecRef(error);
  return -1;
}
// What an error tells that a function raises: the part of its cell that the second argument says.
int __tvm_ffi_caught(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  TVMFFIAny ignored = {0};
  if (TVMFFIFunctionCall(args[0].v_obj, 0, 0, &ignored) == 0) return 0;
  TVMFFIObjectHandle error = 0;
  TVMFFIErrorMoveFromRaised(&error);
  TVMFFIErrorCell* cell = (TVMFFIErrorCell*)((TVMFFIObject*)error + 1);
  TVMFFIByteArray* parts = &cell->kind;
  int status = TVMFFIStringFromByteArray(&parts[args[1].v_int64], result);
  TVMFFIObjectDecRef(error);
  return status;
}
"""
CHECK_LINE = SOURCE[: SOURCE.index("int check")].count("\n") + 1
KIND, MESSAGE, BACKTRACE = range(3)


@pytest.fixture(scope="module")
def module() -> kiln.Module:
    return kiln.compile(SOURCE, name="k.c", exports="all")


def frames(error: BaseException) -> list[str]:
    """The functions of a traceback, the outermost first, without the test itself."""
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)][1:]


def failing() -> None:
    raise LookupError("mine")


def outer() -> None:
    failing()


def test_an_error_of_a_compiled_function_shows_it_with_its_place(module: kiln.Module) -> None:
    def caller() -> None:
        module.check("text")

    with pytest.raises(TypeError) as raised:
        caller()
    found = traceback.extract_tb(raised.value.__traceback__)
    assert [frame.name for frame in found][1:3] == ["caller", "check"]
    assert (found[2].filename, found[2].lineno) == ("k.c", CHECK_LINE)
    text = "".join(traceback.format_exception(raised.value))
    assert f'  File "k.c", line {CHECK_LINE}, in check\n' in text
    assert text.endswith(
        "kiln.TypeError: check: argument 0 (a): expected int (32 bits), got a string\n"
    )


def test_the_place_is_in_the_file_that_was_compiled(tmp_path: object) -> None:
    path = tmp_path / "scale.c"
    path.write_text("// Scales.\nint scale(int a) {\n  return 2 * a;\n}\n")
    with pytest.raises(TypeError) as raised:
        kiln.compile(path, exports="scale").scale(None)
    found = traceback.extract_tb(raised.value.__traceback__)[1]
    assert (found.filename, found.lineno, found.name) == ("scale.c", 2, "scale")


def test_pythons_frames_and_compiled_ones_are_in_order(module: kiln.Module) -> None:
    with pytest.raises(LookupError) as raised:
        module["call"](lambda: module["call"](outer))
    assert frames(raised.value) == ["call", "<lambda>", "call", "outer", "failing"]


def test_an_exception_comes_back_as_itself_with_its_own(module: kiln.Module) -> None:
    cause = ZeroDivisionError("cause")
    error = LookupError("mine")

    def fail() -> None:
        raise error from cause

    with pytest.raises(LookupError) as raised:
        module["call"](module["call"], fail)
    assert raised.value is error
    assert raised.value.__cause__ is cause
    assert frames(error) == ["call", "fail"]


def test_an_exception_within_a_handler_has_its_context(module: kiln.Module) -> None:
    def fail() -> None:
        try:
            module.check("text")
        except TypeError:
            module["call"](failing)

    with pytest.raises(LookupError) as raised:
        module["call"](fail)
    assert frames(raised.value) == ["call", "fail", "call", "failing"]
    assert isinstance(raised.value.__context__, TypeError)
    assert "check" in [f.name for f in traceback.extract_tb(raised.value.__context__.__traceback__)]


def test_compiled_code_sees_pythons_frames_innermost_first(module: kiln.Module) -> None:
    line = failing.__code__.co_firstlineno + 1
    outer_line = outer.__code__.co_firstlineno + 1
    assert module["caught"](outer, BACKTRACE) == (
        f'  File "{__file__}", line {line}, in failing\n'
        f'  File "{__file__}", line {outer_line}, in outer\n'
    )


def test_compiled_code_sees_compiled_frames_between_pythons(module: kiln.Module) -> None:
    def fail() -> None:
        module.check("text")

    def middle() -> None:
        module["call"](outer)

    names = [
        line.rpartition(", in ")[2] for line in module["caught"](middle, BACKTRACE).splitlines()
    ]
    assert names == ["failing", "outer", "call", "middle"]
    lines = module["caught"](fail, BACKTRACE).splitlines()
    assert f'  File "k.c", line {CHECK_LINE}, in check' in lines
    assert lines[-1].endswith("in fail")


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (LookupError("mine"), "LookupError", "mine"),
        (KeyError("key"), "KeyError", "'key'"),
        (kiln.Error("own"), "Error", "own"),
        (AssertionError(), "AssertionError", ""),
        (UnicodeError("é\N{SNOWMAN}"), "UnicodeError", "é\N{SNOWMAN}"),
        (type("Own", (Exception,), {"__str__": lambda self: 1 / 0})(), "Own", ""),
    ],
)
def test_compiled_code_sees_the_class_and_the_message(
    module: kiln.Module, error: Exception, kind: str, message: str
) -> None:
    def fail() -> None:
        raise error

    assert module["caught"](fail, KIND) == kind
    assert module["caught"](fail, MESSAGE) == message


def test_frames_of_an_error_are_shown_outermost_first(module: kiln.Module) -> None:
    backtrace = (
        '  File "inner.cc", line 3, in deep(int)\n'
        '  File "<unknown>", line 0, in 0x7fab35607033\n'
        '  File "outer.cc", line 70, in std::vector<int> run(float, "x")\n'
    )
    with pytest.raises(ValueError) as raised:
        module["raise"]("ValueError", "text", backtrace)
    found = traceback.extract_tb(raised.value.__traceback__)[1:]
    assert [(frame.filename, frame.lineno, frame.name) for frame in found[-2:]] == [
        ("outer.cc", 70, 'std::vector<int> run(float, "x")'),
        ("inner.cc", 3, "deep(int)"),
    ]
    # A frame that has an address for a name tells nothing.
    assert frames(raised.value) == ["raise", found[-2].name, found[-1].name]
    assert raised.value.backtrace == backtrace


@pytest.mark.parametrize(
    "backtrace",
    [
        "",
        "\n\n",
        "nothing like a frame",
        'File "',
        'File "a.cc", line ',
        'File "a.cc", line 3, in ',
        'File "", line 3, in f',
        'File "a.cc", line 3, in 0x12\n',
    ],
)
def test_what_is_no_frame_is_left_out(module: kiln.Module, backtrace: str) -> None:
    with pytest.raises(ValueError) as raised:
        module["raise"]("ValueError", "text", backtrace)
    assert frames(raised.value) == ["raise"]
    assert raised.value.backtrace == backtrace


def test_a_frame_without_a_line_number_is_at_line_0(module: kiln.Module) -> None:
    for digits in ("99999999999999999999", "-", "0x3"):
        with pytest.raises(ValueError) as raised:
            module["raise"]("ValueError", "text", f'File "a.cc", line {digits}, in f')
        frame = traceback.extract_tb(raised.value.__traceback__)[-1]
        assert (frame.filename, frame.lineno, frame.name) == ("a.cc", 0, "f")


def test_a_very_long_backtrace_is_shown(module: kiln.Module) -> None:
    backtrace = "".join(f'  File "a.cc", line {i}, in f{i}\n' for i in range(3000))
    with pytest.raises(ValueError) as raised:
        module["raise"]("ValueError", "text", backtrace)
    assert frames(raised.value) == ["raise", *(f"f{i}" for i in reversed(range(3000)))]


def test_a_key_error_shows_its_message_as_it_is(module: kiln.Module) -> None:
    with pytest.raises(KeyError) as raised:
        module["raise"]("KeyError", "no 'x' here", "")
    assert str(raised.value) == "no 'x' here"
    assert traceback.format_exception_only(raised.value) == ["kiln.KeyError: no 'x' here\n"]


def test_what_the_boundary_itself_refuses_has_no_frame_of_its_own(module: kiln.Module) -> None:
    with pytest.raises(TypeError) as raised:
        module.check(object())
    assert frames(raised.value) == []


@pytest.mark.parametrize("action", [lambda m: m.check("x"), lambda m: m["call"](outer)])
def test_a_traceback_keeps_nothing_that_python_would_not(
    module: kiln.Module, action: Callable[[kiln.Module], object]
) -> None:
    class Kept(np.ndarray):
        pass

    def run() -> tuple[weakref.ref, BaseException | None]:
        array = np.zeros(3).view(Kept)
        try:
            module["call"](lambda given: action(module), array)
        except (TypeError, LookupError) as error:
            return weakref.ref(array), error.with_traceback(None)
        return weakref.ref(array), None

    gone, error = run()
    gc.collect()
    assert error is not None
    assert gone() is None
