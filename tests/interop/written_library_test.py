"""Shared libraries that Kiln writes, in a Python with the reference's package and no engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CXX = r"""
#include <stdexcept>
#include <string>
#include <tvm/ffi/c_api.h>

static const std::string greeting = std::string("n is ");

extern "C" int __tvm_ffi_half(void*, const TVMFFIAny* args, int32_t, TVMFFIAny* result) {
  try {
    if (args[0].v_int64 % 2) throw std::runtime_error(greeting + std::to_string(args[0].v_int64));
    result->type_index = kTVMFFIInt;
    result->v_int64 = args[0].v_int64 / 2;
    return 0;
  } catch (const std::exception& error) {
    TVMFFIErrorSetRaisedFromCStr("ValueError", error.what());
    return -1;
  }
}
"""

WRITE = """
import os, sys, tvm_ffi
tvm_ffi.load_module(os.environ["KILN_TEST_ENGINE"])
source = open(sys.argv[1]).read()
module = tvm_ffi.get_global_func("kiln.jit.compile")(source, "name", sys.argv[1])
module.write_to_file(sys.argv[2], "so")
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """A library that another process has written."""
    folder = tmp_path_factory.mktemp("library")
    (folder / "half.cc").write_text(CXX)
    command = [sys.executable, "-c", WRITE, str(folder / "half.cc"), str(folder / "half.so")]
    subprocess.run(command, check=True, env=os.environ)
    return folder / "half.so"


def test_the_wheel_loads_and_calls_it(library):
    import tvm_ffi

    module = tvm_ffi.load_module(str(library))
    assert module["half"](42) == 21
    with pytest.raises(ValueError, match="n is 3"):
        module["half"](3)
