"""Nothing leaks: each operation runs many times, and what it took it gives back."""

from __future__ import annotations

import gc
import os
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kiln

SOURCE = """
#include <tvm/ffi/c_api.h>
void take(const float* x, int64_t n) {}
int64_t add(int64_t a, int64_t b) { return a + b; }
int length(const char* s) { int n = 0; while (s[n]) ++n; return n; }
int __tvm_ffi_nothing(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return 0;
}
int __tvm_ffi_echo(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIAnyViewToOwnedAny(&args[0], result);
}
int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return TVMFFIFunctionCall(args[0].v_obj, (TVMFFIAny*)args + 1, n - 1, result);
}
int __tvm_ffi_fail(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  TVMFFIErrorSetRaisedFromCStr("ValueError", "as asked");
  return -1;
}
"""
module = kiln.compile(SOURCE, name="k.c", exports="all")
py_echo = kiln.function(lambda value: value)


class Participants:
    """What the operations are given; their reference counts are watched."""

    array = np.ones(4, np.float32)
    strided = np.ones(8, np.float32)[::2]
    fixed = np.ones(4, np.float32)
    doubles = np.ones(4)
    dates = np.zeros(2, "M8[s]")
    text = "a text that is longer than seven bytes"
    nul = "a text with a \0 inside, long enough"
    data = b"bytes \0 that are longer than seven"
    big = 2**200
    items = [1, "two", [3.0, b"four"]]  # noqa: RUF012
    entries = {"a": 1, "b": [2], 3: "c"}  # noqa: RUF012
    tensor = kiln.from_dlpack(array)
    held = kiln.Array([1, "two"])
    kept_list = kiln.List([1, 2, 3])
    kept_dict = kiln.Dict({"a": 1})
    raised = LookupError("raised again and again")

    @staticmethod
    def callback(*args: Any) -> int:
        return len(args)

    @staticmethod
    def fail(*args: Any) -> None:
        raise LookupError(args)

    @staticmethod
    def fail_with_one() -> None:
        raise p.raised.with_traceback(None)

    @staticmethod
    def gives_rubbish() -> object:
        return object()


p = Participants
p.fixed.flags.writeable = False
WATCHED = {name: value for name, value in vars(p).items() if not name.startswith("__")}


def refused(kind: type[BaseException], act: Callable[[], Any]) -> None:
    try:
        act()
    except kind:
        return
    raise AssertionError(f"{kind.__name__} is not raised")


class Raises:
    def __dlpack__(self, **named: Any) -> Any:
        raise BufferError("not today")


class GivesRubbish:
    def __dlpack__(self, **named: Any) -> Any:
        return 7


def change_list() -> None:
    items = kiln.List([p.text, p.data])
    items.append(p.array)
    items[0] = p.items
    items.insert(1, p.big)
    items.pop()
    del items[0]
    items.reverse()
    items.clear()


def change_dict() -> None:
    items = kiln.Dict({p.text: p.items})
    items["x"] = p.array
    items["x"] = p.data
    items.pop("x")
    assert list(items) == [p.text]
    refused(KeyError, lambda: items["absent"])


def tensors_both_ways() -> None:
    tensor = kiln.from_dlpack(p.array)
    view = np.from_dlpack(tensor)
    assert kiln.from_dlpack(view).shape == tensor.shape
    _ = (tensor.dtype, tensor.device, tensor.strides, tensor.address)


def unused_capsules() -> None:
    p.tensor.__dlpack__()
    p.tensor.__dlpack__(max_version=(1, 0))
    kiln.from_dlpack(p.fixed).__dlpack__(max_version=(1, 0))


def attributes() -> None:
    _ = (module.add, module["add"], module.exports, dir(module), module.doc("add"))
    module.signature("add")
    refused(AttributeError, lambda: module.absent)
    refused(KeyError, lambda: module["absent"])


def error_with_context() -> None:
    try:
        module.call(p.fail, p.text)
    except LookupError as error:
        assert error.args == ((p.text,),)
        assert error.__traceback__ is not None
    try:
        module.fail()
    except kiln.Error as error:
        assert (error.kind, error.context) == ("ValueError", None)
        assert isinstance(error.backtrace, str)


def nested_errors() -> None:
    def outer() -> None:
        try:
            module.call(p.fail)
        except LookupError as error:
            raise ValueError("outer") from error

    refused(ValueError, lambda: module.call(outer))


def register_again() -> None:
    kiln.register("python.test.lifetime", p.callback, override=True)
    assert kiln.get("python.test.lifetime")(1, 2) == 2


def closures() -> None:
    cell = [1]
    assert kiln.function(lambda: len(cell))() == 1
    module.call(lambda: kiln.function(lambda: cell[0]))


