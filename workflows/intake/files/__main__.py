"""A process within bounds: `python -m workflows.intake.files KIND` reads stdin, `run PROGRAM …` is that program."""

import sys

from workflows.intake.files.apart import answer
from workflows.intake.files.limits import become

if __name__ == "__main__":
    if sys.argv[1] == "run":
        become(sys.argv[2:])
    answer(sys.argv[1])
