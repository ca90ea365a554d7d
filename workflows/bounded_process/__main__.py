"""The child process. `python -m workflows.bounded_process FUNCTION` answers one call of `call_bounded` in JSON.

`run PROGRAM …` and `ocr PROGRAM …` limit this process and then replace it by that program.
"""

import importlib
import json
import sys
from collections.abc import Callable
from typing import Any

from workflows.bounded_process.limits import (
    SCAN_MEMORY,
    SCAN_SECONDS,
    Scanned,
    Unreadable,
    damaged,
    exec_bounded,
    find_bounds,
    limit_process,
    too_deep,
    too_large,
)


def answer_call(function_name: str) -> None:
    """Print what the function returns for the file on stdin, or why it fails. This process stays limited for good."""
    function = _import_function(function_name)  # before the limits: no import is possible afterwards
    memory, seconds, _patience = find_bounds(function_name)
    limit_process(memory, seconds)
    try:
        arguments, _newline, data = sys.stdin.buffer.read().partition(b"\n")
        result = function(data, **json.loads(arguments))
        answer = {"text": result} if isinstance(result, str) else result
    except Exception as error:  # a file made to break its reader may break it anywhere
        answer = _describe_failure(error)
    sys.stdout.buffer.write(json.dumps(answer).encode())


def _import_function(full_name: str) -> Callable[..., Any]:
    module, _dot, name = full_name.rpartition(".")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def _describe_failure(error: Exception) -> dict[str, object]:
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
        exec_bounded(sys.argv[2:])
    if sys.argv[1] == "ocr":
        exec_bounded(sys.argv[2:], SCAN_MEMORY, SCAN_SECONDS)
    answer_call(sys.argv[1])
