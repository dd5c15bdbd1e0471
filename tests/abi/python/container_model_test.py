"""kiln.List and kiln.Dict, step by step beside Python's list and dict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import kiln

values = st.one_of(
    st.integers(-3, 3), st.sampled_from(["", "a", "a longer text", "nul\0"]), st.none()
)
keys = st.one_of(st.integers(-3, 3), st.sampled_from(["", "a", "a longer text", b"a"]))
indices = st.integers(-8, 8)
steps = settings(
    max_examples=50, stateful_step_count=20, deadline=None, derandomize=True, database=None
)


def outcome(act: Callable[[], Any]) -> tuple[str, Any]:
    """What comes of an action: its result, or the kind of its exception that Python has."""
    try:
        return "result", act()
    except (IndexError, KeyError, ValueError) as error:
        kinds = (IndexError, KeyError, ValueError)
        return "raised", next(kind for kind in kinds if isinstance(error, kind))


class ListBesideList(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.ours, self.theirs = kiln.List(), []

    def both(self, act: Callable[[Any], Any]) -> None:
        assert outcome(lambda: act(self.ours)) == outcome(lambda: act(self.theirs))

    @rule(value=values)
    def append(self, value: Any) -> None:
        self.both(lambda items: items.append(value))

    @rule(index=indices, value=values)
    def insert(self, index: int, value: Any) -> None:
        self.both(lambda items: items.insert(index, value))

    @rule(more=st.lists(values, max_size=3))
    def extend(self, more: list) -> None:
        self.both(lambda items: items.extend(more))

    @rule()
    def extend_by_itself(self) -> None:
        if len(self.theirs) < 20:
            self.both(lambda items: items.extend(items))

    @rule(index=indices, value=values)
    def assign(self, index: int, value: Any) -> None:
        self.both(lambda items: items.__setitem__(index, value))

    @rule(index=indices)
    def delete(self, index: int) -> None:
        self.both(lambda items: items.__delitem__(index))

    @rule(index=indices)
    def pop(self, index: int) -> None:
        self.both(lambda items: items.pop(index))

    @rule()
    def pop_last(self) -> None:
        self.both(lambda items: items.pop())

    @rule(value=values)
    def remove(self, value: Any) -> None:
        self.both(lambda items: items.remove(value))

    @rule()
    def reverse(self) -> None:
        self.both(lambda items: items.reverse())

    @rule()
    def clear(self) -> None:
        self.both(lambda items: items.clear())

    @rule(index=indices)
    def look(self, index: int) -> None:
        self.both(lambda items: items[index])

    @rule(start=st.none() | indices, stop=st.none() | indices, step=st.sampled_from([None, 2, -1]))
    def look_at_a_slice(self, start: int | None, stop: int | None, step: int | None) -> None:
        self.both(lambda items: list(items[start:stop:step]))

    @rule(value=values)
    def find(self, value: Any) -> None:
        self.both(lambda items: (items.index(value), items.count(value), value in items))

    @rule(value=values)
    def count(self, value: Any) -> None:
        self.both(lambda items: (items.count(value), value in items))

    @invariant()
    def they_are_the_same(self) -> None:
        assert len(self.ours) == len(self.theirs)
        assert repr(list(self.ours)) == repr(self.theirs)
        assert self.ours == self.theirs
        assert list(reversed(self.ours)) == self.theirs[::-1]


class DictBesideDict(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.ours, self.theirs = kiln.Dict(), {}

    def both(self, act: Callable[[Any], Any]) -> None:
        assert outcome(lambda: act(self.ours)) == outcome(lambda: act(self.theirs))

    @rule(key=keys, value=values)
    def assign(self, key: Any, value: Any) -> None:
        self.both(lambda items: items.__setitem__(key, value))

    @rule(key=keys)
    def delete(self, key: Any) -> None:
        self.both(lambda items: items.__delitem__(key))

    @rule(key=keys)
    def look(self, key: Any) -> None:
        self.both(lambda items: items[key])

    @rule(key=keys)
    def get(self, key: Any) -> None:
        self.both(lambda items: (items.get(key), items.get(key, 5), key in items))

    @rule(key=keys)
    def pop(self, key: Any) -> None:
        self.both(lambda items: items.pop(key))

    @rule(key=keys, value=values)
    def pop_or(self, key: Any, value: Any) -> None:
        self.both(lambda items: items.pop(key, value))

    @rule(key=keys, value=values)
    def set_default(self, key: Any, value: Any) -> None:
        self.both(lambda items: items.setdefault(key, value))

    @rule(more=st.dictionaries(keys, values, max_size=6))
    def update(self, more: dict) -> None:
        self.both(lambda items: items.update(more))

    @rule()
    def pop_any(self) -> None:
        # Which one is not agreed: the same is taken from the other.
        if self.theirs:
            key, value = self.ours.popitem()
            assert self.theirs.pop(key) == value

    @rule()
    def clear(self) -> None:
        self.both(lambda items: items.clear())

    @invariant()
    def they_are_the_same(self) -> None:
        assert len(self.ours) == len(self.theirs)
        # A key that is assigned anew may move to the end: the order is the ABI's.
        assert dict(self.ours.items()) == self.theirs
        assert list(self.ours) == [key for key, _ in self.ours.items()]
        assert list(self.ours.values()) == [value for _, value in self.ours.items()]


ListBesideList.TestCase.settings = steps
DictBesideDict.TestCase.settings = steps
TestListBesideList = ListBesideList.TestCase
TestDictBesideDict = DictBesideDict.TestCase


@pytest.mark.parametrize("make", [kiln.Map, kiln.Dict])
def test_mappings_are_equal_where_their_entries_are(make: type) -> None:
    one = make({"a": 1, "b": [2]})
    assert one == make({"b": [2], "a": 1})
    assert one == {"a": 1, "b": [2]}
    assert {"a": 1, "b": [2]} == one
    assert (one != {"a": 1, "b": [2]}) is False
    assert one != make({"a": 1})
    assert one != {"a": 1, "b": [3]}


@pytest.mark.parametrize("make", [kiln.Array, kiln.List, kiln.Shape])
def test_sequences_that_are_equal_are_not_unequal(make: type) -> None:
    for other in ([1, 2], (1, 2), make([1, 2])):
        assert make([1, 2]) == other
        assert (make([1, 2]) != other) is False
    assert make([1, 2]) != [1, 3]
    assert make([1, 2]) != make([2, 1])
    assert make([1, 2]) != "12"


@pytest.mark.parametrize(
    ("where", "more"),
    [(slice(0, 2), [9]), (slice(1, 1), [7, 8]), (slice(None), []), (slice(None, None, 2), [5, 6])],
)
def test_a_slice_of_a_list_is_assigned_and_deleted_as_in_python(where: slice, more: list) -> None:
    ours, theirs = kiln.List([1, 2, 3]), [1, 2, 3]
    ours[where] = more
    theirs[where] = more
    assert list(ours) == theirs
    del ours[where]
    del theirs[where]
    assert list(ours) == theirs


def test_a_list_that_grows_while_it_is_read_is_read_to_its_end() -> None:
    items = kiln.List([1, 2, 3])
    for item in items:
        if len(items) < 10:
            items.append(item)
    assert list(items) == [1, 2, 3, 1, 2, 3, 1, 2, 3, 1]


@pytest.mark.parametrize(
    "change", [lambda d: d.pop(0), lambda d: d.update({i: i for i in range(99)})]
)
def test_a_dict_that_changes_while_it_is_read_says_so(change: Callable) -> None:
    items = kiln.Dict({i: i for i in range(8)})
    with pytest.raises(RuntimeError, match="chang"):
        for _ in items:
            change(items)


def test_a_dict_that_is_cleared_while_it_is_read_harms_nothing() -> None:
    for size in (1, 10, 1000):
        items = kiln.Dict({i: str(i) * 9 for i in range(size)})
        reading = iter(items)
        next(reading)
        items.clear()
        try:
            rest = list(reading)
        except RuntimeError:
            rest = []
        assert rest == []


@pytest.mark.parametrize("index", ["x", None, 1.0, (0,)])
@pytest.mark.parametrize("make", [kiln.Array, kiln.List, kiln.Shape])
def test_an_index_that_is_no_int_is_a_type_error(make: type, index: Any) -> None:
    with pytest.raises(TypeError, match=r"ind(ex|ic)"):
        make([1, 2])[index]


@pytest.mark.parametrize("make", [kiln.Array, kiln.List, kiln.Shape])
@pytest.mark.parametrize("index", [2, -3, 2**40, 2**70])
def test_an_index_out_of_range_is_an_index_error(make: type, index: int) -> None:
    with pytest.raises(IndexError):
        make([1, 2])[index]


@pytest.mark.parametrize("make", [kiln.Map, kiln.Dict])
def test_a_key_that_is_missing_is_a_key_error_that_names_it(make: type) -> None:
    with pytest.raises(KeyError, match="absent"):
        make({"a": 1})["absent"]


@pytest.mark.parametrize(
    ("hold", "look"),
    [
        (lambda array: kiln.Array([array]), lambda held: held[0]),
        (lambda array: kiln.Array([[array]]), lambda held: held[0][0]),
        (lambda array: kiln.List([array]), lambda held: held[0]),
        (lambda array: kiln.Map({"a": array}), lambda held: held["a"]),
        (lambda array: kiln.Dict({"a": array}), lambda held: held["a"]),
    ],
)
def test_an_array_of_numpy_is_kept_as_a_tensor(hold: Callable, look: Callable) -> None:
    held = look(hold(np.arange(3, dtype=np.float32)))
    assert np.from_dlpack(held).tolist() == [0, 1, 2]


def test_an_array_of_numpy_that_is_put_in_is_kept_as_a_tensor() -> None:
    items, entries = kiln.List([0]), kiln.Dict()
    items.append(np.ones(3))
    items[0] = np.ones(3)
    entries["a"] = np.ones(3)
    for held in (*items, entries["a"]):
        assert np.from_dlpack(held).tolist() == [1, 1, 1]
