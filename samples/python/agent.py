"""For the author of an agent: write a kernel, read what is wrong, mend it, check it, time it.

Rules of a few lines stand where a real agent has a language model. They read the same data: the
diagnostics of the compiler, the exceptions of the kernel, and where its results are wrong.
"""

# %%
# The task is layer normalisation: each row gets mean 0 and variance 1, then each column its own
# scale and shift. numpy says what is right.
from __future__ import annotations

import re
import timeit
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

import kiln

EPSILON = 1e-5


def reference(x: np.ndarray, scale: np.ndarray, shift: np.ndarray) -> np.ndarray:
    mean = x.mean(axis=1, keepdims=True)
    variance = x.var(axis=1, keepdims=True)
    return (x - mean) / np.sqrt(variance + EPSILON) * scale + shift


# %%
# The first draft. Five of its mistakes don't compile, two are warned of, and three can only be seen
# when the kernel is called.
DRAFT = """\
void layer_norm(const float* x, const double* scale, const float* shift, float* y,
                int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r) {
    const float* row = x + r * columns
    float mean, variance;
    for (c = 0; c < columns; ++c) mean += row[c];
    mean /= columns;
    for (int64_t c = 0; c < columns; ++c) variance += (row[c] - maen) * (row[c] - mean);
    const float factor = 1 / sqrtf(variance / columns);
    for (int64_t c = 0; c < columns - 1; ++c) {
      y[r * columns + c] = (row[c] - mean) * factor * scale[c] + shift[c];
    }
  }
}
"""

# %%
# What can be found wrong: messages of the compiler, an exception of a call, or results. `examine`
# looks for them in this order, and returns None for a kernel that is as it should be. A result that
# is right by chance is not right, so warnings count.


class Messages(NamedTuple):
    diagnostics: list[dict[str, Any]]


class Raised(NamedTuple):
    error: kiln.Error


class Wrong(NamedTuple):
    result: np.ndarray
    expected: np.ndarray

    @property
    def where(self) -> np.ndarray:
        return ~np.isclose(self.result, self.expected, rtol=1e-4, atol=1e-4)


Finding = Messages | Raised | Wrong


def compiled(source: str) -> kiln.Module:
    return kiln.compile(
        source, name="layer_norm.c", exports="layer_norm", opt_level=3, flags=["-Wall"]
    )


