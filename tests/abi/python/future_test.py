"""kiln.compile_async: futures, in threads, in asyncio, in the child of a fork, at the end of Python."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import logging
import os
import subprocess
import sys
import threading
import time
import warnings
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

import kiln

# In a worker it ends when it is cancelled: otherwise LLVM takes minutes.
ENDLESS = """
define i65536 @f(i65536 %a, i65536 %b) {
  %c = sdiv i65536 %a, %b
  ret i65536 %c
}
"""


def value_of(number: int) -> str:
    return f"int value(void) {{ return {number}; }}"


def begin(number: int, **options: object) -> kiln.CompileFuture:
    return kiln.compile_async(value_of(number), exports="value", **options)


def begin_endless(name: str = "endless.ll") -> kiln.CompileFuture:
    return kiln.compile_async(ENDLESS, name=name, isolate="process")


@pytest.fixture
def endless() -> Iterator[kiln.CompileFuture]:
    future = begin_endless()
    yield future
    future.cancel()


def test_a_future_has_the_module() -> None:
    future = begin(3)
    module = future.result()
    assert module.value() == 3
    assert future.result() is module
    assert (future.done(), future.cancelled(), future.exception()) == (True, False, None)
    assert repr(future) == "<kiln.CompileFuture of <c>: done>"


def test_a_path_and_several_sources_have_futures(tmp_path: Path) -> None:
    path = tmp_path / "k.c"
    path.write_text(value_of(5))
    future = kiln.compile_async(path, exports="value")
    assert future.result().value() == 5
    assert "k.c" in repr(future)
    sources = {
        "a.c": "int other(void) { return 6; }",
        "b.cc": 'extern "C" int other(); int f() { return other(); }',
    }
    assert kiln.compile_async(sources, exports="f").result().f() == 6


def test_what_is_wrong_with_the_options_is_raised_at_once() -> None:
    with pytest.raises(KeyError, match="opt_level"):
        kiln.compile_async("int x;", opt_levle=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="a source must be|source"):
        kiln.compile_async({"a.c": 5})  # type: ignore[dict-item]


def test_a_failure_is_raised_as_often_as_it_is_asked_for() -> None:
    future = kiln.compile_async("int f(void) { return missing; }", name="k.c")
    for _ in range(2):
        with pytest.raises(kiln.CompileError, match="k.c:1:22: error: .*'missing'"):
            future.result()
        error = future.exception()
        assert isinstance(error, kiln.CompileError)
        assert error.diagnostics[0]["line"] == 1
    assert (future.done(), future.cancelled()) == (True, False)


def test_a_wait_that_is_too_short_is_a_timeout_and_the_compile_goes_on(
    endless: kiln.CompileFuture,
) -> None:
    assert not endless.wait(0)
    assert not endless.wait(0.03)
    for ask in (endless.result, endless.exception):
        with pytest.raises(
            TimeoutError, match="endless.ll has not ended within 0.01 seconds"
        ) as raised:
            ask(0.01)
        # It is the wait that failed, not the compile.
        assert not isinstance(raised.value, kiln.Error)
    assert (endless.done(), endless.cancelled()) == (False, False)
    assert "pending" in repr(endless)


def test_a_cancelled_compile_has_ended(endless: kiln.CompileFuture) -> None:
    assert endless.cancel()
    assert (endless.done(), endless.cancelled(), endless.wait(0)) == (True, True, True)
    for ask in (endless.result, endless.exception):
        with pytest.raises(kiln.CancelledError, match="endless.ll"):
            ask()
    assert not endless.cancel()
    assert "cancelled" in repr(endless)


def test_a_cancelled_error_is_the_one_of_concurrent_futures(endless: kiln.CompileFuture) -> None:
    endless.cancel()
    with pytest.raises(concurrent.futures.CancelledError) as raised:
        endless.result()
    assert (raised.value.kind, isinstance(raised.value, kiln.Error)) == ("CancelledError", True)


def test_what_has_ended_is_not_cancelled() -> None:
    future = begin(1)
    assert future.wait()
    assert not future.cancel()
    assert future.result().value() == 1


def test_an_endless_compile_ends_with_its_timeout() -> None:
    future = kiln.compile_async(ENDLESS, "llvm-ir", isolate="process", timeout_ms=200)
    with pytest.raises(TimeoutError, match="timeout_ms = 200") as raised:
        future.result(60)
    assert isinstance(raised.value, kiln.Error)
    assert not future.cancelled()


def test_a_thread_that_waits_sees_the_cancellation(endless: kiln.CompileFuture) -> None:
    seen: list[object] = []

    def wait() -> None:
        try:
            endless.result()
        except kiln.CancelledError as error:
            seen.append(error.kind)

    threads = [threading.Thread(target=wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    endless.cancel()
    for thread in threads:
        thread.join()
    assert seen == ["CancelledError"] * 4


def test_callbacks_are_called_once_with_the_future() -> None:
    future = begin(9)
    called: list[object] = []
    ended = threading.Event()
    future.add_done_callback(called.append)
    future.add_done_callback(lambda _: ended.set())
    assert ended.wait(60)
    future.add_done_callback(called.append)
    assert called == [future, future]


def test_a_callback_may_compile_and_use_the_module() -> None:
    results: list[int] = []
    ended = threading.Event()

    def use(future: kiln.CompileFuture) -> None:
        other = kiln.compile(value_of(20), exports="value")
        results.append(future.result().value() + other.value())
        ended.set()

    begin(1).add_done_callback(use)
    assert ended.wait(60)
    assert results == [21]


def test_what_a_callback_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    ended = threading.Event()

    def fail(future: kiln.CompileFuture) -> None:
        raise LookupError("mine")

    future = begin(2)
    with caplog.at_level(logging.ERROR, "kiln"):
        future.add_done_callback(fail)
        future.add_done_callback(lambda _: ended.set())
        assert ended.wait(60)
        future.add_done_callback(fail)
    assert [record.exc_info[1].args for record in caplog.records] == [("mine",)] * 2
    assert future.result().value() == 2


def test_a_cancellation_calls_back(endless: kiln.CompileFuture) -> None:
    seen: list[bool] = []
    endless.add_done_callback(lambda future: seen.append(future.cancelled()))
    endless.cancel()
    assert seen == [True]


def test_a_future_that_is_dropped_is_gone_when_it_has_ended() -> None:
    ended = threading.Event()
    future = begin(4)
    future.add_done_callback(lambda _: ended.set())
    gone = weakref.ref(future)
    del future
    assert ended.wait(60)
    for _ in range(500):
        gc.collect()
        if gone() is None:
            break
        time.sleep(0.01)
    assert gone() is None


def test_the_lock_of_the_interpreter_may_be_given_back_by_its_functions() -> None:
    assert begin(1, release_gil=True).result().value.release_gil
    assert not begin(1).result().value.release_gil


def test_other_threads_run_while_one_waits(endless: kiln.CompileFuture) -> None:
    waiting = threading.Thread(target=lambda: endless.wait())
    waiting.start()
    assert begin(8).result().value() == 8
    assert waiting.is_alive()
    endless.cancel()
    waiting.join()


def test_futures_are_awaited_together() -> None:
    async def work() -> list[int]:
        modules = await asyncio.gather(*(begin(number) for number in range(20)))
        return [module.value() for module in modules]

    assert asyncio.run(work()) == list(range(20))


def test_the_loop_goes_on_while_a_future_is_awaited() -> None:
    async def work() -> None:
        future = begin_endless()
        waiting = asyncio.ensure_future(_awaited(future))
        for _ in range(5):
            await asyncio.sleep(0.01)
        assert not waiting.done()
        assert (await begin(2)).value() == 2
        future.cancel()
        # Someone else cancelled the compile, nobody the task.
        with pytest.raises(kiln.CancelledError):
            await waiting

    asyncio.run(work())


async def _awaited(future: kiln.CompileFuture) -> kiln.Module:
    return await future


def test_cancelling_a_task_cancels_its_compile(endless: kiln.CompileFuture) -> None:
    async def work() -> None:
        task = asyncio.ensure_future(_awaited(endless))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert endless.cancelled()

    asyncio.run(work())


def test_a_time_limit_of_asyncio_cancels_the_compile(endless: kiln.CompileFuture) -> None:
    async def work() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(_awaited(endless), 0.05)
        assert endless.cancelled()

    asyncio.run(work())


def test_errors_are_raised_where_a_future_is_awaited() -> None:
    async def work() -> list[object]:
        bad = kiln.compile_async("int f(void) { return missing; }")
        return await asyncio.gather(begin(1), bad, begin(2), return_exceptions=True)

    first, error, second = asyncio.run(work())
    assert isinstance(error, kiln.CompileError)
    assert (first.value(), second.value()) == (1, 2)


def test_a_future_is_awaited_in_two_tasks_and_when_it_has_ended() -> None:
    async def work() -> None:
        future = begin(6)
        first, second = await asyncio.gather(future, future)
        assert first is second
        assert await future is first

    asyncio.run(work())


def test_a_loop_that_is_closed_hears_nothing(
    endless: kiln.CompileFuture, caplog: pytest.LogCaptureFixture
) -> None:
    loop = asyncio.new_event_loop()
    task = loop.create_task(_awaited(endless))
    loop.run_until_complete(asyncio.sleep(0.01))
    # The task is left as it is, which asyncio would tell.
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    loop.close()
    endless.cancel()
    assert [record for record in caplog.records if record.name == "kiln"] == []


def exit_code_of_a_fork(child: object) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        code = 1
        try:
            child()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_compile_that_goes_on_is_cancelled_in_the_child_of_a_fork(
    endless: kiln.CompileFuture,
) -> None:
    called: list[object] = []
    endless.add_done_callback(called.append)

    def child() -> None:
        assert (endless.done(), endless.cancelled(), endless.wait(0)) == (True, True, True)
        with pytest.raises(kiln.CancelledError, match="left to the process that began it"):
            endless.result()
        assert not endless.cancel()
        assert begin(7).result().value() == 7
        assert called == []

    assert exit_code_of_a_fork(child) == 0
    assert (endless.done(), called) == (False, [])
    endless.cancel()
    assert called == [endless]


def test_a_module_that_was_made_before_a_fork_is_there_in_the_child() -> None:
    future = begin(11)
    assert future.wait()

    def child() -> None:
        assert future.result().value() == 11
        assert not future.cancelled()

    assert exit_code_of_a_fork(child) == 0


ENDS = {
    "compiles wait in the queue": "kept = [begin(i) for i in range(200)]",
    "compiles whose futures are gone": "for i in range(200): begin(i)",
    "callbacks wait for their compiles": """
