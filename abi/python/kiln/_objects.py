"""Classes for the object types that C++ or any other language has registered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from kiln import _core

_Class = TypeVar("_Class", bound=type)

# Of the ABI's flags of fields and methods (tvm/ffi/c_api.h, TVMFFIFieldFlagBitMask).
_WRITABLE = 1 << 0
_STATIC = 1 << 2
_REPR_OFF = 1 << 6

_CONSTRUCTOR = "__ffi_init__"


def _property(
    type_index: int, field_index: int, name: str, doc: str, is_writable: bool
) -> property:
    def read(self: _core.Object) -> Any:
        return _core.get_field(self, type_index, field_index)

    def write(self: _core.Object, value: Any) -> None:
        try:
            _core.set_field(self, type_index, field_index, value)
        except (TypeError, ValueError) as error:
            raise type(error)(f"field '{name}': {error}") from None

    return property(read, write if is_writable else None, None, doc or None)


def _method(function: _core.Function, name: str, doc: str, is_static: bool) -> Any:
    if is_static:
        made: Any = lambda *args: function(*args)
    else:
        made = lambda self, *args: function(self, *args)
    made.__name__ = made.__qualname__ = name
    made.__doc__ = doc or None
    return staticmethod(made) if is_static else made


def _constructor(function: _core.Function) -> Any:
    def new(cls: type, *args: Any) -> Any:
        return _core.adopt(cls, function(*args))

    return new


def _members(info: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a class for a type: its own fields and methods."""
    members: dict[str, Any] = {}
    shown = []
    for index, (name, doc, _, flags) in enumerate(info["fields"]):
        members[name] = _property(info["index"], index, name, doc, bool(flags & _WRITABLE))
        if not flags & _REPR_OFF:
            shown.append(name)
    members["_shown_fields"] = tuple(shown)
    for name, doc, _, flags, function in info["methods"]:
        if name == _CONSTRUCTOR:
            members["__new__"] = _constructor(function)
        elif not name.startswith("__ffi_"):
            members[name] = _method(function, name, doc, bool(flags & _STATIC))
    return members


class _Reflected(_core.Object):
    """What classes made of reflection have in common."""

    __slots__ = ()
    _shown_fields: tuple[str, ...] = ()

    def __repr__(self) -> str:
        names: list[str] = []
        for cls in reversed(type(self).__mro__):
            names += cls.__dict__.get("_shown_fields", ())
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{self.type_key}({fields})"


def class_of(key: str) -> type | None:
    """A class for a type that has none yet, derived from that of its parent. None for ffi.Object."""
    info = _core.type_info(key)
    if info is None or info["parent"] is None:
        return None
    parent = object_class(info["parent"])
    if parent is _core.Object:
        parent = _Reflected
    name = key.rpartition(".")[2]
    members = {
        "__slots__": (),
        "__doc__": info["doc"] or None,
        "__module__": "kiln.objects",
    }
    return type(name, (parent,), {**members, **_members(info)})


def register_class(key: str) -> Callable[[_Class], _Class]:
    """A decorator: objects of the type `key` become instances of the class.

        @kiln.register_class("geometry.Point")
        class Point(kiln.Object):
            def length(self) -> float:
                return (self.x**2 + self.y**2) ** 0.5

    The class gets the type's fields as properties, its methods, and its constructor; what it defines
    itself stays. Raises RuntimeError where no type has that key, TypeError where the class does not
    derive from kiln.Object. To be called before other threads make objects of that type.
    """

    def register(cls: _Class) -> _Class:
        info = _core.type_info(key)
        if info is None:
            raise RuntimeError(
                f"no type is registered as '{key}': load the library that registers it first"
            )
        _core.register_class(key, cls)
        members = _members(info)
        # Of the base types, those whose classes the class does not derive from.
        base = info["parent"]
        while base is not None and object_class(base) not in cls.__mro__:
            above = _core.type_info(base) or {}
            inherited = _members(above)
            shown = inherited["_shown_fields"] + members["_shown_fields"]
            inherited.pop("__new__", None)
            members = {**inherited, **members, "_shown_fields": shown}
            base = above["parent"]
        for name, member in members.items():
            if name not in cls.__dict__:
                setattr(cls, name, member)
        if "__repr__" not in cls.__dict__:
            setattr(cls, "__repr__", _Reflected.__repr__)
        return cls

    return register


def object_class(key: str) -> type:
    """The class of a type's objects: what register_class gave, or one made of what reflection tells.

    Raises KeyError where no type has that key.
    """
    found = _core.registered_class(key)
    if found is None:
        if _core.type_info(key) is None:
            raise KeyError(f"no type is registered as '{key}'")
        found = class_of(key) or _core.Object
        _core.register_class(key, found)
    return found
