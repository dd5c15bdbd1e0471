"""opt="auto": code that is there at once, and becomes better while it is used; kiln.stats."""

from __future__ import annotations

import logging
import threading

import numpy as np
import pytest

import kiln

DOT = """
float dot(const float* x, const float* y, long n) {
  float sum = 0;
  for (long i = 0; i < n; ++i) sum += x[i] * y[i];
  return sum;
}
"""


def compile_dot() -> kiln.Module:
    return kiln.compile(DOT, exports="dot", opt="auto", opt_level=3)


def test_code_is_called_before_and_after_it_was_optimized() -> None:
    x, y = np.arange(8, dtype=np.float32), np.ones(8, np.float32)
    module = compile_dot()
    dot = module.dot
    assert dot(x, y, 8) == 28
    assert module.wait_optimized()
    assert dot(x, y, 8) == module.dot(x, y, 8) == 28


def test_a_wait_has_a_time_limit() -> None:
    module = compile_dot()
    assert module.wait_optimized(0) in (True, False)
    assert module.wait_optimized(60.0)
    assert module.wait_optimized(0)


def test_code_that_was_compiled_once_is_as_good_as_it_gets() -> None:
    called: list[int] = []
    module = kiln.compile(DOT, exports="dot")
    assert module.wait_optimized(0)
    module.on_optimized(lambda: called.append(1))
    assert called == [1]


def test_a_hook_is_called_once() -> None:
    module = compile_dot()
    called: list[int] = []
    ended = threading.Event()
    module.on_optimized(lambda: called.append(1))
    module.on_optimized(ended.set)
    assert ended.wait(60)
    assert module.wait_optimized(0)
    module.on_optimized(lambda: called.append(2))
    assert called == [1, 2]


def test_what_a_hook_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    module = compile_dot()
    module.wait_optimized()
    with caplog.at_level(logging.ERROR, "kiln"):
        module.on_optimized(lambda: [][0])
    assert [record.exc_info[0] for record in caplog.records] == [IndexError]


def test_a_kernel_of_a_decorator_becomes_better_too() -> None:
    @kiln.jit(opt="auto")
    def twice(x: int) -> int:
        """int twice(int x) { return 2 * x; }"""
        raise NotImplementedError

    results = [twice(x) for x in range(1000)]
    assert results == list(range(0, 2000, 2))
    assert kiln.jit("int f(int x) { return x + 1; }", opt="auto")(1) == 2


def test_futures_give_code_that_becomes_better() -> None:
    modules = kiln.compile_many([DOT] * 5, exports="dot", opt="auto", opt_level=3)
    assert [module.wait_optimized(60) for module in modules] == [True] * 5


def test_another_opt_is_refused() -> None:
    with pytest.raises(ValueError, match="opt must be .*'level'.*'auto'|opt"):
        kiln.compile(DOT, opt="often")  # type: ignore[arg-type]


def test_the_stats_count_what_the_engine_did() -> None:
    before = kiln.stats()
    module = kiln.compile("int counted(void) { return 1; }", exports="counted")
    with pytest.raises(kiln.CompileError):
        kiln.compile("int f(void) { return missing_count; }")
    after = kiln.stats()
    assert module.counted() == 1
    assert after["compiles"] > before["compiles"]
    assert after["failures"] > before["failures"]
    assert after["code_bytes"] > 0
    assert after["parse_ms"] > before.get("parse_ms", 0)
    assert all(type(value) in (int, float) for value in after.values())
    assert all(isinstance(key, str) for key in after)
