"""Reading in a process of its own, bound in time and memory: what a file does to its reader stays there."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workflows.apart.limits import MOST_BYTES, ROOM, Scanned, Unreadable, bounds_of, damaged, too_slow


def ask_apart(maker: str, data: bytes = b"", **asked: object) -> dict[str, Any]:
    """Have a function ("workflows.intake.files.docx.read") read a file, and what else is asked in JSON, in a process
    apart.

    Unreadable where it cannot, or takes too long by the clock or of the processor.
    """
    command = [sys.executable, "-m", "workflows.apart", maker]
    sent = json.dumps(asked).encode() + b"\n" + data
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
    _memory, seconds, patience = bounds_of(maker)
    try:
        done = subprocess.run(
            command, input=sent, capture_output=True, timeout=patience, cwd=ROOM, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise too_slow(patience) from None
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise too_slow(seconds)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:  # the reader died
        raise damaged() from None
    if "scanned" in answer:
        raise Scanned(answer["scanned"], answer["count"])
    if "message" in answer:
        raise Unreadable(answer["message"], **answer["facts"])
    return answer


@contextmanager
def named(name: str) -> Iterator[None]:
    """Tell what cannot be read as BadInput, with the file's name."""
    try:
        yield
    except Unreadable as error:
        from models.errors import BadInput
        from models.tasks.evidence_files import clean_name

        raise BadInput(error.message, file=clean_name(name), **error.facts) from None


def check_size(data: bytes) -> None:
    """Raise Unreadable for an empty file, and one that is larger than is read."""
    if not 0 < len(data) <= MOST_BYTES:
        raise Unreadable("file {file}: {size} bytes; allowed are 1 to {most} bytes", size=len(data), most=MOST_BYTES)
