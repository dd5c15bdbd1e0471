"""kiln.try_run: functions in a process without rights; compiles in a worker."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

import kiln

ENDLESS = """
define i65536 @f(i65536 %a, i65536 %b) {
  %c = sdiv i65536 %a, %b
  ret i65536 %c
}
"""


def test_a_source_is_compiled_and_called() -> None:
    tried = kiln.try_run("int f(int x) { return x + 1; }", "f", 41)
    assert tried.ok
    assert tried.unwrap() == 42
    assert (tried.status, tried.phase, tried.error) == ("ok", "call", None)


def test_arrays_are_written_to_after_a_call_that_went_well() -> None:
    x, y = np.arange(4, dtype=np.float32), np.zeros(4, np.float32)
    source = (
        "void f(const float* x, float* y, long n) { for (long i = 0; i < n; ++i) y[i] = 2 * x[i]; }"
    )
    assert kiln.try_run(source, "f", x, y, 4).unwrap() is None
    np.testing.assert_array_equal(y, [0, 2, 4, 6])


def test_arrays_stay_as_they_were_after_any_other() -> None:
    x = np.zeros(4, np.float32)
    tried = kiln.try_run("void f(float* x) { x[0] = 1; *(volatile int*)8 = 1; }", "f", x)
    assert tried.status == "died"
    np.testing.assert_array_equal(x, 0)


def test_a_module_runs_there() -> None:
    module = kiln.compile("float half(float x) { return x / 2; }", exports="half")
    assert kiln.try_run(module, "half", 3.0).unwrap() == 1.5


def test_a_path_is_compiled_there(tmp_path: Path) -> None:
    (tmp_path / "seven.h").write_text("#define SEVEN 7\n")
    source = tmp_path / "k.c"
    source.write_text('#include "seven.h"\nint f(void) { return SEVEN; }\n')
    assert kiln.try_run(source, "f").unwrap() == 7


def test_a_crash_has_its_signal_and_its_line() -> None:
    tried = kiln.try_run("int f(long p) {\n  return *(int*)p;\n}", "f", 0, name="k.c")
    assert tried.status == "died"
    assert (tried.signal_name, tried.address) == ("SIGSEGV", 0)
    assert (tried.function, tried.file, tried.line) == ("f", "k.c", 2)
    with pytest.raises(RuntimeError, match=r"'f' died in 'f' \(k.c:2\) of SIGSEGV"):
        tried.unwrap()


def test_an_endless_loop_is_a_timeout() -> None:
    tried = kiln.try_run(
        "void f(void) { volatile int x = 1; while (x) {} }", "f", timeout_ms=200, opt_level=0
    )
    assert tried.status == "timeout"
    assert isinstance(tried.error, TimeoutError)


def test_a_memory_hog_is_a_memory_error() -> None:
    tried = kiln.try_run(
        "#include <stdlib.h>\nvoid f(void) { for (;;) *(volatile char*)malloc(1 << 20) = 1; }",
        "f",
        max_memory_mb=100,
    )
    assert tried.status == "memory"
    assert isinstance(tried.error, MemoryError)


def test_files_are_out_of_reach() -> None:
    tried = kiln.try_run(
        '#include <stdio.h>\nint f(void) { return fopen("/etc/passwd", "r") != 0; }', "f"
    )
    assert (tried.status, tried.syscall) == ("forbidden", "openat")


def test_what_is_printed_is_kept() -> None:
    tried = kiln.try_run('#include <stdio.h>\nvoid f(void) { puts("hello"); }', "f")
    assert (tried.stdout, tried.stderr, tried.output_complete) == ("hello\n", "", True)


def test_a_compile_error_is_the_one_of_compile() -> None:
    tried = kiln.try_run("int f(void) { return undeclared; }", "f", name="k.c")
    assert (tried.status, tried.phase) == ("error", "compile")
    assert isinstance(tried.error, kiln.CompileError)
    assert tried.error.diagnostics[0]["line"] == 1


def test_an_error_of_the_function_is_of_its_kind() -> None:
    tried = kiln.try_run("void f(float* x) {}", "f", np.zeros(1))
    assert tried.status == "error"
    with pytest.raises(TypeError, match="expected float32 tensor, got float64"):
        tried.unwrap()


def test_wrong_arguments_and_options_are_errors_of_the_call() -> None:
    source = "void f(void) {}"
    with pytest.raises(TypeError, match="argument 0 must be None, a bool"):
        kiln.try_run(source, "f", kiln.function(lambda: None))
    with pytest.raises(KeyError, match="opt_level"):
        kiln.try_run(source, "f", opt_levle=2)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="opt_level is for a source"):
        kiln.try_run(kiln.compile(source, exports="f"), "f", opt_level=2)


def test_threads_try_at_once() -> None:
    results: list[object] = []

    def attempt(number: int) -> None:
        source = f"int f(int x) {{ return x + {number}; }}"
        results.append(kiln.try_run(source, "f", 10 * number).unwrap() == 11 * number)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 4


def test_a_compile_in_a_worker_gives_the_same_module() -> None:
    source = "int f(int x) { return x + 1; }"
    module = kiln.compile(source, exports="f", isolate="process", timeout_ms=60_000)
    assert module.f(1) == 2
    assert module.inspect("obj") == kiln.compile(source, exports="f").inspect("obj")


def test_a_compile_without_end_is_stopped() -> None:
    with pytest.raises(TimeoutError, match="did not end within timeout_ms = 200"):
        kiln.compile(ENDLESS, "llvm-ir", isolate="process", timeout_ms=200)
    assert kiln.compile("int f(void) { return 1; }", exports="f", isolate="process").f() == 1


def test_a_compile_error_in_a_worker_has_its_diagnostics() -> None:
    with pytest.raises(kiln.CompileError) as raised:
        kiln.compile("int f(void) { return undeclared; }", isolate="process")
    assert raised.value.diagnostics[0]["message"].startswith("use of undeclared identifier")
