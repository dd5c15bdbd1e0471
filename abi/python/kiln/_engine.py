"""The engine, loaded when it is first needed."""

from __future__ import annotations

import ctypes
import json
import os
from pathlib import Path
from typing import Any

from kiln import _core


def _candidates() -> list[str]:
    chosen = os.environ.get("KILN_JIT_LIBRARY")
    if chosen:
        return [chosen]
    return [str(Path(__file__).parent / "lib" / "libkiln_jit.so"), "libkiln_jit.so"]


def function(name: str) -> _core.Function:
    """A function of the engine. Raises RuntimeError where the engine can't be loaded."""
    found = _core.get_global(name)
    if found is not None:
        return found
    tried = []
    for candidate in _candidates():
        try:
            ctypes.CDLL(candidate)
            break
        except OSError as error:
            tried.append(str(error))
    else:
        raise RuntimeError("libkiln_jit.so can't be loaded:\n  " + "\n  ".join(tried))
    found = _core.get_global(name)
    if found is None:
        raise RuntimeError(f"the engine has no function {name}")
    return found


def version() -> str:
    """The version of the engine: "0.1.0"."""
    text: str = function("kiln.jit.version")()
    return text


def preload() -> None:
    """Makes ready, on a thread of the engine, what a first compile would wait for. Returns at once."""
    function("kiln.jit.preload")()


def stats() -> dict[str, int | float]:
    """What the engine has done in this process since it was loaded.

    Counts of compiles, failures, crashes, cancelled, shared, links, optimized; live_modules and the
    code_bytes that they have in memory; for each phase the milliseconds that it took in all: parse_ms
    and others.
    """
    return dict(function("kiln.jit.stats")())


def options() -> list[dict[str, Any]]:
    """The options of compile: name, type, expected, default and meaning of each, all of them text."""
    known: list[dict[str, Any]] = json.loads(function("kiln.jit.options")())
    return known


def doctor() -> str:
    """A report of what the engine finds on this machine: compiler, CPU, headers, NVRTC, driver."""
    report: str = function("kiln.jit.doctor")()
    return report
