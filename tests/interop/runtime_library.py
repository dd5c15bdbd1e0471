"""A libtvm_ffi.so seen through its C ABI alone: values in, values out, by ctypes.

Values that the library makes are never released: a process that uses this lives for one question.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NONE, INT, BOOL, FLOAT, POINTER, DTYPE, DEVICE = range(7)
RAW_STR, SMALL_STR, SMALL_BYTES = 8, 11, 12
STR, BYTES, ERROR, FUNCTION, SHAPE, TENSOR, ARRAY, MAP, MODULE = range(65, 74)
LIST, DICT = 75, 76
OBJECT_HEADER_BYTES = 24


class ByteArray(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_size_t)]


class Payload(ctypes.Union):
    _fields_ = [
        ("v_int64", ctypes.c_int64),
        ("v_float64", ctypes.c_double),
        ("v_ptr", ctypes.c_void_p),
        ("v_bytes", ctypes.c_ubyte * 8),
    ]


class Value(ctypes.Structure):
    """TVMFFIAny."""

    _anonymous_ = ("payload",)
    _fields_ = [
        ("type_index", ctypes.c_int32),
        ("small_len", ctypes.c_uint32),
        ("payload", Payload),
    ]


class TypeInfo(ctypes.Structure):
    pass


TypeInfo._fields_ = [
    ("type_index", ctypes.c_int32),
    ("type_depth", ctypes.c_int32),
    ("type_key", ByteArray),
    ("type_ancestors", ctypes.POINTER(ctypes.POINTER(TypeInfo))),
    ("type_key_hash", ctypes.c_uint64),
    ("num_fields", ctypes.c_int32),
    ("num_methods", ctypes.c_int32),
]


class AttributeColumn(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.POINTER(Value)),
        ("size", ctypes.c_int32),
        ("begin_index", ctypes.c_int32),
    ]


class DLTensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("dtype", ctypes.c_uint32),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]


class DLManagedTensor(ctypes.Structure):
    _fields_ = [
        ("tensor", DLTensor),
        ("manager_ctx", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
    ]


SafeCall = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(Value), ctypes.c_int32, ctypes.POINTER(Value)
)


@SafeCall
def return_first(_handle: Any, args: Any, num_args: int, result: Any) -> int:
    """A callback that returns its first argument if that is no object, else None."""
    if num_args > 0 and args[0].type_index < 64:
        result[0] = args[0]
    return 0


class AbiError(Exception):
    """What a call raised."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


@dataclass(frozen=True)
class Make:
    """An object to be made from values: `Make(ARRAY, (1, 2))`."""

    type_index: int
    parts: tuple = ()


@dataclass(frozen=True)
class Raw:
    """A value given by its bits."""

    type_index: int
    bits: int = 0


