"""Compiles one kernel library over Kiln's headers and over the reference's, and prints the ratios.

    python tests/bench/compare_headers.py .deps/venv/lib/python3*/site-packages/tvm_ffi/include

The two files take turns. Each figure is the median of its rounds, in milliseconds; the ratio is Kiln's
over the reference's.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import time
from pathlib import Path

BENCH = Path(__file__).parent
ABI = BENCH.parent.parent / "abi"


def compile_once(compiler: str, mode: str, source: Path, includes: list[Path]) -> float:
    """The milliseconds that one compilation takes."""
    command = [compiler, "-std=c++20", "-fPIC", mode, "-c", str(source), "-o", "/dev/null"]
    command += [f"-I{folder}" for folder in includes]
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "reference", type=Path, help="the include folder of the reference's package"
    )
    parser.add_argument("--compiler", action="append", help="g++ and clang++-19 if not given")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()

    sides = {
        "kiln": (BENCH / "headers_kiln.cc", [ABI / "c", ABI / "cpp"]),
        "reference": (BENCH / "headers_reference.cc", [arguments.reference]),
    }
    print(f"{'compiler':14}{'mode':16}{'kiln':>8}{'reference':>12}{'ratio':>8}")
    for compiler in arguments.compiler or ["g++", "clang++-19"]:
        for mode in ("-fsyntax-only", "-O2"):
            times: dict[str, list[float]] = {side: [] for side in sides}
            for _ in range(arguments.rounds):
                for side, (source, includes) in sides.items():
                    times[side].append(compile_once(compiler, mode, source, includes))
            kiln, reference = (statistics.median(times[side]) for side in sides)
            print(f"{compiler:14}{mode:16}{kiln:8.0f}{reference:12.0f}{kiln / reference:8.2f}")


if __name__ == "__main__":
    main()
