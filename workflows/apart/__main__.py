"""A process within bounds: `python -m workflows.apart MAKER` answers to what stands on stdin, `run PROGRAM …` or
`ocr PROGRAM …` is that program."""

import sys

from workflows.apart.answering import answer
from workflows.apart.limits import SCAN_MEMORY, SCAN_SECONDS, become

if __name__ == "__main__":
    if sys.argv[1] == "run":
        become(sys.argv[2:])
    if sys.argv[1] == "ocr":
        become(sys.argv[2:], SCAN_MEMORY, SCAN_SECONDS)
    answer(sys.argv[1])
