"""What can't be is refused with an exception that names the argument and says what was found."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kiln

INTEGERS = {
    f"{sign}{bits}": (f"{'u' if sign == 'u' else ''}int{bits}_t", low, high)
    for bits in (8, 16, 32, 64)
    for sign, low, high in (("i", -(2 ** (bits - 1)), 2 ** (bits - 1) - 1), ("u", 0, 2**bits - 1))
}
SOURCE = """
#include <stdint.h>
#include <tvm/ffi/c_api.h>
void saxpy(float a, const float* x, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] += a * x[i];
}
double twice(double x) { return 2 * x; }
int length(const char* s) { int n = 0; while (s[n]) ++n; return n; }
int __tvm_ffi_first(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIAnyViewToOwnedAny(&args[0], result);
}
""" + "".join(f"{c} {name}({c} v) {{ return v; }}\n" for name, (c, _, _) in INTEGERS.items())
module = kiln.compile(SOURCE, name="k.c", exports="all")
echo = kiln.function(lambda *values: values[-1])
FINE = np.ones(4, np.float32)


class Exports:
    """Exports what it is told to."""

    def __init__(self, export: Callable[..., Any]) -> None:
        self.export = export

    def __dlpack__(self, **named: Any) -> Any:
        return self.export(**named)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)


def used_capsule(version: tuple[int, int] | None) -> Any:
    capsule = FINE.__dlpack__(max_version=version)
    np.from_dlpack(Exports(lambda **named: capsule))
    return capsule


def fail(**named: Any) -> None:
    raise ZeroDivisionError("not exported today")


def message(kind: type[BaseException] | tuple, act: Callable[[], Any]) -> str:
    """The text of the exception, which is none of Python's own faults."""
    with pytest.raises(kind) as raised:
        act()
    assert not isinstance(raised.value, SystemError)
    return str(raised.value)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (np.ones(4), "float64"),
        (np.ones(4, np.int32), "int32"),
        (np.ones(4, np.float16), "float16"),
        (np.ones(4, bool), "bool"),
        (np.ones(4, np.complex64), "complex64"),
        (np.ones(8, np.float32)[::2], "strides [2]"),
        (np.ones(4, np.float32)[::-1], "strides [-1]"),
        (np.ones((4, 4), np.float32).T, "strides [1, 4]"),
        (np.frombuffer(bytes(17), np.uint8)[1:].view(np.float32), "align"),
        (None, "None"),
        (3, "int 3"),
        (2.5, "float 2.5"),
        ("text", "string"),
        (b"bytes", "bytes"),
        ([1.0], "Array"),
        ({}, "Map"),
        (len, "unction"),
        (kiln.dtype("int8"), "dtype"),
        (kiln.Device("cpu"), "device"),
        (object(), "object"),
        (1j, "complex"),
        (memoryview(b"abcd"), "memoryview"),
    ],
)
def test_a_value_that_is_no_such_tensor_is_named(value: Any, found: str) -> None:
    text = message((TypeError, ValueError), lambda: module.saxpy(1.0, value, FINE, 4))
    assert "argument 1" in text
    assert found.lower() in text.lower()


WITHOUT_A_TYPE = {
    "another byte order": FINE.astype(">f4"),
    "objects": np.array([None]),
    "records": np.zeros(2, [("a", "f4"), ("b", "i4")]),
    "dates": np.zeros(2, "M8[s]"),
    "spans of time": np.zeros(2, "m8[s]"),
    "bytes": np.array([b"abc"]),
    "texts": np.array(["abc"]),
    "void": np.zeros(2, "V4"),
    "long doubles": np.ones(2, np.longdouble),
    "strides between elements": np.zeros(4, [("a", "f4"), ("b", "u1")])["a"],
    "__dlpack__ raises": Exports(fail),
    "__dlpack__ gives an int": Exports(lambda **named: 7),
    "__dlpack__ gives None": Exports(lambda **named: None),
    "__dlpack__ gives a used capsule": Exports(lambda **named: used_capsule((1, 0))),
    "__dlpack__ gives an old used capsule": Exports(lambda **named: used_capsule(None)),
    "__dlpack__ is no method": type("Odd", (), {"__dlpack__": 3})(),
    "a class of arrays": np.ndarray,
}


