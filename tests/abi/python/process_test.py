"""The end of the interpreter is silent, and forked children can go on."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import warnings

import pytest

import kiln

CALL = """
#include <tvm/ffi/c_api.h>
int add(int a, int b) { return a + b; }
int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIFunctionCall(args[0].v_obj, (TVMFFIAny*)args + 1, n - 1, result);
}
"""
# Its functions call back on a thread of their own.
THREADS = """
#include <pthread.h>
#include <unistd.h>
#include <tvm/ffi/c_api.h>
static void* call_for_ever(void* function) {
  for (;;) {
    TVMFFIAny result = {0};
    if (TVMFFIFunctionCall(function, 0, 0, &result) != 0) return 0;
    usleep(200);
  }
}
int __tvm_ffi_start(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  pthread_t thread;
  TVMFFIObjectIncRef(args[0].v_obj);
  return pthread_create(&thread, 0, &call_for_ever, args[0].v_obj);
}
"""
PRELUDE = f"""
import sys, threading, time
import numpy as np
import kiln
CALL = {CALL!r}
THREADS = {THREADS!r}
call = kiln.compile(CALL, name="k.c", exports="all").call
"""
ENDS = {
    "everything is live": """
module = kiln.compile("int f(int a) { return a; }", exports="f")
kept = [module, module.f, kiln.function(lambda: 1), kiln.Array([1, "x", [2]]), kiln.Dict({1: 2}),
        kiln.from_dlpack(np.ones(3)), np.from_dlpack(kiln.from_dlpack(np.ones(3))),
        kiln.dtype("int8"), kiln.Device("cpu"), np.ones(3).__dlpack__(),
        kiln.from_dlpack(np.ones(3)).__dlpack__()]
kept.append(kept)
kiln.register("python.test.kept", lambda a: kept)
""",
    "a cycle through a function": """
class Holder:
    pass
holder = Holder()
holder.function = kiln.function(lambda: holder)
sys.modules["holder"] = holder
""",
    "exceptions are kept": """
def fail():
    raise ValueError("kept")
try:
    call(fail)
except ValueError as error:
    kept = error
try:
    kiln.compile("int f(void) { return missing; }")
except kiln.CompileError as error:
    also = error
""",
    "a container of callables": """
kiln.register("python.test.list", kiln.function(lambda: 1))
items = kiln.List([lambda: 1, print, kiln.from_dlpack(np.ones(3))])
items.append(items)
""",
    "a thread sleeps in a callback": """
entered = threading.Event()
def sleep():
    entered.set()
    time.sleep(600)
threading.Thread(target=lambda: call(sleep), daemon=True).start()
entered.wait()
""",
    "threads call without end": """
entered = threading.Barrier(5)
def spin():
    entered.wait()
    while True:
        call(lambda a: a, 1)
for _ in range(4):
    threading.Thread(target=spin, daemon=True).start()
entered.wait()
""",
    "a thread compiles": """
entered = threading.Event()
def work():
    entered.set()
    while True:
        kiln.compile("int f(int a) { return a; }", exports="f")
threading.Thread(target=work, daemon=True).start()
entered.wait()
time.sleep(0.05)
""",
    "a thread of C's calls without end": """
entered = threading.Event()
# Registered: the code must outlive the thread that runs it.
start = kiln.register("python.test.start", kiln.compile(THREADS, name="t.c").start)
start(entered.set)
entered.wait()
""",
    "calls at exit": """
import atexit
def late():
    assert call(lambda a: a + 1, 1) == 2
    assert kiln.compile("int f(int a) { return a; }", exports="f").f(3) == 3
atexit.register(late)
""",
    "calls from a finalizer": """
class Last:
    def __init__(self):
        self.call, self.array = call, kiln.Array([1])
    def __del__(self):
        self.call(len, self.array)
last = Last()
last.me = last
""",
}


@pytest.mark.parametrize("name", ENDS)
def test_the_end_of_the_interpreter_is_silent(name: str) -> None:
    # What threads do at the end is a matter of chance.
    for _ in range(6 if "thread" in name else 1):
        ended = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", PRELUDE + ENDS[name]],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def use_everything() -> None:
    """Compiles, calls, takes callbacks, raises: in whatever process this is."""
    module = kiln.compile(CALL, name="k.c", exports="all")
    assert module.add(2, 3) == 5
    assert module.call(lambda a, b: a * b, 6, 7) == 42

    def fail() -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        module.call(fail)
    with pytest.raises(kiln.CompileError):
        kiln.compile("int f(void) { return missing; }")
    assert kiln.Dict({"a": [1]})["a"] == [1]


def exit_code_of_a_fork(child: object) -> int:
    with warnings.catch_warnings():
        # Python warns of forks beside threads; other tests may have left some.
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


def test_a_forked_child_compiles_calls_and_takes_callbacks() -> None:
    use_everything()
    assert exit_code_of_a_fork(use_everything) == 0
    use_everything()


def test_a_forked_child_uses_the_functions_of_its_parent() -> None:
    module = kiln.compile(CALL, name="k.c", exports="all")
    kiln.register("python.test.forked", lambda a: a + 1, override=True)

    def child() -> None:
        assert module.add(1, 2) == 3
        assert module.call(lambda a: a, 5) == 5
        assert kiln.get("python.test.forked")(1) == 2
        assert exit_code_of_a_fork(use_everything) == 0

    assert exit_code_of_a_fork(child) == 0
    assert module.add(1, 2) == 3


def test_processes_of_multiprocessing_compile() -> None:
    context = multiprocessing.get_context("fork")
    use_everything()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        processes = [context.Process(target=use_everything) for _ in range(4)]
        for process in processes:
            process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4


def test_a_child_that_is_forked_while_others_compile_compiles() -> None:
    program = f"""
import os, signal, threading
import kiln
kiln.compile("int f(int a) {{ return a; }}", exports="f")
stop = threading.Event()
def work():
    while not stop.is_set():
        kiln.compile("int f(int a) {{ return a; }}", exports="f")
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
codes = []
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        module = kiln.compile({CALL!r}, name="k.c", exports="all")
        # The same that the parent compiles at the moment.
        same = kiln.compile("int f(int a) {{ return a; }}", exports="f")
        os._exit(0 if module.call(lambda a: a, 7) == same.f(7) else 1)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
stop.set()
for thread in threads:
    thread.join()
assert codes == [0] * 20, codes
"""
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
