"""One run through Prefect's flows: what it does and what becomes of it. Needs no Prefect, so all may import it."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from math import inf

from models.errors import reason_of
from models.operations.logs import get_log
from models.operations.system_job import JobName
from workflows.jobs.tick import Counts, Part

_LOOK_SECONDS = 0.1
_log = get_log(__name__)


class PrefectFailed(Exception):
    """Prefect did not do its part; the parts themselves did not fail, and may be called without it.

    `counts`: what those that had come to an end did.
    """

    def __init__(self, reason: str, counts: Counts) -> None:
        super().__init__(reason)
        self.counts = counts


class FlowRun:
    """One run of the flow `name`: its parts, what they did, which failed, and since when only Prefect has been at work.

    Parts work at the real moment `now`; flows are called by the one it was `planned` for (UTC). A tick has `begin`,
    which says whether there is anything to do, and `finish`. `shares` says how many runs more a part wants beside it.
    `interrupt` hears that the process is about to end.
    """

    def __init__(
        self,
        name: str,
        parts: Mapping[str, Part],
        *,
        now: datetime,
        planned: datetime | None = None,
        shares: Callable[[str], int] = lambda part: 0,
        interrupt: Callable[[], None] = lambda: None,
    ) -> None:
        self.name, self.parts, self.now, self.planned = name, parts, now, planned or now
        self.shares, self.interrupt = shares, interrupt
        self.begin: Callable[[], bool] = lambda: True
        self.finish: Callable[[Counts], None] = lambda counts: None
        self.patience = inf  # seconds in which Prefect must have said something while no part is at work
        self.counts: Counts = {}
        self.faults: dict[str, Exception] = {}
        self._last = "finish" if name == JobName.TICK else name
        self._is_done = False
        self._lock = threading.Lock()
        self._at_work, self._since, self._is_closed = 0, time.monotonic(), False

    @contextmanager
    def working(self, step: str) -> Iterator[None]:
        """Note that a step is at work, and how it ends. PrefectFailed where the run has been given up."""
        with self._lock:
            if self._is_closed:
                raise PrefectFailed("too late", {})
            self._at_work += 1
        try:
            yield
        except Exception as fault:
            self.faults[step] = fault
            raise
        else:
            self.faults.pop(step, None)
            self._is_done = self._is_done or step == self._last
        finally:
            with self._lock:
                self._at_work, self._since = self._at_work - 1, time.monotonic()

    def outcome(self, flow: Future[Counts]) -> Counts:
        """Wait for the flow and return what it did. Raise the fault of a part, or PrefectFailed where none failed."""
        while not wait((flow,), _LOOK_SECONDS).done:
            if self._give_up():
                return self._left_by(PrefectFailed(f"silent for {self.patience:.0f} s", self.counts))
        try:
            return flow.result()
        except BaseException as fault:
            return self._left_by(fault)

    def _give_up(self) -> bool:
        """Return whether Prefect has been silent for too long: then no step begins any more."""
        with self._lock:
            if not self._at_work and time.monotonic() - self._since > self.patience:
                self._is_closed = True
            return self._is_closed

    def _left_by(self, fault: BaseException) -> Counts:
        own = list(self.faults.values())
        if fault in own or (isinstance(fault, ExceptionGroup) and all(one in own for one in fault.exceptions)):
            raise fault
        if self._is_done:  # all but Prefect's own record of it
            _log.warning("prefect_failed", reason=reason_of(fault), goes_on="done already")
            return self.counts
        if isinstance(fault, PrefectFailed):
            raise fault
        raise PrefectFailed(reason_of(fault), self.counts) from fault


StartFlow = Callable[[FlowRun], AbstractContextManager[Future[Counts]]]
"""Starts the flow of a run and yields what will come of it; leaving the context ends what the flow needed."""
