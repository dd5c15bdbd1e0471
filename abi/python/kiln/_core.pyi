"""The extension in C++ (abi/python/src), for type checkers and editors."""

from collections.abc import Callable, Iterable, Mapping
from inspect import Signature
from typing import Any, ClassVar, Protocol, SupportsIndex, TypeAlias, TypeVar, final

from numpy import ndarray

class _Named(Protocol):
    @property
    def name(self) -> str: ...

class _ArrayLike(Protocol):
    def __dlpack__(self, *, stream: Any = None) -> Any: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...

# What names an element type: numpy's dtypes have a name, its scalar classes are named like them.
_Dtype: TypeAlias = dtype
_DtypeLike: TypeAlias = str | _Dtype | type[Any] | _Named
_DeviceLike: TypeAlias = str | Device

_Object = TypeVar("_Object", bound=Object)

class Object:
    """An object of the ABI. Two are equal where they are one."""

    @property
    def type_key(self) -> str:
        """The ABI's name of the object's type: 'ffi.Function'."""

    @property
    def _address(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Function(Object):
    """A function of the ABI: f(*args).

    Found in a module or by name, or made of a Python callable. Arguments go by position. Any thread
    may call it. While it runs no other thread runs Python, unless release_gil is set.
    """

    __name__: str
    __qualname__: str
    __doc__: str | None
    __signature__: Signature | None
    release_gil: bool
    """Whether other threads run Python while a call of this object is under way; false at first."""

    def __new__(cls, callable: Callable[..., Any], /) -> Function: ...
    def __call__(self, *args: Any) -> Any: ...
    def __getitem__(self, launch: tuple[Any, ...], /) -> Callable[..., Any]:
        """The kernel, launched on kernel[grid, block], [grid, block, smem] or with a stream as well."""

    def __get__(self, instance: object, owner: type | None = None, /) -> Function: ...
    @property
    def _origin(self) -> Any: ...

class Module(Object):
    """What kiln.Module derives from: an attribute that it has not is a function of that name."""

    def _attribute(self, name: str, /) -> Function: ...

class Tensor(Object):
    """A tensor of the ABI. Made by Tensor.empty and from_dlpack."""

    __dlpack_c_exchange_api__: ClassVar[Any]

    @staticmethod
    def empty(
        shape: SupportsIndex | Iterable[SupportsIndex],
        dtype: _DtypeLike = "float32",
        device: _DeviceLike = "cpu",
    ) -> Tensor:
        """A tensor whose elements are not set: row-major, in memory aligned to 64 bytes.

        On another device than the CPU the allocator of the environment makes it, or
        NotImplementedError is raised.
        """

    @staticmethod
    def from_dlpack(array: _ArrayLike, /) -> Tensor:
        """A tensor that shares the memory of an array and keeps it."""

    def numpy(self, /) -> ndarray[Any, Any]:
        """A numpy array of the same memory; for CPU memory only."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The extents, a tuple of ints."""

    @property
    def strides(self) -> tuple[int, ...]:
        """The strides in elements, a tuple of ints."""

    @property
    def ndim(self) -> int:
        """How many dimensions there are."""

    @property
    def dtype(self) -> _Dtype:
        """The type of the elements, a kiln.dtype."""

    @property
    def device(self) -> Device:
        """Where the elements are, a kiln.Device."""

    @property
    def address(self) -> int:
        """Of the first element."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> ndarray[Any, Any]: ...
    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """The tensor as a DLPack capsule, which shares its memory."""

    def __dlpack_device__(self) -> tuple[int, int]:
        """(device type, device index)"""

    def _bits(self) -> Tensor: ...

@final
class Device:
    """Device(type, index=0) or Device('cuda:1'): where a tensor is."""

    def __new__(cls, type: str, index: int = 0) -> Device: ...
    @property
    def type(self) -> int:
        """DLPack's number of the kind of device."""

    @property
    def index(self) -> int:
        """Which of that kind."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class dtype:
    """dtype('float32'): the type of a tensor's elements."""

    def __new__(cls, name: str, /) -> dtype: ...
    @property
    def bits(self) -> int:
        """Bits of one lane."""

    @property
    def lanes(self) -> int:
        """Lanes of one element."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

def get_global(name: str, /) -> Function | None:
    """The global function of that name, or None."""

def set_global(name: str, function: Function, override: bool, /) -> None: ...
def call_unlocked(function: Function, /, *args: Any) -> Any:
    """A call that lets other threads run Python."""

def hook(callable: Callable[..., object], /) -> Function:
    """A function of the ABI that calls a callable, and does nothing when Python has ended."""

def end() -> None:
    """To be called when Python begins to end."""

def shape_extents(shape: Object, /) -> tuple[int, ...]:
    """The extents of a kiln.Shape."""

def name_function(function: Function, name: str, origin: Any, /) -> Function:
    """The function, which knows its name and where it was found from now on."""

def set_stream(device: _DeviceLike, address: int, change: int, /) -> int:
    """Sets the current stream of this thread; the address of the former one.

    change: of the depth of use_stream blocks, 1 or -1.
    """

def register_class(key: str, cls: type[Object], /) -> None: ...
def registered_class(key: str, /) -> type[Object] | None:
    """The class for a type key, or None."""

def type_info(key: str, /) -> dict[str, Any] | None:
    """What reflection tells of a type: index, parent, doc, fields, methods; None of others."""

def get_field(object: Object, type_index: int, field_index: int, /) -> Any: ...
def set_field(object: Object, type_index: int, field_index: int, value: Any, /) -> None: ...
def adopt(cls: type[_Object], object: Object, /) -> _Object:
    """The object as an instance of the class."""

def configure(
    *,
    error_classes: Mapping[str, type[BaseException]],
    error_base: type[BaseException],
    convert: Callable[[Any], Any],
    with_launch: Callable[[Function, Any], Callable[..., Any]],
    as_array: Callable[[Tensor, type], Any],
    as_numpy: Callable[..., ndarray[Any, Any]],
    class_of: Callable[[str], type | None],
    place_of: Callable[[Function], tuple[str, int, str] | None],
) -> None:
    """Tells what is written in Python, each by its name."""
