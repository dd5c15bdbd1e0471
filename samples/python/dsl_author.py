"""For the author of a DSL: numpy expressions as one fused loop, emitted as C and as LLVM IR.

The language is numpy's own notation: a function that is written for arrays is called with
expressions in their place, which record what is done to them. What they recorded becomes a loop.
"""

# %%
# numpy computes `a * x + y` in two passes over memory, with an array in between. A fused loop makes
# one pass and needs no such array. This notebook builds a small compiler that makes such loops.
from __future__ import annotations

import timeit
from collections import namedtuple
from collections.abc import Callable
from functools import cache, partial, wraps
from typing import Any, NamedTuple

import numpy as np

import kiln

# %%
# The types of the language: their letters, by which IR's instructions differ, and their names in C
# and in IR. Truth values come of comparisons and go into `np.where`; they are not stored.
Type = namedtuple("Type", ("kind", "c", "ir", "math"))
TYPES = {
    np.dtype("float32"): Type("f", "float", "float", "f"),  # math.h calls its sqrt sqrtf
    np.dtype("float64"): Type("f", "double", "double", ""),
    np.dtype("int32"): Type("i", "int32_t", "i32", ""),
    np.dtype("int64"): Type("i", "int64_t", "i64", ""),
    np.dtype("bool"): Type("b", "_Bool", "i1", ""),
}

# %%
# The operations, by numpy's names for them: their C, and their IR for each kind of operand. A kind
# that is not here is refused. {0}, {1} and {2} stand for the operands, {t} for the type of the
# last.
Operation = namedtuple("Operation", ("c", "ir"))


def infix(operator: str, **instructions: str) -> Operation:
    ir = {kind: f"{name} {{t}} {{0}}, {{1}}" for kind, name in instructions.items()}
    return Operation(f"{{0}} {operator} {{1}}", ir)


def math(c: str, intrinsic: str) -> Operation:
    call = f"call {{t}} @llvm.{intrinsic}.f{{bits}}({{t}} {{0}})"
    return Operation(f"{c}{{math}}({{0}})", {"f": call})


OPERATIONS = {
    "add": infix("+", f="fadd", i="add"),
    "subtract": infix("-", f="fsub", i="sub"),
    "multiply": infix("*", f="fmul", i="mul"),
    "divide": infix("/", f="fdiv"),
    "negative": Operation("-{0}", {"f": "fneg {t} {0}", "i": "sub {t} 0, {0}"}),
    "less": infix("<", f="fcmp olt", i="icmp slt"),
    "less_equal": infix("<=", f="fcmp ole", i="icmp sle"),
    "greater": infix(">", f="fcmp ogt", i="icmp sgt"),
    "greater_equal": infix(">=", f="fcmp oge", i="icmp sge"),
    "not_equal": infix("!=", f="fcmp une", i="icmp ne"),
    "bitwise_and": infix("&", i="and", b="and"),
    "bitwise_or": infix("|", i="or", b="or"),
    "absolute": math("fabs", "fabs"),
    "sqrt": math("sqrt", "sqrt"),
    "exp": math("exp", "exp"),
    "where": Operation("{0} ? {1} : {2}", dict.fromkeys("fi", "select i1 {0}, {t} {1}, {t} {2}")),
}

# numpy converts operands by itself to wider types only.
CASTS = {"ff": "fpext", "if": "sitofp", "bf": "uitofp", "ii": "sext", "bi": "zext"}

# These need no instruction of their own: the language can say them. A NaN stays one, as in numpy.
MACROS: dict[str, Callable[..., Any]] = {
    "maximum": lambda a, b: np.where((a >= b) | (a != a), a, b),
    "minimum": lambda a, b: np.where((a <= b) | (a != a), a, b),
}

# %%
# An expression is a node of a graph. numpy hands every operation on it to `__array_ufunc__`,
# operators included, and `np.where` to `__array_function__`. numpy also tells which types meet: its
# own rules hold, by which float32 times 2.0 is float32 and int32 divided by int32 is float64.


