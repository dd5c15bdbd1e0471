"""Ctrl-C and other signals while kernels are compiled and while they run.

A compile that must not end reads a header that is a pipe: it waits until somebody writes into it, even
where it was cancelled.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import kiln

SOURCE = """
#include <signal.h>
#include <stdint.h>
#include <unistd.h>
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/c_env_api.h>
// Sends a signal to this process, then checks for signals; how many checks were made.
int __tvm_ffi_run(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  result->type_index = kTVMFFIInt;
  for (int64_t i = 0; i < 100000000; ++i) {
    if (i == 1000) kill(getpid(), (int)args[0].v_int64);
    if (TVMFFIEnvCheckSignals() != 0) return -1;
    if (i == args[1].v_int64) break;
    result->v_int64 = i;
  }
  return 0;
}
int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIFunctionCall(args[0].v_obj, (TVMFFIAny*)args + 1, n - 1, result);
}
int __tvm_ffi_fail(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  TVMFFIErrorSetRaisedFromCStr("KeyboardInterrupt", "from a kernel");
  return -1;
}
"""
PRELUDE = """
import atexit, os, signal, sys, threading, time
import kiln

# Says so once the interpreter ends.
atexit.register(lambda: print("leaving", flush=True))

def compile_slowly(header):
    folder, name = os.path.split(header)
    source = f'#include "{name}"\\nint value(void) {{ return VALUE; }}'
    return kiln.compile(source, include_dirs=[folder], exports="value")

def compiles():
    return kiln.compile("int seven(void) { return 7; }", exports="seven").seven() == 7
"""


class Pipes:
    """Headers that compiles wait for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: list[int] = []
        self.paths: list[str] = []

    def make(self) -> str:
        self.paths.append(str(self._folder / f"header{len(self.paths)}.h"))
        os.mkfifo(self.paths[-1])
        return self.paths[-1]

    def await_reader(self, path: str) -> int:
        """Returns once the compile is under way. What has been opened is closed at last."""
        self._open.append(os.open(path, os.O_WRONLY))
        return self._open[-1]

    def write(self, pipe: int, text: bytes = b"#define VALUE 4\n") -> None:
        """Lets the compile end."""
        os.write(pipe, text)
        self._open.remove(pipe)
        os.close(pipe)

    def close(self) -> None:
        for pipe in self._open:
            os.close(pipe)