OPERATIONS: dict[str, Callable[[], Any]] = {
    "no arguments": lambda: module.nothing(),
    "numbers": lambda: module.nothing(None, True, 1, -(2**40), 1.5),
    "numbers of numpy": lambda: module.nothing(np.int32(5), np.float32(2)),
    "text": lambda: module.length(p.text),
    "text with NUL": lambda: module.nothing(p.nul),
    "bytes": lambda: module.nothing(p.data),
    "a big int": lambda: module.nothing(p.big),
    "an array": lambda: module.take(p.array, 4),
    "a read-only array": lambda: module.take(p.fixed, 4),
    "a strided array": lambda: module.nothing(p.strided),
    "a tensor": lambda: module.take(p.tensor, 4),
    "nine arrays": lambda: module.nothing(*[p.array] * 9),
    "a list": lambda: module.nothing(p.items),
    "a dict": lambda: module.nothing(p.entries),
    "a function": lambda: module.nothing(p.callback),
    "dtype and device": lambda: module.echo(kiln.dtype("int8")) and module.echo(kiln.Device("cpu")),
    "echo of text": lambda: (module.echo(p.text), module.echo(p.nul), py_echo(p.text)),
    "echo of bytes": lambda: (module.echo(p.data), py_echo(p.data)),
    "echo of a big int": lambda: (module.echo(p.big), py_echo(p.big)),
    "echo of an array": lambda: py_echo(p.array),
    "echo of a read-only array": lambda: py_echo(p.fixed),
    "echo of a tensor": lambda: (module.echo(p.tensor), py_echo(p.tensor)),
    "echo of containers": lambda: (module.echo(p.items), py_echo(p.entries), py_echo(p.held)),
    "echo of a function": lambda: (module.echo(p.callback), py_echo(p.callback)),
    "a wrong type": lambda: refused(TypeError, lambda: module.take(p.doubles, 4)),
    "a wrong layout": lambda: refused(ValueError, lambda: module.take(p.strided, 4)),
    "a wrong count": lambda: refused(TypeError, lambda: module.take(p.array)),
    "a name": lambda: refused(TypeError, lambda: module.take(p.array, n=4)),
    "no such value": lambda: refused(TypeError, lambda: module.nothing(p.text, p.array, object())),
    "in a list": lambda: refused(TypeError, lambda: module.nothing([p.text, object()])),
    "an array of dates": lambda: refused(Exception, lambda: module.nothing(p.array, p.dates)),
    "__dlpack__ raises": lambda: refused(BufferError, lambda: module.nothing(p.array, Raises())),
    "__dlpack__ is rubbish": lambda: refused(Exception, lambda: module.nothing(GivesRubbish())),
    "a raising kernel": lambda: refused(ValueError, lambda: module.fail()),
    "a callback": lambda: module.call(p.callback, 1, p.text, p.items),
    "a callback with an array": lambda: module.call(p.callback, p.array, p.fixed),
    "a raising callback": lambda: refused(LookupError, lambda: module.call(p.fail, p.array)),
    "one exception again": lambda: refused(LookupError, lambda: module.call(p.fail_with_one)),
    "a rubbish result": lambda: refused(TypeError, lambda: module.call(p.gives_rubbish)),
    "a kept tensor": lambda: refused(RuntimeError, lambda: module.call(lambda t: t, p.array)),
    "errors with context": error_with_context,
    "errors from errors": nested_errors,
    "closures": closures,
    "an Array": lambda: (kiln.Array(p.items)[2], list(kiln.Array(p.items)), repr(p.held)),
    "a Map": lambda: (kiln.Map(p.entries)["b"], dict(kiln.Map(p.entries))),
    "a Shape": lambda: tuple(kiln.Shape((1, 2, 3))),
    "a List": change_list,
    "a Dict": change_dict,
    "an Array with a bad item": lambda: refused(TypeError, lambda: kiln.Array([p.text, 1j])),
    "an index out of range": lambda: refused(IndexError, lambda: p.held[9]),
    "an iteration left early": lambda: (next(iter(p.kept_dict)), next(iter(p.kept_list))),
    "tensors both ways": tensors_both_ways,
    "unused capsules": unused_capsules,
    "attributes": attributes,
    "registered again": register_again,
    "no such name": lambda: refused(KeyError, lambda: kiln.get("python.test.absent")),
    "no such dtype": lambda: refused(ValueError, lambda: kiln.dtype("nonsense")),
}

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def counts() -> dict[str, int]:
    gc.collect()
    return {name: sys.getrefcount(value) for name, value in WATCHED.items()}


