"""The options of a compile, for type checkers and editors. kiln.options() tells what each means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

_Texts = str | Path | Sequence[str | Path] | None


class CodeOptions(TypedDict, total=False):
    """Options of what is compiled. One that is None is as good as left out."""

    opt_level: int | None
    opt: Literal["level", "auto"] | None
    cpu: str | None
    features: str | None
    std: str | None
    fp_contract: str | None
    fast_math: bool | None
    veclib: str | None
    openmp: bool | None
    sanitize: _Texts
    debug_info: bool | None
    remarks: bool | None
    system_headers: bool | None
    include_dirs: _Texts
    headers: Mapping[str, str] | None
    defines: _Texts
    flags: _Texts
    libraries: _Texts
    symbols: Mapping[str, int] | None
    cuda_archs: _Texts
    launch: str | None
    max_registers: int | None
    lineinfo: bool | None
    device_debug: bool | None
    nvrtc_flags: _Texts
    site_packages: str | Path | None


class Options(CodeOptions, total=False):
    """Options of the engine."""

    isolate: str | None
    timeout_ms: int | None
    max_memory_mb: int | None


class TryOptions(CodeOptions, total=False):
    """Options of kiln.try_run for its compile."""

    link: Any


class AllOptions(Options, total=False):
    """What kiln.compile takes by name."""

    language: str | None
    name: str | None
    exports: str | list[str] | tuple[str, ...] | None
    release_gil: bool
