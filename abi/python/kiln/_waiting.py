"""Waits that Ctrl-C ends, and what threads of the engine call."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from kiln import _core

# Seconds. Python runs handlers of signals between two waits.
_SLICE = 0.02


def until(is_over: Callable[[float], bool], timeout: float | None) -> bool:
    """Whether it is over before `timeout` seconds are; None for no limit.

    is_over(seconds) waits that long at the most.
    """
    if timeout is None:
        while not is_over(_SLICE):
            pass
        return True
    end = time.monotonic() + timeout
    while True:
        left = end - time.monotonic()
        if is_over(max(0.0, min(left, _SLICE))):
            return True
        if left <= 0:
            return False


def interruptible(function: _core.Function, *args: Any) -> Any:
    """A call that can't be ended early, and whose wait Ctrl-C ends.

    What a signal handler raises goes to the caller; the call goes on unseen. Python runs handlers on
    the main thread alone: any other thread makes the call itself.
    """
    if threading.current_thread() is not threading.main_thread():
        return _core.call_unlocked(function, *args)
    outcome: Future[Any] = Future()
    ended = threading.Event()

    def call() -> None:
        try:
            outcome.set_result(_core.call_unlocked(function, *args))
        except BaseException as error:  # noqa: BLE001
            outcome.set_exception(error)
        ended.set()

    try:
        threading.Thread(target=call, name="kiln-call", daemon=True).start()
    except RuntimeError:
        # Python ends, or the system gives no thread.
        return _core.call_unlocked(function, *args)
    until(ended.wait, None)
    return outcome.result()


def logged(fn: Callable[..., object], *args: object) -> None:
    """Calls fn(*args), and logs what it raises."""
    try:
        fn(*args)
    except Exception:
        logging.getLogger("kiln").exception("a callback has failed: %r", fn)


def hook(fn: Callable[..., object], *args: object) -> _core.Function:
    """A function for the engine, which calls fn(*args) when it is called with whatever."""
    return _core.hook(lambda *_: logged(fn, *args))
