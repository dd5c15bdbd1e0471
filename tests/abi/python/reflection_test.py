"""Classes of Python for the classes that C++ registers: fields, methods, constructors."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import sys
from pathlib import Path

import pytest

import kiln

SOURCE = """
#include <kiln/kiln.h>
#include <kiln/reflection.h>
namespace {
namespace refl = kiln::reflection;

class ShapeObj : public kiln::Object {
 public:
  KILN_OBJECT_TYPE("python.test.Shape", ShapeObj, kiln::Object);
  kiln::String name = "a shape";
};

class BoxObj : public ShapeObj {
 public:
  KILN_OBJECT_TYPE("python.test.Box", BoxObj, ShapeObj);
  BoxObj(double width, double height) : width(width), height(height) {}
  double Area() const { return width * height; }
  void Grow(double by) {
    if (by < 0) throw kiln::Error("ValueError", "by must be 0 or more");
    width += by;
  }
  double width;
  double height;
  bool filled = false;
  int64_t id = 7;
  DLDataType dtype{kDLFloat, 32, 1};
  kiln::Any tag;
  kiln::ObjectRef owner;
};

// Derives from Box and adds nothing.
class CrateObj : public BoxObj {
 public:
  KILN_OBJECT_TYPE("python.test.Crate", CrateObj, BoxObj);
  CrateObj() : BoxObj(1, 1) {}
};

KILN_STATIC_INIT_BLOCK() {
  refl::ObjectDef<ShapeObj>("A shape.").def_rw("name", &ShapeObj::name, "What it is called.");
  refl::ObjectDef<BoxObj>("A box.")
      .def(refl::init<double, double>())
      .def_rw("width", &BoxObj::width, "How wide.")
      .def_ro("height", &BoxObj::height)
      .def_rw("filled", &BoxObj::filled)
      .def_rw("id", &BoxObj::id, refl::AttachFieldFlag(kTVMFFIFieldFlagBitMaskReprOff))
      .def_rw("dtype", &BoxObj::dtype)
      .def_rw("tag", &BoxObj::tag)
      .def_rw("owner", &BoxObj::owner)
      .def("area", &BoxObj::Area, "Width times height.")
      .def("grow", &BoxObj::Grow)
      .def_static("unit", [] { return kiln::ObjectRef(kiln::MakeObject<BoxObj>(1.0, 1.0)); },
                  "One by one.");
  refl::ObjectDef<CrateObj>("").def(refl::init<>());
  refl::GlobalDef().def("python.test.crate",
                        [] { return kiln::ObjectRef(kiln::MakeObject<CrateObj>()); });
}
}  // namespace
"""


def keep(module: kiln.Module) -> None:
    """What registers types has to stay in memory, until after the last finalizer."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(module))


@pytest.fixture(scope="module", autouse=True)
def library() -> None:
    keep(kiln.compile(SOURCE, "c++"))


@pytest.fixture
def box_class(library: None) -> type:
    return kiln.object_class("python.test.Box")


def test_a_class_has_the_name_the_text_and_the_base_of_its_type(box_class: type) -> None:
    shape = kiln.object_class("python.test.Shape")
    assert (box_class.__name__, box_class.__doc__) == ("Box", "A box.")
    assert issubclass(box_class, shape)
    assert issubclass(shape, kiln.Object)
    assert not issubclass(kiln.Object, shape)
    assert kiln.object_class("python.test.Box") is box_class
    assert (box_class.width.__doc__, shape.name.__doc__) == ("How wide.", "What it is called.")
    assert (box_class.area.__name__, box_class.area.__doc__) == ("area", "Width times height.")
    assert box_class.unit.__doc__ == "One by one."
    assert kiln.object_class("python.test.Crate").__doc__ is None


def test_a_constructor_makes_an_object(box_class: type) -> None:
    box = box_class(2, 3.5)
    assert type(box) is box_class
    assert (box.width, box.height, box.type_key) == (2.0, 3.5, "python.test.Box")
    for arguments in ((), (1.0,), (1.0, 2.0, 3.0), ("x", 1.0)):
        with pytest.raises(TypeError, match="expected"):
            box_class(*arguments)
    with pytest.raises(TypeError, match="width"):
        box_class(width=1.0, height=2.0)


