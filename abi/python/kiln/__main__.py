"""`python -m kiln` and the command `kiln` of the wheel: the command line of the engine."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Becomes the kiln command, with the arguments of this process. Does not return."""
    command = Path(__file__).parent / "bin" / "kiln"
    os.execv(command, [str(command), *sys.argv[1:]])


if __name__ == "__main__":
    main()
