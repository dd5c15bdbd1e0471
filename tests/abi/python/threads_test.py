"""Many threads at once: calls, compiles, callbacks, exceptions, names and containers."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

import kiln

THREADS = 8

SOURCE = """
#include <pthread.h>
#include <stdint.h>
#include <tvm/ffi/c_api.h>
void scale(float by, const float* x, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = by * x[i];
}
int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIFunctionCall(args[0].v_obj, (TVMFFIAny*)args + 1, n - 1, result);
}
// Calls the function that is registered by the name args[0].
int __tvm_ffi_call_by_name(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  TVMFFIByteArray name = {args[0].v_c_str, 0};
  TVMFFIObjectHandle function = 0;
  while (name.data[name.size]) ++name.size;
  if (TVMFFIFunctionGetGlobal(&name, &function) != 0) return -1;
  int status = TVMFFIFunctionCall(function, (TVMFFIAny*)args + 1, n - 1, result);
  TVMFFIObjectDecRef(function);
  return status;
}
typedef struct {
  const TVMFFIAny* args;
  int32_t n;
  int status;
  TVMFFIAny result;
  TVMFFIObjectHandle error;
} Work;
static void* run(void* given) {
  Work* work = (Work*)given;
  work->status =
      TVMFFIFunctionCall(work->args[0].v_obj, (TVMFFIAny*)work->args + 1, work->n - 1, &work->result);
  if (work->status != 0) TVMFFIErrorMoveFromRaised(&work->error);
  return 0;
}
// Calls on a thread of its own, which it waits for. The lock of the interpreter must be free.
int __tvm_ffi_call_on_thread(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  Work work = {args, n, 0, {0}, 0};
  pthread_t thread;
  if (pthread_create(&thread, 0, &run, &work) != 0) return -1;
  pthread_join(thread, 0);
  if (work.status != 0) {
    TVMFFIErrorSetRaised(work.error);
    TVMFFIObjectDecRef(work.error);
    return -1;
  }
  *result = work.result;
  return 0;
}
static void* run_alone(void* given) {
  Work* work = (Work*)given;
  for (int i = 0; i < work->n; ++i) {
    TVMFFIAny argument = {0};
    argument.type_index = kTVMFFIInt;
    argument.v_int64 = i;
    TVMFFIAny result = {0};
    if (TVMFFIFunctionCall((void*)work->args, &argument, 1, &result) != 0) {
      TVMFFIObjectHandle error = 0;
      TVMFFIErrorMoveFromRaised(&error);
      TVMFFIObjectDecRef(error);
      ++work->status;
    } else {
      work->result.v_int64 += result.v_int64;
    }
  }
  return 0;
}
static pthread_t threads[64];
static Work works[64];
// Starts a thread that calls args[1] args[2] times with 0, 1, 2 ...
int __tvm_ffi_start(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  int64_t slot = args[0].v_int64;
  Work work = {(const TVMFFIAny*)args[1].v_obj, (int32_t)args[2].v_int64, 0, {0}, 0};
  TVMFFIObjectIncRef(args[1].v_obj);
  works[slot] = work;
  return pthread_create(&threads[slot], 0, &run_alone, &works[slot]);
}
// Waits for it: 1 000 000 times the calls that failed, and the sum of the results.
int __tvm_ffi_join(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  Work* work = &works[args[0].v_int64];
  pthread_join(threads[args[0].v_int64], 0);
  TVMFFIObjectDecRef((void*)work->args);
  result->type_index = kTVMFFIInt;
  result->v_int64 = work->result.v_int64 + 1000000LL * work->status;
  return 0;
}
"""


@pytest.fixture(scope="module")
def module() -> kiln.Module:
    return kiln.compile(SOURCE, name="k.c", exports="all")


def in_threads(work: Callable[[int], None], count: int = THREADS) -> None:
    """Runs work(0), work(1) ... at once, and raises what the first of them raised."""
    failures: list[BaseException] = []
    together = threading.Barrier(count)

    def run(seed: int) -> None:
        together.wait()
        try:
            work(seed)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    if failures:
        raise failures[0]


def without_the_lock(function: kiln.Function, *args: object) -> object:
    return kiln._core.call_unlocked(function, *args)


def test_one_function_is_called_with_each_threads_arrays(module: kiln.Module) -> None:
    def work(seed: int) -> None:
        x = np.full(512, seed, np.float32)
        for round_ in range(300):
            y = np.zeros(512, np.float32)
            module.scale(round_, x, y, 512)
            assert (y == seed * round_).all()

    in_threads(work)


def test_the_lock_may_be_free_while_arrays_are_written(module: kiln.Module) -> None:
    def work(seed: int) -> None:
        x, y = np.full(4096, seed, np.float32), np.zeros(4096, np.float32)
        for round_ in range(100):
            without_the_lock(module.scale, float(round_), x, y, 4096)
            assert (y == seed * round_).all()

    in_threads(work)


def test_different_sources_are_compiled_at_once() -> None:
    def work(seed: int) -> None:
        for round_ in range(3):
            value = seed * 10 + round_
            text = f"int value(void) {{ return {value}; }}"
            assert kiln.compile(text, exports="value").value() == value

    in_threads(work)


def test_one_source_is_compiled_at_once() -> None:
    text = "int next(void) { static int n; return ++n; }"
    modules: list[kiln.Module] = []
    in_threads(lambda seed: modules.append(kiln.compile(text, exports="next")))
    assert len(modules) == THREADS
    # Each has its own variables.
    assert [module.next() for module in modules] == [1] * THREADS


def test_sources_with_errors_among_good_ones_tell_their_own() -> None:
    def work(seed: int) -> None:
        with pytest.raises(kiln.CompileError, match=f"missing_{seed}") as raised:
            kiln.compile(f"int f(void) {{ return missing_{seed}; }}", name=f"k{seed}.c")
        assert [found["file"] for found in raised.value.diagnostics] == [f"k{seed}.c"]
        assert kiln.compile(f"int f(void) {{ return {seed}; }}", exports="f").f() == seed

    in_threads(work)


def test_attributes_are_looked_up_while_others_compile_and_drop() -> None:
    module = kiln.compile("int f(int a) { return a; }", exports="f")

    def work(seed: int) -> None:
        for _ in range(50):
            assert module.f(seed) == seed
            assert module.exports == ["f"]
        kiln.compile("int g(void) { return 1; }", exports="g")

    in_threads(work)


def test_a_callback_runs_on_a_thread_that_compiled_code_made(module: kiln.Module) -> None:
    names = []

    def callback(a: int, b: str) -> str:
        names.append(threading.get_ident())
        return b * a

    assert without_the_lock(module.call_on_thread, callback, 3, "ab") == "ababab"
    assert names != [threading.get_ident()]


def test_an_exception_crosses_from_the_thread_of_compiled_code(module: kiln.Module) -> None:
    raised = LookupError("on the other thread")

    def fail() -> None:
        raise raised

    with pytest.raises(LookupError) as caught:
        without_the_lock(module.call_on_thread, fail)
    assert caught.value is raised


def test_eight_threads_have_compiled_code_make_threads_that_call_back(
    module: kiln.Module,
) -> None:
    def work(seed: int) -> None:
        for round_ in range(30):
            result = without_the_lock(
                module.call_on_thread, lambda a, b: [a, b, threading.get_ident()], seed, round_
            )
            assert list(result[:2]) == [seed, round_]
            assert result[2] != threading.get_ident()

    in_threads(work)


def test_threads_of_compiled_code_call_back_while_python_goes_on(module: kiln.Module) -> None:
    def odd_only(value: int) -> int:
        if value % 2 == 0:
            raise ValueError("even")
        return value

    for slot in range(THREADS):
        module.start(slot, odd_only, 100)
    assert sum(range(1000)) == 499500
    results = [without_the_lock(module.join, slot) for slot in range(THREADS)]
    assert results == [1_000_000 * 50 + sum(range(1, 100, 2))] * THREADS


def test_exceptions_keep_their_own_message_in_each_thread(module: kiln.Module) -> None:
    class Mine(Exception):
        pass

    def work(seed: int) -> None:
        for round_ in range(200):

            def fail(round_: int = round_) -> None:
                raise Mine(seed, round_)

            with pytest.raises(Mine) as caught:
                module.call(module.call, module.call, fail)
            assert caught.value.args == (seed, round_)

    in_threads(work)


def test_errors_of_compiled_code_stay_in_their_thread(module: kiln.Module) -> None:
    def work(seed: int) -> None:
        fine = np.zeros(4, np.float32)
        for _ in range(200):
            with pytest.raises(TypeError, match=rf"got int {seed}$"):
                module.scale(1.0, seed, fine, 4)
            module.scale(1.0, fine, fine, 4)

    in_threads(work)


def test_callbacks_nest_in_each_thread(module: kiln.Module) -> None:
    def down(depth: int) -> int:
        return 0 if depth == 0 else 1 + module.call(down, depth - 1)

    def work(seed: int) -> None:
        for _ in range(10):
            assert module.call(down, 30 + seed) == 30 + seed

    in_threads(work)


def test_a_name_is_taken_over_while_others_call_it(module: kiln.Module) -> None:
    name = "python.test.threads.named"
    kiln.register(name, lambda a: (0, a), override=True)

    def work(seed: int) -> None:
        if seed == 0:
            for round_ in range(500):
                kiln.register(name, lambda a, round_=round_: (round_, a), override=True)
            return
        last = 0
        for round_ in range(300):
            found = kiln.get(name) if round_ % 2 else None
            result = found(seed) if found else module.call_by_name(name, seed)
            assert result[1] == seed
            assert 0 <= result[0] < 500
            # What was registered later is never lost to what was before.
            assert result[0] >= last
            last = result[0]

    in_threads(work)


def test_a_name_is_given_once_when_all_want_it() -> None:
    taken = []

    def work(seed: int) -> None:
        try:
            kiln.register("python.test.threads.once", lambda: seed)
            taken.append(seed)
        except RuntimeError:
            pass

    in_threads(work)
    assert len(taken) == 1
    assert kiln.get("python.test.threads.once")() == taken[0]


def test_containers_that_do_not_change_are_read_by_all() -> None:
    array = kiln.Array([[i, str(i)] for i in range(50)])
    mapping = kiln.Map({str(i): [i] for i in range(50)})

    def work(seed: int) -> None:
        for _ in range(10):
            assert [item[0] for item in array] == list(range(50))
            assert {key: value[0] for key, value in mapping.items()} == {
                str(i): i for i in range(50)
            }

    in_threads(work)


def test_a_list_takes_what_all_append() -> None:
    items = kiln.List()

    def work(seed: int) -> None:
        for round_ in range(100):
            items.append([seed, round_])
            assert len(items) > 0

    in_threads(work)
    found = sorted(tuple(item) for item in items)
    assert found == [(seed, round_) for seed in range(THREADS) for round_ in range(100)]


def test_a_dict_takes_what_all_put_in() -> None:
    entries = kiln.Dict()

    def work(seed: int) -> None:
        for round_ in range(100):
            entries[f"{seed}.{round_}"] = round_
            if round_ % 2:
                del entries[f"{seed}.{round_}"]

    in_threads(work)
    assert {key: entries[key] for key in list(entries)} == {
        f"{seed}.{round_}": round_ for seed in range(THREADS) for round_ in range(0, 100, 2)
    }


def test_a_tensor_is_shared_and_dropped_by_all(module: kiln.Module) -> None:
    array = np.ones(64, np.float32)
    tensor = kiln.from_dlpack(array)

    def work(seed: int) -> None:
        for _ in range(200):
            view = np.from_dlpack(tensor)
            out = np.zeros(64, np.float32)
            module.scale(2.0, tensor, out, 64)
            assert (out == 2).all()
            del view

    in_threads(work)
