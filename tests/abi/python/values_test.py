"""Values, containers, tensors, callbacks and errors on their way between Python and the ABI."""

from __future__ import annotations

import numpy as np
import pytest

import kiln

echo = kiln.function(lambda value: value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        -1,
        2**63 - 1,
        -(2**63),
        2**63,
        -(2**200),
        1.5,
        float("inf"),
        "",
        "text",
        "sieben",
        "a longer text than fits",
        "nul\0inside",
        b"",
        b"bytes",
        b"\0\xff" * 20,
    ],
)
def test_values_come_back_as_they_went(value: object) -> None:
    result = echo(value)
    assert result == value
    assert type(result) is type(value)


def test_containers_behave_like_pythons() -> None:
    array = kiln.Array([1, "x", 2.5, [1, 2]])
    assert array == [1, "x", 2.5, [1, 2]]
    assert (array[-1][0], array[1:3], len(array)) == (1, ["x", 2.5], 4)
    with pytest.raises(IndexError):
        array[4]
    items = kiln.List([1, 2])
    items.append(3)
    items.insert(0, 0)
    del items[1]
    items[0] = "first"
    assert items == ["first", 2, 3]
    mapping = kiln.Map({"a": 1, 2: "b"})
    assert dict(mapping) == {"a": 1, 2: "b"}
    assert "a" in mapping and mapping.get("z") is None
    with pytest.raises(KeyError):
        mapping["z"]
    changing = kiln.Dict({"a": 1})
    changing["b"] = 2
    del changing["a"]
    assert dict(changing) == {"b": 2}
    assert kiln.Shape((2, 3)) == (2, 3)


def test_python_containers_are_converted() -> None:
    assert echo([1, (2, 3)]) == [1, [2, 3]]
    assert dict(echo({"a": [1]})) == {"a": kiln.Array([1])}


def test_tensors_share_their_memory() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    tensor = kiln.from_dlpack(array)
    assert (tensor.shape, str(tensor.dtype), str(tensor.device)) == ((2, 3), "float32", "cpu:0")
    back = np.from_dlpack(tensor)
    back[0, 0] = 7
    assert array[0, 0] == 7
    assert tensor.address == array.ctypes.data


def test_results_are_arrays_of_the_library_that_was_given() -> None:
    result = echo(np.ones(3, np.float32))
    assert isinstance(result, np.ndarray)
    assert isinstance(echo(kiln.from_dlpack(np.ones(3))), kiln.Tensor)


@pytest.mark.parametrize("name", ["bool", "int8", "uint16", "int64", "float16", "float64"])
def test_every_element_type_of_numpy_travels(name: str) -> None:
    array = np.ones((2, 2), name)
    assert (echo(array) == array).all()
    assert str(kiln.from_dlpack(array).dtype) == name


def test_a_callback_goes_through_compiled_code() -> None:
    source = """
#include <tvm/ffi/c_api.h>
int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIFunctionCall(args[0].v_obj, (TVMFFIAny*)args + 1, n - 1, result);
}
"""
    call = kiln.compile(source, name="k.c").call
    assert call(lambda a, b: a * b, 6, 7) == 42
    raised = LookupError("mine")

    def fail() -> None:
        raise raised

    with pytest.raises(LookupError) as caught:
        call(fail)
    assert caught.value is raised


def test_a_tensor_that_was_lent_can_be_used_and_not_kept() -> None:
    source = """
#include <tvm/ffi/c_api.h>
int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIFunctionCall(args[0].v_obj, (TVMFFIAny*)args + 1, n - 1, result);
}
"""
    call = kiln.compile(source, name="k.c").call
    array = np.zeros(3, np.float32)

    def fill(tensor: kiln.Tensor) -> int:
        np.from_dlpack(tensor)[:] = 5
        return 1

    assert call(fill, array) == 1
    assert (array == 5).all()
    kept = []
    for keeper in (kept.append, lambda t: kept.append(np.from_dlpack(t)), lambda t: t):
        with pytest.raises(RuntimeError, match="lent for the call"):
            call(keeper, array)


def test_registered_functions_are_found_by_name() -> None:
    @kiln.register("python.test.twice")
    def twice(x: int) -> int:
        return 2 * x

    assert kiln.get("python.test.twice")(21) == 42
    with pytest.raises(RuntimeError):
        kiln.register("python.test.twice", lambda: 0)
    kiln.register("python.test.twice", lambda x: 3 * x, override=True)
    assert kiln.get("python.test.twice")(2) == 6
    with pytest.raises(KeyError, match=r"python\.test\.absent"):
        kiln.get("python.test.absent")


@pytest.mark.parametrize(
    ("kind", "base"),
    [("ValueError", ValueError), ("IndexError", IndexError), ("OfItsOwn", kiln.Error)],
)
def test_errors_are_exceptions_of_their_kind(kind: str, base: type[Exception]) -> None:
    source = """
#include <tvm/ffi/c_api.h>
int __tvm_ffi_fail(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  TVMFFIErrorSetRaisedFromCStr(args[0].v_c_str, "as asked");
  return -1;
}
"""
    fail = kiln.compile(source, name="k.c").fail
    with pytest.raises(base, match="as asked") as raised:
        fail(kind)
    assert isinstance(raised.value, kiln.Error)
    assert raised.value.kind == kind


def test_devices_and_dtypes_are_values() -> None:
    assert echo(kiln.Device("cuda:1")) == kiln.Device("cuda", 1)
    assert hash(kiln.dtype("float32")) == hash(echo(kiln.dtype("float32")))
    assert str(kiln.dtype("float8_e4m3fn")) == "float8_e4m3fn"
    with pytest.raises(ValueError):
        kiln.dtype("nonsense")
    with pytest.raises(ValueError, match="no device type 'quantum'"):
        kiln.Device("quantum")