def test_fields_are_read_and_written(box_class: type) -> None:
    box = box_class(2.0, 3.0)
    box.width, box.filled, box.id, box.name = 5, True, 2**62, "café"
    assert (box.width, box.filled, box.id) == (5.0, True, 2**62)
    assert box.name == "café"
    assert box.dtype == kiln.dtype("float32")
    box.dtype = kiln.dtype("int8x4")
    assert str(box.dtype) == "int8x4"
    assert box.area() == 15.0


def test_a_field_of_any_type_holds_what_it_is_given(box_class: type) -> None:
    box = box_class(1.0, 1.0)
    assert box.tag is None
    for value in (None, True, 3, 2.5, "text", "a longer text", b"bytes", 2**100, box):
        box.tag = value
        assert box.tag == value
        assert type(box.tag) is type(value)
    box.tag = [1, {"a": 2}]
    assert (box.tag[0], box.tag[1]["a"]) == (1, 2)
    box.tag = lambda a: a + 1
    assert box.tag(41) == 42
    box.tag = None


def test_a_field_of_an_object_keeps_it(box_class: type) -> None:
    box, owner = box_class(1.0, 1.0), box_class(2.0, 2.0)
    box.owner = owner
    assert box.owner == owner
    address = owner._address
    del owner
    gc.collect()
    assert (box.owner._address, box.owner.width) == (address, 2.0)
    box.owner = None
    assert box.owner is None


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("width", "x", "expected float"),
        ("width", None, "expected float, got None"),
        ("filled", "x", "expected bool"),
        ("id", 1.5, "expected int, got float"),
        ("id", 2**70, "expected int"),
        ("name", 3, "expected ffi.String, got int 3"),
        ("owner", 3, "expected ffi.Object, got int 3"),
        ("tag", object(), "a object can't be passed"),
    ],
)
def test_a_value_of_another_type_is_refused_and_changes_nothing(
    box_class: type, name: str, value: object, text: str
) -> None:
    box = box_class(1.0, 2.0)
    before = getattr(box, name)
    with pytest.raises(TypeError) as raised:
        setattr(box, name, value)
    assert text in str(raised.value)
    assert getattr(box, name) == before


def test_a_field_that_can_only_be_read_is_not_written(box_class: type) -> None:
    box = box_class(1.0, 2.0)
    with pytest.raises(AttributeError, match="height"):
        box.height = 3.0
    with pytest.raises(AttributeError):
        del box.width
    with pytest.raises(AttributeError, match="missing"):
        box.missing  # noqa: B018
    with pytest.raises(AttributeError, match="missing"):
        box.missing = 3
    assert (box.width, box.height) == (1.0, 2.0)


def test_a_method_is_called_on_its_object(box_class: type) -> None:
    box = box_class(2.0, 3.0)
    assert box.area() == 6.0
    assert box.grow(1) is None
    assert box.width == 3.0
    assert box_class.area(box) == 9.0
    with pytest.raises(ValueError, match="by must be 0 or more"):
        box.grow(-1.0)
    with pytest.raises(TypeError, match="expected"):
        box.grow()
    with pytest.raises(TypeError, match="expected float"):
        box.grow("x")
    assert box.width == 3.0


def test_a_static_method_needs_no_object(box_class: type) -> None:
    for made in (box_class.unit(), box_class(5.0, 5.0).unit()):
        assert type(made) is box_class
        assert (made.width, made.height) == (1.0, 1.0)


def test_members_refuse_objects_of_other_classes(box_class: type) -> None:
    others = [kiln.Array([1]), kiln.get("ffi.Array")]
    for other in others:
        with pytest.raises(TypeError, match="no such field"):
            box_class.width.__get__(other)
        with pytest.raises(TypeError, match="no such field"):
            box_class.width.__set__(other, 1.0)
        with pytest.raises(TypeError, match=r"expected python\.test\.Box"):
            box_class.area(other)
    with pytest.raises(TypeError, match=r"expected python\.test\.Box, got int 3"):
        box_class.area(3)


def test_an_object_is_printed_with_its_fields(box_class: type) -> None:
    box = box_class(2.0, 3.0)
    box.name, box.tag = "b", [1]
    assert repr(box) == (
        "python.test.Box(name='b', width=2.0, height=3.0, filled=False, dtype=float32, "
        "tag=kiln.Array([1]), owner=None)"
    )