class Expression(np.lib.mixins.NDArrayOperatorsMixin):
    def __init__(self, operation: str, dtype: np.dtype, *operands: Any) -> None:
        self.operation = operation
        self.dtype = dtype
        self.operands = operands  # expressions; of "array" and "number" the value

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        name = ufunc.__name__
        if method != "__call__" or kwargs or name not in (*OPERATIONS, *MACROS):
            raise TypeError(f"np.{name}, as it is called here, is not of the language")
        operands = [lifted(value) for value in inputs]
        given = [type(o) if is_number(o) else o.dtype for o in operands]
        *wanted, result = ufunc.resolve_dtypes((*given, None))
        return record(name, result, *map(converted, operands, wanted))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is not np.where or len(args) != 3 or kwargs:
            raise TypeError(f"np.{function.__name__}, as it is called here, is not of the language")
        condition, *branches = map(lifted, args)
        dtype = np.result_type(*(b if is_number(b) else b.dtype for b in branches))
        branches = [converted(branch, dtype) for branch in branches]
        return record("where", dtype, converted(condition, np.dtype("bool")), *branches)


def is_number(value: Any) -> bool:
    """Whether this is a number of Python's, which takes the type of what it meets."""
    return isinstance(value, (int, float)) and not isinstance(value, (bool, np.generic))


def record(name: str, dtype: np.dtype, *operands: Expression) -> Expression:
    if name in MACROS:
        return MACROS[name](*operands)
    if TYPES[operands[-1].dtype].kind not in OPERATIONS[name].ir:
        raise TypeError(f"np.{name} of {operands[-1].dtype} is not of the language")
    return Expression(name, dtype, *operands)


def lifted(value: Any) -> Any:
    """Expressions and Python's numbers as they are; arrays, and numpy's numbers, as expressions."""
    if is_number(value) or isinstance(value, Expression):
        return value
    array = np.asarray(value)
    if array.dtype not in TYPES or array.dtype == bool:
        raise TypeError(f"arrays are of float32, float64, int32 or int64; got one of {array.dtype}")
    if array.ndim == 0:
        return Expression("number", array.dtype, array.item())
    return Expression("array", array.dtype, array)


def converted(operand: Any, dtype: np.dtype) -> Expression:
    """What `lifted` gave as an expression of type `dtype`."""
    if is_number(operand):
        return Expression("number", dtype, operand)
    if operand.dtype == dtype:
        return operand
    if TYPES[operand.dtype].kind + TYPES[dtype].kind not in CASTS:
        raise TypeError(f"{operand.dtype} does not become {dtype} by itself")
    return Expression("cast", dtype, operand)


t = 2 * lifted(np.ones(3, np.float32)) + 1
graph = np.sqrt(t) * t

# %%
# A program is the graph in a line, each step once, however often it is used. Arrays and numbers are
# its parameters, so it says nothing of their values: that makes it the key of the cache. The same
# formula with another number is the same program.
Program = tuple["Step", ...]


class Step(NamedTuple):
    operation: str
    dtype: np.dtype
    operands: tuple[int, ...]  # places of steps; of "array" and "number" that of the parameter


def linearise(root: Expression) -> tuple[Program, list[Any]]:
    steps: dict[Step, int] = {}
    places: dict[int, int] = {}  # by the identity of a node, or of its array
    values: list[Any] = []

    def place_of(node: Expression) -> int:
        key = id(node.operands[0] if node.operation == "array" else node)
        if key not in places:
            if node.operation in ("array", "number"):
                operands: tuple[int, ...] = (len(values),)
                values.append(node.operands[0])
            else:
                operands = tuple(place_of(operand) for operand in node.operands)
            step = Step(node.operation, node.dtype, operands)
            places[key] = steps.setdefault(step, len(steps))
        return places[key]

    place_of(root)
    return tuple(steps), values


def parameters(program: Program, array: str, number: str) -> str:
    """The declarations of the parameters, by a pattern for arrays and one for numbers."""
    return ", ".join(
        (array if step.operation == "array" else number).format(place=p, type=TYPES[step.dtype])
        for p, step in enumerate(program)
        if step.operation in ("array", "number")
    )


