"""How kernels are launched that are called as functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiln import _core, _engine


def launch(
    grid: int | tuple[int, ...] | None = None,
    block: int | tuple[int, ...] | None = None,
    *,
    smem: int | None = None,
    stream: int | None = None,
    cluster: int | tuple[int, ...] | None = None,
    cooperative: bool | None = None,
) -> _core.Object:
    """How to launch a kernel: the last argument of a call, kernel(x, y, n, kiln.launch(64, 256)).

    grid, block, cluster: blocks, threads of a block, blocks of a cluster: one to three extents.
    smem: bytes of dynamic shared memory.
    stream: the address of a CUDA stream; without one, the current stream of the environment.
    What is not said, the option `launch` of the kernel's compile says.
    Raises ValueError where a number is out of range, TypeError where one is no number.
    """
    given = {
        "grid": grid,
        "block": block,
        "smem": smem,
        "stream": stream,
        "cluster": cluster,
        "cooperative": cooperative,
    }
    flat = [part for item in given.items() if item[1] is not None for part in item]
    made: _core.Object = _engine.function("kiln.jit.launch")(*flat)
    return made


def with_launch(kernel: _core.Function, key: Any) -> Callable[..., Any]:
    """kernel[grid, block], kernel[grid, block, smem] or kernel[grid, block, smem, stream]."""
    if not isinstance(key, tuple) or not 2 <= len(key) <= 4:
        raise TypeError(
            "a kernel is launched as kernel[grid, block](...); add smem and stream at will"
        )
    grid, block, *rest = key
    made = launch(grid, block, **dict(zip(("smem", "stream"), rest, strict=False)))
    return lambda *args: kernel(*args, made)
