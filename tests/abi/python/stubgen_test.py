"""Type stubs of modules: their text, and what mypy makes of it."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import kiln

SOURCE = r"""
#include <stdint.h>
#include <tvm/ffi/c_api.h>
// Adds.
int add(int a, int b) { return a + b; }
double scale(double by, const float* x, DLTensor* t) { return by; }
int length(const char* s) { return s[0]; }
_Bool flip(_Bool b) { return !b; }
void nothing(void) {}
void* address(void* p) { return p; }
int __tvm_ffi_packed(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) { return 0; }
"""
ROOT = Path(__file__).parents[3]


def functions(stub: str) -> dict[str, ast.FunctionDef]:
    """The methods of the one class of a stub."""
    (cls,) = [node for node in ast.parse(stub).body if isinstance(node, ast.ClassDef)]
    return {node.name: node for node in cls.body if isinstance(node, ast.FunctionDef)}


def stub_of(source: str) -> str:
    return kiln.stubgen(kiln.compile(source, name="k.c", exports="all"))


def line_of(source: str) -> str:
    """The one method that a source makes."""
    (line,) = [line.strip() for line in stub_of(source).splitlines() if "def " in line]
    return line


@pytest.fixture(scope="module")
def stub() -> str:
    return stub_of(SOURCE)


def test_a_stub_is_a_class_with_a_static_method_for_each_function(stub: str) -> None:
    assert stub.startswith("from typing import Any\n\nimport kiln\n\nclass Kernels(kiln.Module):\n")
    found = functions(stub)
    assert set(found) == {
        "add", "scale", "length", "flip", "nothing", "address", "packed",
    }  # fmt: skip
    for method in found.values():
        assert [ast.unparse(decorator) for decorator in method.decorator_list] == ["staticmethod"]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("int f(int a, int b) { return a; }", "def f(a: int, b: int, /) -> int: ..."),
        ("float f(float a) { return a; }", "def f(a: float, /) -> float: ..."),
        ("double f(double a) { return a; }", "def f(a: float, /) -> float: ..."),
        ("_Bool f(_Bool a) { return a; }", "def f(a: bool, /) -> bool: ..."),
        ("unsigned char f(signed char a) { return a; }", "def f(a: int, /) -> int: ..."),
        ("int f(const char* s) { return 0; }", "def f(s: str, /) -> int: ..."),
        ("void f(const float* x) {}", "def f(x: kiln.ArrayLike, /) -> None: ..."),
        ("void f(__bf16* x) {}", "def f(x: kiln.ArrayLike, /) -> None: ..."),
        ("void f(_Float16* x) {}", "def f(x: kiln.ArrayLike, /) -> None: ..."),
        ("void* f(void* x) { return x; }", "def f(x: Any, /) -> Any: ..."),
        ("void f(void) {}", "def f() -> None: ..."),
        (
            "#include <tvm/ffi/c_api.h>\nvoid f(DLTensor* t) {}",
            "def f(t: kiln.ArrayLike, /) -> None: ...",
        ),
        (
            "#include <stdint.h>\nint64_t f(uint16_t a, int64_t b) { return b; }",
            "def f(a: int, b: int, /) -> int: ...",
        ),
    ],
)
def test_each_signature_has_the_types_of_python(source: str, line: str) -> None:
    assert line_of(source) == line


def test_a_function_without_a_known_signature_takes_and_gives_any(stub: str) -> None:
    assert "    def packed(*args: Any) -> Any: ...\n" in stub


def test_a_parameter_whose_name_is_none_of_pythons_gets_a_number() -> None:
    line = line_of("int f(int in, int lambda, int, int None, int self) { return in; }")
    assert line == "def f(_0: int, _1: int, _2: int, _3: int, self: int, /) -> int: ..."


def test_a_function_whose_name_is_none_of_pythons_stands_in_a_comment() -> None:
    stub = stub_of("int lambda(int a) { return a; } int None(int a) { return a; }")
    assert functions(stub + "    ...\n") == {}
    assert '    # module["lambda"]: lambda(a: int (32 bits)) -> int (32 bits)\n' in stub
    assert '    # module["None"]: ' in stub
    templated = kiln.compile(
        "template <class T> T twice(T x) { return 2 * x; } template float twice<float>(float);",
        "c++",
        exports=["twice<float>"],
    )
    assert '    # module["twice<float>"]: ' in kiln.stubgen(templated)


def test_a_kernel_has_its_parameters() -> None:
    module = kiln.compile(
        "// Fills.\n__global__ void fill(float* x, float by, int n) {}",
        "cuda",
        exports="fill",
        cuda_archs=["sm_90"],
        launch="1d",
    )
    (method,) = functions(kiln.stubgen(module)).values()
    assert ast.unparse(method.args) == "x: kiln.ArrayLike, by: float, n: int, /"
    assert ast.get_docstring(method) == "Fills."


@pytest.mark.parametrize(
    "doc",
    [
        "One line.",
        'Says "hi" to you.',
        'Three """ quotes.',
        '"""',
        "A backslash \\ and \\n and \\x41.",
        "It's 'quoted'.",
        "caf\u00e9 \u2603",
        "{braces} and %s",
        "First.\n\nThen \\ more.\n  Indented.",
        '"Quoted" first.',
        "# hash",
    ],
)
def test_a_comment_is_the_docstring_whatever_is_in_it(doc: str) -> None:
    comment = "\n".join(f"// {line}".rstrip() for line in doc.split("\n"))
    module = kiln.compile(f"{comment}\nint f(int a) {{ return a; }}", name="k.c", exports="all")
    known = module.doc("f")
    assert re.sub(r"\s+", " ", known) == re.sub(r"\s+", " ", doc)
    (method,) = functions(kiln.stubgen(module)).values()
    assert ast.get_docstring(method) == known


