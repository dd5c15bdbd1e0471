"""What type checkers make of the package: of itself, of its extension, of programs that use it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

import kiln
from kiln._options import AllOptions

ROOT = Path(__file__).parents[4]
CONFIGURATION = ROOT / "pyproject.toml"
PACKAGE = Path(kiln.__file__).parent
SAMPLES = sorted((ROOT / "samples/python").glob("*.py"))

START = "from typing import Any\n\nimport numpy as np\n\nimport kiln\n\n"

# Each is right, and holds with the types that reveal_type is told to give.
RIGHT = {
    "compile_from_all_that_is_a_source": """
from pathlib import Path

module: kiln.Module = kiln.compile("int f(void) { return 1; }", exports="f", opt_level=3)
kiln.compile(b"BC", "llvm-bitcode", exports=["f"])
kiln.compile(Path("k.c"), name="k.c", release_gil=True)
kiln.compile({"a.c": "int a;", "b.o": b""}, flags=["-Wall"], include_dirs=Path("include"))
options: dict[str, Any] = {"cpu": "native", "symbols": {"g": 0x1000}}
kiln.compile("int x;", defines=("A", "B=1"), veclib=None, **options)
reveal_type(module.f)  # kiln._core.Function
reveal_type(module["scale<float>"])  # kiln._core.Function
reveal_type(module.exports)  # list[str]
reveal_type(module.doc("f"))  # str | None
reveal_type(kiln.load_module(Path("k.so")))  # kiln._module.Module
""",
    "try_a_function_of_a_source_or_a_module": """
tried = kiln.try_run("int f(int x) { return x; }", "f", 1, timeout_ms=100, opt_level=2)
reveal_type(tried)  # kiln._try_run.TryRunResult
reveal_type(tried.ok)  # bool
reveal_type(tried.line)  # int
reveal_type(tried.address)  # int | None
kiln.try_run(kiln.compile("int x;"), "f", np.ones(3), max_memory_mb=100)
kiln.compile("int x;", isolate="process", timeout_ms=100, max_memory_mb=1000)
""",
    "compile_on_the_threads_of_the_engine": """
import asyncio

future = kiln.compile_async("int x;", exports="all", opt="auto", release_gil=True)
reveal_type(future)  # kiln._future.CompileFuture
reveal_type(future.result(1.5))  # kiln._module.Module
reveal_type(future.exception())  # Exception | None
reveal_type(future.wait(1))  # bool
future.add_done_callback(lambda done: done.result().f())

async def gather() -> None:
    reveal_type(await future)  # kiln._module.Module
    modules = await asyncio.gather(future, kiln.compile_async("int y;"))
    modules[1].exports

reveal_type(kiln.compile_many(["int x;"], opt_level=3))  # list[kiln._module.Module]
for made in kiln.compile_many(
    ["int x;", ("int y;", {"opt_level": 3})], return_exceptions=True, progress=True
):
    if isinstance(made, Exception):
        raise made
    reveal_type(made)  # kiln._module.Module
kiln.compile_many([b"x"], progress=lambda done, total: print(done / total))
""",
    "code_that_becomes_better": """
module = kiln.compile("int x;", opt="auto")
reveal_type(module.wait_optimized(0.5))  # bool
module.on_optimized(lambda: print("optimized"))
reveal_type(kiln.stats()["compiles"])  # int | float

@kiln.jit(opt="auto")
def nothing() -> None:
    \"\"\"void nothing(void) {}\"\"\"
""",
    "call_with_any_arguments": """
f = kiln.get("f")
result: float = f(1, 2.0, "x", b"x", None, np.ones(3), [1, 2], {"a": 1}, lambda: 1)
f[(2, 3), 64](np.ones(3))
f(kiln.launch(1, (32, 2), smem=1024))
f.release_gil = True
name: str = f.__name__
""",
    "register_a_function_as_a_decorator": """
@kiln.register("typing.one")
def one(a: int) -> int:
    return a

@kiln.function
def two(a: int) -> int:
    return a

reveal_type(one)  # kiln._core.Function
reveal_type(two)  # kiln._core.Function
reveal_type(kiln.register("typing.three", two, override=True))  # kiln._core.Function
""",
    "jit_a_source": """
