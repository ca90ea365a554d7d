"""A queue for work that takes much processor time and memory: few run at once, few wait, and no wait is endless."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from uuid import UUID

AT_ONCE = 2
"""Pieces of work that run at once. Each may take some hundred megabytes."""
IN_LINE = 8
"""Pages and calls that wait for their turn. All share forty threads, and each that waits occupies one."""
OF_ONE_PERSON = 3
"""Of these, the most that wait for the same person, while one of theirs runs."""
PATIENCE = 10
"""Seconds that a page or a call waits for its turn."""
PATIENCE_OF_A_JOB = 120
"""Seconds that a command or a job waits. It goes before people, and waits longer than running work may last."""


class Turns:
    """A queue of this process: who works, and who waits. None stands for a command or a job."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._at_work: list[UUID | None] = []
        self._in_line: list[UUID | None] = []

    @contextmanager
    def take(self, by: UUID | None) -> Iterator[None]:
        """Wait for a turn; `by` is the person whose page or call it is, None for a command or a job. Raises Busy."""
        with self._changed:
            if by is not None and self._is_line_full(by):
                raise _busy()
            self._in_line.append(by)
            patience = PATIENCE if by else PATIENCE_OF_A_JOB
            try:
                if not self._changed.wait_for(lambda: self._is_next(by), patience):
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

    def _is_line_full(self, person_id: UUID) -> bool:
        return len(self._in_line) >= IN_LINE or self._in_line.count(person_id) >= OF_ONE_PERSON

    def _is_next(self, by: UUID | None) -> bool:
        if len(self._at_work) >= AT_ONCE:
            return False
        return by is None or (by not in self._at_work and None not in self._in_line)


TURNS = Turns()
"""The queue of this process for opening, reading and drawing files."""


def _busy() -> Exception:
    from models.errors import Busy

    return Busy("too many files are being opened or made at this moment: please try again in a few seconds")
