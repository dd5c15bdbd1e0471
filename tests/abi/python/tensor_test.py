"""Tensors made in Python, and tensors as numpy arrays."""

from __future__ import annotations

import ctypes
import gc
import itertools
import weakref

import ml_dtypes
import numpy as np
import pytest

import kiln


SOURCE = """
#include <tvm/ffi/c_api.h>
void twice(__bf16* x, int64_t n) { for (int64_t i = 0; i < n; ++i) x[i] = (float)x[i] * 2; }
void fill(float* x, float by, int64_t n) { for (int64_t i = 0; i < n; ++i) x[i] = by; }
void* address(const void* x) { return (void*)x; }
int code(DLTensor* x) { return x->dtype.code; }
int bits(DLTensor* x) { return x->dtype.bits; }
"""

NUMPYS = """bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64
complex64 complex128""".split()
OTHERS = """bfloat16 float8_e3m4 float8_e4m3 float8_e4m3b11fnuz float8_e4m3fn float8_e4m3fnuz
float8_e5m2 float8_e5m2fnuz float8_e8m0fnu""".split()

echo = kiln.function(lambda value: value)


class FakeCuda:
    """Claims that memory of the CPU is a GPU's: nobody may touch it."""

    def __init__(self) -> None:
        self._array = np.zeros(4, np.float32)
        self._capsule = self._array.__dlpack__(max_version=(1, 0))
        pointer = ctypes.pythonapi.PyCapsule_GetPointer
        pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
        managed = pointer(self._capsule, b"dltensor_versioned")
        # The device's type: after version, context, deleter, flags and the data's address.
        ctypes.c_int32.from_address(managed + 40).value = 2

    def __dlpack__(self, **named: object) -> object:
        return self._capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, 0


@pytest.fixture(scope="module")
def module() -> kiln.Module:
    return kiln.compile(SOURCE, name="k.c", exports="all")


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        (3, (3,)),
        (np.int32(3), (3,)),
        ((2, 3), (2, 3)),
        ([2, np.int64(3), 4], (2, 3, 4)),
        (kiln.Shape([5, 6]), (5, 6)),
        ((), ()),
        (0, (0,)),
        ((2, 0, 3), (2, 0, 3)),
        ((1,) * 40, (1,) * 40),
    ],
)
def test_a_new_tensor_has_the_shape_that_is_asked_for(given: object, shape: tuple) -> None:
    tensor = kiln.Tensor.empty(given)
    assert (tensor.shape, tensor.ndim) == (shape, len(shape))
    assert (str(tensor.dtype), str(tensor.device)) == ("float32", "cpu:0")
    assert tensor.address % 64 == 0


def test_a_new_tensor_is_row_major_and_its_own() -> None:
    tensors = [kiln.Tensor.empty((4, 5, 6), "int16") for _ in range(8)]
    assert {tensor.strides for tensor in tensors} == {(30, 6, 1)}
    addresses = sorted(tensor.address for tensor in tensors)
    assert all(b - a >= 240 for a, b in itertools.pairwise(addresses))
    for i, tensor in enumerate(tensors):
        tensor.numpy()[...] = i
    assert [int(tensor.numpy().sum()) for tensor in tensors] == [120 * i for i in range(8)]


@pytest.mark.parametrize("name", NUMPYS + OTHERS)
def test_a_dtype_is_a_name_ours_numpys_or_a_class_of_numpys(name: str) -> None:
    numpys = np.dtype(getattr(ml_dtypes if name in OTHERS else np, name))
    for given in (name, kiln.dtype(name), numpys, numpys.type):
        made = kiln.Tensor.empty(2, given)
        assert str(made.dtype) == name
        assert made.numpy().dtype == numpys


@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        ((-1,), ValueError, "extent 0 must be 0 or more, got -1"),
        (((2, -3),), ValueError, "extent 1 must be 0 or more, got -3"),
        ((2**62,), ValueError, "fit into 63 bits"),
        (((2**31, 2**31, 2**31),), ValueError, "fit into 63 bits"),
        ((2**44, "float64"), MemoryError, "no memory for a new tensor"),
        ((2**70,), OverflowError, ""),
        ((1.5,), TypeError, "ints"),
        (((2, 1.5),), TypeError, "integer"),
        ((None,), TypeError, "ints"),
        ((3, "nope"), ValueError, "nope"),
        ((3, 3), TypeError, "a dtype is a kiln.dtype or a str such as 'float32', got a int"),
        ((3, "int8", "nowhere"), ValueError, "no device type 'nowhere'; there are cpu, cuda"),
        ((3, "int8", 1), TypeError, "a device is a kiln.Device or a str such as 'cuda:0'"),
    ],
)
def test_what_can_not_be_made_is_refused(
    arguments: tuple, kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind) as raised:
        kiln.Tensor.empty(*arguments)
    assert text in str(raised.value)


@pytest.mark.parametrize("device", ["cuda", "cuda:1", kiln.Device("rocm")])
def test_a_tensor_on_a_device_is_refused_with_what_to_do(device: object) -> None:
    with pytest.raises(NotImplementedError, match="make an array with the library that knows it"):
        kiln.Tensor.empty(3, device=device)


def test_a_new_tensor_goes_into_kernels(module: kiln.Module) -> None:
    tensor = kiln.Tensor.empty(7)
    module.fill(tensor, 2.5, 7)
    assert (tensor.numpy() == 2.5).all()
    assert module.address(tensor) == tensor.address
    assert module.address(kiln.Tensor.empty((0, 3))) is not None


