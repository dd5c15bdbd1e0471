"""Runs jit_bench, and prints how the engine does beside compilers that run as programs.

    python tests/bench/compare_jit.py build/release/tests/bench [--rounds 9] [--plot jit.svg]

Each row is a ratio of two times of one run, in which the benchmarks take turns: of each the best of all
rounds, which is the one that other programs on the machine disturbed least. The plot needs matplotlib.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    what: str
    ours: str
    peer: str
    goal: float  # how many times faster at least


ROWS = (
    Row("tiny.c, O0; clang -O0", "tiny/O0", "tiny/clang-O0", 40),
    Row("tiny.c, O2; clang -O2", "tiny/O2", "tiny/clang-O2", 7),
    Row("tiny.c, quick; clang -O0", "tiny/quick", "tiny/clang-O0", 20),
    Row("tiled.c, O0; clang -O0", "tiled/O0", "tiled/clang-O0", 8),
    Row("tiled.c, quick; clang -O2", "tiled/quick", "tiled/clang-O2", 8),
    Row("tiled.c, O2; clang -O2", "tiled/O2", "tiled/clang-O2", 1),
    Row("axpy.c, O0; clang -O0", "axpy/O0", "axpy/clang-O0", 20),
    Row("axpy.c, O2; clang -O2", "axpy/O2", "axpy/clang-O2", 5),
    Row("shapes.cc as C++17, O0; g++ -O0", "shapes17/O0", "shapes17/g++-O0", 8),
    Row("shapes.cc as C++20, O0; g++ -O0", "shapes20/O0", "shapes20/g++-O0", 8),
    Row("shapes.cc as C++20, O2; g++ -O2", "shapes20/O2", "shapes20/g++-O2", 2),
    Row("tiny as IR, O0; as C, O0", "tiny-ir/O0", "tiny/O0", 2),
    Row("object; the same, dlopen", "object/link", "object/dlopen", 1),
    Row("first call of a process; clang -O0", "first-call", "tiny/clang-O0", 4),
    Row("tiny.c, O0, 2 threads; 1", "tiny-threads/O0/2", "tiny-threads/O0/1", 1.9),
    Row("tiled.c, O2, 2 threads; 1", "tiled-threads/O2/2", "tiled-threads/O2/1", 1.9),
    Row("tiny.c, O0; libtcc", "tiny/O0", "tiny/tcc", 0),
    Row("tiled.c, O0; libtcc", "tiled/O0", "tiled/tcc", 0),
)


def measure(program: Path, rounds: int) -> dict[str, float]:
    """The milliseconds of each benchmark; for threads, of one compile of all together."""
    with tempfile.NamedTemporaryFile(suffix=".json") as output:
        subprocess.run(
            [
                program,
                f"--benchmark_out={output.name}",
                "--benchmark_out_format=json",
                f"--benchmark_repetitions={rounds}",
                "--benchmark_enable_random_interleaving=true",
                "--benchmark_min_time=0.1",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        runs = json.load(output)["benchmarks"]
    times = {}
    for run in runs:
        if run["run_type"] != "iteration" or "error_message" in run:
            continue
        name = run["run_name"].split("/real_time")[0].split("/iterations")[0]
        if "threads:" in run["run_name"]:
            name += "/" + run["run_name"].split("threads:")[1]
        times[name] = min(run["real_time"], times.get(name, run["real_time"]))
    return times


def plot(ratios: dict[str, float], path: Path) -> None:
    try:
        import matplotlib
    except ImportError:
        sys.exit("no plot: matplotlib is not installed")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    bars = axes.barh(range(len(ratios)), list(ratios.values()))
    axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_yticks(range(len(ratios)), list(ratios))
    axes.invert_yaxis()
    axes.set_xlabel("times faster than the peer")
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where jit_bench is")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--plot", type=Path, help="write a plot there, .svg or .png")
    arguments = parser.parse_args()

    times = measure(arguments.folder / "jit_bench", arguments.rounds)
    ratios = {row.what: times[row.peer] / times[row.ours] for row in ROWS}
    print(f"{'':40}{'ms':>9}{'peer ms':>9}{'faster':>9}{'goal':>7}")
    for row in ROWS:
        goal = f"{row.goal:7g}" if row.goal else f"{'':7}"
        ours, peer = times[row.ours], times[row.peer]
        print(f"{row.what:40}{ours:9.3f}{peer:9.3f}{ratios[row.what]:9.2f}{goal}")
    if arguments.plot:
        plot(ratios, arguments.plot)


if __name__ == "__main__":
    main()
