"""What a function tells of itself: help(module.f), inspect.signature(module.f), tracebacks."""

from __future__ import annotations

import inspect
import json
from typing import Any

from kiln import _core

_DOC = """A function of the ABI: f(*args).

Found in a module or by name, or made of a Python callable. Arguments go by position. Any thread may
call it. While it runs no other thread runs Python, unless release_gil is set.
"""


class _Type(str):
    """The name of a type as an annotation, shown without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _of_module(question: str, module: _core.Object, function: _core.Function) -> str | None:
    ask = _core.get_global(question)
    answer: str | None = ask(module, function.__name__, True) if ask else None
    return answer


def metadata_of(function: _core.Function) -> dict[str, Any]:
    """What the function's module knows of it: parameters, types, result, signature, file, line."""
    origin = function._origin
    if not isinstance(origin, _core.Object):
        return {}
    text = _of_module("ffi.ModuleGetFunctionMetadata", origin, function)
    known: dict[str, Any] = json.loads(text) if text else {}
    return known


def signature_of(function: _core.Function) -> inspect.Signature | None:
    """The signature, as far as it is known."""
    origin = function._origin
    if callable(origin):
        try:
            return inspect.signature(origin)
        except (TypeError, ValueError):
            return None
    known = metadata_of(function)
    if "types" not in known:
        return None
    parameters = [
        inspect.Parameter(
            name if name.isidentifier() else f"_{i}",
            inspect.Parameter.POSITIONAL_ONLY,
            annotation=_Type(type_),
        )
        for i, (name, type_) in enumerate(zip(known["parameters"], known["types"], strict=True))
    ]
    return inspect.Signature(parameters, return_annotation=_Type(known["result"]))


def doc_of(function: _core.Function) -> str | None:
    """The comment before the function in its source, or the callable's docstring."""
    origin = function._origin
    if isinstance(origin, _core.Object):
        return _of_module("ffi.ModuleGetFunctionDoc", origin, function)
    return inspect.getdoc(origin) if callable(origin) else None


def place_of(function: _core.Function) -> tuple[str, int, str] | None:
    """(file, line, name) of a function that a module has, for tracebacks."""
    if not isinstance(function._origin, _core.Object):
        return None
    known = metadata_of(function)
    return known.get("file", "<compiled>"), known.get("line", 0), function.__name__


class _OfInstance:
    """An attribute that instances compute and that the class has a value of its own for."""

    def __init__(self, of_class: Any, compute: Any) -> None:
        self._of_class = of_class
        self._compute = compute

    def __get__(self, function: _core.Function | None, owner: type) -> Any:
        return self._of_class if function is None else self._compute(function)


_core.Function.__doc__ = _OfInstance(_DOC, doc_of)  # type: ignore[assignment]
_core.Function.__signature__ = _OfInstance(None, signature_of)  # type: ignore[assignment]
