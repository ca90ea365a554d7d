"""The office's time: the real one, moved forward by as many seconds as a file says that all machines read."""

import os
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

VARIABLE = "PYTHON_DRILL_TIME"
"""Names the file; with this beginning a worker hands it on to the processes of its runs."""


def moved_by() -> float:
    """Seconds between the real time and the office's."""
    path = os.environ.get(VARIABLE)
    try:
        return float(Path(path).read_text()) if path else 0.0
    except FileNotFoundError:
        return 0.0


def office_now() -> datetime:
    """The present in the office (UTC)."""
    return datetime.now(UTC) + timedelta(seconds=moved_by())


def move_to(path: Path, moment: datetime) -> None:
    """Moves the office's time forward, for everybody at once: it goes on from a moment (UTC)."""
    written = path.with_suffix(".new")
    written.write_text(repr((moment - datetime.now(UTC)).total_seconds()))
    written.replace(path)


class OfficeTime(datetime):
    """`datetime` for whoever reads the clock."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        moved = office_now().astimezone(tz)
        return cls.fromisoformat(moved.isoformat())
