"""What a process within bounds does: it reads the file on stdin and answers in JSON. `apart.py` asks it."""

import importlib
import json
import sys
from base64 import b64encode
from collections.abc import Callable

from workflows.intake.files.apart import DRAW, DRAW_PART, MESSAGE, STEP
from workflows.intake.files.characters.encodings import repair, tidy
from workflows.intake.files.limits import (
    MEMORY,
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
)


def read_here(kind: str, data: bytes) -> str:
    """Return the text of a file, read in this process: what `read_apart` has done elsewhere."""
    return tidy(repair(checked_length(_reader(kind)(data))))


def _reader(kind: str) -> Callable[[bytes], str]:
    read: Callable[[bytes], str] = importlib.import_module(f"workflows.intake.files.{kind}").read
    return read


def answer(kind: str) -> None:
    """Read the file on stdin with the reader of a kind, and print its text, or why there is none, as JSON.

    The kind `draw` answers with pictures of a PDF's pages, `draw-part` with a picture of a part of one, `edxml` with
    a message's fields and attachments, `step:…` as that step of reading a scan does.
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
        from workflows.intake.files.scans.scan_steps import step

        return step(kind.removeprefix(STEP))
    makers = {DRAW: _drawer, DRAW_PART: _part_drawer, MESSAGE: _opener}
    return makers[kind]() if kind in makers else _text_reader(kind)


def _opener() -> Callable[[bytes], dict[str, object]]:
    module = importlib.import_module("workflows.intake.edxml.envelope")
    opened: Callable[[bytes], dict[str, object]] = module.read_envelope
    return opened


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
