"""Many sources at once: kiln.compile_many."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

from kiln._compile import Source, compile_async, name_of
from kiln._future import CompileFuture
from kiln._module import Module

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from kiln._options import AllOptions

# A source, or one with options of its own.
Item = Source | tuple[Source, Mapping[str, Any]]
Progress = bool | Callable[[int, int], object] | None

_WIDTH = 30
# Seconds between two looks at what has ended.
_PERIOD = 0.05


class _Bar:
    """One line on standard error, which is gone when the work is."""

    def __call__(self, done: int, total: int) -> None:
        filled = _WIDTH * done // max(total, 1)
        line = f"\rcompiling [{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{total}"
        sys.stderr.write("\r" + " " * len(line) + "\r" if done == total else line)
        sys.stderr.flush()


def _shown(progress: Progress) -> Callable[[int, int], object]:
    if progress is None:
        progress = sys.stderr is not None and sys.stderr.isatty()
    if callable(progress):
        return progress
    return _Bar() if progress else lambda done, total: None


def _begin(item: Item, options: Mapping[str, Any]) -> tuple[str, CompileFuture | Exception]:
    source, own = item if isinstance(item, tuple) else (item, {})
    given = {**options, **own}
    try:
        return name_of(source, given), compile_async(source, **given)
    except Exception as error:
        return name_of(source, given), error


def _outcome(begun: CompileFuture | Exception) -> Module | Exception:
    if isinstance(begun, Exception):
        return begun
    try:
        return begun.result()
    except Exception as error:
        return error


def _wait(futures: list[CompileFuture], total: int, show: Callable[[int, int], object]) -> None:
    """Waits for all, and shows how many of `total` have ended."""
    pending = futures
    show(total - len(pending), total)
    while pending:
        end = time.monotonic() + _PERIOD
        for future in pending:
            if not future.wait(max(0.0, end - time.monotonic())):
                break
        pending = [future for future in pending if not future.done()]
        show(total - len(pending), total)


def _raise_first(outcomes: list[Module | Exception], names: list[str]) -> None:
    """Raises the first error, which names the others."""
    failures = {i: made for i, made in enumerate(outcomes) if isinstance(made, Exception)}
    if not failures:
        return
    index, first = next(iter(failures.items()))
    notes = [f"while item {index} of {len(outcomes)}, {names[index]}, was compiled"]
    for other, error in list(failures.items())[1:]:
        line = (str(error).splitlines() or [""])[0]
        notes.append(f"item {other}, {names[other]}, failed too: {type(error).__name__}: {line}")
    # As add_note of Python 3.11 leaves them.
    first.__notes__ = [*getattr(first, "__notes__", []), *notes]  # type: ignore[attr-defined]
    first.failures = failures  # type: ignore[attr-defined]
    raise first


@overload
def compile_many(
    items: Iterable[Item],
    *,
    progress: Progress = None,
    return_exceptions: Literal[False] = False,
    **options: Unpack[AllOptions],
) -> list[Module]: ...
@overload
def compile_many(
    items: Iterable[Item],
    *,
    progress: Progress = None,
    return_exceptions: bool,
    **options: Unpack[AllOptions],
) -> list[Module | Exception]: ...
def compile_many(
    items: Iterable[Item],
    *,
    progress: Progress = None,
    return_exceptions: bool = False,
    **options: Unpack[AllOptions],
) -> Any:
    """Compiles many sources at once, on the threads of the engine. The modules are in their order.

    items: sources as kiln.compile takes them, or pairs of a source and a dict of its own options.
    progress: a bar on standard error, by default where that is a terminal; or a callable of your own,
        progress(done, total).
    return_exceptions: whether the list has the error of a source that failed in the module's place.
    options: for all of them.

    Raises the first error of any when all have ended: its notes name the others, and its attribute
    `failures` has them by the number of their item. Ctrl-C cancels what has not ended.
    """
    begun: list[tuple[str, CompileFuture | Exception]] = []
    try:
        for item in items:
            begun.append(_begin(item, options))
        futures = [made for _, made in begun if isinstance(made, CompileFuture)]
        _wait(futures, len(begun), _shown(progress))
    except BaseException:
        for _, made in begun:
            if isinstance(made, CompileFuture):
                made.cancel()
        raise
    outcomes = [_outcome(made) for _, made in begun]
    if not return_exceptions:
        _raise_first(outcomes, [name for name, _ in begun])
    return outcomes
