"""What the reference's library registers and answers, and what ours does, each in a process of its
own, loaded by ctypes. Every difference stands in a table below with its reason; a line of a table
that no difference needs is an error, too."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
INCLUDE = Path(os.environ["KILN_REFERENCE_INCLUDE"])
OUR_LIBRARY = os.environ["KILN_TEST_RUNTIME"]
THEIR_LIBRARY = str(INCLUDE.parent / "lib" / "libtvm_ffi.so")

# Functions of theirs alone: group, names without "ffi.". All are of the extra part.
FUNCTIONS_OF_THEIRS = {
    "JSON graphs and serialization: a later issue": """
        FromJSONGraph FromJSONGraphString ToJSONGraph ToJSONGraphString json.Parse json.Stringify""",
    "structural equality, hash and keys: a later issue": """
        StructuralEqual StructuralHash GetFirstStructuralMismatch StructuralKey StructuralKeyEqual""",
    "structural visit and mutation: a later issue": """
        StructuralMap StructuralMutate StructuralMutatorDefRegionKind
        StructuralMutatorDefaultMutate StructuralMutatorMutate StructuralMutatorVarRemapGet
        StructuralMutatorVarRemapSet StructuralMutatorWithDefRegionKind StructuralVisit
        StructuralVisitorDefRegionKind StructuralVisitorDefaultVisit StructuralVisitorVisit
        StructuralVisitorWithDefRegionKind StructuralWalk VisitErrorContext.FindAccessPaths
        VisitInterrupt""",
    "recursive comparison, hash, copy and repr: a later issue": """
        RecursiveEq RecursiveGe RecursiveGt RecursiveHash RecursiveLe RecursiveLt ReprPrint
        DeepCopy""",
    "dataclass support: a later issue": """
        MakeFieldGetter MakeFieldSetter MakeObjectFromPackedArgs _PyClassRegisterTypeAttrColumns
        _RegisterFFIInit""",
}
FUNCTIONS_OF_OURS = {
    "compiled code must not write read-only tensors": "kiln.read_only_tensor_deleter",
}

TYPES_OF_THEIRS = {
    "dataclass support: a later issue": "Enum EnumState IntEnum StrEnum",
    "structural equality, visit and mutation: a later issue": """
        StructuralKey StructuralMutator StructuralVisitor VisitErrorContext
        reflection.AccessPath reflection.AccessStep""",
}
TYPES_OF_OURS: dict[str, str] = {}

# Types that both have and describe otherwise.
TYPES_THAT_DIFFER = {
    "ffi.VisitInterrupt": "its field is read by structural visits: a later issue",
}

# Attribute columns that theirs has, and ours has not or has with fewer types.
COLUMNS_THAT_DIFFER = {
    "__any_equal__": "ffi.StructuralKey is a key by structure: a later issue",
    "__any_hash__": "ffi.StructuralKey is a key by structure: a later issue",
    "__data_from_json__": "JSON graphs: a later issue",
    "__data_to_json__": "JSON graphs: a later issue",
    "__ffi_compare__": "recursive comparison: a later issue",
    "__ffi_convert__": "conversion of the fields of dataclasses: a later issue",
    "__ffi_eq__": "recursive comparison: a later issue",
    "__ffi_hash__": "recursive hash: a later issue",
    "__ffi_init__": "dataclass support: a later issue",
    "__ffi_new__": "dataclass support: a later issue",
    "__ffi_repr__": "recursive repr: a later issue",
    "__ffi_shallow_copy__": "dataclass support: a later issue",
    "__ffi_type_final__": "dataclass support: a later issue",
    "__s_maybe_inplace_mutate__": "structural mutation: a later issue",
    "__s_mutate__": "structural mutation: a later issue",
    "__s_visit__": "structural visit: a later issue",
}


@dataclass(frozen=True)
class Difference:
    """Answers that differ for a reason. `theirs` and `ours` are patterns of the whole answer."""

    functions: str
    theirs: str
    ours: str
    reason: str


ANSWERS_THAT_DIFFER = [
    Difference(
        "Map Dict",
        "raises InternalError",
        "raises RuntimeError",
        "an odd number of keys and values is the caller's mistake, not the library's",
    ),
    Difference(
        "ListAppend ListClear ListErase ListEraseRange ListInsert ListPop ListReserve ListReverse "
        "ListSetItem DictClear DictErase DictSetItem",
        ".*",
        "raises TypeError",
        "an array is no list and a map no dict: a change to a converted copy would be lost",
    ),
    Difference(
        "ListEraseRange",
        "none",
        "raises IndexError",
        "an empty range must lie within the list, too",
    ),
    Difference(
        "Module.load_from_file.so",
        "raises InternalError",
        "raises RuntimeError",
        "a file that can't be loaded is no broken invariant of the library",
    ),
    Difference(
        "ListReserve",
        "raises InternalError",
        "raises MemoryError",
        "lack of memory has a kind of its own",
    ),
]


def attribute_names() -> list[str]:
    """Every name that the reference's headers have for an attribute of types."""
    names: set[str] = set()
    for header in (INCLUDE / "tvm" / "ffi").rglob("*.h"):
        names |= set(re.findall(r'"(__(?:any|data|ffi|s)_\w+__)"', header.read_text()))
    assert len(names) > 10
    return sorted(names)