program, values = linearise(graph)
print(f"a program of {len(program)} steps and {len(values)} parameters:")
for place, step in enumerate(program):
    print(f"  {place}: {step.operation} {step.operands} -> {step.dtype}")

# %%
# Two emitters. Each goes down the program and writes a line or two for a step. Both make a plain
# function that knows nothing of tensors: the option `exports` will wrap it in checks of its
# arguments.


def emit_c(program: Program) -> str:
    def value(place: int, step: Step) -> str:
        if step.operation in ("array", "number"):
            return f"p{place}[i]" if step.operation == "array" else f"p{place}"
        pattern = "({c}){0}" if step.operation == "cast" else OPERATIONS[step.operation].c
        names = [f"v{operand}" for operand in step.operands]
        return pattern.format(*names, **TYPES[step.dtype]._asdict())

    declared = parameters(program, "const {type.c}* restrict p{place}", "{type.c} p{place}")
    body = "".join(
        f"    const {TYPES[step.dtype].c} v{place} = {value(place, step)};\n"
        for place, step in enumerate(program)
    )
    return f"""#include <math.h>
#include <stdint.h>

void fused(int64_t n, {TYPES[program[-1].dtype].c}* restrict out, {declared}) {{
  for (int64_t i = 0; i < n; ++i) {{
{body}    out[i] = v{len(program) - 1};
  }}
}}
"""


def emit_ir(program: Program) -> str:
    def instructions(place: int, step: Step) -> str:
        own = TYPES[step.dtype].ir
        if step.operation == "number":
            return ""  # the parameter has the name of the step
        if step.operation == "array":
            at = f"  %at{place} = getelementptr {own}, ptr %p{place}, i64 %i\n"
            return at + f"  %v{place} = load {own}, ptr %at{place}\n"
        names = [f"%v{operand}" for operand in step.operands]
        last = program[step.operands[-1]].dtype
        of = TYPES[last]
        if step.operation == "cast":
            verb = CASTS[of.kind + TYPES[step.dtype].kind]
            return f"  %v{place} = {verb} {of.ir} {names[0]} to {own}\n"
        text = OPERATIONS[step.operation].ir[of.kind]
        return f"  %v{place} = {text.format(*names, t=of.ir, bits=8 * last.itemsize)}\n"

    result = TYPES[program[-1].dtype].ir
    declared = parameters(program, "ptr %p{place}", "{type.ir} %v{place}")
    body = "".join(instructions(place, step) for place, step in enumerate(program))
    return f"""define void @fused(i64 %n, ptr noalias %out, {declared}) {{
entry:
  %some = icmp sgt i64 %n, 0
  br i1 %some, label %loop, label %done

loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
{body}  %out.at = getelementptr {result}, ptr %out, i64 %i
  store {result} %v{len(program) - 1}, ptr %out.at
  %next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %done

done:
  ret void
}}
"""


print(f"\n{emit_c(program)}\n{emit_ir(program)}")

# %%
# Compiling is one call, and is remembered for each program. `fp_contract` is off so that each step
# rounds as numpy's do, integers wrap as numpy's do, and `veclib` vectorises exp.
FOR_ALL: dict[str, Any] = {"exports": "fused", "opt_level": 3, "veclib": "libmvec"}
FOR_C: dict[str, Any] = {"fp_contract": "off", "flags": ["-fwrapv", "-fno-math-errno"]}


@cache
def by_c(program: Program) -> kiln.Function:
    return kiln.compile(emit_c(program), name="fused.c", **FOR_ALL, **FOR_C).fused


@cache
def by_ir(program: Program) -> kiln.Function:
    return kiln.compile(emit_ir(program), name="fused.ll", **FOR_ALL).fused


# %%
# The way in is a decorator. A call records the function, looks its program up, and runs the loop
# over the arrays. They have one shape: of broadcasting, this language has that of numbers alone.


