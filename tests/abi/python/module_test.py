"""Compiling, and what a module tells of itself."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import kiln

ADD = "/* Adds. */ int add(int a, int b) { return a + b; }"


def test_a_module_shows_its_functions() -> None:
    module = kiln.compile(ADD + "int sub(int a, int b) { return a - b; }", exports="all")
    assert module.exports == ["add", "sub"]
    assert "add" in dir(module)
    assert module["sub"](3, 1) == 2
    assert module.doc("add") == "Adds."
    assert module.signature("add") == "add(a: int (32 bits), b: int (32 bits)) -> int (32 bits)"
    assert "add" in module.inspect("asm")
    with pytest.raises(AttributeError, match="no function 'mul'"):
        module.mul  # noqa: B018
    with pytest.raises(KeyError, match="it has add, sub"):
        module["mul"]


def test_languages_and_several_sources() -> None:
    cxx = "#include <vector>\nint total(int n) { return (int)std::vector<int>(n, 2).size() * 2; }"
    assert kiln.compile(cxx, "c++", exports="total").total(4) == 8
    ir = "define i32 @seven() {\n  ret i32 7\n}\n"
    assert kiln.compile(ir, name="k.ll", exports=["seven"]).seven() == 7
    both = kiln.compile(
        {"a.c": "int f(void); int g(void) { return f() + 1; }", "b.c": "int f(void) { return 1; }"},
        exports="g",
    )
    assert both.g() == 2


def test_a_path_is_read_with_the_headers_beside_it(tmp_path: Path) -> None:
    (tmp_path / "value.h").write_text("#define VALUE 42\n")
    (tmp_path / "k.c").write_text('#include "value.h"\nint value(void) { return VALUE; }\n')
    assert kiln.compile(tmp_path / "k.c", exports="value").value() == 42


def test_a_path_is_read_with_one_more_folder_of_headers(tmp_path: Path) -> None:
    (tmp_path / "headers").mkdir()
    (tmp_path / "headers/value.h").write_text("#define VALUE 42\n")
    (tmp_path / "k.c").write_text('#include "value.h"\nint value(void) { return VALUE; }\n')
    folder = str(tmp_path / "headers")
    assert kiln.compile(tmp_path / "k.c", exports="value", include_dirs=folder).value() == 42


@pytest.mark.parametrize("suffix", [".kiln", ".so"])
def test_a_saved_module_is_the_same(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"k{suffix}"
    kiln.compile(ADD, exports="add").save(path)
    assert kiln.load_module(path).add(2, 3) == 5


def test_a_compile_error_has_its_place() -> None:
    with pytest.raises(kiln.CompileError) as raised:
        kiln.compile("int f(void) {\n  return missing;\n}\n", name="k.c")
    assert "k.c:2:10: error:" in str(raised.value)
    (diagnostic,) = raised.value.diagnostics
    assert (diagnostic["line"], diagnostic["column"]) == (2, 10)
    assert isinstance(raised.value, kiln.Error)


def test_a_missing_symbol_and_an_unknown_option_are_named() -> None:
    with pytest.raises(kiln.LinkError, match="nowhere"):
        kiln.compile("int nowhere(void); int f(void) { return nowhere(); }", exports="f")
    with pytest.raises(KeyError, match="opt_levle"):
        kiln.compile(ADD, opt_levle=3)


def test_jit_is_one_function() -> None:
    assert kiln.jit("double twice(double x) { return 2 * x; }")(4.0) == 8.0
    with pytest.raises(ValueError, match="this has 2: f, g"):
        kiln.jit("int f(void) { return 1; } int g(void) { return 2; }")


def test_functions_outlive_their_module() -> None:
    function = kiln.compile(ADD, exports="add").add
    assert function(1, 2) == 3


def test_eight_threads_compile() -> None:
    results = {}

    def work(seed: int) -> None:
        module = kiln.compile(f"int value(void) {{ return {seed}; }}", exports="value")
        results[seed] = module.value()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {seed: seed for seed in range(8)}


def test_cuda_compiles_without_a_gpu() -> None:
    module = kiln.compile(
        "__global__ void fill(float* x, float by, int n) { if (threadIdx.x < n) x[threadIdx.x] = by; }",
        "cuda",
        exports="fill",
        cuda_archs=["sm_90"],
        launch="1d",
    )
    assert ".entry _Z4fillPffi" in module.inspect("ptx")
    with pytest.raises(ValueError, match="expected a tensor in CUDA memory, got one on cpu:0"):
        module.fill(np.zeros(4, np.float32), 1.0, 4)


def test_a_kernel_is_launched_by_its_subscript() -> None:
    kernel = kiln.compile("__global__ void k(int n) {}", "cuda", exports="k")["k"]
    assert kernel[2, 64](5) is None
    assert kernel[(2, 3), 64, 1024](5) is None
    assert kernel(5, kiln.launch(1, 32)) is None
    with pytest.raises(ValueError, match="2048"):
        kernel[1, 2048](5)
    with pytest.raises(ValueError, match="grid"):
        kernel[0, 32](5)
    with pytest.raises(TypeError, match=r"kernel\[grid, block\]"):
        kernel[1](5)
    with pytest.raises(ValueError, match="no grid is given"):
        kernel(5)


def test_the_package_is_the_command_too() -> None:
    ended = subprocess.run([sys.executable, "-m", "kiln", "doctor"], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "clang" in ended.stdout.lower()


def test_the_end_of_the_interpreter_is_silent() -> None:
    program = """
import kiln
module = kiln.compile("int f(int a) { return a; }", exports="f")
kept = [module, module.f, kiln.function(lambda: 1), kiln.Array([1, "x"])]
kiln.register("python.test.kept", lambda a: a)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
