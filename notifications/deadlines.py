"""What waits on another machine is cut once its time is up, by a thread that looks after all that wait."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Thread

from models.operations.logs import get_log

_log = get_log(__name__)

LOOK_SECONDS = 0.2
"""Between two looks, as long as anything is under way."""


@dataclass(eq=False)
class _Deadline:
    until: float  # on the monotonic clock
    cut: Callable[[str], None]
    goes_on: Callable[[], bool]

    def give(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds

    def reason_to_cut(self) -> str:
        if time.monotonic() >= self.until:
            return "timed out"
        return "" if self.goes_on() else "left, as this program was told to stop"


class _Watch:
    """One thread for all: where memory is short, a thread for each would hang whoever starts it (CPython 140746)."""

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
        with self._changed:  # once this returns, nobody cuts what has ended
            self._under_way.discard(deadline)

    def _look(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._under_way)
                for one in [*self._under_way]:
                    if reason := one.reason_to_cut():
                        self._under_way.remove(one)
                        try:
                            one.cut(reason)
                        except Exception as fault:  # the border that isolates one: the others are still looked after
                            _log.warning("cut_failed", reason=reason, exc_info=fault)
            time.sleep(LOOK_SECONDS)


_watch = _Watch()


@contextmanager
def cut_after(
    seconds: float, cut: Callable[[str], None], goes_on: Callable[[], bool] = lambda: True
) -> Iterator[Callable[[float], None]]:
    """Call `cut` with the reason after so many seconds, or as soon as `goes_on` says False, from another thread.

    Yields what gives it so many seconds from now on. Neither `cut` nor `goes_on` may wait.
    """
    deadline = _Deadline(time.monotonic() + seconds, cut, goes_on)
    _watch.add(deadline)
    try:
        yield deadline.give
    finally:
        _watch.remove(deadline)
