"""Which runtime of the ABI this process has: one, whoever else is in it.

A process has one libtvm_ffi.so. One that is loaded already is used; else the one that
$KILN_RUNTIME_LIBRARY names. Where the package apache-tvm-ffi is installed, its library is taken, so that
the package can be imported later and shares it; else ours is.
To be imported before kiln._core, which is linked by the library's name alone.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
from pathlib import Path

_NAME = "libtvm_ffi.so"


def _loaded() -> bool:
    try:
        ctypes.CDLL(_NAME, mode=os.RTLD_NOLOAD)
    except OSError:
        return False
    return True


def _other_package() -> Path | None:
    """The library of apache-tvm-ffi, if that is installed. Does not import it."""
    try:
        spec = importlib.util.find_spec("tvm_ffi")
    except (ImportError, ValueError):
        return None
    for folder in (spec.submodule_search_locations or []) if spec else []:
        library = Path(folder) / "lib" / _NAME
        if library.is_file():
            return library
    return None


def _load() -> None:
    if _loaded():
        return
    chosen = os.environ.get("KILN_RUNTIME_LIBRARY")
    library = chosen or _other_package() or Path(__file__).parent / "lib" / _NAME
    ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)


_load()
