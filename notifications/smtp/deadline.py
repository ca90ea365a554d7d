"""An end to endless conversations: a server that sends a byte now and then outlives every time-out of a socket."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Deadline:
    """Calls `cut` when what runs inside `within` takes longer than `seconds`; a thread looks, started once needed."""

    LOOK_SECONDS = 0.5

    def __init__(self, seconds: float, cut: Callable[[], None]) -> None:
        self._seconds, self._cut = seconds, cut
        self._until: float | None = None  # on the monotonic clock
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def within(self) -> Iterator[None]:
        """Until this ends, time runs."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._look, name="mail deadline", daemon=True)
            self._thread.start()
        self._until = time.monotonic() + self._seconds
        try:
            yield
        finally:
            self._until = None

    def close(self) -> None:
        """End the thread; it starts again with the next `within`."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._thread = None

    def _look(self) -> None:
        while not self._stop.wait(min(self.LOOK_SECONDS, self._seconds / 4)):
            until = self._until
            if until is not None and time.monotonic() > until:
                self._until = None
                self._cut()
