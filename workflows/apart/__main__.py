"""A process within bounds. `python -m workflows.apart MAKER` answers in JSON to what `ask_apart` sends to stdin;
`run PROGRAM …` and `ocr PROGRAM …` become that program.
"""

import importlib
import json
import sys
from collections.abc import Callable
from typing import Any

from workflows.apart.limits import (
    SCAN_MEMORY,
    SCAN_SECONDS,
    Scanned,
    Unreadable,
    become,
    bind,
    bounds_of,
    damaged,
    too_deep,
    too_large,
)


def answer(name: str) -> None:
    """Print what a maker makes of what stands on stdin, or why it cannot. This process gives up its rights for good."""
    make = _maker(name)  # all that it needs is imported before
    memory, seconds, _patience = bounds_of(name)
    bind(memory, seconds)
    try:
        asked, _end, data = sys.stdin.buffer.read().partition(b"\n")
        made = make(data, **json.loads(asked))
        answered = {"text": made} if isinstance(made, str) else made
    except Exception as error:  # a file made to break its reader may break it anywhere
        answered = _told(error)
    sys.stdout.buffer.write(json.dumps(answered).encode())


def _maker(name: str) -> Callable[..., Any]:
    module, _dot, function = name.rpartition(".")
    maker: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return maker


def _told(error: Exception) -> dict[str, object]:
    if isinstance(error, Scanned):
        return {"scanned": error.numbers, "count": error.count}
    if isinstance(error, MemoryError):
        error = too_large()
    elif isinstance(error, RecursionError):
        error = too_deep()
    elif not isinstance(error, Unreadable):
        error = damaged()
    return {"message": error.message, "facts": error.facts}


if __name__ == "__main__":
    if sys.argv[1] == "run":
        become(sys.argv[2:])
    if sys.argv[1] == "ocr":
        become(sys.argv[2:], SCAN_MEMORY, SCAN_SECONDS)
    answer(sys.argv[1])