def grown(operation: Callable[[], Any], rounds: int) -> tuple[dict[str, tuple[int, int]], int, int]:
    """Reference counts that differ, new objects of Python's, new bytes of memory."""
    for _ in range(max(rounds // 5, 2)):
        operation()
    before, objects, memory = counts(), len(gc.get_objects()), resident()
    for _ in range(rounds):
        operation()
    after = counts()
    differ = {name: (n, after[name]) for name, n in before.items() if abs(after[name] - n) > 1}
    return differ, len(gc.get_objects()) - objects, resident() - memory


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_gives_back_all_it_took(name: str) -> None:
    differ, objects, memory = grown(OPERATIONS[name], 1000)
    assert differ == {}
    assert objects < 20
    assert memory < 2 << 20


def big_strings() -> None:
    assert len(module.echo("x" * 100_000)) == len(py_echo(b"y" * 100_000)) == 100_000


def big_arrays() -> None:
    assert py_echo(np.zeros(25_000, np.float32)).sum() == 0
    kiln.from_dlpack(np.zeros(25_000, np.float32)).__dlpack__()


@pytest.mark.parametrize("operation", [big_strings, big_arrays])
def test_large_values_are_freed(operation: Callable[[], Any]) -> None:
    # 100 MB pass through.
    assert grown(operation, 1000)[2] < 4 << 20


def test_compiled_modules_that_are_dropped_are_freed() -> None:
    # A module that stays is a megabyte of data.
    text = "char room[1 << 20] = {1}; int f(int a) { return ++room[a]; }"

    def compile_and_drop() -> None:
        module = kiln.compile(text, exports="f")
        function = module.f
        del module
        assert function(0) == 2

    differ, objects, memory = grown(compile_and_drop, 100)
    assert differ == {}
    assert objects < 50
    assert memory < 40 << 20


def test_compiles_that_fail_are_freed() -> None:
    def fail() -> None:
        refused(kiln.CompileError, lambda: kiln.compile("int f(void) { return missing; }"))
        refused(kiln.LinkError, lambda: kiln.compile("int g(void); int f(void) { return g(); }"))

    differ, objects, memory = grown(fail, 100)
    assert differ == {}
    assert objects < 50
    assert memory < 40 << 20


def test_an_array_that_a_tensor_borrows_lives_as_long_as_the_tensor() -> None:
    array = np.ones(4, np.float32)
    watch = weakref.ref(array)
    tensor = kiln.from_dlpack(array)
    del array
    assert watch() is not None
    view = np.from_dlpack(tensor)
    del tensor
    assert watch() is not None
    assert view.sum() == 4
    del view
    assert watch() is None


@pytest.mark.parametrize("hold", [lambda t: kiln.Array([t]), lambda t: kiln.Dict({1: t})])
def test_an_array_in_a_container_lives_as_long_as_the_container(hold: Callable) -> None:
    array = np.ones(4, np.float32)
    watch = weakref.ref(array)
    holder = hold(array)
    del array
    assert watch() is not None
    del holder
    assert watch() is None


def test_an_array_is_free_after_the_call_that_it_went_to() -> None:
    for call in (module.nothing, py_echo, lambda a: module.call(p.callback, a)):
        array = np.ones(4, np.float32)
        watch = weakref.ref(array)
        call(array)
        del array
        assert watch() is None


def test_a_callable_lives_as_long_as_its_function() -> None:
    class Seven:
        def __call__(self) -> int:
            return 7

    made = Seven()
    watch = weakref.ref(made)
    function = kiln.function(made)
    kiln.register("python.test.lifetime.held", function, override=True)
    del made
    assert kiln.get("python.test.lifetime.held")() == 7
    del function
    assert watch() is not None
    kiln.register("python.test.lifetime.held", p.callback, override=True)
    assert watch() is None


def test_an_exception_is_freed_when_it_is_caught() -> None:
    class Watched(Exception):
        pass

    watches = []

    def fail() -> None:
        error = Watched("x")
        watches.append(weakref.ref(error))
        raise error

    for _ in range(3):
        refused(Watched, lambda: module.call(fail))
    gc.collect()
    assert [watch() for watch in watches] == [None] * 3


def test_a_capsule_that_nobody_takes_frees_its_array() -> None:
    for version in (None, (1, 0)):
        array = np.ones(4, np.float32)
        watch = weakref.ref(array)
        capsule = kiln.from_dlpack(array).__dlpack__(max_version=version)
        del array
        assert watch() is not None
        del capsule
        assert watch() is None


def test_a_function_keeps_its_code_when_its_module_is_gone() -> None:
    functions = [kiln.compile(f"int f(void) {{ return {i}; }}", exports="f").f for i in range(10)]
    gc.collect()
    assert [function() for function in functions] == list(range(10))
