"""Call a function in a child process with limits of time and memory: a hostile file harms only that process."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workflows.bounded_process.limits import MOST_BYTES, ROOM, Scanned, Unreadable, damaged, find_bounds, too_slow


def call_bounded(function_name: str, data: bytes = b"", **arguments: object) -> dict[str, Any]:
    """Call a function ("workflows.intake.files.docx.read") with a file's bytes and JSON arguments in a child process.

    Unreadable where the function raises, dies, or takes too long by the clock or of the processor.
    """
    command = [sys.executable, "-m", "workflows.bounded_process", function_name]
    message = json.dumps(arguments).encode() + b"\n" + data
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
    _memory, seconds, patience = find_bounds(function_name)
    try:
        child = subprocess.run(
            command, input=message, capture_output=True, timeout=patience, cwd=ROOM, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise too_slow(patience) from None
    if child.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise too_slow(seconds)
    try:
        answer: dict[str, Any] = json.loads(child.stdout)
    except ValueError:  # the child died
        raise damaged() from None
    if "scanned" in answer:
        raise Scanned(answer["scanned"], answer["count"])
    if "message" in answer:
        raise Unreadable(answer["message"], **answer["facts"])
    return answer


@contextmanager
def naming_file(name: str) -> Iterator[None]:
    """Turn Unreadable into BadInput that names the file."""
    try:
        yield
    except Unreadable as error:
        from models.errors import BadInput
        from models.tasks.evidence_files import clean_name

        raise BadInput(error.message, file=clean_name(name), **error.facts) from None


def check_size(data: bytes) -> None:
    """Raise Unreadable for an empty file and for one above `MOST_BYTES`."""
    if not 0 < len(data) <= MOST_BYTES:
        raise Unreadable("file {file}: {size} bytes; allowed are 1 to {most} bytes", size=len(data), most=MOST_BYTES)
