"""The stream that kernels are launched on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kiln import _core


def _address(stream: Any) -> int:
    """The address of a stream: an int, or what torch, cupy and the protocol of CUDA's Python have."""
    if isinstance(stream, int):
        return stream
    protocol = getattr(stream, "__cuda_stream__", None)
    if protocol is not None:
        address: int = (protocol() if callable(protocol) else protocol)[1]
        return address
    for attribute in ("cuda_stream", "ptr", "handle"):
        found = getattr(stream, attribute, None)
        if isinstance(found, int):
            return found
    raise TypeError(
        "a stream is its address, or has __cuda_stream__, cuda_stream or ptr; "
        f"got a {type(stream).__name__}"
    )


@contextmanager
def use_stream(stream: Any, device: str | _core.Device = "cuda:0") -> Iterator[None]:
    """Kernels that this thread launches inside the block go to `stream`.

        with kiln.use_stream(torch.cuda.Stream()):
            kernel[64, 256](x, y, n)

    stream: its address as an int, or an object of torch, cupy or cuda.core. It stays the caller's.
    Inside the block the current streams of the arrays' libraries don't count; outside of it, kernels
    that are given arrays of a library with a DLPack exchange table run on that library's stream.
    """
    former = _core.set_stream(device, _address(stream), 1)
    try:
        yield
    finally:
        _core.set_stream(device, former, -1)