reveal_type(kiln.jit("int f(void) { return 1; }", opt_level=1))  # kiln._core.Function
""",
    "jit_a_python_function": '''
@kiln.jit
def scale(x: np.ndarray, by: float = 1.0) -> None:
    """void scale(float* x, float by);"""

@kiln.jit(opt_level=3)
def twice(x: float) -> float:
    """double twice(double x) { return 2 * x; }"""
    raise NotImplementedError

scale(np.ones(3), by=2.0)
scale[1, 32](np.ones(3))
reveal_type(twice(1.0))  # float
reveal_type(twice.function)  # kiln._core.Function
''',
    "tensors": """
t = kiln.Tensor.empty((2, 3), kiln.dtype("float32"), kiln.Device("cuda", 1))
kiln.Tensor.empty(4, np.float32, "cpu")
kiln.Tensor.empty([np.int64(4)], np.dtype("float32"))
kiln.from_dlpack(np.ones(3))
kiln.from_dlpack(t)
reveal_type(t.shape)  # tuple[int, ...]
reveal_type(t.dtype)  # kiln._core.dtype
reveal_type(t.device.index)  # int
array: np.ndarray = t.numpy()
np.asarray(t)
np.from_dlpack(t)
""",
    "containers_are_generic": """
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence

a = kiln.Array([1, 2])
reveal_type(a)  # kiln._containers.Array[int]
reveal_type(a[0])  # int
reveal_type(a[1:])  # list[int]
reveal_type(kiln.Array([[1], [2]]))  # kiln._containers.Array[Any]
reveal_type(kiln.Array[str]())  # kiln._containers.Array[str]
items: kiln.List[float] = kiln.List()
items.append(1.0)
items[0] = 2.0
items[1:] = [3.0]
m = kiln.Map({"a": 1})
reveal_type(m)  # kiln._containers.Map[str, int]
reveal_type(m["a"])  # int
reveal_type([*m.items()])  # list[tuple[str, int]]
reveal_type(kiln.Map({"a": [1]}))  # kiln._containers.Map[str, Any]
d = kiln.Dict([("a", 1.5)])
d["b"] = 2.5
reveal_type(d.pop("a"))  # float
reveal_type(kiln.Shape((1, 2))[0])  # int
sequences: list[Sequence[object]] = [a, items, kiln.Shape([1])]
mappings: list[Mapping[str, float]] = [m, d]
changing: MutableSequence[float] = items
entries: MutableMapping[str, float] = d
""",
    "errors": """
try:
    kiln.compile("int f(void) { return m; }")
except kiln.CompileError as error:
    reveal_type(error.diagnostics[0]["line"])  # Any
    reveal_type(error.kind)  # str
except (kiln.LinkError, kiln.Error) as other:
    text: str = other.backtrace
""",
    "streams": """
with kiln.use_stream(0x1000, kiln.Device("cuda:1")) as nothing:
    reveal_type(nothing)  # None
""",
    "classes_of_objects": """
@kiln.register_class("typing.Point")
class Point(kiln.Object):
    x: float

    def length(self) -> float:
        return abs(self.x)

reveal_type(Point().length())  # float
cls: type = kiln.object_class("typing.Point")
""",
    "what_the_engine_tells": """
reveal_type(kiln.options()[0]["name"])  # Any
reveal_type(kiln.version())  # str
kiln.preload()
reveal_type(kiln.doctor())  # str
reveal_type(kiln.stubgen(kiln.compile("int x;")))  # str
""",
    "arrays_of_whatever_library": """
def norm(x: kiln.ArrayLike) -> float:
    value: float = kiln.get("norm")(x)
    return value

norm(np.ones(3))
norm(kiln.Tensor.empty(3))
""",
    "the_stub_of_a_module": """
from typing import cast
from kernels import Kernels

kernels = cast(Kernels, kiln.compile("float mean(const float*, long);"))
reveal_type(kernels.mean(np.ones(3), 3))  # float
reveal_type(kernels.length("text"))  # int
reveal_type(kernels.exports)  # list[str]
""",
}

# What stubgen makes a stub of, the module `kernels` of the programs.
KERNELS = """
/* The mean
   of x. */