def fuse(function: Callable, compiled: Callable[[Program], kiln.Function] = by_c) -> Callable:
    name = function.__name__

    @wraps(function)
    def fused(*args: Any) -> np.ndarray:
        result = function(*map(lifted, args))
        if not isinstance(result, Expression) or result.dtype == bool:
            raise TypeError(f"{name} must give numbers, got {getattr(result, 'dtype', result)}")
        program, values = linearise(result)
        values = [np.ascontiguousarray(v) if isinstance(v, np.ndarray) else v for v in values]
        shapes = {value.shape for value in values if isinstance(value, np.ndarray)}
        if len(shapes) != 1:
            raise ValueError(f"{name}: the arrays must have one shape, got {sorted(shapes)}")
        out = np.empty(shapes.pop(), result.dtype)
        compiled(program)(out.size, out, *values)
        return out

    return fused


@fuse
def axpy(a, x, y):
    return a * x + y


print("axpy:", axpy(2.0, np.arange(4.0), np.ones(4)))
axpy(3.0, np.arange(4.0), np.ones(4))
axpy(3.0, np.arange(4, dtype=np.float32), np.ones(4, np.float32))
hits, misses, *_ = by_c.cache_info()
print(f"three calls: {misses} programs compiled, {hits} found in the cache")
np.testing.assert_equal((misses, hits), (2, 1))

# %%
# Functions to check it with, as anyone writes them for numpy. They run on arrays as they stand:
# that is what they are checked against. Python is the macro language, as the loop of `horner`
# shows.


def distance(x, y):
    return np.sqrt(x * x + y * y)


def huber(x, y):
    miss = np.absolute(x - y)
    return np.where(miss < 0.5, miss * miss, miss - 0.25)


def silu_clipped(x, y):
    return np.minimum(np.maximum(x / (1 + np.exp(-x)), 0), y)


def horner(x, y):
    total = x
    for degree in range(8, 0, -1):
        total = x * total / degree + y
    return total


def wrapping(x, y):
    return np.where((x > y) & (y != 0), x * x * y, -x) - 7


# %%
# Each function, in several types, by both emitters. Only exp may differ from numpy's in the last
# bits.
random = np.random.default_rng(1)
ON_FLOATS = (distance, huber, silu_clipped, horner)
CASES = [(f, dtype, dtype) for f in ON_FLOATS for dtype in ("float32", "float64")]
CASES += [(wrapping, "int32", "int32"), (wrapping, "int64", "int32")]
CASES += [(huber, "int32", "float32"), (horner, "float32", "float64")]


def sample(dtype: str) -> np.ndarray:
    """A matrix with every second column left out; of floats, some are NaN."""
    if dtype.startswith("int"):
        return random.integers(-(2**31), 2**31, (101, 66), dtype)[:, ::2]
    values = random.standard_normal((101, 66)).astype(dtype)
    values[::10, 0] = np.nan
    return values[:, ::2]


for function, *dtypes in CASES:
    x, y = map(sample, dtypes)
    expected = function(x, y)
    tolerance = 16 * np.finfo(expected.dtype).eps if function is silu_clipped else 0
    for compiled in (by_c, by_ir):
        result = fuse(function, compiled)(x, y)
        np.testing.assert_equal(result.dtype, expected.dtype)
        np.testing.assert_allclose(result, expected, rtol=tolerance)
    print(f"{function.__name__:>12} of {' and '.join(dtypes):<19} is numpy's, by C and by IR")

# %%
# What the language lacks is an exception that says so, before anything is compiled.
for wrong in (np.sin, np.absolute, lambda x: x + np.ones(3), lambda x: x > 0):
    try:
        fuse(wrong)(np.ones(4, np.int32))
    except (TypeError, ValueError) as error:
        print("refused:", error)
    else:
        raise SystemExit("a function that is not of the language was taken")

# %%
# And what it is good for: the time of numpy's passes over a million elements, beside the loop's.
x, y = (random.standard_normal(1_000_000).astype(np.float32) for _ in range(2))
print("                numpy    fused by C  by IR   numpy / C")
for function in ON_FLOATS:
    runs = [function, fuse(function, by_c), fuse(function, by_ir)]
    plain, c, ir = (
        1e3 * min(timeit.repeat(partial(run, x, y), number=1, repeat=7)) for run in runs
    )
    print(f"{function.__name__:>12} {plain:6.2f} ms {c:7.2f} ms {ir:5.2f} ms {plain / c:8.1f}")
