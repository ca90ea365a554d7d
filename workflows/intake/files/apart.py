"""Reading in a process of its own, bound in time and memory: what a file does to its reader stays there."""

import importlib
import json
import os
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from typing import Any

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

DRAW = "draw"


def read_apart(kind: str, data: bytes) -> str:
    """Return the text of a file, read by the reader of its kind in a process of its own."""
    return str(_ask_apart(kind, data)["text"])


def draw_apart(data: bytes) -> tuple[int, list[str]]:
    """Return how many pages a PDF has, and the first of them as PNG in base64, drawn in a process of its own."""
    answer = _ask_apart(DRAW, data)
    return int(answer["pages"]), [str(one) for one in answer["pictures"]]


def _ask_apart(kind: str, data: bytes) -> dict[str, Any]:
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
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:  # the reader died
        raise damaged() from None
    if "message" in answer:
        raise Unreadable(answer["message"], **answer["facts"])
    return answer


def read_here(kind: str, data: bytes) -> str:
    """Return the text of a file, read in this process: what `read_apart` has done elsewhere."""
    return tidy(repair(checked_length(_reader(kind)(data))))


def _reader(kind: str) -> Callable[[bytes], str]:
    read: Callable[[bytes], str] = importlib.import_module(f"workflows.intake.files.{kind}").read
    return read


def answer(kind: str) -> None:
    """Read the file on stdin with the reader of a kind, and prints its text, or why there is none, as JSON.

    The kind `draw` answers with pictures of a PDF's pages.
    """
    make = _drawer() if kind == DRAW else _text_reader(kind)  # all is imported before this process gives up its rights
    bind(MEMORY, SECONDS - 1)
    try:
        answered = make(sys.stdin.buffer.read())
    except Unreadable as error:
        answered = _told(error)
    except MemoryError:
        answered = _told(too_large())
    except RecursionError:
        answered = _told(too_deep())
    except Exception:  # a file made to break its reader may break it anywhere
        answered = _told(damaged())
    sys.stdout.buffer.write(json.dumps(answered).encode())


def _text_reader(kind: str) -> Callable[[bytes], dict[str, object]]:
    _reader(kind)
    return lambda data: {"text": read_here(kind, data)}


def _drawer() -> Callable[[bytes], dict[str, object]]:
    from workflows.intake.files.pdf_pictures import draw

    def drawn(data: bytes) -> dict[str, object]:
        pages, pictures = draw(data)
        return {"pages": pages, "pictures": [b64encode(one).decode() for one in pictures]}

    return drawn


def _told(error: Unreadable) -> dict[str, object]:
    return {"message": error.message, "facts": error.facts}
