"""Arrays of a library that offers DLPack's exchange table: in, out, its memory and its stream."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from dlpack_layout import DELETER, DLTensor, Managed, Table

import kiln

SOURCE = """
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/c_env_api.h>
double sum(const double* x, int64_t n) {
  double total = 0;
  for (int64_t i = 0; i < n; ++i) total += x[i];
  return total;
}
void* address(const void* x) { return (void*)x; }
// The current stream of a device while a function runs that was given a tensor.
void* stream(DLTensor* x, int type, int index) { return TVMFFIEnvGetStream(type, index); }
// The allocator that a function finds which was given any argument.
int __tvm_ffi_allocator(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  result->type_index = kTVMFFIOpaquePtr;
  result->v_ptr = (void*)TVMFFIEnvGetDLPackManagedTensorAllocator();
  return 0;
}
// A new tensor of as many numbers as the second argument says.
int __tvm_ffi_make(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  DLTensor prototype = {0};
  prototype.device.device_type = kDLCPU;
  prototype.dtype.code = kDLFloat;
  prototype.dtype.bits = 64;
  prototype.dtype.lanes = 1;
  prototype.ndim = 1;
  prototype.shape = (int64_t*)&args[1].v_int64;
  TVMFFIObjectHandle tensor = 0;
  if (TVMFFIEnvTensorAlloc(&prototype, &tensor) != 0) return -1;
  result->type_index = kTVMFFITensor;
  result->v_obj = (TVMFFIObject*)tensor;
  return 0;
}
int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIFunctionCall(args[0].v_obj, (TVMFFIAny*)args + 1, n - 1, result);
}
int __tvm_ffi_fail(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  TVMFFIErrorSetRaisedFromCStr("ValueError", "on purpose");
  return -1;
}
"""
FAILING = """
extern void PyErr_SetString(void* type, const char* message);
extern void* PyExc_LookupError;
static int view(void* object, void* out) {
  PyErr_SetString(PyExc_LookupError, "no such array");
  return -1;
}
void* view_address(void) { return (void*)&view; }
"""


class Library:
    """A library of one-dimensional float64 arrays, which counts what its table is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.lent: dict[int, tuple] = {}  # address of a Managed -> what it needs to live
        self.stream = 0x5555
        self.device = (1, 0)
        self.error: Exception | None = None
        fields = dict(Table._fields_)
        self.table = Table(1, 3, None)
        self.table.allocate = fields["allocate"](self.allocate)
        self.table.export = fields["export"](self.export)
        self.table.take = fields["take"](self.take)
        self.table.view = fields["view"](self.view)
        self.table.stream = fields["stream"](self.current_stream)
        self._release = DELETER(lambda managed: self.lent.pop(ctypes.addressof(managed.contents)))
        make = ctypes.pythonapi.PyCapsule_New
        make.restype = ctypes.py_object
        make.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        capsule = make(ctypes.addressof(self.table), b"dlpack_exchange_api", None)

        class Vector:
            __dlpack_c_exchange_api__ = capsule

            def __init__(self, memory: np.ndarray, owner: object = None) -> None:
                self.memory, self.owner = memory, owner

            def __dlpack__(self, **named: object) -> object:
                raise AssertionError("the table is there")

        self.Vector = Vector

    def fill(self, memory: np.ndarray, tensor: DLTensor) -> tuple:
        extents, strides = (ctypes.c_int64 * 1)(memory.size), (ctypes.c_int64 * 1)(1)
        tensor.data, tensor.byte_offset = memory.ctypes.data, 0
        tensor.device_type, tensor.device_id = self.device
        tensor.ndim, tensor.code, tensor.bits, tensor.lanes = 1, 2, 64, 1
        tensor.shape = ctypes.cast(extents, ctypes.POINTER(ctypes.c_int64))
        tensor.strides = ctypes.cast(strides, ctypes.POINTER(ctypes.c_int64))
        return extents, strides

    def lend(self, memory: np.ndarray, out: object) -> int:
        managed = Managed(1, 3, None, self._release, 0)
        kept = self.fill(memory, managed.tensor)
        self.lent[ctypes.addressof(managed)] = (managed, memory, kept)
        out[0] = ctypes.pointer(managed)
        return 0

    def allocate(self, prototype: object, out: object, context: object, set_error: object) -> int:
        self.asked.append("allocate")
        if self.error is not None:
            set_error(context, type(self.error).__name__.encode(), str(self.error).encode())
            return -1
        return self.lend(np.zeros(prototype.contents.shape[0]), out)

    def export(self, array: object, out: object) -> int:
        self.asked.append("export")
        return self.lend(array.memory, out)

    def take(self, managed: object, out: object) -> int:
        self.asked.append("take")
        tensor = managed.contents.tensor
        memory = (ctypes.c_double * tensor.shape[0]).from_address(tensor.data)
        array = self.Vector(np.ctypeslib.as_array(memory), Lent(managed))
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(array))
        out[0] = id(array)
        return 0

    def view(self, array: object, out: object) -> int:
        self.asked.append("view")
        array.extents = self.fill(array.memory, out.contents)
        return 0

    def current_stream(self, type_: int, index: int, out: object) -> int:
        self.asked.append(f"stream {type_}:{index}")
        out[0] = self.stream
        return 0


