"""Compiling: at once, or on the threads of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiln import _core, _engine
from kiln._future import CompileFuture
from kiln._module import Module

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from kiln._options import Options

# What can be compiled.
Source = str | bytes | Path | Mapping[str, str | bytes]


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

    Raises CompileError, LinkError, ValueError, TypeError or KeyError; with timeout_ms and max_memory_mb
    also TimeoutError and MemoryError. Other threads run meanwhile, and on the main thread Ctrl-C cancels
    the compile.
    """
    # An interrupt may come between any two steps. Until the future stands in the list, it is cancelled
    # as it is dropped; from then on, here.
    begun: list[CompileFuture] = []
    try:
        _begin(
            "kiln.jit.compile_while_held",
            begun,
            source,
            language,
            name,
            exports,
            release_gil,
            options,
        )
        return begun[0].result()
    except BaseException:
        for future in begun:
            future.cancel()
        raise


def compile_async(
    source: Source,
    language: str | None = None,
    *,
    name: str | None = None,
    exports: str | list[str] | tuple[str, ...] | None = None,
    release_gil: bool = False,
    **options: Unpack[Options],
) -> CompileFuture:
    """As kiln.compile, on a thread of the engine: returns at once, and the future has the module.

        module = await kiln.compile_async(source, exports="saxpy")

    The engine has as many threads as the machine runs at once. What is wrong with the names and the
    types of the options is raised here, all else by the future.
    """
    begun: list[CompileFuture] = []
    _begin("kiln.jit.compile_async", begun, source, language, name, exports, release_gil, options)
    return begun[0]


def _begin(
    function: str,
    begun: list[CompileFuture],
    source: Source,
    language: str | None,
    name: str | None,
    exports: str | list[str] | tuple[str, ...] | None,
    release_gil: bool,
    options: Options,
) -> None:
    """Adds to `begun` the future that a function of the engine gives."""
    code, given = request(source, language, name, exports, {**options})
    flat = [part for option in given.items() for part in option]
    begin = _engine.function(function)
    label = name_of(source, given)
    begun.append(CompileFuture(_core.call_unlocked(begin, code, *flat), label, release_gil))


def name_of(source: Source, given: Mapping[str, Any]) -> str:
    """What messages call a source that is compiled with those options."""
    if isinstance(source, Mapping):
        return " + ".join(source)
    name = given.get("name") or (source.name if isinstance(source, Path) else None)
    return str(name or f"<{given.get('language') or 'source'}>")


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
