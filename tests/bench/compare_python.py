"""Calls from Python, by the package kiln and by the package apache-tvm-ffi, in one process.

    PYTHONPATH=build/release/python python tests/bench/compare_python.py

Both call the same compiled functions on one runtime. A figure is Kiln's time over the other's, the
median of rounds that take turns; below 1 Kiln is faster.
"""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable

import kiln
import numpy as np
import tvm_ffi

CALLS = 20_000
ROUNDS = 15

SOURCE = """
#include <tvm/ffi/c_api.h>
int __tvm_ffi_nothing(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) { return 0; }
"""


def nanoseconds(call: Callable[[], object]) -> float:
    return 1e9 * timeit.timeit(call, number=CALLS) / CALLS


def main() -> None:
    ours = kiln.compile(SOURCE, name="nothing.c")["nothing"]
    kiln.register("bench.nothing", ours, override=True)
    theirs = tvm_ffi.get_global_func("bench.nothing")
    array = np.zeros(1, np.float32)
    our_tensor, their_tensor = kiln.from_dlpack(array), tvm_ffi.from_dlpack(array)
    our_callback, their_callback = kiln.function(lambda: None), tvm_ffi.convert(lambda: None)
    jobs = {
        "no arguments": (lambda: ours(), lambda: theirs()),
        "three ints": (lambda: ours(1, 2, 3), lambda: theirs(1, 2, 3)),
        "one str": (lambda: ours("hello"), lambda: theirs("hello")),
        "three numpy arrays": (
            lambda: ours(array, array, array),
            lambda: theirs(array, array, array),
        ),
        "three own tensors": (
            lambda: ours(our_tensor, our_tensor, our_tensor),
            lambda: theirs(their_tensor, their_tensor, their_tensor),
        ),
        "a Python callback": (lambda: our_callback(), lambda: their_callback()),
        "three arrays, against np.add": (
            lambda: ours(array, array, array),
            lambda: np.add(array, array, array),
        ),
    }
    print(f"{'one call':30} {'kiln, ns':>9} {'peer = 1':>9}")
    for name, (our_call, their_call) in jobs.items():
        rounds = [(nanoseconds(our_call), nanoseconds(their_call)) for _ in range(ROUNDS)]
        ratio = statistics.median(a / b for a, b in rounds)
        print(f"{name:30} {statistics.median(a for a, _ in rounds):9.0f} {ratio:9.2f}")


if __name__ == "__main__":
    main()
