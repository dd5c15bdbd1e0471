"""Type stubs of compiled modules."""

from __future__ import annotations

import json
import keyword

from kiln._module import Module

_RESULTS = {
    "float": "float",
    "int": "int",
    "bool": "bool",
    "None": "None",
    "const char*": "str",
}
_PARAMETERS = {
    **_RESULTS,
    "DLTensor*": "kiln.ArrayLike",
    "ffi.Tensor": "kiln.ArrayLike",
    "ffi.String": "str",
    "std::string": "str",
}
_BUILTINS = {"int", "float", "bool", "str"}


def stubgen(module: Module, class_name: str = "Kernels") -> str:
    """A .pyi text with a class that has the module's functions as typed methods.

    Type checkers and editors then know them: `kernels: Kernels = kiln.compile(...)  # type: ignore`,
    or typing.cast. Functions without a known signature take and give Any. Names that are no Python
    names can't be methods and stand in comments.
    """
    if not isinstance(module, Module):
        raise TypeError(f"stubgen takes a kiln.Module, got a {type(module).__name__}")
    if not class_name.isidentifier() or keyword.iskeyword(class_name):
        raise ValueError(f"'{class_name}' is no name of a class")
    lines = [
        "from typing import Any",
        "",
        "import kiln",
        "",
        f"class {class_name}(kiln.Module):",
    ]
    body: list[str] = []
    hidden = _BUILTINS & set(module.exports)
    for name in module.exports:
        body += _function(module, name, hidden)
    if hidden:
        lines.insert(0, "import builtins")
    return "\n".join(lines + (body or ["    ..."])) + "\n"


def _function(module: Module, name: str, hidden: set[str]) -> list[str]:
    def type_name(known_as: str | None) -> str:
        # In the class a function hides the builtin of its name.
        return f"builtins.{known_as}" if known_as in hidden else known_as or "Any"

    known = module._metadata(name)
    # What modules have themselves hides a function of that name.
    if not name.isidentifier() or keyword.iskeyword(name) or hasattr(Module, name):
        return [f'    # module["{name}"]: {known.get("signature", "of unknown signature")}']
    if "type_schema" not in known:
        return ["    @staticmethod", f"    def {name}(*args: Any) -> Any: ..."]
    schema = json.loads(known["type_schema"])["named_args"]
    parameters = [
        f"{_parameter_name(given, i)}: {type_name(_PARAMETERS.get(type_['type']))}"
        for i, (given, type_) in enumerate(zip(known["parameters"], schema["params"], strict=True))
    ]
    if parameters:
        parameters.append("/")
    result = type_name(_RESULTS.get(schema["return"][0]["type"]))
    stub = f"    def {name}({', '.join(parameters)}) -> {result}:"
    doc = module.doc(name)
    head = ["    @staticmethod"]
    if not doc:
        return [*head, stub + " ..."]
    text = doc.replace("\\", "\\\\").replace('"', '\\"')
    first, *rest = text.splitlines()
    return [
        *head,
        stub,
        '        """' + "\n".join([first, *("        " + r for r in rest)]) + '"""',
    ]


def _parameter_name(given: str, index: int) -> str:
    return given if given.isidentifier() and not keyword.iskeyword(given) else f"_{index}"