def test_a_derived_class_has_what_its_base_has(box_class: type) -> None:
    crate_class = kiln.object_class("python.test.Crate")
    crate = crate_class()
    assert isinstance(crate, box_class)
    crate.width, crate.name = 4.0, "crate"
    assert (crate.area(), crate.name) == (4.0, "crate")
    assert repr(crate).startswith("python.test.Crate(name='crate', width=4.0,")
    assert type(kiln.get("python.test.crate")()) is crate_class
    assert type(crate.unit()) is box_class


def test_objects_are_one_whoever_holds_them(box_class: type) -> None:
    box = box_class(1.0, 1.0)
    same = kiln.Array([box])[0]
    assert same == box
    assert hash(same) == hash(box)
    assert {box: "x"}[same] == "x"
    assert box != box_class(1.0, 1.0)
    same.width = 9.0
    assert box.width == 9.0


def test_fields_leak_no_reference(box_class: type) -> None:
    box = box_class(1.0, 1.0)
    values = ["a text that is not short", kiln.Array([1]), box_class(1.0, 1.0)]
    before = None
    for round_ in range(200):
        for value in values:
            box.tag = value
            assert box.tag == value
        box.owner = values[-1]
        with pytest.raises(TypeError):
            box.width = values[-1]
        box.owner = box.tag = None
        if round_ == 10:
            gc.collect()
            before = [sys.getrefcount(value) for value in (*values, box)]
    gc.collect()
    assert [sys.getrefcount(value) for value in (*values, box)] == before


def test_unknown_types_and_classes_are_refused() -> None:
    with pytest.raises(KeyError, match=r"no type is registered as 'python\.test\.nowhere'"):
        kiln.object_class("python.test.nowhere")
    with pytest.raises(TypeError, match="str"):
        kiln.object_class(3)
    with pytest.raises(RuntimeError, match="load the library that registers it first"):
        kiln.register_class("python.test.nowhere")(type("Nowhere", (kiln.Object,), {}))
    with pytest.raises(TypeError, match=r"derives from kiln\.Object, .*int.* does not"):
        kiln.register_class("python.test.Box")(int)


def test_the_builtin_types_have_their_classes() -> None:
    assert kiln.object_class("ffi.Object") is kiln.Object
    assert kiln.object_class("ffi.Array") is kiln.Array
    assert kiln.object_class("ffi.Module") is kiln.Module


def test_a_class_of_ones_own_takes_the_place_of_the_made_one(library: None) -> None:
    made = kiln.object_class("python.test.Crate")
    old = made()
    try:

        @kiln.register_class("python.test.Crate")
        class Crate(kiln.object_class("python.test.Box")):
            """My crate."""

            def perimeter(self) -> float:
                return 2 * (self.width + self.height)

            def area(self) -> float:
                return -1.0

        assert kiln.object_class("python.test.Crate") is Crate
        crate = Crate()
        assert type(crate) is Crate
        assert (crate.perimeter(), crate.area(), Crate.__doc__) == (4.0, -1.0, "My crate.")
        assert type(kiln.get("python.test.crate")()) is Crate
        assert type(kiln.Array([old])[0]) is Crate
        assert repr(crate).startswith("python.test.Crate(name='a shape', width=1.0,")
        assert type(old) is made

        class Special(Crate):
            def __init__(self) -> None:
                self.extra = 5

            def __repr__(self) -> str:
                return "special"

        special = Special()
        assert (special.extra, special.width, repr(special)) == (5, 1.0, "special")
    finally:
        kiln._core.register_class("python.test.Crate", made)


def test_a_library_with_the_headers_of_the_other_package_has_classes_too() -> None:
    package = importlib.util.find_spec("tvm_ffi").submodule_search_locations[0]
    source = Path(__file__).parents[2] / "runtime" / "reflected_library.cc"
    keep(kiln.compile(source, include_dirs=[str(Path(package) / "include")]))
    point = kiln.object_class("kiln.test.Point").make(3, 4)
    point.y, point.label = 40, "p"
    assert (point.x, point.sum()) == (3, 43)
    assert repr(point) == "kiln.test.Point(x=3, y=40, label='p')"
    with pytest.raises(AttributeError, match="x"):
        point.x = 5
