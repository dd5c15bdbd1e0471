"""What the rules yield."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One broken rule: where, and what to do. Line 0 stands for the file as a whole."""

    rule: str
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line or 1}: {self.message} [{self.rule}]"
