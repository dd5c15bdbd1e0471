"""The rules that the design and the style set for the source tree. Each yields what breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from finding import Finding
from source_text import Include, code_only, line_of
from tree import Tree

MAX_LINES = 700

LLVM_ROOMS = ("jit/compile/clang/", "jit/compile/llvm/", "jit/link/")
# The ways into these rooms that the design names. Any other header of theirs that a file outside
# includes counts as one too.
ENTRY_HEADERS = ("jit/compile/compiler.h", "jit/link/linker.h")

# The arrows, from the left: a room includes only rooms of a higher rank than its own.
RANK = {
    "jit/ffi_api": -2,
    "jit/ffi_request": 0,
    "jit/ffi_try_run": -1,
    "jit/session": 1,
    "jit/doctor": 1,
    "jit/module": 2,
    "jit/sandbox": 2,
    "jit/device": 3,
    "jit/service": 3,
    "jit/origin": 3,
    "jit/worker": 3,
    "jit/compile": 4,
    "jit/link": 4,
    "jit/cache": 4,
    "jit/artifact": 5,
    "jit/log": 7,
    "jit/stats": 6,
    "jit/trace": 6,
    "jit/threads": 6,
}
ARROWS = "ffi_api -> session -> module -> device -> {compile, link, cache} -> artifact -> abi"

# Parts of the house, and the parts that each may include beside itself.
MAY_INCLUDE = {
    "abi/": (),
    "runtime/": ("abi/",),
    "jit/cli/": ("abi/",),
    "jit/": ("abi/",),
    "samples/": ("abi/",),
}

# Headers that others include by a path of their own, and what their include guards begin with. All
# other headers are included, and guarded, by their path from the root.
PUBLIC_HEADERS = {
    "abi/c/tvm/": "tvm/",
    "abi/c/kiln/": "kiln/",
    "abi/cpp/kiln/": "kiln/",
    "jit/compile/clang/headers/libc/": "kiln/headers/",
    "jit/compile/clang/headers/cuda/": "kiln/cuda/",
    "jit/compile/cuda/headers/": "kiln/device/",
}

# Folders that the design names: they are there, each with a README.md.
FOLDERS = (
    "abi",
    "abi/c",
    "abi/cpp",
    "abi/python",
    "abi/rust",
    "runtime",
    "jit",
    "jit/artifact",
    "jit/compile",
    "jit/link",
    "jit/cache",
    "jit/device",
    "jit/worker",
    "jit/sandbox",
    "jit/cli",
    "tests",
    "tests/bench",
    "samples",
    "scripts",
)
# Folders that the design names inside a room: a README.md as soon as they are there.
INNER_FOLDERS = (
    "jit/compile/clang",
    "jit/compile/llvm",
    "jit/compile/cuda",
    "jit/device/cuda",
    "jit/device/cpu",
)

_LLVM_HEADER = re.compile(r"^(llvm|llvm-c|clang|clang-c|lld)/")
_LLVM_NAME = re.compile(
    r"(?<![\w:])(?:::)?(?:llvm|clang)::\w+|\bnamespace\s+(?:llvm|clang)\b|\bLLVM[A-Z]\w*Ref\b"
)
_MARK = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def _in_llvm_room(path: str) -> bool:
    return path.removeprefix("tests/").startswith(LLVM_ROOMS)


def llvm_headers_stay_in_their_rooms(tree: Tree) -> Iterator[Finding]:
    for path in tree.cxx:
        if _in_llvm_room(path):
            continue
        for include in tree.includes(path):
            if _LLVM_HEADER.match(include.name):
                yield Finding(
                    "llvm-rooms",
                    path,
                    include.line,
                    f"includes {include.name}; only {', '.join(LLVM_ROOMS)} and their tests may: "
                    "move what needs it there",
                )


def llvm_headers_are_not_reached(tree: Tree) -> Iterator[Finding]:
    """A file outside the rooms must compile without LLVM's headers, so it reaches none either."""
    for path in tree.cxx:
        if _in_llvm_room(path):
            continue
        for include in tree.includes(path):
            target = tree.resolve(path, include)
            chain = _way_to_llvm(tree, target) if target and _in_llvm_room(target) else []
            if chain:
                yield Finding(
                    "llvm-reached",
                    path,
                    include.line,
                    f"reaches an LLVM header: {' -> '.join(chain)}; "
                    "take LLVM out of that header, or include another",
                )


def _way_to_llvm(tree: Tree, start: str) -> list[str]:
    """The shortest way of includes from `start` to an LLVM header; empty where there is none."""
    ways = [[start]]
    seen = {start}
    for way in ways:
        for include in tree.includes(way[-1]):
            if _LLVM_HEADER.match(include.name):
                return [*way, include.name]
            target = tree.resolve(way[-1], include)
            if target and target not in seen:
                seen.add(target)
                ways.append([*way, target])
    return []


def _entry_headers(tree: Tree) -> list[str]:
    outside = [path for path in tree.cxx if not _in_llvm_room(path)]
    named = [tree.resolve(path, include) for path in outside for include in tree.includes(path)]
    return sorted({path for path in named if path and _in_llvm_room(path)} | set(ENTRY_HEADERS))


