"""The rules for the built shared libraries, read with nm and readelf."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from finding import Finding

# What each sanitizer adds to the exports of a library that it instruments.
SANITIZER_EXPORTS = {
    "address": re.compile(r"__(odr_asan|asan|lsan|sanitizer)[._]"),
    "undefined": re.compile(r"__(ubsan|sanitizer)_"),
    "thread": re.compile(r"__(tsan|sanitizer)_"),
    "leak": re.compile(r"__(lsan|sanitizer)_"),
}


class Library(NamedTuple):
    """A shared library and what must hold for it. `exports` is the only kind of name it may export,
    `never_needs` the libraries that it may not name as needed."""

    soname: str
    exports: re.Pattern[str]
    never_needs: re.Pattern[str]


TVM_FFI = Library(
    soname="libtvm_ffi.so",
    exports=re.compile(r"TVMFFI\w+"),
    never_needs=re.compile(r"lib(LLVM|clang|kiln_jit|cuda|cudart|nvrtc)\b.*|libclang-cpp.*"),
)
KILN_JIT = Library(
    soname="libkiln_jit.so",
    exports=re.compile(r"(kiln_jit_|__jit_debug_)\w+"),
    never_needs=re.compile(r"lib(LLVM|clang|cuda|cudart|nvrtc)\b.*|libclang-cpp.*"),
)


class Elf:
    """What binutils tell about one file."""

    def __init__(self, path: Path, nm: str = "nm", readelf: str = "readelf"):
        self.path = path
        self._nm = nm
        self._readelf = readelf

    def _run(self, *command: str) -> str:
        environment = {**os.environ, "LC_ALL": "C"}
        return subprocess.run(
            [*command, str(self.path)], check=True, text=True, capture_output=True, env=environment
        ).stdout

    def exports(self) -> list[str]:
        """Names that the dynamic symbol table defines, without versions and version nodes."""
        lines = [line.split() for line in self._run(self._nm, "-D", "--defined-only").splitlines()]
        return sorted(line[-1].split("@")[0] for line in lines if line and line[-2] != "A")

    def dynamic(self) -> list[tuple[str, str]]:
        """Entries of the dynamic section: (tag, value), the value without its brackets."""
        pattern = re.compile(r"^\s*0x[0-9a-f]+\s+\((\w+)\)\s+(.*)$", re.MULTILINE)
        entries = pattern.findall(self._run(self._readelf, "-d"))
        return [(tag, re.sub(r"^.*\[(.*)\]$", r"\1", value.strip())) for tag, value in entries]

    def segments(self) -> list[tuple[str, str]]:
        """Program headers: (type, flags), the flags without blanks, as in `RW` or `RE`."""
        number = r"0x[0-9a-f]+"
        pattern = re.compile(
            rf"^\s+([A-Z_0-9]+)\s+{number}\s+{number}\s+{number}\s+{number}\s+{number}\s+([RWE ]{{3}})\s",
            re.MULTILINE,
        )
        rows = pattern.findall(self._run(self._readelf, "-lW"))
        return [(kind, flags.replace(" ", "")) for kind, flags in rows]


def _sanitizer_adds(name: str, sanitizers: str) -> bool:
    return any(
        pattern.match(name)
        for sanitizer, pattern in SANITIZER_EXPORTS.items()
        if sanitizer in re.split(r"[,; ]+", sanitizers)
    )


def exports_only_its_own(elf: Elf, library: Library, sanitizers: str = "") -> Iterator[Finding]:
    foreign = [
        name
        for name in elf.exports()
        if not library.exports.fullmatch(name) and not _sanitizer_adds(name, sanitizers)
    ]
    if foreign:
        shown = ", ".join(foreign[:10]) + (", ..." if len(foreign) > 10 else "")
        yield Finding(
            "exports",
            str(elf.path),
            0,
            f"exports {len(foreign)} names beside {library.exports.pattern}: {shown}; hide them "
            "(version script, -fvisibility=hidden, --exclude-libs,ALL)",
        )


def has_its_soname(elf: Elf, library: Library) -> Iterator[Finding]:
    found = [value for tag, value in elf.dynamic() if tag == "SONAME"]
    if found != [library.soname]:
        yield Finding(
            "soname",
            str(elf.path),
            0,
            f"has SONAME {found[0] if found else '(none)'}: set it to {library.soname}",
        )


def needs_no_compiler_library(elf: Elf, library: Library) -> Iterator[Finding]:
    for tag, value in elf.dynamic():
        if tag == "NEEDED" and library.never_needs.fullmatch(value):
            yield Finding(
                "needed",
                str(elf.path),
                0,
                f"needs {value}: link LLVM and Clang from static libraries, open CUDA with dlopen, "
                "and reach the rest through the C ABI",
            )


def code_is_never_writable(elf: Elf) -> Iterator[Finding]:
    segments = elf.segments()
    stacks = [flags for kind, flags in segments if kind == "GNU_STACK"]
    if not stacks:
        yield Finding(
            "stack",
            str(elf.path),
            0,
            "has no GNU_STACK header, so its stack is executable: link with -z noexecstack",
        )
    if any("E" in flags for flags in stacks):
        yield Finding(
            "stack",
            str(elf.path),
            0,
            "asks for an executable stack: find the object without .note.GNU-stack, or link with "
            "-z noexecstack",
        )
    for kind, flags in segments:
        if kind != "GNU_STACK" and "W" in flags and "E" in flags:
            yield Finding(
                "segments",
                str(elf.path),
                0,
                f"has a {kind} segment that is writable and executable: keep code and data in "
                "sections of their own, and don't link with -N or --omagic",
            )
    if any(tag == "TEXTREL" for tag, _ in elf.dynamic()):
        yield Finding(
            "textrel",
            str(elf.path),
            0,
            "has relocations in its code, which the loader makes writable: compile all of it with "
            "-fPIC",
        )


def check(elf: Elf, library: Library, sanitizers: str = "") -> list[Finding]:
    """What breaks any rule. `sanitizers` is as in -fsanitize=, empty for a plain build."""
    return [
        *exports_only_its_own(elf, library, sanitizers),
        *has_its_soname(elf, library),
        *needs_no_compiler_library(elf, library),
        *code_is_never_writable(elf),
    ]
