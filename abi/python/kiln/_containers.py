"""The ABI's containers, as Python's sequences and mappings."""

from __future__ import annotations

import operator
import threading
from collections.abc import (
    Callable,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    MutableSequence,
    Sequence,
)
from typing import Any, ClassVar, SupportsIndex, TypeVar, overload

from kiln import _core
from kiln._arrays import ArrayLike

_Item = TypeVar("_Item")
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
# Items of a sequence and values of a mapping that can't be changed.
_ItemCo = TypeVar("_ItemCo", covariant=True)
_ValueCo = TypeVar("_ValueCo", covariant=True)

# What is kept as another object than it went in: as an Array, a Map, a tensor, a function.
_Changing = list[Any] | tuple[Any, ...] | Mapping[Any, Any] | ArrayLike | Callable[..., Any]


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


# The containers that this thread is about to show, by their addresses.
_being_shown = threading.local()


def _shown(container: Any, show: Callable[[], str]) -> str:
    """What `show` gives; an ellipsis inside of itself."""
    addresses: set[int] = _being_shown.__dict__.setdefault("addresses", set())
    address = container._address
    if address in addresses:
        return f"kiln.{type(container).__name__}(...)"
    addresses.add(address)
    try:
        return show()
    finally:
        addresses.remove(address)


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


class Array(_core.Object, Sequence[_ItemCo]):
    """An immutable sequence. Made from any iterable. Equal to a sequence of equal items."""

    _functions = _Functions("ffi.Array")

    @overload
    def __new__(cls, items: Iterable[_Changing]) -> Array[Any]: ...
    @overload
    def __new__(cls, items: Iterable[_ItemCo] = ()) -> Array[_ItemCo]: ...
    def __new__(cls, items: Iterable[Any] = ()) -> Array[Any]:
        made: Array[Any] = _global("ffi.Array")(*items)
        return made

    def __len__(self) -> int:
        size: int = self._functions.Size(self)
        return size

    @overload
    def __getitem__(self, index: SupportsIndex) -> _ItemCo: ...
    @overload
    def __getitem__(self, index: slice) -> list[_ItemCo]: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return self._functions.GetItem(self, _at(index, len(self)))

    def __repr__(self) -> str:
        return _shown(self, lambda: f"kiln.Array({list(self)!r})")

    def __eq__(self, other: object) -> Any:
        return _is_same(self, other)

    def __ne__(self, other: object) -> Any:
        same = _is_same(self, other)
        return same if same is NotImplemented else not same

    __hash__ = _core.Object.__hash__


class List(_core.Object, MutableSequence[_Item]):
    """A sequence that all who hold it may change. Equal to a sequence of equal items."""

    _functions = _Functions("ffi.List")

    @overload
    def __new__(cls, items: Iterable[_Changing]) -> List[Any]: ...
    @overload
    def __new__(cls, items: Iterable[_Item] = ()) -> List[_Item]: ...
    def __new__(cls, items: Iterable[Any] = ()) -> List[Any]:
        made: List[Any] = _global("ffi.List")(*items)
        return made

    def __len__(self) -> int:
        size: int = self._functions.Size(self)
        return size

    @overload
    def __getitem__(self, index: SupportsIndex) -> _Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[_Item]: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return self._functions.GetItem(self, _at(index, len(self)))

    @overload
    def __setitem__(self, index: SupportsIndex, value: _Item) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[_Item]) -> None: ...
    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            items = list(self)
            items[index] = value
            self._become(items)
        else:
            self._functions.SetItem(self, _at(index, len(self)), value)

    def __delitem__(self, index: SupportsIndex | slice) -> None:
        if isinstance(index, slice):
            items = list(self)
            del items[index]
            self._become(items)
        else:
            self._functions.Erase(self, _at(index, len(self)))

    def _become(self, items: list[_Item]) -> None:
        self._functions.Clear(self)
        for item in items:
            self._functions.Append(self, item)

    def insert(self, index: SupportsIndex, value: _Item) -> None:
        size = len(self)
        place = operator.index(index)
        self._functions.Insert(self, min(max(place + size if place < 0 else place, 0), size), value)

    def __repr__(self) -> str:
        return _shown(self, lambda: f"kiln.List({list(self)!r})")

    __eq__ = Array.__eq__
    __ne__ = Array.__ne__
    __hash__ = _core.Object.__hash__


