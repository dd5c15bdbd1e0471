"""For the author of a framework: kernels made ahead of time and at run time, behind one call.

`call(op, *arrays)` finds the kernel for an operator and an element type: loaded from a file,
compiled at its first use, or written with numpy. Kernels have names, by which each can be replaced
while others call it.
"""

# %%
# An operator is a name, what it means in numpy, and where there is one a kernel in C, in which T is
# the element type. The kernel writes into its last argument. numpy's version is what kernels are
# checked against, and stands in for those that are missing.
from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import kiln


class Operator(NamedTuple):
    arguments: int
    in_numpy: Callable[..., np.ndarray]
    source: str = ""
    dtypes: tuple[str, ...] = ()  # that the source is for


FLOATS = ("float32", "float64")
C_NAMES = {"float32": "float", "float64": "double", "int32": "int32_t", "int64": "int64_t"}


def elementwise(name: str, expression: str, arguments: int) -> str:
    """The C of an operator of one line: `expression` is in a and b."""
    letters = "ab"[:arguments]
    parameters = ", ".join(f"const T* restrict p{letter}" for letter in letters)
    loads = " ".join(f"const T {letter} = p{letter}[i];" for letter in letters)
    return f"""#include <math.h>
#include <stdint.h>
void {name}(int64_t n, {parameters}, T* restrict out) {{
  for (int64_t i = 0; i < n; ++i) {{ {loads} out[i] = {expression}; }}
}}
"""


