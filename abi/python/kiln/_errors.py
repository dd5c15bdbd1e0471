"""Errors of the ABI as exceptions: each kind is a class, Python's own kinds derive from Python's class."""

from __future__ import annotations

import builtins
import concurrent.futures
import json
from typing import Any


class Error(Exception):
    """An error of the ABI.

    kind: the name that all languages know it by, such as "ValueError".
    backtrace: the frames that it came through, the innermost first, as text; may be empty.
    context: what came with it, or None.
    """

    kind: str = "Error"
    backtrace: str = ""
    context: Any = None


class CompileError(Error):
    """A source is at fault. The message has the place, the line and a caret for each diagnostic."""

    kind = "CompileError"

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """The diagnostics as data: severity, file, line, column, message, notes, fixits and more."""
        if not isinstance(self.context, str):
            return []
        found: list[dict[str, Any]] = json.loads(self.context)
        return found


class LinkError(Error):
    """A symbol is missing, or code can't be loaded here."""

    kind = "LinkError"


class CancelledError(Error, concurrent.futures.CancelledError):
    """A compile was cancelled before it ended."""

    kind = "CancelledError"


def _derived(kind: str) -> type[Error]:
    """The class of a kind that Python has a class for."""
    # KeyError alone would show its message quoted.
    members = {"kind": kind, "__module__": "kiln", "__str__": Exception.__str__}
    return type(kind, (Error, getattr(builtins, kind)), members)


_PYTHONS = (
    "TypeError",
    "ValueError",
    "IndexError",
    "KeyError",
    "AttributeError",
    "RuntimeError",
    "NotImplementedError",
    "OverflowError",
    "ZeroDivisionError",
    "MemoryError",
    "OSError",
    "TimeoutError",
    "AssertionError",
    "StopIteration",
)

for _class in (Error, CompileError, LinkError, CancelledError):
    _class.__module__ = "kiln"

# The class that is raised for each kind; any other kind is an Error.
CLASSES: dict[str, type[BaseException]] = {
    "CompileError": CompileError,
    "LinkError": LinkError,
    "CancelledError": CancelledError,
    "KeyboardInterrupt": KeyboardInterrupt,
    **{kind: _derived(kind) for kind in _PYTHONS},
}
