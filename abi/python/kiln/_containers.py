"""The ABI's containers, as Python's sequences and mappings."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence, Sequence
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


def _is_same(one: Iterable[Any], other: object) -> Any:
    if isinstance(other, (list, tuple, Array, List, Shape)):
        return list(one) == list(other)
    return NotImplemented


def _at(index: Any, size: int) -> int:
    """The place that an index means. Raises TypeError or IndexError."""
    try:
        place = operator.index(index)
    except TypeError:
        raise TypeError(
            f"an index must be an int or a slice, got a {type(index).__name__}"
        ) from None
    if not -size <= place < size:
        raise IndexError(f"index {place} is out of range for {size} items")
    return place % size


class Array(_core.Object, Sequence):
    """An immutable sequence. Made from any iterable. Equal to a sequence of equal items."""

    _functions = _Functions("ffi.Array")

    def __new__(cls, items: Iterable[Any] = ()) -> Array:  # noqa: PYI034
        return _global("ffi.Array")(*items)

    def __len__(self) -> int:
        return self._functions.Size(self)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return self._functions.GetItem(self, _at(index, len(self)))

    def __repr__(self) -> str:
        return f"kiln.Array({list(self)!r})"

    def __eq__(self, other: object) -> Any:
        return _is_same(self, other)

    def __ne__(self, other: object) -> Any:
        same = _is_same(self, other)
        return same if same is NotImplemented else not same

    __hash__ = _core.Object.__hash__


class List(_core.Object, MutableSequence):
    """A sequence that all who hold it may change. Equal to a sequence of equal items."""

    _functions = _Functions("ffi.List")

    def __new__(cls, items: Iterable[Any] = ()) -> List:  # noqa: PYI034
        return _global("ffi.List")(*items)

    def __len__(self) -> int:
        return self._functions.Size(self)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return self._functions.GetItem(self, _at(index, len(self)))

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            items = list(self)
            items[index] = value
            self._become(items)
        else:
            self._functions.SetItem(self, _at(index, len(self)), value)

    def __delitem__(self, index: Any) -> None:
        if isinstance(index, slice):
            items = list(self)
            del items[index]
            self._become(items)
        else:
            self._functions.Erase(self, _at(index, len(self)))

    def _become(self, items: list[Any]) -> None:
        self._functions.Clear(self)
        for item in items:
            self._functions.Append(self, item)

    def insert(self, index: Any, value: Any) -> None:
        size = len(self)
        place = operator.index(index)
        self._functions.Insert(self, min(max(place + size if place < 0 else place, 0), size), value)

    def __repr__(self) -> str:
        return f"kiln.List({list(self)!r})"

    __eq__ = Array.__eq__
    __ne__ = Array.__ne__
    __hash__ = _core.Object.__hash__


class _Entries:
    """Entries of a map or dict in its order, by the ABI's cursor: 0 key, 1 value, 2 next."""

    def __iter__(self) -> Iterator[Any]:
        # The cursor does not stand a change of the entries: the keys are taken first.
        size = len(self)
        cursor = self._functions.ForwardIterFunctor(self)
        keys = [cursor(0)] if size else []
        while len(keys) < size and cursor(2):
            keys.append(cursor(0))
        for key in keys:
            if len(self) != size:
                raise RuntimeError("the entries changed while they were read")
            yield key

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

    def __eq__(self, other: object) -> Any:
        if isinstance(other, Mapping):
            return dict(self) == dict(other)
        return NotImplemented

    def __ne__(self, other: object) -> Any:
        same = self.__eq__(other)
        return same if same is NotImplemented else not same

    __hash__ = _core.Object.__hash__


class Map(_Entries, _core.Object, Mapping):
    """An immutable mapping. Made from any mapping. Equal to a mapping of equal entries."""

    _functions = _Functions("ffi.Map")

    def __new__(cls, items: Any = ()) -> Map:  # noqa: PYI034
        flat = [part for pair in dict(items).items() for part in pair]
        return _global("ffi.Map")(*flat)


class Dict(_Entries, _core.Object, MutableMapping):
    """A mapping that all who hold it may change. Equal to a mapping of equal entries."""

    _functions = _Functions("ffi.Dict")

    def __new__(cls, items: Any = ()) -> Dict:  # noqa: PYI034
        flat = [part for pair in dict(items).items() for part in pair]
        return _global("ffi.Dict")(*flat)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._functions.SetItem(self, key, value)

    def __delitem__(self, key: Any) -> None:
        if key not in self:
            raise KeyError(key)
        self._functions.Erase(self, key)


class Shape(_core.Object, Sequence):
    """Extents: an immutable sequence of ints."""

    def __new__(cls, extents: Iterable[int] = ()) -> Shape:  # noqa: PYI034
        return _global("ffi.Shape")(*extents)

    def __len__(self) -> int:
        return len(_core.shape_extents(self))

    def __getitem__(self, index: Any) -> Any:
        return _core.shape_extents(self)[index]

    def __repr__(self) -> str:
        return f"kiln.Shape({tuple(self)!r})"

    __eq__ = Array.__eq__
    __ne__ = Array.__ne__
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
