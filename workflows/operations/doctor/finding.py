"""The types that all checks share, and words for sizes and moments."""

import shutil
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from models.i18n import Words, _
from models.settings import Settings
from models.text.localtime import local, write_date


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"  # the engine works, but somebody should look at it
    BROKEN = "broken"  # the engine does not work, or not for long


STATE_WORDS = {State.OK: _("ok"), State.WARNING: _("warning"), State.BROKEN: _("broken")}


@dataclass(frozen=True)
class Finding:
    """The answer of the check `name`. `advice` says what to do if the state is not ok."""

    state: State
    words: Words
    advice: Words | None = None
    name: str = ""


@dataclass(frozen=True)
class Check:
    name: str
    look: Callable[..., Finding]
    title: Words
    with_session: bool = True
    asks_others: bool = False
    """Whether the check waits for an answer from outside this machine."""


def ok(message: str, /, **facts: object) -> Finding:
    return Finding(State.OK, Words(message, **facts))


def warning(words: Words, advice: Words) -> Finding:
    return Finding(State.WARNING, words, advice)


def broken(words: Words, advice: Words) -> Finding:
    return Finding(State.BROKEN, words, advice)


class Space(NamedTuple):
    total: int
    used: int
    free: int


def disk_space(folder: Path) -> Space:
    """Return the space of the folder's file system. The folder itself need not exist yet."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return Space(*shutil.disk_usage(folder))


@dataclass(frozen=True)
class CheckedInstallation:
    """An installation at the UTC moment `now`. `engine` is read-only; `trust` replaces the machine's certificates."""

    settings: Settings
    now: datetime
    engine: Engine | None = None
    space: Callable[[Path], Space] = disk_space
    trust: ssl.SSLContext | None = None


def size_words(size: int) -> Words:
    """Write bytes as MiB or GiB with one decimal. The message has the decimal sign of the reader's language."""
    is_large = size >= 1024**3
    whole, tenth = f"{size / (1024**3 if is_large else 1024**2):.1f}".split(".")
    return Words(_("{whole}.{tenth} GiB") if is_large else _("{whole}.{tenth} MiB"), whole=whole, tenth=tenth)


def moment_words(moment: datetime) -> str:
    """Write a moment as local time, for example 05/11/2026 08:00."""
    return f"{write_date(local(moment).date())} {local(moment):%H:%M}"