def inputs(rows: int, columns: int) -> list[np.ndarray]:
    random = np.random.default_rng(rows)
    x, scale, shift = (random.standard_normal(s) for s in ((rows, columns), columns, columns))
    x[rows // 2] = 1.0  # a row without variance
    return [array.astype(np.float32) for array in (x, scale, shift)]


def examine(source: str) -> Finding | None:
    try:
        module = compiled(source)
    except kiln.CompileError as error:
        return Messages(error.diagnostics)
    if module.diagnostics:
        return Messages(module.diagnostics)
    for rows, columns in ((37, 50), (1, 1), (5, 1000)):
        x, scale, shift = inputs(rows, columns)
        y = np.full_like(x, np.nan)  # shows what the kernel leaves out
        try:
            module.layer_norm(x, scale, shift, y, rows, columns)
        except kiln.Error as error:
            return Raised(error)
        finding = Wrong(y, reference(x, scale, shift))
        if finding.where.any():
            return finding
    return None


# %%
# A diagnostic is a dict: severity, file, line, column, message, the line itself, and two things
# that make mending easy. `fixits` are the compiler's own proposals, text in place of a range.
# `notes` are diagnostics that belong to it, with fix-its of their own.
finding = examine(DRAFT)
if not isinstance(finding, Messages):
    raise SystemExit(f"the draft was to be refused by the compiler, found {finding}")
for diagnostic in finding.diagnostics:
    if diagnostic["fixits"]:
        print({key: diagnostic[key] for key in ("severity", "line", "column", "message", "fixits")})

# %%
# Rules for messages. Each takes the source and a diagnostic, and returns the mended source with a
# word about it, or None where it knows no answer. Lines and columns count from 1, columns in bytes.


class Repair(NamedTuple):
    what: str
    source: str


HEADERS = {"int64_t": "stdint.h", "size_t": "stddef.h", "bool": "stdbool.h", "FLT_MAX": "float.h"}


def replaced(source: str, edits: list[dict[str, Any]]) -> str:
    """The source with each edit's text in place of its range."""
    text = source.encode()
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for edit in reversed(edits):  # so that the places of those before stay true
        begin = starts[edit["line"] - 1] + edit["column"] - 1
        end = starts[edit["end_line"] - 1] + edit["end_column"] - 1
        text = text[:begin] + edit["text"].encode() + text[end:]
    return text.decode()


def include(source: str, header: str) -> Repair | None:
    line = f"#include <{header}>\n"
    return None if line in source else Repair(f"include <{header}>", line + source)


def header_of_a_name(source: str, diagnostic: dict[str, Any]) -> Repair | None:
    name = re.search(r"'(\w+)'", diagnostic["message"])
    return include(source, HEADERS[name[1]]) if name and name[1] in HEADERS else None


def header_of_a_note(source: str, diagnostic: dict[str, Any]) -> Repair | None:
    for note in diagnostic["notes"]:
        if header := re.search(r"include the header <(.+)>", note["message"]):
            return include(source, header[1])
    return None


def proposal(source: str, diagnostic: dict[str, Any]) -> Repair | None:
    for message in (diagnostic, *diagnostic["notes"]):
        if fixits := message["fixits"]:
            texts = ", ".join(repr(fixit["text"]) for fixit in fixits)
            return Repair(f"the compiler's proposal: {texts}", replaced(source, fixits))
    return None


def undeclared_counter(source: str, diagnostic: dict[str, Any]) -> Repair | None:
    name = re.match(r"use of undeclared identifier '(\w+)'$", diagnostic["message"])
    if not name or f"for ({name[1]} = " not in diagnostic["source_line"]:
        return None
    place = {"line": diagnostic["line"], "column": diagnostic["column"]}
    edit = {**place, **{f"end_{key}": value for key, value in place.items()}, "text": "int64_t "}
    return Repair(f"declare the counter {name[1]}", replaced(source, [edit]))


MESSAGE_RULES = (header_of_a_name, header_of_a_note, proposal, undeclared_counter)


def mend_message(source: str, finding: Messages) -> Repair | None:
    for diagnostic in finding.diagnostics:
        for rule in MESSAGE_RULES:
            if repair := rule(source, diagnostic):
                print("  {file}:{line}:{column}: {message}".format(**diagnostic))
                return repair
    return None


# %%
# A rule for exceptions. The function that `exports` makes checks each argument, and says which one
# it has no use for: here the caller is right, and the kernel's signature is mended.
C_NAMES = {"float32": "float", "float64": "double", "int32": "int32_t", "int64": "int64_t"}


def mend_signature(source: str, finding: Raised) -> Repair | None:
    print(f"  {type(finding.error).__name__}: {finding.error}")
    told = re.search(r"\((\w+)\): expected (\w+) tensor, got (\w+) tensor", str(finding.error))
    if not told:
        return None
    name, expected, got = told.groups()
    old, new = (f"{C_NAMES[dtype]}* {name}" for dtype in (expected, got))
    return Repair(f"take {new}", source.replace(old, new)) if old in source else None


# %%
# Rules for results. The pattern of what is wrong points at the cause: a column that is never
# written is a loop that ends too soon, a row of NaN is a division by zero.


def mend_result(source: str, finding: Wrong) -> Repair | None:
    wrong = finding.where
    print(f"  {wrong.sum()} of {wrong.size} results are wrong")
    if wrong[:, -1].all() and " < columns - 1;" in source:
        print("  the last column is among them, in every row")
        return Repair("go to the last column", source.replace(" < columns - 1;", " < columns;"))
    rows = np.flatnonzero(np.isnan(finding.result).all(axis=1))
    root = re.search(r"sqrtf\(([^()+]+)\)", source)
    if rows.size and root:
        print(f"  row {rows[0]} is NaN, all of it")
        mended = f"sqrtf({root[1]} + {EPSILON}f)"
        return Repair(f"divide by {mended}", source.replace(root[0], mended))
    return None


# %%
# The loop. Every round mends one thing and looks again. A mistake is an exception and never the end
# of this process, with one exception: a kernel that writes where it may not. An agent that trusts
# its kernels less than this one runs `examine` in a process of its own.
RULES: dict[type, Callable[..., Repair | None]] = {
    Messages: mend_message,
    Raised: mend_signature,
    Wrong: mend_result,
}
MOST_ROUNDS = 20


def mend(source: str) -> tuple[str, list[str]]:
    """The kernel as it should be, and the kinds of what was found on the way."""
    found: list[str] = []
    for round_ in range(1, MOST_ROUNDS + 1):
        finding = examine(source)
        kind = type(finding).__name__
        if finding is None:
            print(f"round {round_}: nothing is wrong any more\n")
            return source, found
        print(f"round {round_}: {kind}")
        repair = RULES[type(finding)](source, finding)
        if repair is None:
            raise SystemExit(f"no rule knows an answer to {finding}; the source so far:\n{source}")
        print(f"  -> {repair.what}")
        found.append(kind)
        source = repair.source
    raise SystemExit(f"still wrong after {MOST_ROUNDS} rounds; the source so far:\n{source}")


kernel, found = mend(DRAFT)
print(kernel)
np.testing.assert_equal(set(found), {"Messages", "Raised", "Wrong"})

# %%
# The kernel is right; is it worth having? The function checks its arguments at every call, so a
# caller's mistake is an exception, too, and names the argument.
layer_norm = compiled(kernel).layer_norm
x, scale, shift = inputs(256, 1024)
y = np.empty_like(x)
layer_norm(x, scale, shift, y, *x.shape)
np.testing.assert_allclose(y, reference(x, scale, shift), rtol=1e-4, atol=1e-4)
try:
    layer_norm(x, scale, shift, y.T, *x.shape)
except ValueError as error:
    print("a caller's mistake:", error)
else:
    raise SystemExit("a transposed array was taken for a plain one")

# %%
# An agent that looks for speed tries options as it tried repairs, and holds every result against
# the reference. Sums can only be vectorised where `fast_math` lets them be reordered.


def milliseconds(run: Callable[[], object]) -> float:
    return 1e3 * min(timeit.repeat(run, number=1, repeat=9))


by_numpy = milliseconds(partial(reference, x, scale, shift))
print(f"{'numpy':>16}: {by_numpy:6.3f} ms")
tried: list[dict[str, Any]] = [{}, {"fast_math": True}]
for options in tried:
    tuned = kiln.compile(kernel, name="layer_norm.c", exports="layer_norm", opt_level=3, **options)
    y.fill(np.nan)
    time = milliseconds(partial(tuned.layer_norm, x, scale, shift, y, *x.shape))
    np.testing.assert_allclose(y, reference(x, scale, shift), rtol=1e-4, atol=1e-4)
    name = ", ".join(options) or "as it is"
    print(f"{name:>16}: {time:6.3f} ms, {by_numpy / time:.1f} times as fast as numpy")
