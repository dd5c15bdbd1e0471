"""Runs cuda_bench, and prints how long a .cu takes to a loaded module beside what nvcc takes.

    python tests/bench/compare_cuda.py build/release/tests/bench [--nvcc PATH] [--rounds 9]

A figure is nvcc's time over Kiln's in the same round, and the median of all rounds; above 1 Kiln is
faster. Without --nvcc the compiler comes from its wheels, which are installed in .deps/nvcc first.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

WHEELS = (
    "nvidia-cuda-nvcc==13.5.37",
    "nvidia-nvvm==13.5.37",
    "nvidia-cuda-crt==13.5.37",
    "nvidia-cuda-runtime==13.5.37",
    "nvidia-cuda-cccl==13.3.5.0.6",
)


def installed_nvcc() -> Path:
    """The nvcc of the wheels."""
    folder = Path(__file__).resolve().parents[2] / ".deps" / "nvcc"
    root = folder / "nvidia" / "cu13"
    nvcc = root / "bin" / "nvcc"
    if not nvcc.exists():
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder]
            + list(WHEELS),
            check=True,
        )
    for program in [*root.glob("bin/*"), *root.glob("nvvm/bin/*")]:
        if program.is_file():
            program.chmod(0o755)
    return nvcc


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where cuda_bench is")
    parser.add_argument("--nvcc", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    nvcc = arguments.nvcc or installed_nvcc()

    with tempfile.TemporaryDirectory() as scratch:
        output = subprocess.run(
            [arguments.folder / "cuda_bench", nvcc, str(arguments.rounds), scratch],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
    print(f"{'kernel':12} {'kiln, ms':>9} {'nvcc -cubin':>12} {'nvcc -shared':>13}")
    for row in map(json.loads, output.splitlines()):
        ratios = [
            statistics.median(
                peer / kiln for peer, kiln in zip(row[name], row["kiln"], strict=True)
            )
            for name in ("cubin", "shared")
        ]
        milliseconds = 1e3 * statistics.median(row["kiln"])
        print(f"{row['kernel']:12} {milliseconds:9.1f} {ratios[0]:12.1f} {ratios[1]:13.1f}")


if __name__ == "__main__":
    main()
