"""Functions by name, for the whole process and every language in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

from kiln import _core

_Callable = Callable[..., Any]


def function(callable: _Callable) -> _core.Function:
    """A Python callable as a function of the ABI, for kernels and other languages to call."""
    return _core.Function(callable)


def get(name: str) -> _core.Function:
    """The function that is registered as `name`. Raises KeyError where there is none."""
    found = _core.get_global(name)
    if found is None:
        raise KeyError(f"no function is registered as '{name}'")
    return found


@overload
def register(
    name: str, callable: None = None, *, override: bool = False
) -> Callable[[_Callable], _core.Function]: ...
@overload
def register(name: str, callable: _Callable, *, override: bool = False) -> _core.Function: ...
def register(name: str, callable: _Callable | None = None, *, override: bool = False) -> Any:
    """Registers a callable as `name`; without one, a decorator that does so.

    Returns the kiln.Function. Raises RuntimeError where the name is taken and override is false.
    """
    if callable is None:
        return lambda given: register(name, given, override=override)
    made = callable if isinstance(callable, _core.Function) else _core.Function(callable)
    _core.set_global(name, made, override)
    return made