@pytest.mark.parametrize("name", WITHOUT_A_TYPE)
@pytest.mark.parametrize("function", [module.saxpy, module.first, echo])
def test_an_array_that_can_not_be_passed_is_refused(function: kiln.Function, name: str) -> None:
    text = message(Exception, lambda: function(1.0, WITHOUT_A_TYPE[name], FINE, 4))
    assert text


# The exception of an exporter is its own: see below.
@pytest.mark.parametrize("name", [name for name in WITHOUT_A_TYPE if name != "__dlpack__ raises"])
def test_an_array_that_can_not_be_passed_is_named(name: str) -> None:
    text = message(Exception, lambda: module.saxpy(1.0, WITHOUT_A_TYPE[name], FINE, 4))
    assert "argument 1" in text


@pytest.mark.parametrize("name", WITHOUT_A_TYPE)
def test_from_dlpack_refuses_what_has_no_type_here(name: str) -> None:
    assert message(Exception, lambda: kiln.from_dlpack(WITHOUT_A_TYPE[name]))


@pytest.mark.parametrize("value", [3, None, "x", b"x", [1], object()])
def test_from_dlpack_refuses_what_is_no_array(value: Any) -> None:
    assert "__dlpack__" in message((TypeError, AttributeError), lambda: kiln.from_dlpack(value))


def test_an_exception_of_an_exporter_comes_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError, match="not exported today"):
        module.saxpy(1.0, Exports(fail), FINE, 4)


def test_nine_axes_are_as_good_as_one() -> None:
    x, y = np.ones((1,) * 8 + (4,), np.float32), np.zeros((1,) * 9 + (4,), np.float32)
    module.saxpy(2.0, x, y, 4)
    assert (y == 2).all()
    assert echo(y).shape == y.shape


def test_a_refused_call_writes_nothing() -> None:
    y = np.zeros(4, np.float32)
    for arguments in (
        (1.0, FINE, y, 2**70),
        (1.0, FINE, y, "4"),
        ("1", FINE, y, 4),
        (1.0, FINE, y),
    ):
        message((TypeError, ValueError), lambda given=arguments: module.saxpy(*given))
    assert (y == 0).all()


@pytest.mark.parametrize("count", [0, 1, 3, 5, 9, 100])
def test_a_wrong_count_of_arguments_is_told(count: int) -> None:
    arguments = [1.0, FINE, FINE.copy(), 4, *range(100)][:count]
    text = message(TypeError, lambda: module.saxpy(*arguments))
    assert "saxpy" in text
    assert f"expected 4 arguments, got {count}" in text


@pytest.mark.parametrize("name", INTEGERS)
def test_the_ends_of_an_integer_type_are_passed(name: str) -> None:
    _, low, high = INTEGERS[name]
    for value in (low, 0, high):
        # The ABI's int is signed: of unsigned integers of 64 bits it has the bits.
        assert module[name](value) % 2**64 == value % 2**64


@pytest.mark.parametrize("name", INTEGERS)
def test_an_integer_beyond_its_type_is_refused(name: str) -> None:
    _, low, high = INTEGERS[name]
    beyond = (high + 1,) if name == "u64" else (low - 1, high + 1)
    for value in (*beyond, -(2**63) - 1, 2**64, -(2**200), 2**200):
        text = message((ValueError, TypeError, OverflowError), lambda v=value: module[name](v))
        assert "argument 0 (v)" in text


@pytest.mark.parametrize("value", [-1, -128, -(2**63)])
@pytest.mark.parametrize("name", ["u8", "u16", "u32"])
def test_a_negative_is_no_unsigned_integer(name: str, value: int) -> None:
    text = message((ValueError, TypeError), lambda: module[name](value))
    assert "argument 0 (v)" in text
    assert str(value) in text


