"""kiln and apache-tvm-ffi in one process, whichever is imported first."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

PROGRAM = """
import {first}, {second}
import numpy as np
import kiln, tvm_ffi
module = kiln.compile("int f(int a) {{ return a + 1; }} void inc(float* x, long n)"
                      "{{ for (long i = 0; i < n; ++i) x[i] += 1; }}", exports="all")
kiln.register("python.test.f", module.f)
assert tvm_ffi.get_global_func("python.test.f")(41) == 42
tvm_ffi.register_global_func("python.test.g", lambda a: a * 2)
assert kiln.get("python.test.g")(21) == 42
array = np.ones(4, np.float32)
module.inc(tvm_ffi.from_dlpack(array), 4)
assert (array == 2).all()
tvm_ffi.get_global_func("python.test.f")
runtimes = {{line.split()[-1] for line in open("/proc/self/maps") if "libtvm_ffi.so" in line}}
assert len(runtimes) == 1, runtimes
"""


@pytest.mark.parametrize("order", [("kiln", "tvm_ffi"), ("tvm_ffi", "kiln")])
def test_there_is_one_runtime(order: tuple[str, str]) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "KILN_RUNTIME_LIBRARY"}
    program = PROGRAM.format(first=order[0], second=order[1])
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment
    )
    assert ended.returncode == 0, ended.stderr


def test_a_library_of_the_other_package_loads_on_this_runtime() -> None:
    # It registers classes, enumerations and their attributes while it is loaded.
    folder = importlib.util.find_spec("tvm_ffi").submodule_search_locations[0]
    program = f"""
import ctypes, kiln
ctypes.CDLL({os.path.join(folder, "lib", "libtvm_ffi_testing.so")!r})
assert kiln.get("testing.echo")(3) == 3
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
