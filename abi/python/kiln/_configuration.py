"""Tells the extension what is written in Python."""

from kiln import _containers, _core, _errors, _launch

_core.configure(
    _errors.CLASSES,
    _errors.Error,
    _containers.convert,
    _containers.as_array,
    _launch.with_launch,
)
