"""Turns for what takes processor and memory: few at once, a short line before them, and no wait without an end."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from uuid import UUID

AT_ONCE = 2
"""Each may take some hundred megabytes: a flood of documents must not take the machine's memory."""
IN_LINE = 8
"""People's pages and calls that wait for their turn: all share forty threads, and who waits holds one."""
OF_ONE_PERSON = 3
"""Of these at most, one person's: one of theirs is at work, the others wait for it."""
PATIENCE = 10
"""Seconds that a page or a call waits for its turn."""
PATIENCE_OF_A_JOB = 120
"""Seconds that a command or a job waits, which comes before people: longer than what is at work may last."""


class Turns:
    """Who is at work, and who waits. Each process has its own."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._at_work: list[UUID | None] = []
        self._in_line: list[UUID | None] = []

    @contextmanager
    def take(self, by: UUID | None) -> Iterator[None]:
        """Wait for a turn; `by` is the person whose page or call it is, None for a command or a job. Raises Busy."""
        with self._changed:
            if by is not None and (len(self._in_line) >= IN_LINE or self._in_line.count(by) >= OF_ONE_PERSON):
                raise _busy()
            self._in_line.append(by)
            try:
                if not self._changed.wait_for(lambda: self._is_next(by), PATIENCE if by else PATIENCE_OF_A_JOB):
                    raise _busy()
            finally:
                self._in_line.remove(by)
            self._at_work.append(by)
        try:
            yield
        finally:
            with self._changed:
                self._at_work.remove(by)
                self._changed.notify_all()

    def _is_next(self, by: UUID | None) -> bool:
        if len(self._at_work) >= AT_ONCE:
            return False
        return by is None or (by not in self._at_work and None not in self._in_line)


TURNS = Turns()
"""Of all that is opened, read or drawn in this process: who opens a file takes one, who draws has one."""


def _busy() -> Exception:
    from models.errors import Busy

    return Busy("too many files are being opened or made at this moment: please try again in a few seconds")