@pytest.fixture
def pipes(tmp_path: Path) -> Iterator[Pipes]:
    made = Pipes(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module", params=[False, True], ids=["with the lock", "without the lock"])
def module(request: pytest.FixtureRequest) -> kiln.Module:
    return kiln.compile(SOURCE, name="k.c", exports="all", release_gil=request.param)


class Program:
    """A Python process with the prelude. Its lines can be awaited; at the end it must be silent."""

    def __init__(self, text: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-c", PRELUDE + text, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        # Nothing here takes as long: it ends what hangs.
        self._end = threading.Timer(120, self._process.kill)
        self._end.start()

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *raised: object) -> None:
        self._process.kill()
        self._process.wait()
        self._end.cancel()

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def line(self) -> str:
        return self._process.stdout.readline().rstrip("\n")

    def rest(self) -> tuple[int, str, str]:
        out, error = self._process.stdout.read(), self._process.stderr.read()
        return self._process.wait(), out, error


INTERRUPTED = """
try:
    module = compile_slowly(sys.argv[1])
    print("compiled", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_an_interrupt_cancels_a_compile(pipes: Pipes) -> None:
    after = 'print(compiles(), "module" in globals(), flush=True)\n'
    with Program(INTERRUPTED + after, pipes.make()) as program:
        pipes.await_reader(pipes.paths[0])
        program.interrupt()
        assert program.line() == "interrupted"
        assert program.line() == "True False"
        # Python ends while the cancelled compile still waits for its header.
        assert program.rest() == (0, "leaving\n", "")


@pytest.mark.parametrize("text", [b"#define VALUE 4\n", b"#error nobody reads this\n"])
def test_what_becomes_of_an_interrupted_compile_is_not_told(pipes: Pipes, text: bytes) -> None:
    after = """
while kiln.stats()["cancelled"] == 0:
    time.sleep(0.01)
print(compiles(), flush=True)
"""
    with Program(INTERRUPTED + after, pipes.make()) as program:
        pipe = pipes.await_reader(pipes.paths[0])
        program.interrupt()
        assert program.line() == "interrupted"
        pipes.write(pipe, text)
        assert program.line() == "True"
        assert program.rest() == (0, "leaving\n", "")


def test_an_interrupt_that_nobody_catches_ends_the_program(pipes: Pipes) -> None:
    with Program("compile_slowly(sys.argv[1])", pipes.make()) as program:
        pipes.await_reader(pipes.paths[0])
        program.interrupt()
        assert program.line() == "leaving"
        status, out, error = program.rest()
        assert (status, out) == (-signal.SIGINT, "")
        assert error.endswith("KeyboardInterrupt\n")
        assert "in compile_slowly" in error


def test_one_compile_after_the_other_is_interrupted(pipes: Pipes) -> None:
    text = """
for header in sys.argv[1:]:
    try:
        compile_slowly(header)
        print("compiled", flush=True)
    except KeyboardInterrupt:
        print("interrupted", compiles(), flush=True)
"""
    with Program(text, *(pipes.make() for _ in range(5))) as program:
        for path in pipes.paths:
            pipes.await_reader(path)
            program.interrupt()
            assert program.line() == "interrupted True"
        assert program.rest() == (0, "leaving\n", "")


def test_an_interrupt_ends_the_wait_for_a_future_and_leaves_it(pipes: Pipes) -> None:
    text = """
folder, name = os.path.split(sys.argv[1])
source = f'#include "{name}"\\nint value(void) {{ return VALUE; }}'
future = kiln.compile_async(source, include_dirs=[folder], exports="value")
for wait in (future.wait, future.result, future.exception):
    try:
        print("waiting", flush=True)
        wait()
    except KeyboardInterrupt:
        print("interrupted", future.done(), flush=True)
print(future.result().value(), flush=True)
"""
    with Program(text, pipes.make()) as program:
        pipe = pipes.await_reader(pipes.paths[0])
        for _ in range(3):
            assert program.line() == "waiting"
            program.interrupt()
            assert program.line() == "interrupted False"
        pipes.write(pipe)
        assert program.rest() == (0, "4\nleaving\n", "")


def test_an_interrupt_cancels_all_of_many_compiles(pipes: Pipes) -> None:
    text = """
sources = [f'#include "{os.path.basename(header)}"\\nint x;' for header in sys.argv[1:]]
try:
    kiln.compile_many(sources, include_dirs=[os.path.dirname(sys.argv[1])])
except KeyboardInterrupt:
    print("interrupted", compiles(), flush=True)
"""
    with Program(text, *(pipes.make() for _ in range(20))) as program:
        pipes.await_reader(pipes.paths[0])
        program.interrupt()
        assert program.line() == "interrupted True"
        assert program.rest() == (0, "leaving\n", "")


def test_an_interrupt_ends_the_wait_for_a_function_that_is_tried() -> None:
    text = """
started = time.monotonic()
threading.Timer(0.5, signal.raise_signal, [signal.SIGINT]).start()
try:
    kiln.try_run("void f(void) { volatile int x = 1; while (x) {} }", "f", timeout_ms=60_000)
except KeyboardInterrupt:
    print("interrupted", time.monotonic() - started < 30, compiles(), flush=True)
"""
    with Program(text) as program:
        assert program.line() == "interrupted True True"
        assert program.rest() == (0, "leaving\n", "")


def test_a_handler_of_ones_own_may_raise_something_else(pipes: Pipes) -> None:
    text = """
def handle(number, frame):
    raise LookupError(f"signal {number}")
signal.signal(signal.SIGINT, handle)
try:
    compile_slowly(sys.argv[1])
except LookupError as error:
    print(error, compiles(), flush=True)
"""
    with Program(text, pipes.make()) as program:
        pipes.await_reader(pipes.paths[0])
        program.interrupt()
        assert program.line() == f"signal {int(signal.SIGINT)} True"
        assert program.rest() == (0, "leaving\n", "")


def test_a_compile_goes_on_after_a_handler_that_raises_nothing(pipes: Pipes) -> None:
    text = """
# Not by print: the next signal may come before it has returned, and it can't be entered twice.
signal.signal(signal.SIGINT, lambda *_: os.write(1, f"handled {compiles()}\\n".encode()))
print(compile_slowly(sys.argv[1]).value(), flush=True)
"""
    with Program(text, pipes.make()) as program:
        pipe = pipes.await_reader(pipes.paths[0])
        for _ in range(3):
            program.interrupt()
            # A compile within the handler of another's wait.
            assert program.line() == "handled True"
        pipes.write(pipe)
        assert program.rest() == (0, "4\nleaving\n", "")


def test_a_compile_of_another_thread_goes_on(pipes: Pipes) -> None:
    text = """
results = []
thread = threading.Thread(target=lambda: results.append(compile_slowly(sys.argv[1]).value()))
try:
    # Within: the compile may be under way before this returns.
    thread.start()
    while True:
        time.sleep(600)
except KeyboardInterrupt:
    print("interrupted", flush=True)
thread.join()
print(results, flush=True)
"""
    with Program(text, pipes.make()) as program:
        pipe = pipes.await_reader(pipes.paths[0])
        program.interrupt()
        assert program.line() == "interrupted"
        pipes.write(pipe)
        assert program.rest() == (0, "[4]\nleaving\n", "")


def test_a_kernel_that_checks_for_signals_is_interrupted(module: kiln.Module) -> None:
    with pytest.raises(KeyboardInterrupt):
        module.run(signal.SIGINT, -1)
    assert module["call"](lambda: 3) == 3


def with_handler(handle: Callable[[int, object], None], run: Callable[[], object]) -> object:
    former = signal.signal(signal.SIGUSR1, handle)
    try:
        return run()
    finally:
        signal.signal(signal.SIGUSR1, former)


def test_a_kernel_ends_with_what_a_handler_raises(module: kiln.Module) -> None:
    error = LookupError("from the handler")

    def handle(number: int, frame: object) -> None:
        raise error

    with pytest.raises(LookupError) as raised:
        with_handler(handle, lambda: module.run(signal.SIGUSR1, -1))
    assert raised.value is error


def test_a_kernel_goes_on_after_a_handler_that_raises_nothing(module: kiln.Module) -> None:
    handled = []

    def handle(number: int, frame: object) -> None:
        handled.append(module["call"](lambda: number))

    assert with_handler(handle, lambda: module.run(signal.SIGUSR1, 5000)) == 4999
    assert handled == [signal.SIGUSR1]


def test_a_kernel_of_another_thread_is_left_alone(module: kiln.Module) -> None:
    # Python runs handlers on the main thread alone.
    handled: list[int] = []
    results: list[int] = []

    def run() -> None:
        thread = threading.Thread(target=lambda: results.append(module.run(signal.SIGUSR1, 5000)))
        thread.start()
        thread.join()

    with_handler(lambda number, frame: handled.append(number), run)
    assert (handled, results) == ([signal.SIGUSR1], [4999])


def test_an_interrupt_within_a_callback_comes_back(module: kiln.Module) -> None:
    def interrupted() -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        module["call"](module["call"], interrupted)
    with pytest.raises(KeyboardInterrupt, match="from a kernel"):
        module["fail"]()
