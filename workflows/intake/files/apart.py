"""Reading in a process of its own, bound in time and memory: what a file does to its reader stays there."""

import importlib
import json
import os
import signal
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any

from workflows.intake.files.characters.encodings import repair, tidy
from workflows.intake.files.limits import (
    MEMORY,
    PATIENCE,
    ROOM,
    SCAN_MEMORY,
    SCAN_SECONDS,
    SECONDS,
    Scanned,
    Unreadable,
    bind,
    checked_length,
    damaged,
    too_deep,
    too_large,
    too_slow,
)

DRAW, DRAW_PART, STEP = "draw", "draw-part", "step:"


def read_apart(kind: str, data: bytes) -> str:
    """Return the text of a file, read by the reader of its kind in a process of its own."""
    return str(_ask_apart(kind, data)["text"])


def draw_apart(data: bytes) -> tuple[int, list[str]]:
    """Return how many pages a PDF has, and the first of them as PNG in base64, drawn in a process of its own."""
    answer = _ask_apart(DRAW, data)
    return int(answer["pages"]), [str(one) for one in answer["pictures"]]


def draw_part_apart(data: bytes, page: int, box: Sequence[float]) -> bytes:
    """Return a part of a PDF's page (from 0) as PNG; `box` says it in shares from the upper left corner."""
    asked = json.dumps({"page": page, "box": list(box)}).encode()
    return b64decode(_ask_apart(DRAW_PART, asked + b"\n" + data)["picture"])


def ask_step(name: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what a step of reading a scan answers; it works on files of a folder, in a process of its own."""
    return _ask_apart(STEP + name, json.dumps(asked).encode())


def _ask_apart(kind: str, data: bytes) -> dict[str, Any]:
    seconds = SCAN_SECONDS if kind.startswith(STEP) else SECONDS
    return ask_apart(["workflows.intake.files", kind], data, seconds)


def ask_apart(module: list[str], data: bytes, seconds: int = SECONDS) -> dict[str, Any]:
    """Return what a module, with its arguments, answers to a file in a process of its own. Unreadable where it cannot.

    The module calls `answer_within_bounds`; `seconds` of the processor are told where they did not suffice.
    """
    command = [sys.executable, "-m", *module]
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=PATIENCE, cwd=ROOM, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise too_slow(PATIENCE) from None
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


def read_here(kind: str, data: bytes) -> str:
    """Return the text of a file, read in this process: what `read_apart` has done elsewhere."""
    return tidy(repair(checked_length(_reader(kind)(data))))


def _reader(kind: str) -> Callable[[bytes], str]:
    read: Callable[[bytes], str] = importlib.import_module(f"workflows.intake.files.{kind}").read
    return read


def answer(kind: str) -> None:
    """Read the file on stdin with the reader of a kind, and prints its text, or why there is none, as JSON.

    The kind `draw` answers with pictures of a PDF's pages, `draw-part` with one of a part; `step:…` is of a scan.
    """
    bounds = (SCAN_MEMORY, SCAN_SECONDS) if kind.startswith(STEP) else (MEMORY, SECONDS - 1)
    answer_within_bounds(_maker(kind), *bounds)


def answer_within_bounds(
    make: Callable[[bytes], dict[str, object]], memory: int = MEMORY, seconds: int = SECONDS - 1
) -> None:
    """Print what `make` makes of the file on stdin, or why it cannot, as JSON; all that it needs is imported before.

    This process gives up its rights for good; `memory` in bytes, `seconds` of the processor.
    """
    bind(memory, seconds)
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


def _maker(kind: str) -> Callable[[bytes], dict[str, object]]:
    if kind.startswith(STEP):
        step: Callable[[str], Callable[[bytes], dict[str, object]]]
        step = importlib.import_module("workflows.intake.files.scans.steps").step
        return step(kind.removeprefix(STEP))
    makers = {DRAW: _drawer, DRAW_PART: _part_drawer}
    return makers[kind]() if kind in makers else _text_reader(kind)


def _part_drawer() -> Callable[[bytes], dict[str, object]]:
    from workflows.intake.files.pdf_pictures import draw_part

    def drawn(data: bytes) -> dict[str, object]:
        asked, _end, content = data.partition(b"\n")
        return {"picture": b64encode(draw_part(content, **json.loads(asked))).decode()}

    return drawn


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
    if isinstance(error, Scanned):
        return {"scanned": error.numbers, "count": error.count}
    return {"message": error.message, "facts": error.facts}
