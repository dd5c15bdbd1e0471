"""Prints, as JSON, what the libtvm_ffi.so given as first argument registers, and what its global
functions answer to the calls below. Attribute columns are those named by the further arguments."""

from __future__ import annotations

import itertools
import json
import sys
from typing import Any

from runtime_library import (
    ARRAY,
    DICT,
    ERROR,
    FUNCTION,
    LIST,
    MAP,
    MODULE,
    NONE,
    POINTER,
    RAW_STR,
    SHAPE,
    TENSOR,
    AbiError,
    Make,
    Raw,
    RuntimeLibrary,
)
from runtime_library import DEVICE as DEVICE_KIND
from runtime_library import DTYPE as DTYPE_KIND

CPU, CUDA = 1, 2

VALUES: dict[str, Any] = {
    "None": Raw(NONE),
    "true": True,
    "0": 0,
    "1": 1,
    "-1": -1,
    "max": 2**63 - 1,
    "1.5": 1.5,
    "''": "",
    "'short'": "short",
    "'longer than inline'": "longer than inline",
    "raw 'short'": Make(RAW_STR, (b"short",)),
    "b''": b"",
    "b'longer than inline'": b"longer than inline",
    "null pointer": Raw(POINTER),
    "device": Raw(DEVICE_KIND, CUDA | 3 << 32),
    "dtype": Raw(DTYPE_KIND, 2 | 32 << 8 | 1 << 16),
    "[]": Make(ARRAY),
    "[1, 'short', [1.5]]": Make(ARRAY, (1, "short", Make(ARRAY, (1.5,)))),
    "List []": Make(LIST),
    "List [1, 'short', tensor]": Make(LIST, (1, "short", Make(TENSOR, (CPU,)))),
    "{}": Make(MAP),
    "{1: 2, 'short': 1.5}": Make(MAP, (1, 2, "short", 1.5)),
    "Dict {}": Make(DICT),
    "Dict {1: device tensor}": Make(DICT, (1, Make(TENSOR, (CUDA,)))),
    "shape": Make(SHAPE, (2, 3)),
    "tensor": Make(TENSOR, (CPU,)),
    "function": Make(FUNCTION),
    "error": Make(ERROR),
    "module": Make(MODULE),
}

# Second arguments go with every first one.
SECOND = [
    *["None", "0", "1", "-1", "max", "1.5", "'short'", "'longer than inline'", "b''"],
    *["[]", "[1, 'short', [1.5]]", "List []", "Dict {}", "function", "module"],
]
# Third arguments go with the first ones that a function of three can take.
TRIPLES = ["None", "0", "1", "-1", "'short'", "[]", "[1, 'short', [1.5]]", "device"]
TRIPLE_FIRST = [
    *["None", "[1, 'short', [1.5]]", "List []", "List [1, 'short', tensor]"],
    *["{1: 2, 'short': 1.5}", "Dict {}", "Dict {1: device tensor}", "module"],
]

NOT_CALLED = {
    "ffi.GetRegisteredTypeKeys",  # compared as a whole
    "ffi.FunctionFromExternC",  # an argument is the address of code
}
# Of the extra part: no concern of this comparison.
EXTRA = ("ffi.Structural", "ffi.Recursive", "ffi.Make", "ffi._", "ffi.json", "ffi.DeepCopy")


def is_called(name: str) -> bool:
    return name not in NOT_CALLED and not name.startswith(EXTRA)


def argument_lists() -> list[tuple[str, ...]]:
    names = list(VALUES)
    lists: list[tuple[str, ...]] = [(), *((name,) for name in names)]
    lists += itertools.product(names, SECOND)
    lists += itertools.product(TRIPLE_FIRST, TRIPLES, TRIPLES)
    lists.append(("None",) * 7)
    return lists


def answer_of(library: RuntimeLibrary, name: str, arguments: tuple[str, ...]) -> Any:
    packed = [library.pack(VALUES[argument]) for argument in arguments]
    try:
        answer = library.describe(library.call(library.find(name), *packed))
    except AbiError as error:
        answer = f"raises {error.kind}"
    changed = [library.describe(value) for value in packed if value.type_index in (LIST, DICT)]
    return {"answer": answer, "arguments": changed} if changed else answer


def answers_of(library: RuntimeLibrary, name: str) -> dict[str, Any]:
    lists = argument_lists()
    return {", ".join(names): answer_of(library, name, names) for names in lists}


def main() -> None:
    library = RuntimeLibrary(sys.argv[1])
    # Before any call: calls may register more.
    described: dict[str, Any] = {
        "functions": library.function_names(),
        "types": library.types(),
        "columns": {name: library.column(name) for name in sys.argv[2:]},
    }
    called = [name for name in described["functions"] if is_called(name)]
    described["answers"] = {name: answers_of(library, name) for name in called}
    json.dump(described, sys.stdout)


main()
