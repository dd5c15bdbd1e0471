"""kiln.Tensor as an exporter of DLPack: capsules, and the table that other libraries call."""

from __future__ import annotations

import ctypes
import gc
import sys
import weakref

import numpy as np
import pytest
from dlpack_layout import DELETER, SET_ERROR, DLTensor, Managed, Table, owned

import kiln

KNOWS_READ_ONLY = kiln._core.get_global("kiln.read_only_tensor_deleter") is not None


def table() -> Table:
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    address = pointer(kiln.Tensor.__dlpack_c_exchange_api__, b"dlpack_exchange_api")
    return Table.from_address(address)


def filled() -> kiln.Tensor:
    tensor = kiln.Tensor.empty((2, 3), "int32")
    tensor.numpy()[...] = [[1, 2, 3], [4, 5, 6]]
    return tensor


def is_valid(capsule: object, name: bytes) -> bool:
    return ctypes.pythonapi.PyCapsule_IsValid(ctypes.py_object(capsule), name) == 1


@pytest.mark.parametrize(
    ("named", "name"),
    [
        ({}, b"dltensor"),
        ({"max_version": None}, b"dltensor"),
        ({"max_version": (0, 8)}, b"dltensor"),
        ({"max_version": (1, 0)}, b"dltensor_versioned"),
        ({"max_version": (1, 3), "copy": False, "dl_device": (1, 0)}, b"dltensor_versioned"),
        ({"max_version": (2, 0), "copy": None, "stream": None}, b"dltensor_versioned"),
    ],
)
def test_a_capsule_is_of_the_version_that_is_asked_for(named: dict, name: bytes) -> None:
    assert is_valid(filled().__dlpack__(**named), name)


@pytest.mark.parametrize("version", [None, (1, 0)])
def test_a_capsule_is_read_by_numpy_and_keeps_the_tensor(version: tuple | None) -> None:
    class Exporter:
        def __init__(self, tensor: kiln.Tensor) -> None:
            self.tensor = tensor

        def __dlpack__(self, **named: object) -> object:
            return self.tensor.__dlpack__(max_version=version)

        def __dlpack_device__(self) -> tuple[int, int]:
            return self.tensor.__dlpack_device__()

    tensor = filled()
    address = tensor.address
    array = np.from_dlpack(Exporter(tensor))
    del tensor
    gc.collect()
    assert array.ctypes.data == address
    assert array.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_an_unused_capsule_gives_the_memory_back() -> None:
    class Kept(np.ndarray):
        pass

    array = np.zeros(3).view(Kept)
    gone = weakref.ref(array)
    tensor = kiln.from_dlpack(array)
    capsules = [tensor.__dlpack__(), tensor.__dlpack__(max_version=(1, 0))]
    del array, tensor
    gc.collect()
    assert gone() is not None
    capsules.clear()
    gc.collect()
    assert gone() is None


def test_a_copy_and_another_device_are_refused() -> None:
    tensor = filled()
    with pytest.raises(BufferError, match="without a copy"):
        tensor.__dlpack__(copy=True)
    with pytest.raises(BufferError, match=r"on device \(1, 0\) and is not copied to \(2, 0\)"):
        tensor.__dlpack__(dl_device=(2, 0))
    with pytest.raises(TypeError, match="positional"):
        tensor.__dlpack__(None)
    assert tensor.__dlpack_device__() == (1, 0)


def test_a_read_only_array_stays_read_only() -> None:
    array = np.zeros(3)
    array.flags.writeable = False
    if KNOWS_READ_ONLY:
        assert not np.from_dlpack(kiln.from_dlpack(array)).flags.writeable
    array = np.zeros(3)
    assert np.from_dlpack(kiln.from_dlpack(array)).flags.writeable


def test_the_table_is_of_dlpack_1() -> None:
    found = table()
    assert (found.major, found.prev_api) == (1, None)
    assert found.minor >= 2
    assert is_valid(kiln.Tensor.__dlpack_c_exchange_api__, b"dlpack_exchange_api")


