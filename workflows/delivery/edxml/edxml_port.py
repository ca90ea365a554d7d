"""The port through which messages leave. Here it is a folder; a signed transport of an axis would be another.

An implementation is one function, `hand_over(message) -> Outcome`. It may be called again for a message when this
program was killed before it could note the outcome: the same name then must not arrive twice.
"""

import os
from dataclasses import dataclass
from pathlib import Path

OUT = "out"
_HANDED = ".handed"
"""A folder of empty files, one for each message that was put out: it is known again after it has been fetched."""


@dataclass(frozen=True)
class Ready:
    """A message about to leave: its name is its own for ever, `content` its XML."""

    folder: Path
    name: str
    content: str


@dataclass(frozen=True)
class Outcome:
    """Whether a message has left; `reason` says why not, and it is tried again."""

    is_handed: bool
    reason: str = ""


def hand_over(message: Ready) -> Outcome:
    """Put a message into the folder `out` under its name, whole or not at all, once. One process calls at a time."""
    out = message.folder / OUT
    target, unready, mark = out / message.name, out / f"{message.name}.tmp", out / _HANDED / message.name
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        if not mark.exists():
            with unready.open("wb") as file:
                file.write(message.content.encode())
                file.flush()
                os.fsync(file.fileno())
            mark.touch()  # from here on it counts as put out: what is left to do is the renaming
            _sync(mark.parent)
        if unready.exists():
            unready.replace(target)
            _sync(out)
    except OSError as error:
        return Outcome(False, f"{target}: {error.strerror}")
    return Outcome(True)


def _sync(folder: Path) -> None:
    """Have the disk itself hold what a folder lists, where the system can be asked for that."""
    if os.name != "posix":
        return
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