@pytest.mark.parametrize(
    ("value", "found"), [(1.0, "float 1"), ("1", "string"), (None, "None"), (FINE, "tensor")]
)
@pytest.mark.parametrize("name", INTEGERS)
def test_what_is_no_integer_is_no_integer(name: str, value: Any, found: str) -> None:
    text = message(TypeError, lambda: module[name](value))
    assert f"{name}: argument 0 (v): expected" in text
    assert found in text


@pytest.mark.parametrize("value", ["1.5", None, FINE, [1.5], 1j])
def test_what_is_no_float_is_no_float(value: Any) -> None:
    assert "argument 0" in message(TypeError, lambda: module.twice(value))


@pytest.mark.parametrize("value", [np.complex64(1 + 2j), np.complex128(1j)])
def test_a_complex_number_of_numpy_is_no_float(value: Any) -> None:
    for call in (module.twice, module.first, echo):
        assert "complex" in message(TypeError, lambda call=call: call(value))


@pytest.mark.parametrize(
    "value", [np.datetime64("2020-01-01"), np.timedelta64(3, "s"), np.void(b"a")]
)
def test_a_scalar_of_numpy_that_is_no_number_is_named(value: Any) -> None:
    text = message((TypeError, ValueError), lambda: module.saxpy(1.0, FINE, FINE, value))
    assert "argument 3" in text


@pytest.mark.parametrize("text", ["a\0b", "\0", "a" * 50 + "\0", "\0" * 100])
def test_a_text_with_nul_is_no_c_string(text: str) -> None:
    found = message((ValueError, TypeError), lambda: module.length(text))
    assert "argument 0 (s)" in found
    assert "NUL" in found


@pytest.mark.parametrize("value", [b"bytes", 3, None, FINE, ["a"]])
def test_what_is_no_text_is_no_c_string(value: Any) -> None:
    assert "argument 0 (s): expected string" in message(TypeError, lambda: module.length(value))


@pytest.mark.parametrize(
    "value", [[1, [object()]], {"a": 1j}, [{"b": {3}}], {1: [b"", bytearray()]}]
)
def test_a_container_with_what_can_not_be_passed_is_named(value: Any) -> None:
    for call in (module.saxpy, echo):
        text = message(TypeError, lambda call=call: call(1.0, value))
        assert "argument 1" in text
        assert "can't be passed" in text


def test_a_container_that_holds_itself_is_refused() -> None:
    items: list = []
    items.append(items)
    message((RecursionError, ValueError), lambda: echo(items))


def test_an_int_with_odd_methods_is_what_it_is() -> None:
    class Odd(int):
        def bit_length(self) -> Any:
            return "many"

        def to_bytes(self, *args: Any, **named: Any) -> Any:
            return "rubbish"

    assert echo(Odd(2**100)) == 2**100


@pytest.mark.parametrize("method", ["__index__", "__float__"])
def test_an_object_that_gives_a_wrong_number_is_refused(method: str) -> None:
    odd = type("Odd", (), {method: lambda self: "x"})()
    message(TypeError, lambda: echo(odd))


def test_a_tensor_that_was_lent_is_refused_when_it_is_kept() -> None:
    call = kiln.compile(
        "#include <tvm/ffi/c_api.h>\n"
        "int __tvm_ffi_call(void* self, const TVMFFIAny* a, int32_t n, TVMFFIAny* r) {"
        "  return TVMFFIFunctionCall(a[0].v_obj, (TVMFFIAny*)a + 1, n - 1, r); }",
        name="k.c",
    ).call
    kept: list = []
    for keep in (kept.append, lambda t: kept.append([t]), lambda t: kept.append(np.from_dlpack(t))):
        assert "copy it" in message(RuntimeError, lambda keep=keep: call(keep, FINE.copy()))


# Run apart: what fails here must not take the other tests with it.
EMPTY = ["shape", "strides", "dtype", "device", "address", "__dlpack__()", "__dlpack_device__()"]


@pytest.mark.parametrize("what", EMPTY)
def test_a_tensor_that_was_made_of_nothing_is_no_crash(what: str) -> None:
    program = f"""
import kiln
try:
    kiln.Tensor().{what}
except (TypeError, ValueError, AttributeError):
    print("refused")
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "refused\n", "")