def test_a_module_without_functions_is_an_empty_class() -> None:
    assert functions(stub_of("static int f(int a) { return a; }")) == {}


def test_the_class_is_named_as_asked() -> None:
    module = kiln.compile(SOURCE, name="k.c", exports="all")
    assert "class Mine(kiln.Module):\n" in kiln.stubgen(module, "Mine")
    for name in ("", "no name", "3d", "class", "a.b"):
        with pytest.raises(ValueError, match=f"'{name}' is no name of a class"):
            kiln.stubgen(module, name)
    for value in (None, "module", kiln.Array([])):
        with pytest.raises(TypeError, match=f"takes a kiln.Module, got a {type(value).__name__}"):
            kiln.stubgen(value)


def test_a_loaded_module_has_the_same_stub(tmp_path: Path, stub: str) -> None:
    path = tmp_path / "k.kiln"
    kiln.compile(SOURCE, name="k.c", exports="all").save(path)
    assert kiln.stubgen(kiln.load_module(path)) == stub


USE = """
from typing import cast
import numpy as np
import kiln
from kernels import Kernels

kernels = cast(Kernels, kiln.compile("", exports="all"))
total: int = kernels.add(1, 2)
scaled: float = kernels.scale(2.0, np.ones(3, np.float32), kiln.Tensor.empty(3))
flipped: bool = kernels.flip(True)
length: int = kernels.length("text")
anything = kernels.packed(1, "x", [None])
kernels.nothing()
kernels.save("k.so")
kernels.add("x", 2)  # wrong: incompatible type "str"; expected "int"
kernels.add(1)  # wrong: Too few arguments for "add"
kernels.add(1, 2, 3)  # wrong: Too many arguments for "add"
kernels.add(a=1, b=2)  # wrong: Unexpected keyword argument "a"
text: str = kernels.add(1, 2)  # wrong: expression has type "int", variable has type "str"
kernels.scale(2.0, 3, np.ones(3))  # wrong: incompatible type "int"; expected "ArrayLike"
kernels.length(3)  # wrong: incompatible type "int"; expected "str"
"""


def test_mypy_takes_the_stub_and_finds_wrong_calls(tmp_path: Path, stub: str) -> None:
    (tmp_path / "kernels.pyi").write_text(stub)
    (tmp_path / "use.py").write_text(USE)
    # Only one of the project's environments has mypy.
    has_mypy = importlib.util.find_spec("mypy") is not None
    python = sys.executable if has_mypy else str(ROOT / ".deps" / "venv" / "bin" / "python")
    package = str(Path(kiln.__file__).parents[1])
    ended = subprocess.run(
        [python, "-m", "mypy", "--strict", "--follow-imports=silent", "--no-color-output",
         "--hide-error-codes", f"--cache-dir={tmp_path / 'cache'}", "use.py", "kernels.pyi"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": package},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert ended.stderr == ""
    found: dict[int, str] = {}
    for line in ended.stdout.splitlines():
        if match := re.fullmatch(r"use\.py:(\d+): error: (.*)", line):
            found[int(match[1])] = found.get(int(match[1]), "") + match[2]
        else:
            assert "error: " not in line
    parts = [line.partition("  # wrong: ") for line in USE.split("\n")]
    expected = {number: text for number, (_, _, text) in enumerate(parts, 1) if text}
    assert found.keys() == expected.keys()
    for number, text in expected.items():
        assert text in found[number]
