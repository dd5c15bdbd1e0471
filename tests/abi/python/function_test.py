"""What functions tell of themselves, and what they do to the interpreter's lock."""

from __future__ import annotations

import inspect
import pydoc
import threading
from collections.abc import Callable

import numpy as np
import pytest

import kiln

SOURCE = r"""
#include <stdint.h>
#include <tvm/ffi/c_api.h>
// Adds a multiple of x to y.
//
// n: how many "elements" \ there are
void saxpy(float a, const float* x, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] += a * x[i];
}
int bare(int a) { return a; }
int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIFunctionCall(args[0].v_obj, (TVMFFIAny*)args + 1, n - 1, result);
}
// Tells that it runs, then waits until it is told to stop; 0 where nobody ever does.
int meet(volatile int32_t* flags) {
  flags[0] = 1;
  for (int64_t i = 0; i < 20000000000; ++i) {
    if (flags[1]) return 1;
  }
  return 0;
}
"""


@pytest.fixture(scope="module")
def module() -> kiln.Module:
    return kiln.compile(SOURCE, name="k.c", exports="all")


@pytest.fixture(scope="module")
def free() -> kiln.Module:
    return kiln.compile(SOURCE, name="k.c", exports="all", release_gil=True)


def run_beside(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Starts work on a thread; what it returned is in the list once the thread is joined."""
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    return thread, results


def test_a_function_has_the_name_and_the_comment_of_its_source(module: kiln.Module) -> None:
    assert (module.saxpy.__name__, module.saxpy.__qualname__) == ("saxpy", "saxpy")
    doc = module.saxpy.__doc__
    assert doc == 'Adds a multiple of x to y.\n\nn: how many "elements" \\ there are'
    assert inspect.getdoc(module.saxpy) == doc
    assert module.bare.__doc__ is None


def test_a_function_of_a_callable_has_its_name_and_docstring() -> None:
    @kiln.function
    def hypotenuse(a: float, b: float = 4.0) -> float:
        """The longest side.

        Of a right triangle.
        """
        return (a * a + b * b) ** 0.5

    assert hypotenuse.__name__ == "hypotenuse"
    assert hypotenuse.__doc__ == "The longest side.\n\nOf a right triangle."
    assert list(inspect.signature(hypotenuse).parameters) == ["a", "b"]
    assert hypotenuse(3.0) == 5.0
    assert kiln.function(lambda: 1).__doc__ is None
    assert kiln.function(lambda: 1).__name__ == "<lambda>"


def test_a_signature_has_the_parameters_by_position_with_their_types(module: kiln.Module) -> None:
    signature = inspect.signature(module.saxpy)
    assert list(signature.parameters) == ["a", "x", "y", "n"]
    assert {p.kind for p in signature.parameters.values()} == {inspect.Parameter.POSITIONAL_ONLY}
    shown = "(a: float, x: float32 tensor, y: float32 tensor, n: int, /) -> None"
    assert str(signature) == shown
    assert signature.bind(1.0, None, None, 3).arguments["n"] == 3
    with pytest.raises(TypeError):
        signature.bind(1.0)


def test_a_function_without_a_known_signature_says_so(module: kiln.Module) -> None:
    for function in (module["call"], kiln.get("ffi.Array")):
        with pytest.raises(ValueError, match="signature"):
            inspect.signature(function)


def test_help_shows_the_signature_and_the_comment(module: kiln.Module) -> None:
    text = pydoc.plain(pydoc.render_doc(module.saxpy))
    assert "saxpy(a: float, x: float32 tensor, y: float32 tensor, n: int, /) -> None" in text
    assert "    Adds a multiple of x to y." in text
    assert '    n: how many "elements" \\ there are' in text
    # Of a function, not of the class of functions.
    assert "release_gil" not in text


def test_the_class_has_a_text_of_its_own(module: kiln.Module) -> None:
    assert "A function of the ABI" in kiln.Function.__doc__
    assert kiln.Function.__doc__ != module.saxpy.__doc__
    text = pydoc.plain(pydoc.render_doc(kiln.Function))
    assert "A function of the ABI" in text
    assert "release_gil" in text


def test_what_is_printed_of_a_function_names_it(module: kiln.Module) -> None:
    assert repr(module.saxpy).startswith("<kiln.Function saxpy at 0x")
    assert "<lambda>" in repr(kiln.function(lambda: 1))
    assert repr(kiln.get("ffi.Array")).startswith("<kiln.Function")


def test_a_class_attribute_stays_unbound(module: kiln.Module) -> None:
    class Kernels:
        bare = module.bare
        twice = kiln.function(lambda x: 2 * x)

    assert Kernels.bare is module.bare
    assert Kernels().bare is module.bare
    assert (Kernels().bare(3), Kernels().twice(4)) == (3, 8)


def test_a_function_is_found_once(module: kiln.Module) -> None:
    assert module.bare is module.bare
    assert getattr(module, "".join(["ba", "re"])) is module.bare


def test_a_function_keeps_the_lock_unless_told(module: kiln.Module, free: kiln.Module) -> None:
    assert module["bare"].release_gil is False
    assert (free.bare.release_gil, free["bare"].release_gil) == (True, True)
    function = module["bare"]
    function.release_gil = True
    assert function.release_gil is True
    assert function(4) == 4
    function.release_gil = False
    assert function(5) == 5
    # Each object has its own; the function is the same.
    assert module.bare.release_gil is False
    with pytest.raises(TypeError, match="by position"):
        free.bare(a=1)


@pytest.mark.parametrize("by_attribute", [False, True])
def test_other_threads_run_python_while_a_function_without_the_lock_runs(
    module: kiln.Module, free: kiln.Module, by_attribute: bool
) -> None:
    meet = module["meet"] if by_attribute else free.meet
    meet.release_gil = True
    flags = np.zeros(2, np.int32)
    thread, results = run_beside(lambda: meet(flags))
    while not flags[0]:
        pass
    flags[1] = 1
    thread.join()
    assert results == [1]


def test_two_calls_without_the_lock_run_at_once() -> None:
    # Each waits for the other.
    source = """
#include <stdint.h>
int pass(volatile int32_t* mine, volatile int32_t* other) {
  *mine = 1;
  for (int64_t i = 0; i < 20000000000; ++i) if (*other) return 1;
  return 0;
}
"""
    function = kiln.compile(source, exports="pass", release_gil=True)["pass"]
    one, two = np.zeros(1, np.int32), np.zeros(1, np.int32)
    thread, results = run_beside(lambda: function(two, one))
    assert function(one, two) == 1
    thread.join()
    assert results == [1]


def test_callbacks_into_python_take_the_lock_again(free: kiln.Module) -> None:
    assert free["call"](lambda a, b: a + b, 3, 4) == 7
    assert free["call"](free["call"], free["call"], lambda a: a * 2, 21) == 42

    def fail() -> None:
        raise LookupError("from within")

    with pytest.raises(LookupError, match="from within"):
        free["call"](fail)


def test_eight_threads_call_back_without_the_lock(free: kiln.Module) -> None:
    failures = []

    def work(seed: int) -> None:
        call = free["call"]
        for i in range(300):
            if call(lambda a: [a, seed], i) != [i, seed]:
                failures.append((seed, i))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_function_whose_holders_are_gone_runs_to_its_end() -> None:
    modules = [kiln.compile(SOURCE, name="k.c", exports="meet", release_gil=True)]
    flags = np.zeros(2, np.int32)
    functions = [modules.pop()["meet"]]
    thread, results = run_beside(lambda: functions[0](flags))
    while not flags[0]:
        pass
    functions.clear()
    flags[1] = 1
    thread.join()
    assert results == [1]


def test_a_registered_function_is_replaced_while_it_runs() -> None:
    name = "python.test.function.replaced"
    entered, leave = threading.Event(), threading.Event()

    def first() -> str:
        entered.set()
        assert leave.wait(60)
        return "first"

    kiln.register(name, first, override=True)
    call = kiln.compile(SOURCE, name="k.c", exports="all", release_gil=True)["call"]
    thread, results = run_beside(lambda: call(kiln.get(name)))
    assert entered.wait(60)
    del first
    kiln.register(name, lambda: "second", override=True)
    assert kiln.get(name)() == "second"
    leave.set()
    thread.join()
    assert results == ["first"]
