"""Holds the source tree to the design: `check_tree.py ROOT`. Exit status 1 where a rule is broken."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tree import Tree
from tree_rules import RULES, check


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path, help="root of the repository")
    tree = Tree(parser.parse_args().root.resolve())
    if not tree.cxx:
        print(f"{tree.root}: no C++ file below it; give the root of the repository")
        return 1
    findings = check(tree)
    for finding in findings:
        print(finding)
    print(f"{len(tree.files)} files, {len(RULES)} rules, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
