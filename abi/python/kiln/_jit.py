"""Kernels of one function: kiln.jit, as a function of a source and as a decorator."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from functools import update_wrapper
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload

from kiln import _core
from kiln._compile import Source, compile
from kiln._function import metadata_of
from kiln._module import Module

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from kiln._options import AllOptions

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def _without_body() -> None:
    """Does nothing."""


def _refusing() -> None:
    """Does nothing, and has any result for a type checker."""
    raise NotImplementedError


def _body(code: CodeType) -> tuple[Any, ...]:
    """What a function with a docstring does: its code, the names and the constants in it."""
    return code.co_code, code.co_names, code.co_consts[1:]


_EMPTY_BODIES = (_body(_without_body.__code__), _body(_refusing.__code__))


class Kernel(Generic[_Arguments, _Result]):
    """A Python function whose body is a source: made by @kiln.jit, compiled at its first call.

    Arguments are those of the Python function: checked in number, by position or by name, with its
    defaults. Any thread may call it.
    """

    __name__: str
    __wrapped__: Callable[_Arguments, _Result]

    def __init__(self, python: Callable[_Arguments, _Result], options: AllOptions) -> None:
        self._name = _checked(python)
        self._source = inspect.cleandoc(python.__doc__ or "")
        self._options = options
        self._signature = inspect.signature(python)
        self._count = len(self._signature.parameters)
        self._compiled: _core.Function | None = None
        self._lock = threading.Lock()
        update_wrapper(self, python)

    @property
    def function(self) -> _core.Function:
        """The compiled function. Compiles it where that has not been done.

        Raises what kiln.compile raises, and TypeError where it takes another number of arguments than
        the Python function.
        """
        if self._compiled is None:
            with self._lock:
                if self._compiled is None:
                    self._compiled = self._compile()
        return self._compiled

    def __call__(self, *args: _Arguments.args, **named: _Arguments.kwargs) -> _Result:
        result: _Result = (self._compiled or self.function)(*self._positional(args, named))
        return result

    def __getitem__(self, launch: tuple[Any, ...]) -> Callable[_Arguments, _Result]:
        """A kernel of CUDA, launched on kernel[grid, block]; as kiln.Function has it."""
        launched = self.function[launch]

        def call(*args: _Arguments.args, **named: _Arguments.kwargs) -> _Result:
            result: _Result = launched(*self._positional(args, named))
            return result

        return call

    def __get__(self, instance: object, owner: type | None = None) -> Kernel[_Arguments, _Result]:
        """As an attribute of a class it stays what it is. help() shows what has this as a function."""
        return self

    def __repr__(self) -> str:
        return f"<kiln.Kernel {self._name}>"

    def _positional(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        if len(args) == self._count and not named:
            return args
        try:
            bound = self._signature.bind(*args, **named)
        except TypeError as error:
            raise TypeError(
                f"{self._name}{self._signature}: {error}; got {len(args)} by position and "
                f"{len(named)} by name"
            ) from None
        bound.apply_defaults()
        return bound.args

    def _compile(self) -> _core.Function:
        options: AllOptions = {"name": self._name, "exports": self._name, **self._options}
        if "name" not in self._options:
            options.setdefault("language", "c")
        function = _only_function(compile(self._source, **options))
        parameters = metadata_of(function).get("parameters")
        if parameters is not None and len(parameters) != self._count:
            raise TypeError(
                f"{self._name}{self._signature} has {self._count} parameters in Python, "
                f"{len(parameters)} in its source: {', '.join(parameters) or 'none'}"
            )
        return function


def _checked(python: Any) -> str:
    """The name of a function that can be a kernel. Raises TypeError or ValueError for any other."""
    if not isinstance(python, FunctionType):
        raise TypeError(
            f"@kiln.jit takes a function written in Python, got a {type(python).__name__}"
        )
    name = python.__name__
    if not (python.__doc__ or "").strip():
        raise ValueError(
            f"@kiln.jit takes the source from the docstring, and {name} has none; note that "
            "python -OO drops docstrings"
        )
    if _body(python.__code__) not in _EMPTY_BODIES:
        raise ValueError(
            f"@kiln.jit: {name} has Python code that would never run; leave only the docstring with "
            "the source, or raise NotImplementedError after it"
        )
    for parameter in inspect.signature(python).parameters.values():
        if parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            raise TypeError(
                f"@kiln.jit: parameter '{parameter}' of {name} has no position; kernels take their "
                "arguments by position"
            )
    return name


def _only_function(module: Module) -> _core.Function:
    names = module.exports
    if len(names) != 1:
        raise ValueError(
            f"kiln.jit takes a source with one function, this has {len(names)}: "
            f"{', '.join(names)}; use kiln.compile, or name one in exports"
        )
    return module[names[0]]


@overload
def jit(source: Source, **options: Unpack[AllOptions]) -> _core.Function: ...
@overload
def jit(
    source: Callable[_Arguments, _Result], **options: Unpack[AllOptions]
) -> Kernel[_Arguments, _Result]: ...
@overload
def jit(
    **options: Unpack[AllOptions],
) -> Callable[[Callable[_Arguments, _Result]], Kernel[_Arguments, _Result]]: ...
def jit(source: Any = None, **options: Unpack[AllOptions]) -> Any:
    """The one function of a source: kiln.jit("float twice(float x) { return 2 * x; }")(4.0).

    As a decorator, with or without options of kiln.compile, it takes the source from a docstring:

        @kiln.jit(opt_level=3)
        def saxpy(a: float, x: np.ndarray, y: np.ndarray, n: int) -> None:
            \"\"\"void saxpy(float a, const float* x, float* y, long n) {
              for (long i = 0; i < n; ++i) y[i] += a * x[i];
            }\"\"\"

    The function is compiled at its first call. It has the name of the Python function, or the one that
    `exports` says; the language is C, or the one of `language`. A Python function that has a result
    ends with `raise NotImplementedError`, so that type checkers miss no return.

    Raises ValueError where the source has not exactly one function to export, and where a decorated
    function has no docstring or a body of its own.
    """
    if source is None:
        return lambda python: Kernel(python, options)
    if callable(source):
        return Kernel(source, options)
    options.setdefault("exports", "all")
    return _only_function(compile(source, **options))
