"""Tells the extension what is written in Python."""

import atexit

from kiln import _arrays, _containers, _core, _errors, _function, _launch, _objects

_core.configure(
    error_classes=_errors.CLASSES,
    error_base=_errors.Error,
    convert=_containers.convert,
    with_launch=_launch.with_launch,
    as_array=_arrays.as_array,
    as_numpy=_arrays.as_numpy,
    class_of=_objects.class_of,
    place_of=_function.place_of,
)

atexit.register(_core.end)
