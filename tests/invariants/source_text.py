"""Reads C and C++ text far enough to tell code from comments and strings, without a compiler."""

from __future__ import annotations

import re
from typing import NamedTuple

_COMMENT_OR_LITERAL = re.compile(
    r"""
      (?P<comment>//(?:\\\n|[^\n])*|/\*.*?(?:\*/|\Z))
    | (?P<raw>(?<![A-Za-z0-9_])(?:u8|[uUL])?R"(?P<mark>[^()\\\s"]{0,16})\(.*?(?:\)(?P=mark)"|\Z))
    | (?P<string>"(?:\\.|[^"\\\n])*")
    | (?P<char>(?<![A-Za-z0-9_])'(?:\\.|[^'\\\n])+')
    """,
    re.VERBOSE | re.DOTALL,
)

_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"\n]+)[>\"]", re.MULTILINE)


class Include(NamedTuple):
    """One `#include`: its line, what stands between the marks, and `<` or `"`."""

    line: int
    name: str
    mark: str


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def without_comments(text: str) -> str:
    """`text` with comments and raw strings blanked; line numbers stay. Plain strings stay too."""

    def keep_or_blank(match: re.Match[str]) -> str:
        return match[0] if match["string"] or match["char"] else _blank(match[0])

    return _COMMENT_OR_LITERAL.sub(keep_or_blank, text)


def code_only(text: str) -> str:
    """`text` with comments and every literal blanked; line numbers stay."""
    return _COMMENT_OR_LITERAL.sub(lambda match: _blank(match[0]), text)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def includes(text: str) -> list[Include]:
    """The `#include` lines of `text`, in order; those in comments and raw strings don't count."""
    code = without_comments(text)
    return [
        Include(line_of(code, match.start(1)), match[2], match[1])
        for match in _INCLUDE.finditer(code)
    ]