def root_of_squares(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.sqrt(a * a + b * b)


RELU = elementwise("relu", "a < 0 ? 0 : a", 1)
LENGTH = elementwise("length", "sqrt(a * a + b * b)", 2)
OPERATORS = {
    "add": Operator(2, np.add, elementwise("add", "a + b", 2), tuple(C_NAMES)),
    "relu": Operator(1, lambda a: np.maximum(a, 0), RELU, tuple(C_NAMES)),
    "length": Operator(2, root_of_squares, LENGTH, FLOATS),
    "sort": Operator(1, lambda a: np.sort(a, axis=-1)),
}

# %%
# Compiling is the same for both ways of making a kernel. Several operators make one module, and the
# element type is a macro. Sums and products round and wrap as numpy's do.


def compiled(ops: list[str], dtype: str, **options: Any) -> kiln.Module:
    return kiln.compile(
        {f"{op}.c": OPERATORS[op].source for op in ops},
        exports=ops,
        defines=[f"T={C_NAMES[dtype]}"],
        opt_level=3,
        fp_contract="off",
        flags=["-fwrapv"],
        **options,
    )


# %%
# Ahead of time: what is sure to be needed is compiled where the framework is built, and shipped as
# files. A .so is a shared library that any loader of the ABI takes, a .kiln is loaded by the
# engine. `cpu` names a machine that all users have.
SHIPPED = {"float32.so": ("float32", ["add", "relu"]), "float64.kiln": ("float64", ["add"])}


def build(folder: Path) -> None:
    for file, (dtype, ops) in SHIPPED.items():
        compiled(ops, dtype, cpu="x86-64-v2").save(folder / file)
        print(f"built {file} of {', '.join(ops)}: {(folder / file).stat().st_size} bytes")


# %%
# The registry is the process's own, shared with C, C++ and all other languages of the ABI. A kernel
# is registered as `sample.<operator>.<element type>`; `ORIGINS` is for people to read.
ORIGINS: dict[str, str] = {}


def name_of(op: str, dtype: str) -> str:
    return f"sample.{op}.{dtype}"


def install(op: str, dtype: str, kernel: kiln.Function, origin: str) -> kiln.Function:
    ORIGINS[name_of(op, dtype)] = origin
    return kiln.register(name_of(op, dtype), kernel)


def load(folder: Path) -> None:
    """Installs the kernels that `build` made."""
    for file, (dtype, ops) in SHIPPED.items():
        module = kiln.load_module(folder / file)
        for op in ops:
            install(op, dtype, module[op], file)


# %%
# At run time: a kernel that was not shipped is compiled when it is first called, for the machine
# that it runs on. Where there is no C for it, numpy stands in, as a function that C++ could call,
# too. What it is called with are tensors, which share the memory of the caller's arrays.


def stand_in(op: str) -> kiln.Function:
    @kiln.function
    def kernel(n: int, *tensors: kiln.Tensor) -> None:
        *arguments, out = map(np.from_dlpack, tensors)
        np.copyto(out, OPERATORS[op].in_numpy(*arguments))

    return kernel


def make(op: str, dtype: str) -> kiln.Function:
    if dtype in OPERATORS[op].dtypes:
        return install(op, dtype, compiled([op], dtype)[op], "compiled at first use")
    return install(op, dtype, stand_in(op), "numpy")


# %%
# Lookup is by name at every call, so that a name always means its newest kernel. Of threads that
# need a kernel which is not there, one makes it.
making = threading.Lock()


def registered(op: str, dtype: str) -> kiln.Function | None:
    try:
        return kiln.get(name_of(op, dtype))
    except KeyError:
        return None


def kernel_of(op: str, dtype: str) -> kiln.Function:
    kernel = registered(op, dtype)
    if kernel is None:
        with making:
            kernel = registered(op, dtype) or make(op, dtype)
    return kernel


# %%
# The one call. It checks what a kernel can't know of: that the arrays fit each other. The kernel
# checks each array by itself.


def call(op: str, *arrays: np.ndarray) -> np.ndarray:
    if op not in OPERATORS:
        raise KeyError(f"no operator '{op}'; there are {', '.join(OPERATORS)}")
    if len(arrays) != OPERATORS[op].arguments:
        raise TypeError(f"{op} takes {OPERATORS[op].arguments} arrays, got {len(arrays)}")
    kinds = {f"{array.dtype} of shape {array.shape}" for array in arrays}
    if len(kinds) != 1:
        raise TypeError(
            f"{op} takes arrays of one type and shape, got {' and '.join(sorted(kinds))}"
        )
    out = np.empty(arrays[0].shape, arrays[0].dtype)
    kernel = kernel_of(op, out.dtype.name)
    kernel(out.size, *map(np.ascontiguousarray, arrays), out)
    return out


# %%
# Built in one place, loaded in another. The files may go once they are loaded.
with tempfile.TemporaryDirectory() as folder:
    build(Path(folder))
    start = time.perf_counter()
    load(Path(folder))
    print(f"loaded both in {1e3 * (time.perf_counter() - start):.1f} ms\n")

# %%
# Every operator for several element types, each twice: the first call finds or makes the kernel.
# The arrays have gaps, as slices do.
random = np.random.default_rng(1)


def arguments_for(op: str, dtype: str) -> list[np.ndarray]:
    shape = (OPERATORS[op].arguments, 30, 82)
    return list((10 * random.standard_normal(shape)).astype(dtype)[..., ::2])


def timed_call(op: str, *arrays: np.ndarray) -> float:
    start = time.perf_counter()
    result = call(op, *arrays)
    microseconds = 1e6 * (time.perf_counter() - start)
    np.testing.assert_array_equal(result, OPERATORS[op].in_numpy(*arrays), strict=True)
    return microseconds


for op in OPERATORS:
    for dtype in ("float32", "float64", "int64", "float16"):
        if op == "length" and dtype == "int64":
            continue  # has no integer for a result
        arrays = arguments_for(op, dtype)
        first, second = timed_call(op, *arrays), timed_call(op, *arrays)
        origin = ORIGINS[name_of(op, dtype)]
        print(f"{op:>6} of {dtype:<7}: {first:8.0f} us, then {second:4.0f} us  ({origin})")
np.testing.assert_equal(
    Counter(ORIGINS.values()),
    {"float32.so": 2, "float64.kiln": 1, "compiled at first use": 5, "numpy": 7},
)

# %%
# A mistake is an exception, whichever side finds it: this file, a kernel's own checks, or numpy
# within a stand-in.
x, y = arguments_for("add", "float32")
for wrong in (
    partial(call, "divide", x, y),
    partial(call, "add", x),
    partial(call, "add", x, y.astype(np.float64)),
    partial(kernel_of("add", "float32"), 4, x, y, np.zeros(4)),
    partial(call, "length", *arguments_for("length", "int64")),
):
    try:
        wrong()
    except (KeyError, TypeError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")
    else:
        raise SystemExit(f"{wrong} was to be refused")

# %%
# A kernel is replaced by its name, and anything that can be called may take its place: here a
# Python function that counts the calls of the kernel that was there. Calling it, it still calls
# compiled code.
counts: Counter[str] = Counter()
inner = kiln.get("sample.add.float32")


def counting(*arguments: object) -> None:
    counts["add"] += 1
    inner(*arguments)


kiln.register("sample.add.float32", counting, override=True)
for _ in range(3):
    np.testing.assert_array_equal(call("add", x, y), x + y)
kiln.register("sample.add.float32", inner, override=True)
call("add", x, y)
print(f"\ncounted {counts['add']} calls of add, before the kernel was put back")
np.testing.assert_equal(counts["add"], 3)

# %%
# And while it is in use: threads call relu, and meanwhile it becomes a leaky one. Each result is
# that of one kernel, the old or the new. A call that began with the old one ends with it: a
# function keeps its code for as long as anyone holds it.
old = kiln.get("sample.relu.float32")
leaky = kiln.compile(
    elementwise("relu", "a < 0 ? a / 8 : a", 1), exports="relu", defines=["T=float"]
)
by_old, by_new = np.maximum(x, 0), np.where(x < 0, x / 8, x)
THREADS = 4
seen: list[Counter[str]] = [Counter() for _ in range(THREADS)]


def use(mine: Counter[str]) -> None:
    deadline = time.monotonic() + 5
    while not mine["new"] and not mine["neither"] and time.monotonic() < deadline:
        result = call("relu", x)
        if np.array_equal(result, by_old):
            mine["old"] += 1
        else:
            mine["new" if np.array_equal(result, by_new) else "neither"] += 1


threads = [threading.Thread(target=use, args=(mine,)) for mine in seen]
for thread in threads:
    thread.start()
while any(
    thread.is_alive() and not mine["old"] for thread, mine in zip(threads, seen, strict=True)
):
    time.sleep(0.001)
kiln.register("sample.relu.float32", leaky["relu"], override=True)
for thread in threads:
    thread.join()
for number, mine in enumerate(seen):
    print(
        f"thread {number}: {mine['old']} results of the old kernel, then {mine['new']} of the new"
    )
    np.testing.assert_equal((mine["old"] > 0, mine["new"], mine["neither"]), (True, 1, 0))
again = np.empty_like(by_old)
old(x.size, np.ascontiguousarray(x), again)
np.testing.assert_array_equal(again, by_old)
print("the old kernel still does what it did, for those who hold it")
