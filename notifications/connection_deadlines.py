"""Deadlines for waits on other machines: one thread cuts each connection whose time is up."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Thread

from models.operations.logs import get_log

_log = get_log(__name__)

LOOK_SECONDS = 0.2
"""The pause between two looks while at least one wait is under way."""


@dataclass(eq=False)
class _Deadline:
    until: float  # on the monotonic clock
    cut: Callable[[str], None]
    should_continue: Callable[[], bool]

    def extend(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds

    def reason_to_cut(self) -> str:
        """Return an empty text while the wait may go on."""
        if time.monotonic() >= self.until:
            return "timed out"
        return "" if self.should_continue() else "left, as this program was told to stop"


class _Watch:
    """One thread for all waits.

    A thread for each wait would hang its starter where memory is short (CPython 140746).
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._under_way: set[_Deadline] = set()
        self._thread: Thread | None = None

    def add(self, deadline: _Deadline) -> None:
        with self._changed:
            if self._thread is None:
                thread = Thread(target=self._look, daemon=True, name="deadlines")
                thread.start()
                self._thread = thread
            self._under_way.add(deadline)
            self._changed.notify()

    def remove(self, deadline: _Deadline) -> None:
        with self._changed:  # after this returns, nothing cuts a wait that has ended
            self._under_way.discard(deadline)

    def _look(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._under_way)
                for deadline in [*self._under_way]:
                    if reason := deadline.reason_to_cut():
                        self._under_way.remove(deadline)
                        _cut(deadline, reason)
            time.sleep(LOOK_SECONDS)


def _cut(deadline: _Deadline, reason: str) -> None:
    try:
        deadline.cut(reason)
    except Exception as error:  # a fault of one wait must not end the watch over the others
        _log.warning("cut_failed", reason=reason, exc_info=error)


_watch = _Watch()


@contextmanager
def cut_after(
    seconds: float, cut: Callable[[str], None], should_continue: Callable[[], bool] = lambda: True
) -> Iterator[Callable[[float], None]]:
    """Call `cut` with the reason, from another thread, after `seconds` or as soon as `should_continue` returns False.

    Yields a function that sets a new deadline, in seconds from its call. Neither `cut` nor `should_continue` may wait.
    """
    deadline = _Deadline(time.monotonic() + seconds, cut, should_continue)
    _watch.add(deadline)
    try:
        yield deadline.extend
    finally:
        _watch.remove(deadline)
