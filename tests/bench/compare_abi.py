"""Runs the ABI's benchmarks on Kiln's runtime and on the reference's, and prints the ratios.

    python tests/bench/compare_abi.py build/release/tests/bench [--rounds 5]

The two programs take turns, so that a change of the machine's mood meets both. Each figure is the median
of its rounds, in nanoseconds of real time for one job; the ratio is Kiln's over the reference's.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
from collections import defaultdict
from pathlib import Path

PROGRAMS = {"kiln": "abi_bench_kiln", "reference": "abi_bench_reference"}


def run(program: Path) -> dict[str, float]:
    """The time of each benchmark in nanoseconds."""
    output = subprocess.run(
        [program, "--benchmark_format=json", "--benchmark_min_time=0.1"],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ).stdout
    return {row["name"]: row["real_time"] for row in json.loads(output)["benchmarks"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the two programs are")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()

    times: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for _ in range(arguments.rounds):
        for side, program in PROGRAMS.items():
            for name, time in run(arguments.folder / program).items():
                times[name][side].append(time)

    print(f"{'benchmark':40}{'kiln':>10}{'reference':>12}{'ratio':>8}")
    for name, sides in times.items():
        kiln, reference = (statistics.median(sides[side]) for side in PROGRAMS)
        print(f"{name:40}{kiln:10.1f}{reference:12.1f}{kiln / reference:8.2f}")


if __name__ == "__main__":
    main()
