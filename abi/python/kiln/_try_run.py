"""Functions of untrusted code, called in a process that has no rights: kiln.try_run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kiln import _engine, _errors, _waiting
from kiln._compile import Source, request
from kiln._module import Module

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from kiln._options import TryOptions

Status = Literal["ok", "error", "died", "timeout", "memory", "forbidden"]
Phase = Literal["compile", "link", "constructors", "call"]


@dataclass(frozen=True)
class TryRunResult:
    """What came of a call in a process of its own.

    status: "ok"; "error": the compile or the function raised one; "died"; "timeout"; "memory";
        "forbidden": it made a system call that it may not make.
    phase: what it was at.
    result: what the function returned; tensors in it are copies.
    error: of all that is not ok an exception, whose message says what happened, and where if that is
        known; of status "error" the one that was raised.
    signal, signal_name: what ended it, or 0 and "".
    exit_code: with which it left before it had returned.
    address: what the signal is about.
    function, file, line: where the code was; empty and 0 where that is not known.
    syscall: the forbidden one, "openat".
    stdout, stderr: what it printed, the first MiB of each; output_complete tells whether that is all.
    """

    status: Status
    phase: Phase
    result: Any
    error: Exception | None
    signal: int
    signal_name: str
    exit_code: int | None
    address: int | None
    function: str
    file: str
    line: int
    syscall: str
    stdout: str
    stderr: str
    output_complete: bool

    @property
    def ok(self) -> bool:
        """Whether the call returned."""
        return self.status == "ok"

    def unwrap(self) -> Any:
        """The result. Raises the error where there is one."""
        if self.error is not None:
            raise self.error
        return self.result


def try_run(
    code: Module | Source,
    function: str,
    /,
    *args: Any,
    timeout_ms: int = 10_000,
    max_memory_mb: int = 4096,
    language: str | None = None,
    name: str | None = None,
    exports: str | list[str] | tuple[str, ...] | None = None,
    **options: Unpack[TryOptions],
) -> TryRunResult:
    """Calls a function in a process that is made for it, and that has no rights.

    For code that must not harm this process, such as a kernel that a model has written. It may
    compute, print and start threads; it can't open files, use the network or start processes. A crash
    there is a result here.

    code: a module, or a source, which is compiled there, too, as kiln.compile takes it.
    function: the name of the function; of a source, it is exported unless exports says otherwise.
    args: None, bools, ints, floats, texts, bytes, dtypes, devices, shapes, arrays in CPU memory, and
        lists of these. It works on copies of the arrays; what it writes to them is copied back after a
        call that went well.
    timeout_ms, max_memory_mb: of all of it; 0 sets no limit.
    options: of the compile; of a module, only link: the modules that it was linked with.

    Raises TypeError or ValueError where an argument or an option is wrong, and RuntimeError where no
    such process can be made. All that the code does is told by the result.
    """
    given: dict[str, Any] = {**options}
    source: Any = code
    if isinstance(code, Module):
        for option, value in (("language", language), ("name", name), ("exports", exports)):
            if value is not None:
                given[option] = value
        given = {option: value for option, value in given.items() if value is not None}
    else:
        source, given = request(code, language, name, exports, given)
    given["timeout_ms"] = timeout_ms
    given["max_memory_mb"] = max_memory_mb
    run = _engine.function("kiln.jit.try_run")
    return _result_of(dict(_waiting.interruptible(run, source, function, given, *args)))


def _result_of(outcome: dict[str, Any]) -> TryRunResult:
    told = {key: outcome.pop(key) for key in ("kind", "message", "backtrace", "context")}
    for stream in ("stdout", "stderr"):
        outcome[stream] = outcome[stream].decode(errors="replace")
    error = None if outcome["status"] == "ok" else _error_of(**told)
    return TryRunResult(error=error, **outcome)


def _error_of(kind: str, message: str, backtrace: str, context: Any) -> Exception:
    """The exception that a call would have raised."""
    found = _errors.CLASSES.get(kind)
    made = found(message) if found and issubclass(found, _errors.Error) else _errors.Error(message)
    assert isinstance(made, _errors.Error)
    made.kind = kind
    made.backtrace = backtrace
    made.context = context or None
    return made