class Lent:
    """Gives a tensor back once nobody needs it."""

    def __init__(self, managed: object) -> None:
        self._managed = ctypes.cast(managed, ctypes.POINTER(Managed))

    def __del__(self) -> None:
        self._managed.contents.deleter(self._managed)


@pytest.fixture(scope="module")
def module() -> kiln.Module:
    return kiln.compile(SOURCE, name="k.c", exports="all")


LIBRARIES = []


@pytest.fixture
def library() -> Iterator[Library]:
    # A table lives as long as the process.
    LIBRARIES.append(Library())
    return LIBRARIES[-1]


def test_an_array_goes_into_a_kernel_as_a_view(module: kiln.Module, library: Library) -> None:
    vector = library.Vector(np.array([1.0, 2.0, 3.5]))
    assert module.sum(vector, 3) == 6.5
    assert module.address(vector) == vector.memory.ctypes.data
    assert set(library.asked) == {"view"}
    assert not library.lent


def test_an_array_that_may_be_kept_is_exported_and_given_back(library: Library) -> None:
    vector = library.Vector(np.array([1.0, 2.0]))
    tensor = kiln.from_dlpack(vector)
    assert tensor.numpy().tolist() == [1, 2]
    assert library.asked == ["export"]
    assert len(library.lent) == 1
    del tensor
    gc.collect()
    assert not library.lent


def test_results_are_arrays_of_the_library(module: kiln.Module, library: Library) -> None:
    vector = library.Vector(np.array([1.0, 2.0]))
    result = kiln.function(lambda value: value)(vector)
    assert type(result) is library.Vector
    assert result.memory.ctypes.data == vector.memory.ctypes.data
    made = module["call"](lambda lent: np.array(lent) * 2, vector)
    assert type(made) is library.Vector
    assert made.memory.tolist() == [2, 4]
    del result, made
    gc.collect()
    assert not library.lent


def test_a_callback_may_not_keep_an_array_that_was_lent(
    module: kiln.Module, library: Library
) -> None:
    vector = library.Vector(np.array([1.0, 2.0]))
    with pytest.raises(RuntimeError, match="kept or returned a tensor that its caller lent"):
        module["call"](lambda lent: lent, vector)


def test_a_result_is_of_the_library_of_the_first_array(
    module: kiln.Module, library: Library
) -> None:
    vector = library.Vector(np.array([1.0]))
    first = kiln.function(lambda a, b: a)
    assert type(first(vector, np.ones(1))) is library.Vector
    assert type(first(np.ones(1), vector)) is np.ndarray


def test_new_tensors_are_made_by_the_library(module: kiln.Module, library: Library) -> None:
    made = module.make(library.Vector(np.zeros(1)), 5)
    assert "allocate" in library.asked
    assert type(made) is library.Vector
    assert made.memory.size == 5
    assert any(
        made.memory.ctypes.data == memory.ctypes.data for _, memory, _ in library.lent.values()
    )
    del made
    gc.collect()
    assert not library.lent


def test_the_librarys_allocator_is_for_the_call_alone(
    module: kiln.Module, library: Library
) -> None:
    vector = library.Vector(np.zeros(1))
    ours = ctypes.cast(library.table.allocate, ctypes.c_void_p).value
    before = module.allocator()
    assert before not in (None, 0, ours)
    assert module.allocator(vector) == ours
    assert module.allocator() == before
    with pytest.raises(ValueError, match="on purpose"):
        module.fail(vector)
    assert module.allocator() == before
    with pytest.raises(TypeError, match="argument 1"):
        module.fail(vector, object())
    assert module.allocator() == before
    module.make(None, 2)
    assert "allocate" not in library.asked