@functools.cache
def described(library: str) -> dict[str, Any]:
    program = subprocess.run(
        [sys.executable, str(HERE / "describe_runtime.py"), library, *attribute_names()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert program.returncode == 0, program.stderr
    return json.loads(program.stdout)


def names_of(table: dict[str, str]) -> list[str]:
    """The names of a table, whose part before the first dot is "ffi" unless it is "kiln"."""
    names = [name for names in table.values() for name in names.split()]
    return sorted(name if name.startswith("kiln.") else "ffi." + name for name in names)


def only_in(one: str, other: str, what: str) -> list[str]:
    return sorted(set(described(one)[what]) - set(described(other)[what]))


@pytest.mark.parametrize(
    ("what", "of_theirs", "of_ours"),
    [
        ("functions", FUNCTIONS_OF_THEIRS, FUNCTIONS_OF_OURS),
        ("types", TYPES_OF_THEIRS, TYPES_OF_OURS),
    ],
)
def test_every_name_of_one_library_alone_has_its_reason(what, of_theirs, of_ours):
    assert only_in(THEIR_LIBRARY, OUR_LIBRARY, what) == names_of(of_theirs)
    assert only_in(OUR_LIBRARY, THEIR_LIBRARY, what) == names_of(of_ours)


def test_types_have_the_same_index_ancestors_and_members():
    theirs, ours = described(THEIR_LIBRARY)["types"], described(OUR_LIBRARY)["types"]
    differing = [key for key in sorted(ours.keys() & theirs.keys()) if theirs[key] != ours[key]]
    assert differing == sorted(TYPES_THAT_DIFFER)


def test_attribute_columns_hold_the_same_types():
    theirs, ours = described(THEIR_LIBRARY)["columns"], described(OUR_LIBRARY)["columns"]
    assert [name for name in theirs if theirs[name] != ours[name]] == sorted(COLUMNS_THAT_DIFFER)
    for name, types in ours.items():
        assert set(types or []) <= set(theirs[name] or []), name


def plain(answer: Any) -> str:
    """An answer without what it did to lists and dicts that it was given."""
    if isinstance(answer, dict):
        answer = answer["answer"]
    return answer if isinstance(answer, str) else "none" if answer == [0, 0] else "value"


def explanation(name: str, theirs: Any, ours: Any) -> Difference | None:
    for difference in ANSWERS_THAT_DIFFER:
        if (
            name.removeprefix("ffi.") in difference.functions.split()
            and re.fullmatch(difference.theirs, plain(theirs))
            and re.fullmatch(difference.ours, plain(ours))
        ):
            return difference
    return None


def test_functions_give_the_same_answers():
    theirs, ours = described(THEIR_LIBRARY)["answers"], described(OUR_LIBRARY)["answers"]
    assert len(ours) > 50
    unexplained = []
    used: set[tuple[str, Difference]] = set()
    for name in sorted(theirs.keys() & ours.keys()):
        assert theirs[name].keys() == ours[name].keys()
        for arguments, answer in theirs[name].items():
            if answer == ours[name][arguments]:
                continue
            difference = explanation(name, answer, ours[name][arguments])
            if difference is None:
                unexplained.append(f"{name}({arguments}): {answer} / {ours[name][arguments]}")
            else:
                used.add((name.removeprefix("ffi."), difference))
    assert unexplained == []
    needed = {(name, row) for row in ANSWERS_THAT_DIFFER for name in row.functions.split()}
    assert needed - used == set()
