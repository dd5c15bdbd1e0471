"""Calls from Python, by the package kiln and by the package apache-tvm-ffi, in one process.

    PYTHONPATH=build/release/python python tests/bench/compare_python.py

Both call the same compiled functions on one runtime. A figure is Kiln's time over the other's, the
median of rounds that take turns; below 1 Kiln is faster. Imports are timed in processes of their
own. The row of torch is there where torch is installed.
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import tempfile
import timeit
from collections.abc import Callable
from pathlib import Path

import jax
import kiln
import numpy as np
import tvm_ffi

CALLS = 20_000
ROUNDS = 15

SOURCE = """
#include <tvm/ffi/c_api.h>
int __tvm_ffi_nothing(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) { return 0; }
"""

TIMED_IMPORT = """
from time import perf_counter
start = perf_counter()
import {package}
print(perf_counter() - start)
"""

# Two statements, and the names in them.
Job = tuple[str, str, dict[str, object]]


def seconds(statement: str, names: dict[str, object]) -> float:
    return timeit.timeit(statement, number=CALLS, globals=names) / CALLS


def seconds_to_import(package: str) -> float:
    program = TIMED_IMPORT.format(package=package)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return float(ended.stdout)


def report(name: str, unit: float, ours: Callable[[], float], theirs: Callable[[], float]) -> None:
    """Prints the row of two measurements, which take turns; the first of each does not count."""
    ours(), theirs()
    rounds = [(ours(), theirs()) for _ in range(ROUNDS)]
    ratio = statistics.median(a / b for a, b in rounds)
    print(
        f"{name:30} {statistics.median(a for a, _ in rounds) / unit:9.0f} {ratio:9.2f}", flush=True
    )


def other_module(module: kiln.Module) -> tvm_ffi.Module:
    """The same functions as a module of the other package."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nothing.so"
        module.save(path)
        return tvm_ffi.load_module(str(path))


def calls() -> dict[str, Job]:
    module = kiln.compile(SOURCE, name="nothing.c")
    their_module = other_module(module)
    ours = module["nothing"]
    kiln.register("bench.nothing", ours, override=True)
    functions = {"ours": ours, "theirs": tvm_ffi.get_global_func("bench.nothing")}

    def with_arguments(arguments: str) -> Job:
        return f"ours({arguments})", f"theirs({arguments})", functions

    def three(x: object, y: object | None = None) -> Job:
        names = {**functions, "x": x, "y": x if y is None else y}
        return "ours(x, x, x)", "theirs(y, y, y)", names

    array = np.zeros(1, np.float32)
    callbacks = {"ours": kiln.function(lambda: None), "theirs": tvm_ffi.convert(lambda: None)}
    modules = {"ours": module, "theirs": their_module}
    jobs = {
        "no arguments": with_arguments(""),
        "three ints": with_arguments("1, 2, 3"),
        "one str": with_arguments("'hello'"),
        "three numpy arrays": three(array),
        "three JAX arrays": three(jax.numpy.zeros(1, np.float32)),
        "three own tensors": three(kiln.from_dlpack(array), tvm_ffi.from_dlpack(array)),
        "a Python callback": ("ours()", "theirs()", callbacks),
        "module attribute": ("ours.nothing", "theirs.nothing", modules),
        "three arrays, against np.add": (
            "ours(x, x, x)",
            "theirs(x, x, x)",
            {"ours": ours, "theirs": np.add, "x": array},
        ),
    }
    if importlib.util.find_spec("torch") is not None:
        import torch

        jobs["three torch tensors"] = three(torch.zeros(1))
    return jobs


def main() -> None:
    jax.config.update("jax_platforms", "cpu")
    jobs = calls()
    print(f"{'one call':30} {'kiln, ns':>9} {'peer = 1':>9}")
    for name, (ours, theirs, names) in jobs.items():
        report(
            name,
            1e-9,
            lambda s=ours, n=names: seconds(s, n),
            lambda s=theirs, n=names: seconds(s, n),
        )
    if "three torch tensors" not in jobs:
        print("three torch tensors: left out, torch is not installed")
    print(f"\n{'in a fresh process':30} {'kiln, ms':>9} {'peer = 1':>9}")
    report(
        "import",
        1e-3,
        lambda: seconds_to_import("kiln"),
        lambda: seconds_to_import("tvm_ffi"),
    )


if __name__ == "__main__":
    main()
