"""Calling compiled functions from Python."""

from __future__ import annotations

import gc
import sys
import threading

import numpy as np
import pytest

import kiln

# The other package's runtime has no place to say that a tensor is read-only.
KNOWS_READ_ONLY = kiln._core.get_global("kiln.read_only_tensor_deleter") is not None

SOURCE = """
#include <stdint.h>
// Adds a multiple of x to y.
void saxpy(float a, const float* x, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] += a * x[i];
}
int add3(int a, int b, int c) { return a + b + c; }
int64_t half_of(int64_t n) { return n / 2; }
double twice(double x) { return 2 * x; }
_Bool negate(_Bool b) { return !b; }
int length(const char* s) { int n = 0; while (s[n]) ++n; return n; }
void nothing(void) {}
void* address(const void* p) { return (void*)p; }
"""


@pytest.fixture(scope="module")
def module() -> kiln.Module:
    return kiln.compile(SOURCE, name="k.c", exports="all")


def test_arrays_go_in_without_a_copy(module: kiln.Module) -> None:
    x, y = np.ones(8, np.float32), np.zeros(8, np.float32)
    assert module.saxpy(0.5, x, y, 8) is None
    assert (y == 0.5).all()
    assert module.address(x) == x.ctypes.data


def test_scalars_come_back_as_what_they_are(module: kiln.Module) -> None:
    assert module.add3(1, True, np.int32(3)) == 5
    assert module.twice(3) == 6.0
    assert module.twice(np.float32(1.5)) == 3.0
    assert module.negate(False) is True
    assert module.length("héllo") == 6
    assert module.half_of(2**62) == 2**61
    assert module.nothing() is None


@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        (
            (1.0, np.ones(4), None, 4),
            TypeError,
            "argument 1 (x): expected float32 tensor, got float64",
        ),
        ((1.0, "x", None, 4), TypeError, "argument 1 (x): expected float32 tensor, got a string"),
        ((1.0,), TypeError, "expected 4 arguments, got 1"),
        ((1.0, np.ones(8, np.float32)[::2], None, 4), ValueError, "without gaps"),
        ((1.0, np.ones(4, np.float32).astype(">f4"), None, 4), Exception, ""),
        ((1.0, object(), None, 4), TypeError, "argument 1: a object can't be passed"),
    ],
)
def test_a_wrong_argument_is_named(
    module: kiln.Module, arguments: tuple, kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind) as raised:
        module.saxpy(*arguments)
    assert text in str(raised.value)


def test_integers_that_do_not_fit_are_refused(module: kiln.Module) -> None:
    with pytest.raises(ValueError, match="can't hold"):
        module.add3(1, 2, 2**40)
    with pytest.raises(TypeError, match="expected int"):
        module.half_of(2**100)


def test_names_are_refused(module: kiln.Module) -> None:
    with pytest.raises(TypeError, match="by position, got 'n' by name"):
        module.saxpy(1.0, n=3)


def test_a_read_only_array_is_read_and_not_written(module: kiln.Module) -> None:
    fixed, free = np.ones(4, np.float32), np.zeros(4, np.float32)
    fixed.flags.writeable = False
    module.saxpy(1.0, fixed, free, 4)
    assert (free == 1).all()
    if KNOWS_READ_ONLY:
        with pytest.raises(ValueError, match="read-only"):
            module.saxpy(1.0, free, fixed, 4)
        assert (fixed == 1).all()


def test_strides_and_offsets_arrive() -> None:
    text = """
#include <tvm/ffi/c_api.h>
int64_t stride(DLTensor* t, int64_t i) { return t->strides ? t->strides[i] : -1; }
int64_t extent(DLTensor* t, int64_t i) { return t->shape[i]; }
"""
    module = kiln.compile(text, name="k.c", exports="all")
    array = np.zeros((4, 6), np.float32)
    view = array[1:, ::2].T
    assert [module.extent(view, i) for i in range(2)] == [3, 3]
    assert [module.stride(view, i) for i in range(2)] == [2, 6]
    assert module.extent(np.zeros((0, 3)), 0) == 0


def test_eight_threads_call_one_function(module: kiln.Module) -> None:
    failures = []

    def work(seed: int) -> None:
        x = np.full(256, seed, np.float32)
        for _ in range(200):
            y = np.zeros(256, np.float32)
            module.saxpy(2.0, x, y, 256)
            if not (y == 2 * seed).all():
                failures.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_calls_leak_no_reference(module: kiln.Module) -> None:
    x, text = np.ones(4, np.float32), "text"
    strided = np.ones(8, np.float32)[::2]
    fixed = np.ones(4, np.float32)
    fixed.flags.writeable = False
    before = None
    for round_ in range(1000):
        module.saxpy(1.0, fixed, x, 4)
        module.length(text)
        with pytest.raises(ValueError):
            module.saxpy(1.0, strided, x, 4)
        if round_ == 10:
            gc.collect()
            before = [sys.getrefcount(v) for v in (x, text, strided, fixed, module.saxpy)]
    gc.collect()
    assert [sys.getrefcount(v) for v in (x, text, strided, fixed, module.saxpy)] == before
