"""Holds the built libraries to the design. Exit status 1 where a rule is broken."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from library_rules import KILN_JIT, TVM_FFI, Elf, check


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tvm-ffi", type=Path, required=True, help="the built libtvm_ffi.so")
    parser.add_argument("--kiln-jit", type=Path, required=True, help="the built libkiln_jit.so")
    parser.add_argument("--sanitize", default="", help="the sanitizers built in: address,undefined")
    parser.add_argument("--nm", default="nm", help="the nm program")
    parser.add_argument("--readelf", default="readelf", help="the readelf program")
    options = parser.parse_args()

    findings = []
    for path, library in ((options.tvm_ffi, TVM_FFI), (options.kiln_jit, KILN_JIT)):
        elf = Elf(path, options.nm, options.readelf)
        findings += check(elf, library, options.sanitize)
        print(f"{path}: {len(elf.exports())} exports, {len(elf.segments())} segments")
    for finding in findings:
        print(finding)
    print(f"2 libraries, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
