"""Compiling, and the modules that come of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiln import _core, _engine, _errors

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from kiln._options import Options

# What can be compiled.
Source = str | bytes | Path | Mapping[str, str | bytes]


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


def _option(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [str(item) if isinstance(item, Path) else item for item in value]
    return value


def _bytes_of(name: str, text: Any) -> bytes:
    if isinstance(text, str):
        return text.encode()
    if isinstance(text, (bytes, bytearray, memoryview)):
        return bytes(text)
    raise TypeError(f"source '{name}' must be a str or bytes, got a {type(text).__name__}")


def compile(
    source: Source,
    language: str | None = None,
    *,
    name: str | None = None,
    exports: str | list[str] | tuple[str, ...] | None = None,
    release_gil: bool = False,
    **options: Unpack[Options],
) -> Module:
    """Compiles a source and links it into this process.

    source: the text, or the bytes of bitcode, an object or an archive; a Path, which is read; or a
        mapping of names to several of them, whose suffixes tell the languages.
    language: "c", "c++", "cuda", "llvm-ir", "llvm-bitcode", "object" or "archive". Without it, the
        suffix of the name or path tells, or the bytes; plain text without a name is C.
    exports: plain functions to make functions of; "all" takes each that has a supported signature.
    release_gil: whether other threads run Python while a function of the module runs. It is worth it
        from microseconds on; without it a call costs less.
    options: as kiln.options() lists them: opt_level=2, cpu="native", include_dirs=[...] ...

    Raises CompileError, LinkError, ValueError, TypeError or KeyError. Other threads run meanwhile, and
    on the main thread Ctrl-C ends the wait: the compile finishes unseen, and its module is dropped.
    """
    code, given = request(source, language, name, exports, {**options})
    flat = [part for option in given.items() for part in option]
    compiled = _engine.function("kiln.jit.compile")
    module: Module = _core.call_unlocked(compiled, code, *flat)
    if release_gil:
        module._release_gil = True
    return module


def request(
    source: Source,
    language: str | None,
    name: str | None,
    exports: str | list[str] | tuple[str, ...] | None,
    named: dict[str, Any],
) -> tuple[bytes | dict[str, bytes], dict[str, Any]]:
    """The source and the options of a compile as the engine takes them."""
    if isinstance(source, Path):
        name = name or source.name
        folder = str(source.parent)
        if source.suffix in (".c", ".cc", ".cpp", ".cxx", ".C", ".cu"):
            more = named.get("include_dirs") or []
            named["include_dirs"] = [folder, *([more] if isinstance(more, (str, Path)) else more)]
        source = source.read_bytes()
    if isinstance(source, str):
        source = source.encode()
        if name is None and language is None:
            language = "c"
    code: bytes | dict[str, bytes]
    if isinstance(source, Mapping):
        code = {key: _bytes_of(key, text) for key, text in source.items()}
    else:
        code = source
    given = {"language": language, "name": name, "exports": exports, **named}
    if isinstance(exports, str):
        given["exports"] = [exports]
    return code, {option: _option(value) for option, value in given.items() if value is not None}


def load_module(path: str | Path) -> Module:
    """Loads what Module.save wrote, or any library of functions of the ABI."""
    if Path(path).suffix == ".kiln":
        _engine.function("kiln.jit.version")
    module: Module = _core.call_unlocked(_get("ffi.ModuleLoadFromFile"), str(path))
    return module
