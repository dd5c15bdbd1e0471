"""Modules in the making: what kiln.compile_async gives."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Generator
from typing import Any

from kiln import _core, _errors, _waiting
from kiln._module import Module


@functools.cache
def _engines() -> dict[str, _core.Function]:
    """The methods that the engine has for its futures, by name."""
    info = _core.type_info("kiln.jit.Future") or {"methods": []}
    return {name: function for name, _, _, _, function in info["methods"]}


class CompileFuture:
    """A module in the making. Made by kiln.compile_async.

    It has what a concurrent.futures.Future has, and `await` gives the module in asyncio. Any number of
    threads may use one at once. A compile goes on when nobody has its future any longer.

    In the child of a fork, one that had not ended counts as cancelled: the compile is the parent's.
    """

    __slots__ = ("__weakref__", "_module", "_name", "_object", "_process", "_release_gil")

    def __init__(self, object: _core.Object, name: str, release_gil: bool) -> None:
        self._object = object
        self._name = name
        self._release_gil = release_gil
        self._process = os.getpid()
        self._module: Module | None = None

    def done(self) -> bool:
        """Whether the compile has ended: with a module, with an error, or cancelled."""
        return self._ask("done") or self._is_left_behind()

    def cancelled(self) -> bool:
        """Whether it was cancelled before it ended."""
        return self._ask("cancelled") or self._is_left_behind()

    def cancel(self) -> bool:
        """Ends the compile with a CancelledError; False where it had ended before.

        One that has not begun never does. One that is under way leaves off as soon as it can, which
        nobody waits for.
        """
        return not self.done() and self._ask("cancel")

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until it has ended, `timeout` seconds at the most; whether it has.

        What is waited for is compiled before the rest of the queue. Other threads run meanwhile, and on
        the main thread Ctrl-C ends the wait; the compile goes on.
        """
        if self._module is not None or self._is_left_behind():
            return True
        wait = _engines()["wait"]
        return _waiting.until(lambda time: _core.call_unlocked(wait, self._object, time), timeout)

    def result(self, timeout: float | None = None) -> Module:
        """The module. Waits for it.

        Raises what kiln.compile raises; kiln.CancelledError where it was cancelled; TimeoutError where
        it has not ended after `timeout` seconds: it goes on.
        """
        if self._module is not None:
            return self._module
        self._await_end(timeout)
        module: Module = _engines()["result"](self._object)
        if self._release_gil:
            module._release_gil = True
        self._module = module
        return module

    def exception(self, timeout: float | None = None) -> Exception | None:
        """What result() would raise, or None where there is a module. Waits for it.

        Raises kiln.CancelledError and TimeoutError as result() does.
        """
        self._await_end(timeout)
        try:
            self.result()
        except _errors.CancelledError:
            raise
        except Exception as error:
            return error
        return None

    def add_done_callback(self, fn: Callable[[CompileFuture], object], /) -> None:
        """Has fn(self) called once the compile has ended.

        It is called on the thread that ends it, one of the engine's as a rule; here and now where it
        has ended by now. What it raises is logged. It is not called any more when Python ends, nor in
        the child of a fork.
        """
        if self.done():
            _waiting.logged(fn, self)
        else:
            _engines()["on_done"](self._object, _waiting.hook(fn, self))

    def __await__(self) -> Generator[Any, None, Module]:
        """The module, in a coroutine of asyncio. Cancelling the task cancels the compile."""
        return self._in_loop().__await__()

    def __repr__(self) -> str:
        state = "cancelled" if self.cancelled() else "done" if self.done() else "pending"
        return f"<kiln.CompileFuture of {self._name}: {state}>"

    async def _in_loop(self) -> Module:
        import asyncio

        if not self.done():
            loop = asyncio.get_running_loop()
            ended = asyncio.Event()

            def wake(_: CompileFuture) -> None:
                # A loop that is closed waits for nothing.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(ended.set)

            self.add_done_callback(wake)
            try:
                await ended.wait()
            except asyncio.CancelledError:
                self.cancel()
                raise
        return self.result()

    def _ask(self, question: str) -> bool:
        answer: bool = _engines()[question](self._object)
        return answer

    def _is_left_behind(self) -> bool:
        """Whether another process compiles it."""
        return self._process != os.getpid() and not self._ask("done")

    def _await_end(self, timeout: float | None) -> None:
        if not self.wait(timeout):
            raise TimeoutError(
                f"the compile of {self._name} has not ended within {timeout} seconds; it goes on: wait "
                "again, or cancel() it"
            )
        if self._is_left_behind():
            raise _errors.CancelledError(
                f"the compile of {self._name} is left to the process that began it: this one was forked "
                "before it ended; compile it here"
            )
