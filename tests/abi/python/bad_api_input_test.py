"""The functions and classes of the package refuse what they can't take, and say why."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kiln

ADD = "int add(int a, int b) { return a + b; }"

# (what is called, the exceptions it may raise, what the message must have)
REFUSED: dict[str, tuple[Callable[[], Any], Any, str]] = {
    "compile an int": (lambda: kiln.compile(5), TypeError, "source must be"),
    "compile None": (lambda: kiln.compile(None), TypeError, "source must be"),
    "compile nothing": (lambda: kiln.compile(""), ValueError, "empty"),
    "compile no source": (lambda: kiln.compile({}), ValueError, "no source"),
    "compile a mapping of ints": (lambda: kiln.compile({"a.c": 5}), TypeError, "int"),
    "compile a mapping of None": (lambda: kiln.compile({"a.c": None}), TypeError, "None"),
    "compile a mapping with a key": (lambda: kiln.compile({1: ADD}), TypeError, "int"),
    "an unknown language": (lambda: kiln.compile(ADD, "cobol"), ValueError, "cobol"),
    "a language that is an int": (lambda: kiln.compile(ADD, 3), TypeError, "3"),
    "an unknown suffix": (lambda: kiln.compile(ADD, name="k.zig"), ValueError, "k.zig"),
    "a name that is an int": (lambda: kiln.compile(ADD, name=3), TypeError, "3"),
    "bytes of nothing known": (lambda: kiln.compile(b"\xff\xfe"), ValueError, "language"),
    "exports that are not there": (lambda: kiln.compile(ADD, exports="sub"), KeyError, "sub"),
    "exports that are an int": (lambda: kiln.compile(ADD, exports=3), TypeError, "exports"),
    "exports of ints": (lambda: kiln.compile(ADD, exports=[3]), TypeError, "3"),
    "opt_level too high": (lambda: kiln.compile(ADD, opt_level=7), ValueError, "opt_level"),
    "opt_level in words": (lambda: kiln.compile(ADD, opt_level="x"), TypeError, "opt_level"),
    "an unknown option": (lambda: kiln.compile(ADD, opt_levle=1), KeyError, "opt_levle"),
    "a NUL in the source": (lambda: kiln.compile("int f;\0"), kiln.CompileError, "NUL"),
    "a surrogate in the source": (lambda: kiln.compile("\ud800"), UnicodeEncodeError, "surrog"),
    "a file that is not there": (lambda: kiln.compile(Path("absent.c")), OSError, "absent.c"),
    "a folder": (lambda: kiln.compile(Path()), (OSError, ValueError), ""),
    "jit an int": (lambda: kiln.jit(3), TypeError, "source must be"),
    "jit of no function": (lambda: kiln.jit("int x;"), ValueError, "one function"),
    "load what is absent": (lambda: kiln.load_module("absent.so"), kiln.Error, "absent.so"),
    "load a module that is absent": (lambda: kiln.load_module("a.kiln"), kiln.Error, "a.kiln"),
    "load by no suffix": (lambda: kiln.load_module("README"), kiln.Error, "README"),
    "load an int": (lambda: kiln.load_module(3), TypeError, "int"),
    "load bytes": (lambda: kiln.load_module(b"a.so"), TypeError, "bytes"),
    "get an int": (lambda: kiln.get(3), TypeError, "str"),
    "get None": (lambda: kiln.get(None), TypeError, "str"),
    "get what is absent": (lambda: kiln.get("t.absent"), KeyError, "t.absent"),
    "get a surrogate": (lambda: kiln.get("\ud800"), UnicodeEncodeError, "surrog"),
    "register an int": (lambda: kiln.register("t.int", 3), TypeError, "callable"),
    "register by an int": (lambda: kiln.register(3, len), TypeError, "str"),
    "register a surrogate": (lambda: kiln.register("\ud800", len), UnicodeEncodeError, "surrog"),
    "decorate by an int": (lambda: kiln.register(3)(len), TypeError, "str"),
    "a function of an int": (lambda: kiln.function(3), TypeError, "callable"),
    "a function of None": (lambda: kiln.function(None), TypeError, "callable"),
    "Function of an int": (lambda: kiln.Function(3), TypeError, "callable"),
    "Function of nothing": (lambda: kiln.Function(), TypeError, "argument"),
    "a device index in words": (lambda: kiln.Device("cuda:x"), ValueError, "cuda:x"),
    "a device index below 0": (lambda: kiln.Device("cuda:-1"), ValueError, "-1"),
    "a device number below 0": (lambda: kiln.Device("cuda", -1), ValueError, "-1"),
    "a device without its index": (lambda: kiln.Device("cuda:"), ValueError, "cuda:"),
    "a device with two": (lambda: kiln.Device("cuda:1:2"), ValueError, "cuda:1:2"),
    "a device twice": (lambda: kiln.Device("cuda:1", 2), (ValueError, TypeError), "1"),
    "a device index too large": (lambda: kiln.Device("cuda:99999999999"), ValueError, "9999"),
    "a device number too large": (lambda: kiln.Device("cuda", 2**40), ValueError, "1099511627776"),
    "an unknown device": (lambda: kiln.Device("quantum"), ValueError, "quantum"),
    "no device": (lambda: kiln.Device(""), ValueError, "device"),
    "a device of an int": (lambda: kiln.Device(3), TypeError, "str"),
    "a dtype of an int": (lambda: kiln.dtype(3), TypeError, "str"),
    "a dtype of a class": (lambda: kiln.dtype(int), TypeError, "str"),
    "an unknown dtype": (lambda: kiln.dtype("flaot32"), ValueError, "flaot32"),
    "a dtype of no lanes": (lambda: kiln.dtype("float32x0"), ValueError, "float32x0"),
    "a dtype of half a lane": (lambda: kiln.dtype("float32x"), ValueError, "float32x"),
    "a dtype of a surrogate": (lambda: kiln.dtype("\ud800"), UnicodeEncodeError, "surrog"),
    "a Shape of text": (lambda: kiln.Shape(["a"]), (ValueError, TypeError), "int"),
    "a Shape of floats": (lambda: kiln.Shape([1.5]), (ValueError, TypeError), "int"),
    "a Shape too large": (lambda: kiln.Shape([2**70]), (ValueError, OverflowError), ""),
    "a Shape of an int": (lambda: kiln.Shape(3), TypeError, "iterable"),
    "an Array of an int": (lambda: kiln.Array(3), TypeError, "iterable"),
    "a List of None": (lambda: kiln.List(None), TypeError, "iterable"),
    "an Array of objects": (lambda: kiln.Array([1, object()]), TypeError, "object"),
    "a Map of an int": (lambda: kiln.Map(3), TypeError, "int"),
    "a Map of ints": (lambda: kiln.Map([1]), TypeError, ""),
    "a Dict of objects": (lambda: kiln.Dict({1: object()}), TypeError, "object"),
    "a grid below 1": (lambda: kiln.launch(grid=-1), ValueError, "grid"),
    "a grid of 0": (lambda: kiln.launch(grid=(1, 0)), ValueError, "grid"),
    "a grid of four": (lambda: kiln.launch(grid=(1, 2, 3, 4)), ValueError, "grid"),
    "a grid of none": (lambda: kiln.launch(grid=()), ValueError, "grid"),
    "a grid in words": (lambda: kiln.launch(grid="x"), TypeError, "grid"),
    "a grid of a float": (lambda: kiln.launch(grid=1.5), TypeError, "grid"),
    "a block too large": (lambda: kiln.launch(block=2**40), ValueError, "block"),
    "a block beyond int64": (lambda: kiln.launch(block=2**70), (TypeError, ValueError), "block"),
    "a cluster in words": (lambda: kiln.launch(cluster="x"), TypeError, "cluster"),
    "smem below 0": (lambda: kiln.launch(smem=-1), ValueError, "smem"),
    "a stream in words": (lambda: kiln.launch(stream="x"), TypeError, "stream"),
    "cooperative in words": (lambda: kiln.launch(cooperative="x"), TypeError, "cooperative"),
    "launch of another": (lambda: kiln.launch(bogus=1), TypeError, "bogus"),
    "an object of nothing": (lambda: kiln.Object(), TypeError, "no constructor"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_is_refused_with_its_reason(name: str) -> None:
    act, kinds, text = REFUSED[name]
    with pytest.raises(kinds) as raised:
        act()
    assert text in str(raised.value)
    assert not isinstance(raised.value, SystemError)


@pytest.fixture(scope="module")
def module() -> kiln.Module:
    return kiln.compile(ADD, name="k.c", exports="add")


@pytest.mark.parametrize("key", [3, None, b"add", ("add",)])
def test_a_module_is_indexed_by_names(module: kiln.Module, key: Any) -> None:
    with pytest.raises((TypeError, KeyError)):
        module[key]


def test_a_module_refuses_what_it_has_not(module: kiln.Module, tmp_path: Path) -> None:
    with pytest.raises(kiln.Error, match="nope.*source|source.*nope"):
        module.inspect("nope")
    with pytest.raises(TypeError):
        module.inspect(3)
    with pytest.raises(kiln.Error, match="bogus"):
        module.save(tmp_path / "k.bogus")
    with pytest.raises(kiln.Error, match="absent"):
        module.save(tmp_path / "absent" / "k.so")
    with pytest.raises(TypeError):
        module.save(3)
    assert (module.doc("nope"), module.signature("nope")) == (None, None)
    with pytest.raises(AttributeError, match="nope"):
        module.nope  # noqa: B018


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"kiln", bytes(4096), b"\xff" * 100])
@pytest.mark.parametrize("suffix", ["kiln", "so"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"damaged.{suffix}"
    path.write_bytes(content)
    with pytest.raises(kiln.Error, match="damaged"):
        kiln.load_module(path)


def test_a_cut_off_module_is_refused(module: kiln.Module, tmp_path: Path) -> None:
    whole = tmp_path / "whole.kiln"
    module.save(whole)
    content = whole.read_bytes()
    for size in range(0, len(content), max(len(content) // 20, 1)):
        path = tmp_path / "cut.kiln"
        path.write_bytes(content[:size])
        with pytest.raises(kiln.Error, match="cut"):
            kiln.load_module(path)
    assert kiln.load_module(whole).add(1, 2) == 3


def test_objects_are_neither_copied_nor_pickled_by_mistake() -> None:
    for value in (kiln.Array([1]), kiln.from_dlpack(np.ones(3)), kiln.function(len)):
        for act in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                act(value)


def test_an_export_to_another_device_is_refused() -> None:
    with pytest.raises((ValueError, BufferError), match="cpu|device"):
        kiln.from_dlpack(np.ones(3)).__dlpack__(dl_device=(2, 0))


def test_an_importer_from_before_versions_gets_a_capsule_it_knows() -> None:
    tensor = kiln.from_dlpack(np.ones(3))
    assert '"dltensor"' in repr(tensor.__dlpack__(max_version=(0, 8)))
    assert '"dltensor_versioned"' in repr(tensor.__dlpack__(max_version=(1, 0)))