def test_a_numpy_array_of_a_tensor_is_its_memory() -> None:
    tensor = kiln.Tensor.empty((2, 3), "int32")
    for array in (tensor.numpy(), np.asarray(tensor), np.from_dlpack(tensor)):
        assert array.ctypes.data == tensor.address
        assert (array.shape, array.dtype) == ((2, 3), np.int32)
        array[1, 2] = 7
    assert tensor.numpy()[1, 2] == 7


def test_a_numpy_array_keeps_the_memory_of_its_tensor() -> None:
    array = kiln.Tensor.empty(1000, "int64").numpy()
    array[...] = np.arange(1000)
    gc.collect()
    others = [kiln.Tensor.empty(1000, "int64").numpy() for _ in range(20)]
    for other in others:
        other[...] = -1
    assert (array == np.arange(1000)).all()


def test_a_tensor_of_a_numpy_array_keeps_it_and_gives_its_memory_back() -> None:
    class Kept(np.ndarray):
        pass

    array = np.arange(6.0).view(Kept)
    gone = weakref.ref(array)
    tensor = kiln.from_dlpack(array)
    assert tensor.numpy().ctypes.data == array.ctypes.data
    del array
    gc.collect()
    assert gone() is not None
    assert tensor.numpy().tolist() == [0, 1, 2, 3, 4, 5]
    del tensor
    gc.collect()
    assert gone() is None


def test_a_strided_tensor_is_a_strided_array() -> None:
    base = np.arange(24, dtype=np.int16).reshape(4, 6)
    view = base[1:, ::2].T
    tensor = kiln.from_dlpack(view)
    assert tensor.strides == (2, 6)
    assert (tensor.numpy() == view).all()
    assert tensor.numpy().strides == view.strides


def test_a_copy_is_made_where_it_is_asked_for() -> None:
    tensor = kiln.Tensor.empty(3, "int32")
    tensor.numpy()[...] = [1, 2, 3]
    copy = np.array(tensor, copy=True)
    other = np.asarray(tensor, dtype=np.float64)
    assert (other.dtype, other.tolist()) == (np.float64, [1, 2, 3])
    same = np.asarray(tensor, dtype=np.int32)
    tensor.numpy()[...] = 0
    assert (copy.tolist(), other.tolist(), same.tolist()) == ([1, 2, 3], [1, 2, 3], [0, 0, 0])


def test_what_would_need_a_copy_is_refused_where_none_is_allowed() -> None:
    tensor = kiln.Tensor.empty(3, "int32")
    assert tensor.__array__(copy=False).ctypes.data == tensor.address
    with pytest.raises(
        ValueError, match="int32 tensor can't be seen as .*float64.* without a copy"
    ):
        tensor.__array__(np.float64, copy=False)
    with pytest.raises(ValueError, match="without a copy"):
        tensor.__array__(dtype=np.dtype("float64"), copy=False)


def test_numpys_functions_take_tensors() -> None:
    tensor = kiln.Tensor.empty((2, 2), "float64")
    tensor.numpy()[...] = [[1, 2], [3, 4]]
    assert np.sum(tensor) == 10
    assert np.concatenate([tensor, tensor]).shape == (4, 2)
    assert np.array([[1.0, 1.0]]).dot(tensor).tolist() == [[4, 6]]


@pytest.mark.parametrize("name", OTHERS)
def test_types_that_ml_dtypes_adds_travel_both_ways(name: str) -> None:
    array = np.array([[0.5, 1], [2, 4]]).astype(getattr(ml_dtypes, name))
    tensor = kiln.from_dlpack(array)
    assert str(tensor.dtype) == name
    assert tensor.address == array.ctypes.data
    for back in (tensor.numpy(), echo(array), np.asarray(tensor)):
        assert (back.dtype, back.shape) == (array.dtype, array.shape)
        assert back.ctypes.data == array.ctypes.data
        assert back.tobytes() == array.tobytes()
    columns = array[:, ::2].T
    assert (echo(columns).astype(np.float32) == columns.astype(np.float32)).all()


def test_a_kernel_works_on_a_bfloat16_array(module: kiln.Module) -> None:
    array = np.array([1, 2.5, -3], dtype=ml_dtypes.bfloat16)
    module.twice(array, 3)
    assert array.astype(np.float32).tolist() == [2, 5, -6]
    assert (module.code(array), module.bits(array)) == (4, 16)
    tensor = kiln.Tensor.empty(3, "bfloat16")
    tensor.numpy()[...] = [1, 2, 3]
    module.twice(tensor, 3)
    assert tensor.numpy().astype(np.float32).tolist() == [2, 4, 6]
    with pytest.raises(TypeError, match="expected bfloat16 tensor, got float16"):
        module.twice(np.ones(3, np.float16), 3)


@pytest.mark.parametrize("name", ["complex64", "complex128"])
def test_complex_numbers_travel(module: kiln.Module, name: str) -> None:
    array = np.array([1 + 2j, -3j], dtype=name)
    assert (module.code(array), module.bits(array)) == (5, array.dtype.itemsize * 8)
    assert (echo(array) == array).all()
    assert echo(array).dtype == array.dtype
    tensor = kiln.Tensor.empty(2, name)
    tensor.numpy()[...] = array
    assert np.asarray(tensor).tolist() == [1 + 2j, -3j]


def test_a_tensor_that_is_not_the_cpus_is_no_numpy_array() -> None:
    from_cuda = kiln.from_dlpack(FakeCuda())
    with pytest.raises(BufferError, match="in CPU memory alone, this tensor is on cuda:0"):
        from_cuda.numpy()
    with pytest.raises(BufferError, match="cuda:0"):
        np.asarray(from_cuda)
