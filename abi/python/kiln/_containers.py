"""The ABI's containers, as Python's sequences and mappings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

from kiln import _core


def _global(name: str) -> _core.Function:
    found = _core.get_global(name)
    if found is None:
        raise RuntimeError(f"the runtime has no function {name}")
    return found


class _Functions:
    """The functions of a container type, looked up once."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def __getattr__(self, name: str) -> _core.Function:
        if name.startswith("_"):
            raise AttributeError(name)
        found = _global(self._prefix + name)
        setattr(self, name, found)
        return found


class Array(_core.Object, Sequence):
    """An immutable sequence. Made from any iterable."""

    _functions = _Functions("ffi.Array")

    def __new__(cls, items: Any = ()) -> Array:
        return _global("ffi.Array")(*items)

    def __len__(self) -> int:
        return self._functions.Size(self)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        size = len(self)
        if not -size <= index < size:
            raise IndexError(f"index {index} is out of range for {size} items")
        return self._functions.GetItem(self, index % size)

    def __repr__(self) -> str:
        return f"kiln.{type(self).__name__}({list(self)!r})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (list, tuple, Array, List)):
            return list(self) == list(other)
        return NotImplemented

    __hash__ = _core.Object.__hash__


class List(_core.Object, MutableSequence):
    """A sequence that all who hold it may change."""

    _functions = _Functions("ffi.List")

    def __new__(cls, items: Any = ()) -> List:
        return _global("ffi.List")(*items)

    def __len__(self) -> int:
        return self._functions.Size(self)

    def _at(self, index: int) -> int:
        size = len(self)
        if not -size <= index < size:
            raise IndexError(f"index {index} is out of range for {size} items")
        return index % size

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return self._functions.GetItem(self, self._at(index))

    def __setitem__(self, index: int, value: Any) -> None:
        self._functions.SetItem(self, self._at(index), value)

    def __delitem__(self, index: int) -> None:
        self._functions.Erase(self, self._at(index))

    def insert(self, index: int, value: Any) -> None:
        size = len(self)
        self._functions.Insert(self, min(max(index + size if index < 0 else index, 0), size), value)

    def __repr__(self) -> str:
        return f"kiln.List({list(self)!r})"

    __eq__ = Array.__eq__
    __hash__ = _core.Object.__hash__


class _Items:
    """Entries of a map or dict in its order, by the ABI's cursor: 0 key, 1 value, 2 next."""

    def __iter__(self) -> Iterator[Any]:
        cursor = self._functions.ForwardIterFunctor(self)
        for _ in range(len(self)):
            yield cursor(0)
            if not cursor(2):
                break

    def __len__(self) -> int:
        return self._functions.Size(self)

    def __contains__(self, key: object) -> bool:
        return bool(self._functions.Count(self, key))

    def __getitem__(self, key: Any) -> Any:
        if key not in self:
            raise KeyError(key)
        return self._functions.GetItem(self, key)

    def __repr__(self) -> str:
        return f"kiln.{type(self).__name__}({dict(self)!r})"


class Map(_Items, _core.Object, Mapping):
    """An immutable mapping. Made from any mapping."""

    _functions = _Functions("ffi.Map")

    def __new__(cls, items: Any = ()) -> Map:
        flat = [part for pair in dict(items).items() for part in pair]
        return _global("ffi.Map")(*flat)

    __hash__ = _core.Object.__hash__


class Dict(_Items, _core.Object, MutableMapping):
    """A mapping that all who hold it may change."""

    _functions = _Functions("ffi.Dict")

    def __new__(cls, items: Any = ()) -> Dict:
        flat = [part for pair in dict(items).items() for part in pair]
        return _global("ffi.Dict")(*flat)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._functions.SetItem(self, key, value)

    def __delitem__(self, key: Any) -> None:
        if key not in self:
            raise KeyError(key)
        self._functions.Erase(self, key)

    __hash__ = _core.Object.__hash__


class Shape(_core.Object, Sequence):
    """Extents: an immutable sequence of ints."""

    def __new__(cls, extents: Any = ()) -> Shape:
        return _global("ffi.Shape")(*extents)

    def __len__(self) -> int:
        return len(_core.shape_extents(self))

    def __getitem__(self, index: Any) -> Any:
        return _core.shape_extents(self)[index]

    def __repr__(self) -> str:
        return f"kiln.Shape({tuple(self)!r})"

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, (tuple, list, Shape)) else False

    __hash__ = _core.Object.__hash__


def convert(value: Any) -> Any:
    """The object of the ABI that a Python container stands for; any other value as it is."""
    if isinstance(value, (list, tuple)):
        return Array(value)
    if isinstance(value, Mapping):
        return Map(value)
    return value


for _key, _class in {
    "ffi.Array": Array,
    "ffi.List": List,
    "ffi.Map": Map,
    "ffi.Dict": Dict,
    "ffi.Shape": Shape,
}.items():
    _core.register_class(_key, _class)