def test_without_a_library_new_tensors_are_ours_on_every_thread(module: kiln.Module) -> None:
    made = []
    work = lambda: made.append(module.make(None, 3))  # noqa: E731
    work()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    for tensor in made:
        assert type(tensor) is kiln.Tensor
        assert (tensor.shape, str(tensor.dtype), tensor.address % 64) == ((3,), "float64", 0)
    assert type(module.make(np.zeros(1), 3)) is np.ndarray


def test_errors_of_the_library_are_raised(module: kiln.Module, library: Library) -> None:
    vector = library.Vector(np.zeros(1))
    library.error = MemoryError("all is taken")
    with pytest.raises(MemoryError, match="all is taken"):
        module.make(vector, 5)
    # ctypes prints what its callbacks raise, so this one is C's.
    failing = kiln.compile(FAILING, exports="view_address")
    library.table.view = ctypes.cast(failing.view_address(), type(library.table.view))
    with pytest.raises(LookupError, match="no such array"):
        module.sum(vector, 1)
    assert not library.lent


@pytest.mark.parametrize("type_", [2, 10])
def test_the_librarys_stream_is_current_within_the_call(
    module: kiln.Module, library: Library, type_: int
) -> None:
    library.device = (type_, 1)
    vector = library.Vector(np.zeros(1))
    assert module.stream(vector, type_, 1) == 0x5555
    assert f"stream {type_}:1" in library.asked
    assert not module.stream(vector, type_, 0)
    cpu = np.zeros(1)
    assert not module.stream(cpu, type_, 1)
    with pytest.raises(ValueError, match="on purpose"):
        module.fail(vector)
    assert not module.stream(cpu, type_, 1)


def test_of_cpu_arrays_no_stream_is_asked(module: kiln.Module, library: Library) -> None:
    module.stream(library.Vector(np.zeros(1)), 1, 0)
    assert set(library.asked) == {"view"}


def test_an_explicit_stream_wins(module: kiln.Module, library: Library) -> None:
    library.device = (2, 0)
    vector = library.Vector(np.zeros(1))
    with kiln.use_stream(0x1234):
        assert module.stream(vector, 2, 0) == 0x1234
        with kiln.use_stream(0x4321):
            assert module.stream(vector, 2, 0) == 0x4321
        assert module.stream(vector, 2, 0) == 0x1234
    assert library.asked.count("stream 2:0") == 0
    assert module.stream(vector, 2, 0) == 0x5555


def test_arrays_leak_no_reference(module: kiln.Module, library: Library) -> None:
    vector = library.Vector(np.zeros(4))
    echo = kiln.function(lambda value: value)
    before = None
    for round_ in range(200):
        module.sum(vector, 4)
        echo(vector)
        module.make(vector, 3)
        with pytest.raises(ValueError):
            module.fail(vector)
        if round_ == 10:
            gc.collect()
            before = [sys.getrefcount(v) for v in (vector, vector.memory, library.Vector)]
    gc.collect()
    assert [sys.getrefcount(v) for v in (vector, vector.memory, library.Vector)] == before
    assert not library.lent


@pytest.mark.parametrize(
    ("name", "major"), [(b"dlpack_exchange_api", 2), (b"another", 1), (None, 1)]
)
def test_a_table_that_is_not_understood_is_no_table(
    module: kiln.Module, library: Library, name: bytes | None, major: int
) -> None:
    library.table.major = major
    make = ctypes.pythonapi.PyCapsule_New
    held = make(ctypes.addressof(library.table), name, None) if name else 3

    class Array:
        __dlpack_c_exchange_api__ = held

        def __dlpack__(self, **named: object) -> object:
            return np.array([1.0, 2.0]).__dlpack__()

        def __dlpack_device__(self) -> tuple[int, int]:
            return 1, 0

    assert module.sum(Array(), 2) == 3
    assert library.asked == []


def test_an_older_table_behind_a_newer_one_is_used(module: kiln.Module, library: Library) -> None:
    newer = Table(2, 0, ctypes.addressof(library.table))
    LIBRARIES.append(newer)
    make = ctypes.pythonapi.PyCapsule_New
    capsule = make(ctypes.addressof(newer), b"dlpack_exchange_api", None)
    array = type("Newer", (library.Vector,), {"__dlpack_c_exchange_api__": capsule})
    assert module.sum(array(np.array([1.0, 2.0])), 2) == 3
    assert library.asked == ["view"]