for i in range(200):
    begin(i).add_done_callback(lambda future: future.result().value())
""",
    "callbacks run": """
ended = threading.Event()
def spin(future):
    ended.set()
    while True:
        future.result().value()
for i in range(4):
    begin(i).add_done_callback(spin)
ended.wait()
""",
    "callbacks sleep": """
ended = threading.Event()
def sleep(future):
    ended.set()
    time.sleep(600)
for i in range(4):
    begin(i).add_done_callback(sleep)
ended.wait()
""",
    "a worker compiles what has no end": """
future = kiln.compile_async(ENDLESS, "llvm-ir", isolate="process")
future.add_done_callback(lambda future: print("called"))
future.wait(0.3)
""",
    "threads wait": """
futures = [begin(i) for i in range(100)]
for future in futures:
    threading.Thread(target=future.result, daemon=True).start()
""",
    "modules that wait for their second code": """
for i in range(20):
    module = kiln.compile(SOURCE % i, exports="value", opt="auto", opt_level=3)
    module.on_optimized(lambda: module.value())
    assert module.value() == i
""",
    "a compile at the very end": """
class Last:
    def __init__(self):
        self.compile = kiln.compile
    def __del__(self):
        assert self.compile(SOURCE % 5, exports="value").value() == 5
last = Last()
last.me = last
for i in range(50):
    begin(i).add_done_callback(lambda future: None)
""",
}


@pytest.mark.parametrize("name", ENDS)
def test_the_end_of_the_interpreter_is_silent_while(name: str) -> None:
    program = f"""
import threading, time
import kiln
SOURCE, ENDLESS = "int value(void) {{ return %d; }}", {ENDLESS!r}
def begin(i):
    return kiln.compile_async(SOURCE % i, exports="value")
{ENDS[name]}
"""
    # What threads do at the end is a matter of chance.
    for _ in range(5):
        ended = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", program],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
