"""Tensors as arrays of other libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from kiln import _core

if TYPE_CHECKING:
    import numpy


class ArrayLike(Protocol):
    """What goes in as a tensor: an array of numpy, torch, JAX, CuPy, a kiln.Tensor."""

    def __dlpack__(self, *, stream: Any = None) -> Any: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...


# Types that numpy has itself; the others of whole bytes are of the package ml_dtypes.
_NUMPYS = frozenset(
    ["bool", "float16", "float32", "float64", "complex64", "complex128"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
)


def as_numpy(
    tensor: _core.Tensor, dtype: Any = None, copy: bool | None = None
) -> numpy.ndarray[Any, Any]:
    """A numpy array of the tensor's memory.

    dtype, copy: as numpy.asarray takes them; another dtype makes a copy.
    Raises BufferError for memory that is not the CPU's, TypeError for element types that numpy has not.
    """
    import numpy

    if tensor.device.type != 1:
        raise BufferError(
            f"numpy has arrays in CPU memory alone, this tensor is on {tensor.device}"
        )
    name = str(tensor.dtype)
    if tensor.dtype.lanes != 1 or tensor.dtype.bits % 8:
        raise TypeError(f"numpy has no dtype {name}")
    if name in _NUMPYS:
        array = numpy.from_dlpack(tensor)
    else:
        array = numpy.from_dlpack(tensor._bits()).view(_other_dtype(name))
    if dtype is not None and array.dtype != dtype:
        if copy is False:
            raise ValueError(f"a {name} tensor can't be seen as {dtype} without a copy")
        return array.astype(dtype)
    return array.copy() if copy else array


def _other_dtype(name: str) -> Any:
    try:
        import ml_dtypes
    except ImportError:
        raise TypeError(
            f"numpy has no dtype {name}: install the package ml_dtypes, which adds it"
        ) from None
    found = getattr(ml_dtypes, name, None)
    if found is None:
        raise TypeError(f"neither numpy nor ml_dtypes has a dtype {name}")
    return found


def as_array(tensor: _core.Tensor, given: type) -> Any:
    """A tensor as an array of the library that `given`, the class of an array, is of or derives from."""
    libraries = {base.__module__.partition(".")[0] for base in given.__mro__}
    if "numpy" in libraries:
        return as_numpy(tensor)
    if "torch" in libraries:
        import torch

        return torch.from_dlpack(tensor)
    if libraries & {"jax", "jaxlib"}:
        import jax

        return jax.dlpack.from_dlpack(tensor)
    if "cupy" in libraries:
        import cupy

        return cupy.from_dlpack(tensor)
    return tensor