def test_the_table_views_a_tensor() -> None:
    tensor = filled()
    view = DLTensor()
    assert table().view(tensor, ctypes.byref(view)) == 0
    assert (view.data, view.device_type, view.ndim) == (tensor.address, 1, 2)
    assert (view.code, view.bits, view.lanes) == (0, 32, 1)
    assert (view.shape[:2], view.strides[:2]) == ([2, 3], [3, 1])


def test_the_table_exports_a_tensor_that_outlives_its_object() -> None:
    tensor = filled()
    address = tensor.address
    references = sys.getrefcount(tensor)
    managed = ctypes.POINTER(Managed)()
    assert table().export(tensor, ctypes.byref(managed)) == 0
    assert sys.getrefcount(tensor) == references
    assert (managed.contents.major, managed.contents.tensor.data) == (1, address)
    del tensor
    gc.collect()
    values = (ctypes.c_int32 * 6).from_address(address)
    assert list(values) == [1, 2, 3, 4, 5, 6]
    managed.contents.deleter(managed)


def test_the_table_takes_what_it_exported() -> None:
    tensor = filled()
    managed = ctypes.POINTER(Managed)()
    assert table().export(tensor, ctypes.byref(managed)) == 0
    made = ctypes.c_void_p()
    assert table().take(managed, ctypes.byref(made)) == 0
    back = owned(made.value)
    assert type(back) is kiln.Tensor
    fresh = filled()
    assert sys.getrefcount(back) == sys.getrefcount(fresh)
    assert (back.address, back.shape, str(back.dtype)) == (tensor.address, (2, 3), "int32")


def test_the_table_deletes_what_it_was_given_with_the_last_tensor() -> None:
    deleted = []
    memory = (ctypes.c_float * 2)(1.5, 2.5)
    extents = (ctypes.c_int64 * 1)(2)
    strides = (ctypes.c_int64 * 1)(1)
    managed = Managed(1, 0, None, DELETER(lambda _: deleted.append(True)), 0)
    managed.tensor = DLTensor(ctypes.addressof(memory), 1, 0, 1, 2, 32, 1, extents, strides, 0)
    made = ctypes.c_void_p()
    assert table().take(ctypes.byref(managed), ctypes.byref(made)) == 0
    tensor = owned(made.value)
    array = tensor.numpy()
    assert array.tolist() == [1.5, 2.5]
    del tensor
    gc.collect()
    assert deleted == []
    del array
    gc.collect()
    assert deleted == [True]


def test_the_table_allocates_in_cpu_memory() -> None:
    errors: list[tuple[bytes, bytes]] = []
    set_error = SET_ERROR(lambda _, kind, message: errors.append((kind, message)))
    extents = (ctypes.c_int64 * 2)(4, 5)
    prototype = DLTensor(None, 1, 0, 2, 2, 64, 1, extents, None, 0)
    managed = ctypes.POINTER(Managed)()
    assert table().allocate(ctypes.byref(prototype), ctypes.byref(managed), None, set_error) == 0
    made = managed.contents.tensor
    assert made.data % 64 == 0
    assert (made.shape[:2], made.strides[:2], made.bits) == ([4, 5], [5, 1], 64)
    managed.contents.deleter(managed)
    prototype.device_type = 2
    assert table().allocate(ctypes.byref(prototype), ctypes.byref(managed), None, set_error) != 0
    prototype.device_type = 1
    extents[0] = -4
    assert table().allocate(ctypes.byref(prototype), ctypes.byref(managed), None, set_error) != 0
    assert [kind for kind, _ in errors] == [b"NotImplementedError", b"ValueError"]


def test_the_table_tells_the_stream_that_is_current() -> None:
    found = ctypes.c_void_p(1)
    assert table().stream(1, 0, ctypes.byref(found)) == 0
    assert found.value is None
    with kiln.use_stream(0x1234, "cuda:3"):
        assert table().stream(2, 3, ctypes.byref(found)) == 0
        assert found.value == 0x1234
        assert table().stream(2, 0, ctypes.byref(found)) == 0
        assert found.value is None
    assert table().stream(2, 3, ctypes.byref(found)) == 0
    assert found.value is None