float mean(const float* x, long n) { return x[0] / n; }
int length(const char* text) { return 0; }
"""


class Wrong(NamedTuple):
    program: str  # what is wrong is in the last line
    code: str
    message: str


WRONG = {
    "compile_a_number": Wrong("kiln.compile(5)", "arg-type", 'incompatible type "int"'),
    "compile_for_exports_of_a_number": Wrong(
        'kiln.compile("int x;", exports=1)', "arg-type", 'incompatible type "int"'
    ),
    "an_option_that_is_not_there": Wrong(
        'kiln.compile("int x;", opt_levle=3)', "call-arg", 'did you mean "opt_level"?'
    ),
    "an_option_of_another_type": Wrong(
        'kiln.compile("int x;", fast_math="yes")', "arg-type", 'expected "bool | None"'
    ),
    "an_option_of_jit_that_is_not_there": Wrong(
        'kiln.jit("int x;", optimize=3)', "call-overload", 'Unexpected keyword argument "optimize"'
    ),
    "an_opt_that_is_no_choice": Wrong(
        'kiln.compile("int x;", opt="often")', "arg-type", "Literal['level', 'auto'] | None"
    ),
    "a_future_as_a_module": Wrong(
        'm: kiln.Module = kiln.compile_async("int x;")', "assignment", 'type "CompileFuture"'
    ),
    "a_progress_of_text": Wrong(
        'kiln.compile_many(["int x;"], progress="yes")', "call-overload", "No overload variant"
    ),
    "a_name_by_position": Wrong(
        'kiln.compile("int x;", "c", "k.c")', "call-arg", "Too many positional arguments"
    ),
    "a_function_as_a_number": Wrong(
        'n: int = kiln.compile("int x;").f', "assignment", '"Function", variable has type "int"'
    ),
    "an_argument_by_name": Wrong(
        'kiln.get("f")(x=1)', "call-arg", 'Unexpected keyword argument "x"'
    ),
    "a_kernel_without_a_block": Wrong('kiln.get("f")[1]', "index", 'Invalid index type "int"'),
    "a_shape_of_text": Wrong('kiln.Tensor.empty("x")', "arg-type", 'incompatible type "str"'),
    "a_dtype_of_a_number": Wrong("kiln.Tensor.empty(3, 32)", "arg-type", 'incompatible type "int"'),
    "a_tensor_of_a_list": Wrong("kiln.from_dlpack([1])", "arg-type", 'incompatible type "list'),
    "a_shape_that_is_set": Wrong(
        "kiln.Tensor.empty(3).shape = (1, 3)",
        "misc",
        'Property "shape" defined in "Tensor" is read-',
    ),
    "an_index_of_text": Wrong("kiln.Array([1])['a']", "call-overload", "No overload variant"),
    "an_array_that_is_changed": Wrong("kiln.Array([1])[0] = 2", "index", "indexed assignment"),
    "a_list_with_a_wrong_item": Wrong(
        "items = kiln.List[int]()\nitems.append('x')", "arg-type", 'expected "int"'
    ),
    "a_map_with_a_wrong_key": Wrong("kiln.Map({'a': 1})[1]", "index", 'expected type "str"'),
    "a_register_of_a_number": Wrong("kiln.register('f', 5)", "call-overload", "No overload var"),
    "a_jit_of_a_number": Wrong("kiln.jit(5)", "call-overload", "No overload variant"),
    "a_jit_call_that_lacks_an_argument": Wrong(
        '@kiln.jit\ndef f(x: int) -> None:\n    """void f(int x);"""\n\nf()',
        "call-arg",
        'Missing positional argument "x"',
    ),
    "a_jit_call_with_a_wrong_type": Wrong(
        '@kiln.jit(opt_level=1)\ndef f(x: int) -> None:\n    """void f(int x);"""\n\nf("x")',
        "arg-type",
        'expected "int"',
    ),
    "a_call_that_does_not_fit_the_stub_of_the_module": Wrong(
        "from kernels import Kernels\ndef f(k: Kernels) -> None:\n    k.mean(3, 3)",
        "arg-type",
        'expected "ArrayLike"',
    ),
    "a_class_that_is_no_object": Wrong(
        "@kiln.object_class(5)\nclass A: ...", "arg-type", 'incompatible type "int"'
    ),
    "a_name_that_is_not_there": Wrong("kiln.complie", "attr-defined", 'maybe "compile"?'),
    "diagnostics_of_another_error": Wrong(
        "kiln.LinkError().diagnostics", "attr-defined", 'no attribute "diagnostics"'
    ),
    "a_function_that_is_derived_from": Wrong(
        "class F(kiln.Function): ...", "misc", 'Cannot inherit from final class "Function"'
    ),
}


class Report(NamedTuple):
    line: int
    severity: str
    message: str
    code: str


def mypy(files: list[Path], cache: Path, *options: str) -> dict[str, list[Report]]:
    """What mypy reports of each file, by the file's name."""
    ended = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", cache, "--no-pretty", "--hide-error-context"]
        + [*options, *files],
        capture_output=True,
        text=True,
        env={**os.environ, "MYPYPATH": str(PACKAGE.parent)},
    )
    assert ended.returncode in (0, 1) and not ended.stderr, ended.stdout + ended.stderr
    reports: dict[str, list[Report]] = {file.name: [] for file in files}
    for line in ended.stdout.splitlines():
        found = re.match(r"(.+?):(\d+): (error|note): (.*?)(?:  \[([\w-]+)\])?$", line)
        if found:
            file, number, severity, message, code = found.groups()
            name = Path(file).name
            reports.setdefault(name, []).append(Report(int(number), severity, message, code or ""))
    return reports