def entry_headers_name_no_llvm_type(tree: Tree) -> Iterator[Finding]:
    for path in _entry_headers(tree):
        if path not in tree.files:
            yield Finding(
                "entry-headers",
                path,
                0,
                "is not there; it is the way into its room: write it, or name the header that took "
                "its place in ENTRY_HEADERS of tests/invariants/tree_rules.py",
            )
            continue
        for include in tree.includes(path):
            if _LLVM_HEADER.match(include.name):
                yield Finding(
                    "entry-headers",
                    path,
                    include.line,
                    f"includes {include.name}; this header is read outside its room: keep LLVM in "
                    "the .cc or in a header beside it",
                )
        code = code_only(tree.text(path))
        for match in _LLVM_NAME.finditer(code):
            yield Finding(
                "entry-headers",
                path,
                line_of(code, match.start()),
                f"names {match[0]}; this header is read outside its room: hide the type behind a "
                "pointer or a value of our own",
            )


def _part(path: str) -> str | None:
    """The part of the house that `path` is in, the innermost; None where it is in none."""
    parts = [part for part in MAY_INCLUDE if path.startswith(part)]
    return max(parts, key=len, default=None)


def _named(tree: Tree, path: str, include: Include) -> str:
    """What `include` names: a file of the tree, else its text as it stands."""
    return tree.resolve(path, include) or include.name


def parts_keep_apart(tree: Tree) -> Iterator[Finding]:
    """jit/ knows nothing of runtime/, nor the reverse; the CLI and the samples know only the ABI."""
    for path in tree.cxx:
        part = _part(path)
        if part is None:
            continue
        for include in tree.includes(path):
            named = _named(tree, path, include)
            other = _part(named)
            if other is None or other == part or other in MAY_INCLUDE[part]:
                continue
            yield Finding(
                "parts",
                path,
                include.line,
                f"includes {named}; {part} may include only {' and '.join((part, *MAY_INCLUDE[part]))}: "
                "reach the rest through the ABI",
            )


def _room(path: str) -> str | None:
    """The room of a file of jit/, as in RANK, or its folder or stem where RANK has none."""
    if not path.startswith("jit/") or path.startswith("jit/cli/"):
        return None
    first = path.split("/")[1]
    return "jit/" + first.split(".")[0]


def arrows_run_one_way(tree: Tree) -> Iterator[Finding]:
    for path in tree.cxx:
        room = _room(path)
        if room is None:
            continue
        if room not in RANK:
            yield Finding(
                "arrows",
                path,
                0,
                f"{room} has no place in the design's arrows ({ARROWS}): move the file to a room, or "
                "give this one a rank in RANK of tests/invariants/tree_rules.py",
            )
            continue
        for include in tree.includes(path):
            named = _named(tree, path, include)
            other = _room(named)
            if other is None or other == room or other not in RANK or RANK[other] > RANK[room]:
                continue
            yield Finding(
                "arrows",
                path,
                include.line,
                f"includes {named}, against the arrows ({ARROWS}): turn the dependency round, or "
                "move the shared part to the right",
            )


def files_are_short(tree: Tree) -> Iterator[Finding]:
    for path in tree.sources:
        lines = len(tree.text(path).splitlines())
        if lines > MAX_LINES:
            yield Finding(
                "length",
                path,
                lines,
                f"{lines} lines, {MAX_LINES} at most: it holds two ideas, give each its file",
            )


def _guard(path: str) -> str:
    """The include guard of `path`: by the path that its users include, after KILN_ or TVM_."""
    for folder, prefix in PUBLIC_HEADERS.items():
        if path.startswith(folder):
            name = prefix + path.removeprefix(folder)
            break
    else:
        name = "kiln/" + path
    return re.sub(r"[^A-Z0-9]", "_", name.upper()) + "_"


def include_guards_match_paths(tree: Tree) -> Iterator[Finding]:
    for path in tree.cxx:
        if not path.endswith((".h", ".cuh")):
            continue
        code = code_only(tree.text(path))
        want = _guard(path)
        pragma = re.search(r"^[ \t]*#[ \t]*pragma[ \t]+once\b", code, re.MULTILINE)
        guard = re.match(r"\s*#[ \t]*ifndef[ \t]+(\w+)\s+#[ \t]*define[ \t]+\1\s", code)
        if pragma:
            line, have = line_of(code, pragma.start()), "#pragma once"
        elif not guard:
            line, have = line_of(code, len(code) - len(code.lstrip())), "no include guard"
        elif guard[1] != want:
            line, have = line_of(code, guard.start(1)), f"the guard {guard[1]}"
        else:
            continue
        yield Finding(
            "guards", path, line, f"has {have}: begin with #ifndef {want} and #define {want}"
        )


def no_leftover_marks(tree: Tree) -> Iterator[Finding]:
    for path in tree.files:
        if path not in tree.sources and not path.endswith(".md"):
            continue
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            mark = _MARK.search(line)
            if mark:
                yield Finding(
                    "marks", path, number, f"has {mark[0]}: finish it, or file an issue and drop it"
                )


def folders_have_readmes(tree: Tree) -> Iterator[Finding]:
    inner = [name for name in INNER_FOLDERS if any(f.startswith(name + "/") for f in tree.files)]
    for folder in (*FOLDERS, *inner):
        readme = folder + "/README.md"
        if readme not in tree.files:
            yield Finding(
                "readmes",
                readme,
                0,
                "is not there: say what lives in the folder, what it may depend on, where to start",
            )


RULES = (
    llvm_headers_stay_in_their_rooms,
    llvm_headers_are_not_reached,
    entry_headers_name_no_llvm_type,
    parts_keep_apart,
    arrows_run_one_way,
    files_are_short,
    include_guards_match_paths,
    no_leftover_marks,
    folders_have_readmes,
)


def check(tree: Tree) -> list[Finding]:
    """What breaks any rule, sorted by place."""
    return sorted((f for rule in RULES for f in rule(tree)), key=lambda f: (f.path, f.line))
