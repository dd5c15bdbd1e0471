"""Any value goes to the ABI and comes back as it went: through Python, and through compiled code."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import kiln

SOURCE = """
#include <tvm/ffi/c_api.h>
int __tvm_ffi_echo(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIAnyViewToOwnedAny(&args[0], result);
}
// Calls args[0] with the others: on the way they are what compiled code gets.
int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIFunctionCall(args[0].v_obj, (TVMFFIAny*)args + 1, n - 1, result);
}
"""
compiled = kiln.compile(SOURCE, name="echo.c")
PATHS = {"python": kiln.function(lambda value: value), "compiled": compiled.echo}
through_each = pytest.mark.parametrize("echo", PATHS.values(), ids=PATHS.keys())


def examples(count: int) -> Callable:
    return settings(max_examples=count, deadline=None, derandomize=True, database=None)


def same(one: Any, other: Any) -> bool:
    """Equal and of one type; NaN is NaN, and -0.0 is not 0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return (math.isnan(one) and math.isnan(other)) or (
            one == other and math.copysign(1, one) == math.copysign(1, other)
        )
    return one == other


integers = st.one_of(
    st.integers(),
    st.integers(-(2**63) - 2, -(2**63) + 2),
    st.integers(2**63 - 2, 2**64 + 2),
    st.builds(lambda power, off: 2**power + off, st.integers(0, 520), st.integers(-1, 1)),
    st.builds(lambda power, off: -(2**power) + off, st.integers(0, 520), st.integers(-1, 1)),
)
characters = st.characters(exclude_categories=["Cs"])
texts = st.one_of(st.text(characters), st.text(st.sampled_from("a\0é\U0001f600"), max_size=12))
scalars = st.one_of(
    st.none(), st.booleans(), integers, st.floats(), texts, st.binary(), st.binary(max_size=9)
)


@through_each
@examples(400)
@given(value=scalars)
def test_a_plain_value_comes_back_as_itself(echo: kiln.Function, value: Any) -> None:
    assert same(echo(value), value)


@through_each
@examples(60)
@given(value=st.text(st.characters(categories=["Cs"]), min_size=1, max_size=3))
def test_lone_surrogates_are_refused(echo: kiln.Function, value: str) -> None:
    with pytest.raises(UnicodeEncodeError, match="surrogates"):
        echo(value)


@through_each
@examples(100)
@given(
    value=st.builds(
        lambda stem, bits, lanes: f"{stem}{bits}" + (f"x{lanes}" if lanes > 1 else ""),
        st.sampled_from(["int", "uint", "float"]),
        st.sampled_from([8, 16, 32, 64]),
        st.integers(1, 64),
    )
    | st.sampled_from(["bool", "bfloat16", "float8_e4m3fn", "float8_e5m2", "float4_e2m1fn"])
)
def test_a_dtype_comes_back_with_its_text(echo: kiln.Function, value: str) -> None:
    dtype = kiln.dtype(value)
    assert str(dtype) == value
    result = echo(dtype)
    assert (type(result), result, hash(result)) == (kiln.dtype, dtype, hash(dtype))


@through_each
@examples(50)
@given(
    kind=st.sampled_from(["cpu", "cuda", "cuda_host", "opencl", "vulkan", "metal", "rocm"]),
    index=st.integers(0, 2**31 - 1),
)
def test_a_device_comes_back(echo: kiln.Function, kind: str, index: int) -> None:
    device = echo(kiln.Device(kind, index))
    assert (str(device), device.index) == (f"{kind}:{index}", index)
    assert device == kiln.Device(f"{kind}:{index}")


keys = st.one_of(st.integers(), texts, st.binary(max_size=12))
nested = st.recursive(
    st.one_of(st.none(), st.booleans(), integers, st.floats(allow_nan=False), texts, st.binary()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=12,
)


def plain(value: Any) -> Any:
    """Containers of either side as Python's: what is a sequence is a list."""
    if isinstance(value, (list, tuple, kiln.Array)):
        return [plain(item) for item in value]
    if isinstance(value, (dict, kiln.Map)):
        return {key: plain(value[key]) for key in value}
    return value


def shown(value: Any) -> str:
    """Tells 1 from True and 0.0 from -0.0, and keeps the order of mappings."""
    return repr(plain(value))


@through_each
@examples(150)
@given(value=nested)
def test_nested_containers_come_back_in_their_order(echo: kiln.Function, value: Any) -> None:
    assert shown(echo(value)) == shown(value)


@examples(100)
@given(value=st.lists(nested, max_size=5))
def test_an_array_reads_like_the_list_it_was_made_from(value: list) -> None:
    array = kiln.Array(value)
    assert len(array) == len(value)
    assert shown(array) == shown(value)
    assert shown(array[::-1]) == shown(value[::-1])
    assert shown(list(reversed(array))) == shown(value[::-1])


@examples(60)
@given(value=st.dictionaries(keys, nested, max_size=5), other=keys)
def test_a_map_reads_like_the_dict_it_was_made_from(value: dict, other: Any) -> None:
    mapping = kiln.Map(value)
    assert shown(mapping) == shown(value)
    assert list(mapping) == list(mapping.keys()) == list(value)
    assert (other in mapping) == (other in value)
    assert shown(mapping.get(other, 7)) == shown(value.get(other, 7))


@through_each
@examples(60)
@given(extents=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=9))
def test_a_shape_comes_back(echo: kiln.Function, extents: list[int]) -> None:
    shape = echo(kiln.Shape(extents))
    assert isinstance(shape, kiln.Shape)
    assert (shape == extents, tuple(shape), len(shape)) == (True, tuple(extents), len(extents))


