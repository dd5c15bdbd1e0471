"""The source tree: its files, their text, and which file an `#include` names."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from source_text import Include, includes

CXX_SUFFIXES = (".cc", ".h", ".c", ".cu", ".cuh")
SOURCE_SUFFIXES = CXX_SUFFIXES + (".py", ".pyi", ".rs", ".sh", ".cmake")
INCLUDE_FOLDERS = ("abi/c", "abi/cpp", "")


def _is_source(name: str) -> bool:
    return name.endswith(SOURCE_SUFFIXES) or name in ("CMakeLists.txt", "run")


class Tree:
    """The files below `root`, without build output, environments and what starts with a dot."""

    def __init__(self, root: Path):
        self.root = root
        self._text: dict[str, str] = {}
        self._includes: dict[str, list[Include]] = {}

    @cached_property
    def files(self) -> list[str]:
        """Every file, relative to the root with `/`, sorted."""
        found = []
        for folder, subfolders, names in os.walk(self.root):
            here = Path(folder)
            if here != self.root and "CMakeCache.txt" in names:
                subfolders.clear()
                continue
            skip = {"__pycache__", "target", "node_modules"}
            if here == self.root:
                skip.add("build")
            subfolders[:] = [
                name
                for name in subfolders
                if name not in skip and (name == ".ci" or not name.startswith("."))
            ]
            found += [(here / name).relative_to(self.root).as_posix() for name in names]
        return sorted(found)

    @cached_property
    def sources(self) -> list[str]:
        return [path for path in self.files if _is_source(path.rsplit("/", 1)[-1])]

    @cached_property
    def cxx(self) -> list[str]:
        return [path for path in self.files if path.endswith(CXX_SUFFIXES)]

    def text(self, path: str) -> str:
        if path not in self._text:
            raw = (self.root / path).read_bytes()
            self._text[path] = raw.decode("utf-8", errors="replace")
        return self._text[path]

    def includes(self, path: str) -> list[Include]:
        if path not in self._includes:
            self._includes[path] = includes(self.text(path))
        return self._includes[path]

    def resolve(self, path: str, include: Include) -> str | None:
        """The file of the tree that `include` in `path` names, or None where it names another's."""
        folders = list(INCLUDE_FOLDERS)
        if include.mark == '"':
            folders.insert(0, path.rpartition("/")[0])
        for folder in folders:
            candidate = os.path.normpath(os.path.join(folder, include.name)).replace(os.sep, "/")
            if candidate in self._known:
                return candidate
        return None

    @cached_property
    def _known(self) -> set[str]:
        return set(self.files)