class RuntimeLibrary:
    def __init__(self, path: str) -> None:
        self.library = ctypes.CDLL(path)
        self.library.TVMFFIGetTypeInfo.restype = ctypes.POINTER(TypeInfo)
        self.library.TVMFFIGetTypeAttrColumn.restype = ctypes.POINTER(AttributeColumn)
        self.functions: dict[str, Value] = {}
        self.kept: list[Any] = []

    # Text

    def bytes_of(self, text: bytes) -> ByteArray:
        buffer = ctypes.create_string_buffer(text, len(text) + 1)
        self.kept.append(buffer)
        return ByteArray(ctypes.addressof(buffer), len(text))

    @staticmethod
    def read(array: ByteArray) -> bytes:
        return ctypes.string_at(array.data, array.size) if array.size else b""

    # Calls

    def raised(self) -> AbiError:
        handle = ctypes.c_void_p()
        self.library.TVMFFIErrorMoveFromRaised(ctypes.byref(handle))
        if not handle.value:
            return AbiError("nothing", "no error is raised")
        cell = (ByteArray * 2).from_address(handle.value + OBJECT_HEADER_BYTES)
        return AbiError(self.read(cell[0]).decode(), self.read(cell[1]).decode(errors="replace"))

    def check(self, code: int) -> None:
        if code != 0:
            raise self.raised()

    def find(self, name: str) -> Value:
        if name not in self.functions:
            handle = ctypes.c_void_p()
            key = self.bytes_of(name.encode())
            self.check(
                self.library.TVMFFIFunctionGetGlobal(ctypes.byref(key), ctypes.byref(handle))
            )
            if not handle.value:
                raise AbiError("nothing", f"no global function {name}")
            self.functions[name] = self.object(FUNCTION, handle.value)
        return self.functions[name]

    def call(self, function: Value, *args: Any) -> Value:
        packed = (Value * max(1, len(args)))(*(self.pack(arg) for arg in args))
        result = Value()
        self.check(
            self.library.TVMFFIFunctionCall(
                ctypes.c_void_p(function.v_ptr), packed, len(args), ctypes.byref(result)
            )
        )
        return result

    # Values

    @staticmethod
    def object(type_index: int, handle: int) -> Value:
        value = Value(type_index=type_index)
        value.v_ptr = handle
        return value

    def pack(self, value: Any) -> Value:
        if isinstance(value, Value):
            return value
        if isinstance(value, Make):
            return self.make(value)
        out = Value()
        if isinstance(value, Raw):
            out.type_index, out.v_int64 = value.type_index, value.bits
        elif isinstance(value, bool):
            out.type_index, out.v_int64 = BOOL, int(value)
        elif isinstance(value, int):
            out.type_index, out.v_int64 = INT, value
        elif isinstance(value, float):
            out.type_index, out.v_float64 = FLOAT, value
        elif isinstance(value, str):
            content = self.bytes_of(value.encode())
            self.check(
                self.library.TVMFFIStringFromByteArray(ctypes.byref(content), ctypes.byref(out))
            )
        elif isinstance(value, bytes):
            content = self.bytes_of(value)
            self.check(
                self.library.TVMFFIBytesFromByteArray(ctypes.byref(content), ctypes.byref(out))
            )
        return out

    def make(self, what: Make) -> Value:
        makers = {ARRAY: "ffi.Array", LIST: "ffi.List", MAP: "ffi.Map", DICT: "ffi.Dict"}
        makers |= {SHAPE: "ffi.Shape", MODULE: "ffi.SystemLib"}
        if what.type_index in makers:
            return self.call(self.find(makers[what.type_index]), *what.parts)
        if what.type_index == RAW_STR:
            return self.object(RAW_STR, self.bytes_of(what.parts[0]).data)
        handle = ctypes.c_void_p()
        if what.type_index == FUNCTION:
            self.check(
                self.library.TVMFFIFunctionCreate(None, return_first, None, ctypes.byref(handle))
            )
        elif what.type_index == ERROR:
            parts = [self.bytes_of(part) for part in (b"ValueError", b"made", b"")]
            self.check(
                self.library.TVMFFIErrorCreate(*map(ctypes.byref, parts), ctypes.byref(handle))
            )
        elif what.type_index == TENSOR:
            managed = self.vector(device_type=what.parts[0])
            self.check(
                self.library.TVMFFITensorFromDLPack(
                    ctypes.byref(managed), 0, 0, ctypes.byref(handle)
                )
            )
        return self.object(what.type_index, handle.value or 0)

    def vector(self, device_type: int) -> DLManagedTensor:
        """Three floats, said to be on that kind of device."""
        elements = (ctypes.c_float * 3)(1, 2, 3)
        shape = (ctypes.c_int64 * 1)(3)
        managed = DLManagedTensor()
        managed.tensor.data = ctypes.addressof(elements)
        managed.tensor.device_type = device_type
        managed.tensor.ndim = 1
        managed.tensor.dtype = 2 | 32 << 8 | 1 << 16
        managed.tensor.shape = shape
        self.kept += [elements, shape, managed]
        return managed

    # What a value is, in values of JSON

    def describe(self, value: Value) -> Any:
        index = value.type_index
        if index in (SMALL_STR, SMALL_BYTES):
            return [index, bytes(value.v_bytes)[: value.small_len].decode("latin-1")]
        if index < 64:
            return [index, str(value.v_float64) if index == FLOAT else value.v_int64]
        if index in (STR, BYTES):
            cell = ByteArray.from_address(value.v_ptr + OBJECT_HEADER_BYTES)
            return [index, self.read(cell).decode("latin-1")]
        if index in (ARRAY, LIST):
            return [index, [self.describe(item) for item in self.items(value)]]
        if index in (MAP, DICT):
            return [index, [[self.describe(part) for part in pair] for pair in self.pairs(value)]]
        if index == SHAPE:
            cell = ByteArray.from_address(value.v_ptr + OBJECT_HEADER_BYTES)
            return [index, list((ctypes.c_int64 * cell.size).from_address(cell.data or id(cell)))]
        return [index]

    def items(self, sequence: Value) -> Iterator[Value]:
        lead = "ffi.Array" if sequence.type_index == ARRAY else "ffi.List"
        for i in range(self.call(self.find(lead + "Size"), sequence).v_int64):
            yield self.call(self.find(lead + "GetItem"), sequence, i)

    def pairs(self, table: Value) -> Iterator[tuple[Value, Value]]:
        lead = "ffi.Map" if table.type_index == MAP else "ffi.Dict"
        cursor = self.call(self.find(lead + "ForwardIterFunctor"), table)
        for _ in range(self.call(self.find(lead + "Size"), table).v_int64):
            yield self.call(cursor, 0), self.call(cursor, 1)
            self.call(cursor, 2)

    # What is registered

    def function_names(self) -> list[str]:
        name_at = self.call(self.find("ffi.FunctionListGlobalNamesFunctor"))
        count = self.call(name_at, -1).v_int64
        return sorted(self.describe(self.call(name_at, i))[1] for i in range(count))

    def types(self) -> dict[str, Any]:
        keys = self.call(self.find("ffi.GetRegisteredTypeKeys"))
        return {key: self.type(key) for key in sorted(text for _, text in self.describe(keys)[1])}

    def type(self, key: str) -> dict[str, Any]:
        index = ctypes.c_int32()
        text = self.bytes_of(key.encode())
        self.check(self.library.TVMFFITypeKeyToIndex(ctypes.byref(text), ctypes.byref(index)))
        info = self.library.TVMFFIGetTypeInfo(index)[0]
        ancestors = [info.type_ancestors[i][0] for i in range(info.type_depth)]
        return {
            "index": index.value,
            "ancestors": [self.read(ancestor.type_key).decode() for ancestor in ancestors],
            "fields": info.num_fields,
            "methods": info.num_methods,
        }

    def column(self, name: str) -> list[int] | None:
        """The type indices that have the attribute; None without a column of that name."""
        text = self.bytes_of(name.encode())
        column = self.library.TVMFFIGetTypeAttrColumn(ctypes.byref(text))
        if not column:
            return None
        rows = range(column[0].size)
        return [column[0].begin_index + i for i in rows if column[0].data[i].type_index != NONE]
