"""Runs kernel_bench, and prints how Kiln's code does beside Clang's and GCC's.

    python tests/bench/compare_kernels.py build/release/tests/bench [--rounds 15] [--plot kernels.svg]

A ratio is Kiln's time over the peer's in the same round, and the median of all rounds; below 1 Kiln's
code is faster. The plot needs matplotlib.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

PEERS = ("clang", "gcc")


def measure(program: Path, rounds: int, kernels: list[str]) -> dict[str, dict[str, float]]:
    """The ratio to each peer, and the milliseconds of Kiln's code, by kernel."""
    output = subprocess.run(
        [program, str(rounds), *kernels], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    table = {}
    for row in map(json.loads, output.splitlines()):
        table[row["kernel"]] = {"ms": 1e3 * statistics.median(row["jit"])} | {
            peer: statistics.median(
                jit / other for jit, other in zip(row["jit"], row[peer], strict=True)
            )
            for peer in PEERS
        }
    return table


def plot(table: dict[str, dict[str, float]], path: Path) -> None:
    try:
        import matplotlib
    except ImportError:
        sys.exit("no plot: matplotlib is not installed")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(10, 4), layout="constrained")
    for offset, peer in zip((-0.2, 0.2), PEERS, strict=True):
        places = [place + offset for place in range(len(table))]
        axes.bar(places, [row[peer] for row in table.values()], width=0.4, label=f"{peer} -O3")
    axes.axhline(1, color="black", linewidth=0.8)
    axes.set_xticks(range(len(table)), table, rotation=60, ha="right")
    axes.set_ylabel("time of Kiln's code, peer = 1")
    axes.legend()
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where kernel_bench is")
    parser.add_argument("kernels", nargs="*", help="the kernels to run; all if none is named")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--plot", type=Path, help="write a plot there, .svg or .png")
    arguments = parser.parse_args()

    table = measure(arguments.folder / "kernel_bench", arguments.rounds, arguments.kernels)
    print(f"{'kernel':20}{'ms':>10}" + "".join(f"{'/ ' + peer:>10}" for peer in PEERS))
    for kernel, row in table.items():
        print(f"{kernel:20}{row['ms']:10.2f}" + "".join(f"{row[peer]:10.3f}" for peer in PEERS))
    means = [statistics.geometric_mean(row[peer] for row in table.values()) for peer in PEERS]
    print(f"{'geometric mean':20}{'':10}" + "".join(f"{mean:10.3f}" for mean in means))
    if arguments.plot:
        plot(table, arguments.plot)


if __name__ == "__main__":
    main()
