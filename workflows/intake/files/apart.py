"""Reading in a process of its own, bound in time and memory: what a file does to its reader stays there."""

import json
import os
import signal
import subprocess
import sys
from base64 import b64decode
from collections.abc import Sequence
from typing import Any

from workflows.intake.files.limits import (
    PATIENCE,
    ROOM,
    SCAN_PATIENCE,
    SCAN_SECONDS,
    SECONDS,
    Scanned,
    Unreadable,
    damaged,
    too_slow,
)

DRAW, DRAW_PART, MESSAGE, STEP = "draw", "draw-part", "edxml", "step:"


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


def open_apart(data: bytes) -> dict[str, Any]:
    """Return the fields and attachments of an edXML message, read in a process of its own."""
    return _ask_apart(MESSAGE, data)


def _ask_apart(kind: str, data: bytes) -> dict[str, Any]:
    bounds = (SCAN_SECONDS, SCAN_PATIENCE) if kind.startswith(STEP) else (SECONDS, PATIENCE)
    return ask_apart(["workflows.intake.files", kind], data, *bounds)


def ask_apart(module: list[str], data: bytes, seconds: int = SECONDS, patience: int = PATIENCE) -> dict[str, Any]:
    """Return what a module, with its arguments, answers to a file in a process of its own. Unreadable where it cannot.

    The module calls `answer_within_bounds`. After `patience` seconds by the clock it is stopped; `seconds` of the
    processor are told where they did not suffice.
    """
    command = [sys.executable, "-m", *module]
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=patience, cwd=ROOM, env=environment, check=False
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
