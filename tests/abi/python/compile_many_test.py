"""kiln.compile_many: many sources at once, in their order, with a bar on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

import kiln


def value_of(number: int) -> str:
    return f"int value(void) {{ return {number}; }}"


BROKEN = "int value(void) {{ return missing_{}; }}"


def test_the_modules_are_in_the_order_of_the_sources() -> None:
    modules = kiln.compile_many((value_of(i) for i in range(30)), exports="value")
    assert [module.value() for module in modules] == list(range(30))


def test_no_sources_make_no_modules() -> None:
    assert kiln.compile_many([]) == []


def test_sources_may_be_of_any_kind_and_have_options_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "k.c"
    path.write_text(value_of(1))
    modules = kiln.compile_many(
        [
            path,
            (value_of(0).replace("0", "N"), {"defines": ["N=2"]}),
            {"a.c": value_of(3)},
            ("int three() { return 3; }\nint value() { return three() + 1; }", {"language": "c++"}),
        ],
        exports="value",
        opt_level=1,
    )
    assert [module.value() for module in modules] == [1, 2, 3, 4]


def test_the_options_of_an_item_go_before_those_of_all() -> None:
    source = "int f(void) { return N; }\nint g(void) { return N; }"
    first, second = kiln.compile_many(
        [source, (source, {"exports": "g", "defines": "N=2"})], exports="f", defines="N=1"
    )
    assert (first.f(), second.g()) == (1, 2)
    assert (first.exports, second.exports) == (["f"], ["g"])


def test_the_first_error_is_raised_and_names_the_others() -> None:
    sources = [(BROKEN.format(i) if i % 2 else value_of(i), {"name": f"k{i}.c"}) for i in range(6)]
    with pytest.raises(kiln.CompileError, match="missing_1") as raised:
        kiln.compile_many(sources, exports="value")
    notes = raised.value.__notes__
    assert notes[0] == "while item 1 of 6, k1.c, was compiled"
    assert [note.split(":")[0] for note in notes[1:]] == [
        "item 3, k3.c, failed too",
        "item 5, k5.c, failed too",
    ]
    assert list(raised.value.failures) == [1, 3, 5]
    assert raised.value.failures[1] is raised.value
    assert "missing_5" in str(raised.value.failures[5])


def test_errors_are_in_the_list_where_that_is_asked_for() -> None:
    sources = [value_of(1), BROKEN.format(0), value_of(2), (value_of(3), {"opt_level": 7})]
    first, error, second, other = kiln.compile_many(
        sources, return_exceptions=True, exports="value"
    )
    assert isinstance(error, kiln.CompileError)
    assert isinstance(other, ValueError)
    assert (first.value(), second.value()) == (1, 2)


def test_a_wrong_option_is_the_error_of_its_item() -> None:
    with pytest.raises(KeyError, match="opt_level") as raised:
        kiln.compile_many([value_of(1), (value_of(2), {"opt_levle": 1})], exports="value")
    assert raised.value.__notes__ == ["while item 1 of 2, <source>, was compiled"]


def test_progress_is_told_until_all_have_ended() -> None:
    told: list[tuple[int, int]] = []
    kiln.compile_many(
        [value_of(i) for i in range(12)] + [BROKEN.format(1)],
        progress=lambda done, total: told.append((done, total)),
        return_exceptions=True,
    )
    assert told[-1] == (13, 13)
    assert told == sorted(told)
    assert {total for _, total in told} == {13}


PROGRAM = """
import kiln
sources = ["int value(void) { return %d; }" % i for i in range(9)]
print(sum(module.value() for module in kiln.compile_many(sources, exports="value")))
"""


def test_a_terminal_shows_a_bar_that_goes_when_all_is_done() -> None:
    primary, secondary = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stderr=secondary, stdout=subprocess.PIPE, text=True
    )
    os.close(secondary)
    shown = b""
    while True:
        try:
            part = os.read(primary, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(primary)
    assert (process.communicate()[0], process.returncode) == ("36\n", 0)
    lines = shown.decode().split("\r")
    assert lines[1].startswith("compiling [") and lines[1].endswith("/9")
    assert (lines[-2].strip(), lines[-1]) == ("", "")


def test_there_is_no_bar_without_a_terminal() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "36\n", "")
