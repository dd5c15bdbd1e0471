"""kiln.jit: one kernel with its source in a string, or in the docstring of a Python function."""

from __future__ import annotations

import inspect
import pydoc
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kiln
from kiln import _jit


@kiln.jit
def saxpy(a: float, x: np.ndarray, y: np.ndarray, n: int = 4) -> None:
    """void saxpy(float a, const float* x, float* y, long n) {
      for (long i = 0; i < n; ++i) y[i] += a * x[i];
    }"""


def arrays() -> tuple[np.ndarray, np.ndarray]:
    return np.arange(4, dtype=np.float32), np.ones(4, np.float32)


def test_a_docstring_is_compiled_and_called() -> None:
    x, y = arrays()
    assert saxpy(2.0, x, y, 4) is None
    np.testing.assert_array_equal(y, [1, 3, 5, 7])


def test_arguments_may_be_named_and_have_defaults() -> None:
    x, y = arrays()
    saxpy(2.0, x, y=y)
    np.testing.assert_array_equal(y, [1, 3, 5, 7])
    saxpy(y=y, n=1, a=1.0, x=y)
    np.testing.assert_array_equal(y, [2, 3, 5, 7])


def test_the_number_of_arguments_is_that_of_the_python_function() -> None:
    x, y = arrays()
    with pytest.raises(TypeError, match=r"saxpy\(a: .*missing .*'y'; got 2 by position and 0 by"):
        saxpy(2.0, x)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="too many .* got 5 by position"):
        saxpy(2.0, x, y, 4, 5)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected .*'m'"):
        saxpy(2.0, x, y, m=4)  # type: ignore[call-arg]
    np.testing.assert_array_equal(y, 1)


def test_it_tells_what_the_python_function_tells() -> None:
    assert (saxpy.__name__, saxpy.__module__) == ("saxpy", __name__)
    assert list(inspect.signature(saxpy).parameters) == ["a", "x", "y", "n"]
    assert "saxpy(a: 'float'," in pydoc.render_doc(saxpy, renderer=pydoc.plaintext)
    assert repr(saxpy) == "<kiln.Kernel saxpy>"


def test_nothing_is_compiled_before_the_first_call() -> None:
    @kiln.jit
    def broken(n: int) -> int:
        """int broken(int n) { return m; }"""
        raise NotImplementedError

    for _ in range(2):
        with pytest.raises(kiln.CompileError, match="broken:1:28: error: .*'m'"):
            broken(1)


def test_options_are_those_of_compile() -> None:
    @kiln.jit(language="c++", exports="twice<int>", opt_level=1, defines=["FACTOR=2"])
    def twice(x: int) -> int:
        """template <class T> T twice(T x) { return FACTOR * x; }"""
        raise NotImplementedError

    @kiln.jit(name="seven.ll")
    def seven() -> int:
        """
        define i32 @seven() {
          ret i32 7
        }
        """
        raise NotImplementedError

    assert (twice(21), seven()) == (42, 7)
    assert (twice.function.__name__, twice.__name__) == ("twice<int>", "twice")


def test_other_functions_of_the_source_serve_the_kernel() -> None:
    @kiln.jit
    def nine() -> int:
        """int three(void) { return 3; }
        int nine(void) { return three() * three(); }"""
        raise NotImplementedError

    assert nine() == 9


def test_both_sides_must_have_as_many_parameters() -> None:
    @kiln.jit
    def add(a: int) -> int:
        """int add(int a, int b) { return a + b; }"""
        raise NotImplementedError

    with pytest.raises(TypeError, match=r"1 parameters in Python, 2 in its source: a, b"):
        add(1)


def test_a_source_without_the_function_is_refused_by_its_name() -> None:
    @kiln.jit
    def wanted() -> None:
        """void other(void) {}"""

    with pytest.raises(KeyError, match="defines no function 'wanted'"):
        wanted()


def with_a_body(x: int) -> int:
    """int with_a_body(int x) { return x; }"""
    return x


def with_a_constant() -> int:
    """int with_a_constant(void) { return 5; }"""
    return 5


def without_docstring() -> None: ...


def with_any_number(*args: int) -> None:
    """void with_any_number(void) {}"""


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        (with_a_body, ValueError, "with_a_body has Python code that would never run"),
        (with_a_constant, ValueError, "with_a_constant has Python code"),
        (without_docstring, ValueError, "without_docstring has none"),
        (with_any_number, TypeError, r"'\*args: .*' of with_any_number has no position"),
        (len, TypeError, "got a builtin_function_or_method"),
    ],
)
def test_functions_that_can_be_no_kernels_are_refused(
    given: Any, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        kiln.jit(given)


def test_threads_compile_a_kernel_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []

    def counting(*args: Any, **options: Any) -> kiln.Module:
        compiled.append(args)
        return kiln.compile(*args, **options)

    monkeypatch.setattr(_jit, "compile", counting)

    @kiln.jit
    def one() -> int:
        """int one(void) { return 1; }"""
        raise NotImplementedError

    start = threading.Barrier(8)
    results = []

    def work() -> None:
        start.wait()
        results.append(one())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (results, len(compiled)) == ([1] * 8, 1)


def test_a_kernel_of_cuda_is_launched_by_its_subscript() -> None:
    @kiln.jit(language="cuda")
    def fill(n: int, by: int = 1) -> None:
        """__global__ void fill(int n, int by) {}"""

    assert fill[2, 64](5) is None
    assert fill[2, 64](n=5, by=2) is None
    with pytest.raises(TypeError, match="missing .*'n'"):
        fill[2, 64]()  # type: ignore[call-arg]


def test_a_kernel_stays_itself_as_an_attribute_of_a_class() -> None:
    class Library:
        @kiln.jit
        def half(x: float) -> float:  # noqa: N805
            """double half(double x) { return x / 2; }"""
            raise NotImplementedError

    assert Library().half(3.0) == 1.5


def test_a_kernel_goes_into_kernels_as_a_callable() -> None:
    call = kiln.function(lambda f, x: f(x))

    @kiln.jit
    def third(x: float) -> float:
        """double third(double x) { return x / 3; }"""
        raise NotImplementedError

    assert call(third, 6.0) == 2.0


def test_a_path_is_a_source(tmp_path: Path) -> None:
    path = tmp_path / "k.c"
    path.write_text("int eight(void) { return 8; }\n")
    assert kiln.jit(path)() == 8