_EntriesOf = Mapping[_Key, _Value] | Iterable[tuple[_Key, _Value]]


def _flat(items: Any) -> list[Any]:
    """Keys and values by turns, of what dict takes."""
    return [part for pair in dict(items).items() for part in pair]


class _Entries(_core.Object, Mapping[_Key, _ValueCo]):
    """Entries of a map or dict in its order, by the ABI's cursor: 0 key, 1 value, 2 next."""

    _functions: ClassVar[_Functions]

    def __iter__(self) -> Iterator[_Key]:
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
        size: int = self._functions.Size(self)
        return size

    def __contains__(self, key: object) -> bool:
        return bool(self._functions.Count(self, key))

    def __getitem__(self, key: _Key) -> _ValueCo:
        if key not in self:
            raise KeyError(key)
        value: _ValueCo = self._functions.GetItem(self, key)
        return value

    def __repr__(self) -> str:
        return _shown(self, lambda: f"kiln.{type(self).__name__}({dict(self)!r})")

    def __eq__(self, other: object) -> Any:
        if isinstance(other, Mapping):
            return dict(self) == dict(other)
        return NotImplemented

    def __ne__(self, other: object) -> Any:
        same = self.__eq__(other)
        return same if same is NotImplemented else not same

    __hash__ = _core.Object.__hash__


class Map(_Entries[_Key, _ValueCo]):
    """An immutable mapping. Made from any mapping. Equal to a mapping of equal entries."""

    _functions = _Functions("ffi.Map")

    @overload
    def __new__(cls, items: _EntriesOf[_Key, _Changing]) -> Map[_Key, Any]: ...
    @overload
    def __new__(cls, items: _EntriesOf[_Key, _ValueCo] = ()) -> Map[_Key, _ValueCo]: ...
    def __new__(cls, items: Any = ()) -> Map[Any, Any]:
        made: Map[Any, Any] = _global("ffi.Map")(*_flat(items))
        return made


class Dict(_Entries[_Key, _Value], MutableMapping[_Key, _Value]):
    """A mapping that all who hold it may change. Equal to a mapping of equal entries."""

    _functions = _Functions("ffi.Dict")

    @overload
    def __new__(cls, items: _EntriesOf[_Key, _Changing]) -> Dict[_Key, Any]: ...
    @overload
    def __new__(cls, items: _EntriesOf[_Key, _Value] = ()) -> Dict[_Key, _Value]: ...
    def __new__(cls, items: Any = ()) -> Dict[Any, Any]:
        made: Dict[Any, Any] = _global("ffi.Dict")(*_flat(items))
        return made

    def __setitem__(self, key: _Key, value: _Value) -> None:
        self._functions.SetItem(self, key, value)

    def __delitem__(self, key: _Key) -> None:
        if key not in self:
            raise KeyError(key)
        self._functions.Erase(self, key)


class Shape(_core.Object, Sequence[int]):
    """Extents: an immutable sequence of ints."""

    def __new__(cls, extents: Iterable[SupportsIndex] = ()) -> Shape:  # noqa: PYI034
        made: Shape = _global("ffi.Shape")(*extents)
        return made

    def __len__(self) -> int:
        return len(_core.shape_extents(self))

    @overload
    def __getitem__(self, index: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[int, ...]: ...
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


_CLASSES: dict[str, type[_core.Object]] = {
    "ffi.Array": Array,
    "ffi.List": List,
    "ffi.Map": Map,
    "ffi.Dict": Dict,
    "ffi.Shape": Shape,
}
for _key, _class in _CLASSES.items():
    _core.register_class(_key, _class)
