"""Sources that crash compilers: errors, and the host's handling of signals stays as it is."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

import kiln

NESTED = "int f(void) { return " + "!" * 400_000 + "1; }"


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=False
    )


def test_a_source_that_nests_too_deep_is_a_compile_error() -> None:
    with pytest.raises(kiln.CompileError, match="nested.c"):
        kiln.compile(NESTED, name="nested.c")
    assert kiln.compile("int f(void) { return 1; }", exports="f").f() == 1


def test_a_crash_is_the_error_of_its_future_alone() -> None:
    crash = kiln.compile_async(NESTED, name="nested.c")
    others = [kiln.compile_async(f"int f(void) {{ return {i}; }}", exports="f") for i in range(10)]
    assert [other.result().f() for other in others] == list(range(10))
    assert isinstance(crash.exception(), kiln.CompileError)
    assert not crash.cancelled()


BESIDE_FAULTHANDLER = """
import faulthandler, sys, threading
import kiln
faulthandler.enable()
source = "int f(void) { return " + "!" * 400_000 + "1; }"
for _ in range(3):
    try:
        kiln.compile(source)
    except kiln.CompileError:
        print("error", flush=True)
assert faulthandler.is_enabled()
"""


def test_compilers_crash_beside_a_faulthandler_that_stays_silent() -> None:
    ended = run(BESIDE_FAULTHANDLER)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "error\n" * 3, "")


@pytest.mark.parametrize("fault", ["faulthandler._sigsegv()", "module.f()"])
def test_faulthandler_tells_of_a_crash_of_the_program_after_that(fault: str) -> None:
    crash = f"""
module = kiln.compile("void f(void) {{ *(volatile int*)8 = 1; }}", exports="f")
def crash_here():
    {fault}
crash_here()
"""
    ended = run(BESIDE_FAULTHANDLER + crash)
    assert (ended.returncode, ended.stdout) == (-signal.SIGSEGV, "error\n" * 3)
    assert "Fatal Python error: Segmentation fault" in ended.stderr
    assert "in crash_here" in ended.stderr


def test_a_signal_handler_of_the_program_is_untouched() -> None:
    program = """
import os, signal
import kiln
seen = []
def handle(number, frame):
    seen.append(number)
for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE):
    signal.signal(number, handle)
source = "int f(void) { return " + "!" * 400_000 + "1; }"
future = kiln.compile_async(source)
# One that another process could have sent, while the engine's handlers are installed or not.
os.kill(os.getpid(), signal.SIGSEGV)
try:
    future.result()
except kiln.CompileError:
    pass
os.kill(os.getpid(), signal.SIGFPE)
assert [signal.getsignal(number) is handle for number in (6, 8, 11)] == [True] * 3
print(seen)
"""
    ended = run(program)
    expected = f"{[int(signal.SIGSEGV), int(signal.SIGFPE)]}\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, expected, "")