def package_files() -> list[Path]:
    return sorted([*PACKAGE.glob("*.py"), *PACKAGE.glob("*.pyi")])


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Report]]:
    """One run over the package and the programs: most of its time goes into reading libraries."""
    folder = tmp_path_factory.mktemp("programs")
    files = []
    for name, program in {
        **RIGHT,
        **{name: wrong.program for name, wrong in WRONG.items()},
    }.items():
        files.append(folder / f"{name}.py")
        files[-1].write_text(START + program.lstrip("\n") + "\n")
    files.append(folder / "kernels.pyi")
    files[-1].write_text(kiln.stubgen(kiln.compile(KERNELS, exports="all")))
    strictly = ["--strict", "--config-file", str(CONFIGURATION)]
    return mypy(package_files() + files, folder / "cache", *strictly)


@pytest.mark.parametrize("file", [*(file.name for file in package_files()), "kernels.pyi"])
def test_the_package_and_what_it_generates_pass_the_strict_check(
    reports: Mapping[str, list[Report]], file: str
) -> None:
    assert reports[file] == []


@pytest.mark.parametrize("name", RIGHT)
def test_right_programs_pass_and_have_their_types(
    reports: Mapping[str, list[Report]], name: str
) -> None:
    found = reports[f"{name}.py"]
    assert [report for report in found if report.severity == "error"] == []
    lines = (START + RIGHT[name].lstrip("\n")).splitlines()
    expected = {
        number: line.partition("  # ")[2]
        for number, line in enumerate(lines, 1)
        if "reveal_type" in line
    }
    revealed = {report.line: report.message for report in found}
    assert revealed == {n: f'Revealed type is "{type_}"' for n, type_ in expected.items()}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_programs_are_reported(reports: Mapping[str, list[Report]], name: str) -> None:
    wrong = WRONG[name]
    errors = [report for report in reports[f"{name}.py"] if report.severity == "error"]
    assert {report.code for report in errors} == {wrong.code}, errors
    assert wrong.message in errors[0].message


def test_the_stub_has_what_the_extension_has(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "kiln._core", "--ignore-disjoint-bases"]
        + ["--mypy-config-file", CONFIGURATION],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "MYPYPATH": str(PACKAGE.parent),
            "MYPY_CACHE_DIR": str(tmp_path),
        },
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout + ended.stderr


def test_the_stub_has_no_method_where_modules_have_one_of_that_name() -> None:
    stub = kiln.stubgen(kiln.compile("int save(int a) { return a; }", exports="save"))
    assert "def save" not in stub
    assert '# module["save"]' in stub


def test_the_options_that_have_a_type_are_those_of_the_engine() -> None:
    named = {option["name"] for option in kiln.options()}
    assert set(AllOptions.__annotations__) == named | {"language", "name", "release_gil"}


def test_the_samples_pass_as_programs_of_users(tmp_path: Path) -> None:
    reports = mypy(SAMPLES, tmp_path, "--config-file", "", "--python-version", "3.10")
    assert len(SAMPLES) >= 3
    assert {file.name: reports[file.name] for file in SAMPLES} == {
        file.name: [] for file in SAMPLES
    }
