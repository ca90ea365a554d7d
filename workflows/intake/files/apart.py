"""Reading in a process of its own, bound in time and memory: what a file does to its reader stays there."""

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable

from workflows.intake.files.characters.encodings import repair, tidy
from workflows.intake.files.limits import (
    MEMORY,
    PATIENCE,
    ROOM,
    SECONDS,
    Unreadable,
    bind,
    checked_length,
    damaged,
    too_deep,
    too_large,
    too_slow,
)


def read_apart(kind: str, data: bytes) -> str:
    """Return the text of a file, read by the reader of its kind in a process of its own."""
    command = [sys.executable, "-m", "workflows.intake.files", kind]
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=PATIENCE, cwd=ROOM, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise too_slow(PATIENCE) from None
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise too_slow(SECONDS)
    try:
        answer = json.loads(done.stdout)
    except ValueError:  # the reader died
        raise damaged() from None
    if "text" in answer:
        return str(answer["text"])
    raise Unreadable(answer["message"], **answer["facts"])


def read_here(kind: str, data: bytes) -> str:
    """Return the text of a file, read in this process: what `read_apart` has done elsewhere."""
    return tidy(repair(checked_length(_reader(kind)(data))))


def _reader(kind: str) -> Callable[[bytes], str]:
    read: Callable[[bytes], str] = importlib.import_module(f"workflows.intake.files.{kind}").read
    return read


def answer(kind: str) -> None:
    """Read the file on stdin with the reader of a kind, and prints its text, or why there is none, as JSON."""
    _reader(kind)  # what it imports is found before this process gives up its rights
    bind(MEMORY, SECONDS - 1)
    try:
        answered: dict[str, object] = {"text": read_here(kind, sys.stdin.buffer.read())}
    except Unreadable as error:
        answered = _told(error)
    except MemoryError:
        answered = _told(too_large())
    except RecursionError:
        answered = _told(too_deep())
    except Exception:  # a file made to break its reader may break it anywhere
        answered = _told(damaged())
    sys.stdout.buffer.write(json.dumps(answered).encode())


def _told(error: Unreadable) -> dict[str, object]:
    return {"message": error.message, "facts": error.facts}
