"""Modules: what compiles and loads give."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiln import _core, _engine, _errors, _waiting


class Module(_core.Module):
    """Functions that were compiled or loaded together.

    module.name and module["name"] are the function of that name; module[...] is for names that are no
    Python names, such as "scale<float>". A function keeps its module's code alive.
    """

    # Whether the functions that are found give the lock of the interpreter back.
    _release_gil = False

    def __getitem__(self, name: str) -> _core.Function:
        found = self._find(name)
        if found is None:
            raise KeyError(f"the module has no function '{name}'; it has {', '.join(self.exports)}")
        return found

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> _core.Function: ...

    def _attribute(self, name: str, /) -> _core.Function:
        """What module.name is, where the class has no such attribute: asked for once."""
        found = self._find(name)
        if found is None:
            raise AttributeError(f"the module has no function '{name}'")
        return found

    def _find(self, name: str) -> _core.Function | None:
        found = _get("ffi.ModuleGetFunction")(self, name, True)
        if found is None:
            return None
        found.release_gil = self._release_gil
        return _core.name_function(found, name, self)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.exports})

    @property
    def exports(self) -> list[str]:
        """The names of the functions: packed ones, then the others, each in the order of the source.

        Of a loaded library none are known.
        """
        try:
            return self.inspect("exports").split()
        except _errors.Error:
            return []

    def inspect(self, stage: str = "source") -> str:
        """A stage of the compile: source, ll, ll-opt, asm, ptx, exports, warnings or diagnostics."""
        text: str = _get("ffi.ModuleInspectSource")(self, stage)
        return text

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """The warnings of the compile as data."""
        found: list[dict[str, Any]] = json.loads(self.inspect("diagnostics"))
        return found

    def doc(self, name: str) -> str | None:
        """The comment that stands before a function in its source."""
        text: str | None = _get("ffi.ModuleGetFunctionDoc")(self, name, True)
        return text

    def signature(self, name: str) -> str | None:
        """What a function takes and gives: "saxpy(a: float, x: float32 tensor) -> None"."""
        return self._metadata(name).get("signature")

    def _metadata(self, name: str) -> dict[str, Any]:
        """What is known of a function: parameters, types, result, signature, file, line."""
        text = _get("ffi.ModuleGetFunctionMetadata")(self, name, True)
        known: dict[str, Any] = json.loads(text) if text else {}
        return known

    def save(self, path: str | Path) -> None:
        """Writes the module; the suffix says as what: .kiln, .o or .so."""
        path = Path(path)
        _get("ffi.ModuleWriteToFile")(self, str(path), path.suffix.removeprefix("."))

    def wait_optimized(self, timeout: float | None = None) -> bool:
        """Waits until the functions run the code of the module's opt_level; True if they do.

        They do at once unless the module was compiled with opt="auto".
        timeout: how many seconds to wait at the most; None for as long as it takes.

        Raises what the second compile has raised; the first code stays in use then.
        """
        wait = _engine.function("kiln.jit.wait_optimized")
        return _waiting.until(lambda time: _core.call_unlocked(wait, self, time), timeout)

    def on_optimized(self, fn: Callable[[], object], /) -> None:
        """Has fn() called once when that is so, or when the second compile has failed.

        It is called on a thread of the engine; here and now where it is so by now. What it raises is
        logged. It is not called any more when Python ends, nor in the child of a fork.
        """
        _engine.function("kiln.jit.on_optimized")(self, _waiting.hook(fn))

    def __repr__(self) -> str:
        return f"<kiln.Module: {', '.join(self.exports) or self.type_key}>"


_core.register_class("ffi.Module", Module)

_found: dict[str, _core.Function] = {}


def _get(name: str) -> _core.Function:
    if name not in _found:
        function = _core.get_global(name)
        if function is None:
            raise RuntimeError(f"the runtime has no function {name}")
        _found[name] = function
    return _found[name]


def load_module(path: str | Path) -> Module:
    """Loads what Module.save wrote, or any library of functions of the ABI."""
    if Path(path).suffix == ".kiln":
        _engine.function("kiln.jit.version")
    module: Module = _core.call_unlocked(_get("ffi.ModuleLoadFromFile"), str(path))
    return module
