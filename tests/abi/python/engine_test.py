"""What the engine tells of itself: its version, its options, and what it finds on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import kiln

FALSE_OR_TRUE = {"false": False, "true": True}


def test_the_package_and_the_engine_are_of_one_version() -> None:
    assert kiln.version() == kiln.__version__
    assert json.loads(kiln.doctor())["kiln"] == kiln.version()


def test_the_options_are_described() -> None:
    options = kiln.options()
    names = [option["name"] for option in options]
    assert len(set(names)) == len(names)
    assert {"opt_level", "cpu", "exports", "include_dirs", "launch"} <= set(names)
    for option in options:
        assert option.keys() == {"name", "type", "expected", "default", "meaning"}
        assert all(isinstance(text, str) for text in option.values())
        assert option["name"].isidentifier()
        assert option["meaning"]


@pytest.mark.parametrize("option", kiln.options(), ids=lambda option: option["name"])
def test_an_option_takes_its_default(option: dict[str, str]) -> None:
    default: object = option["default"]
    if option["type"] == "int":
        default = int(option["default"])
    elif option["type"] == "bool":
        default = FALSE_OR_TRUE[option["default"]]
    elif option["type"] == "list":
        default = []
    elif option["type"] == "map":
        default = {}
    given = {"exports": "f", option["name"]: default}
    module = kiln.compile("int f(int a) { return a; }", **given)
    assert "define" in module.inspect("ll")


@pytest.mark.parametrize("option", kiln.options(), ids=lambda option: option["name"])
def test_an_option_refuses_a_value_of_another_type(option: dict[str, str]) -> None:
    with pytest.raises((TypeError, ValueError), match=option["name"]):
        kiln.compile("int f(int a) { return a; }", **{option["name"]: 1.5})


def test_an_unknown_option_is_refused_with_the_one_that_is_like_it() -> None:
    with pytest.raises(KeyError, match="include_dir"):
        kiln.compile("int f(int a) { return a; }", include_dir=["."])


def test_the_doctor_finds_the_libraries_that_are_loaded() -> None:
    report = json.loads(kiln.doctor())
    loaded = {
        os.path.realpath(line.split()[-1])
        for line in Path("/proc/self/maps").read_text().splitlines()
        if "/" in line
    }
    for name in ("runtime", "engine"):
        assert os.path.realpath(report[name]) in loaded
    assert "libtvm_ffi.so" in report["runtime"]
    if chosen := os.environ.get("KILN_RUNTIME_LIBRARY"):
        assert os.path.realpath(report["runtime"]) == os.path.realpath(chosen)


def test_the_command_says_what_the_package_says() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "kiln", "doctor"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    for name in ("llvm", "triple", "cpu"):
        assert json.loads(kiln.doctor())[name] in ended.stdout


def test_the_engine_is_loaded_when_it_is_needed() -> None:
    program = """
import kiln
def loaded():
    return "libkiln_jit" in open("/proc/self/maps").read()
kiln.function(lambda a: a)(kiln.Array([1]))
before = loaded()
kiln.version()
print(before, loaded())
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "False True\n", "")


@pytest.mark.parametrize(
    "after", ["", 'kiln.compile("int f(void) { return 1; }", exports="f").f()']
)
def test_what_is_preloaded_is_no_module_and_may_be_left_at_the_end(after: str) -> None:
    program = f"""
import time, kiln
kiln.preload()
{after}
while {bool(after)} and kiln.stats()["compiles"] < 2:
    time.sleep(0.01)
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_an_engine_that_is_not_there_is_named() -> None:
    program = """
import kiln
assert list(kiln.Array([1])) == [1]
try:
    kiln.compile("int f(void) { return 1; }")
except RuntimeError as error:
    print(error)
"""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "KILN_JIT_LIBRARY": "/nowhere/libengine.so"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "libkiln_jit.so can't be loaded" in ended.stdout
    assert "/nowhere/libengine.so" in ended.stdout