CODES = "? b h i l q B H I L Q e f d F D"
element_types = st.sampled_from([np.dtype(code) for code in CODES.split()])


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray:
    """Of every type and up to five axes: sliced, reversed, with steps, transposed, or read-only."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4))
    dtype = draw(element_types)
    count = math.prod(shape)
    array = (np.arange(count) * 37 % 251).astype(dtype).reshape(shape)
    for axis in range(array.ndim):
        start = draw(st.integers(0, 2))
        step = draw(st.sampled_from([1, 1, 2, 3, -1, -2]))
        array = array[(slice(None),) * axis + (slice(start, None, step),)]
    if draw(st.booleans()):
        array = array.T
    if draw(st.booleans()):
        array = array[None]
    array.flags.writeable = draw(st.booleans())
    return array


def assert_same_memory(one: np.ndarray, other: np.ndarray) -> None:
    assert (one.dtype, one.shape) == (other.dtype, other.shape)
    assert one.tobytes() == other.tobytes()
    if one.size:
        assert one.ctypes.data == other.ctypes.data
        # The stride of an axis of one element is anyone's.
        extents = [
            (o, s) for n, o, s in zip(one.shape, one.strides, other.strides, strict=True) if n > 1
        ]
        assert all(o == s for o, s in extents)


@examples(250)
@given(array=arrays())
def test_an_array_comes_back_as_a_view_of_itself(array: np.ndarray) -> None:
    assert_same_memory(PATHS["python"](array), array)


@examples(150)
@given(array=arrays())
def test_compiled_code_gives_a_tensor_back_that_it_was_given(array: np.ndarray) -> None:
    back = compiled.echo(kiln.from_dlpack(array))
    assert isinstance(back, kiln.Tensor)
    assert_same_memory(np.from_dlpack(back), array)


@examples(150)
@given(array=arrays())
def test_a_callback_sees_the_array_that_compiled_code_was_given(array: np.ndarray) -> None:
    seen = []

    def look(tensor: kiln.Tensor) -> None:
        view = np.from_dlpack(tensor)
        seen.append((view.dtype, view.shape, view.tobytes()))
        if array.size:
            assert view.ctypes.data == array.ctypes.data

    compiled.call(look, array)
    assert seen == [(array.dtype, array.shape, array.tobytes())]


@examples(100)
@given(array=arrays())
def test_a_tensor_says_what_its_array_is(array: np.ndarray) -> None:
    tensor = kiln.from_dlpack(array)
    assert tensor.shape == array.shape
    assert str(tensor.device) == "cpu:0"
    if array.dtype.kind != "c":
        assert str(tensor.dtype) == array.dtype.name
    for extent, stride, byte_stride in zip(array.shape, tensor.strides, array.strides, strict=True):
        if array.size and extent > 1:
            assert stride * array.itemsize == byte_stride


def test_compiled_code_that_gives_a_lent_array_back_is_told_what_it_did() -> None:
    # A DLTensor* is lent for the call: it has no owner that a result could have.
    with pytest.raises(TypeError, match="tensor"):
        compiled.echo(np.ones(3))


@pytest.mark.parametrize("value", [np.True_, np.False_])
@through_each
def test_a_bool_of_numpy_is_a_bool(echo: kiln.Function, value: np.bool_) -> None:
    assert same(echo(value), bool(value))


@pytest.mark.parametrize("name", ["int8", "uint8", "int32", "uint64", "float16", "float32"])
@through_each
def test_a_number_of_numpy_is_a_number(echo: kiln.Function, name: str) -> None:
    number = np.dtype(name).type(3)
    assert same(echo(number), number.item())
