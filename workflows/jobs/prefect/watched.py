"""What Prefect's flows are given to do, and what becomes of it: without Prefect itself, so that all may read it."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models.errors import reason_of
from models.operations.logs import get_log
from workflows.jobs.tick import Part, Told

_log = get_log(__name__)


class PrefectFailed(Exception):
    """Prefect did not do its part; the verbs themselves did not fail, and may be called without it.

    `told`: what those that had come to an end did.
    """

    def __init__(self, reason: str, told: Told) -> None:
        super().__init__(reason)
        self.told = told


@dataclass(frozen=True)
class Work:
    """The verbs behind the flows, each a function of the moment (UTC); tests put others in their place.

    `parts` are those of the tick, without what is left to its own job; `others` the jobs beside it. `fail` hears the
    reason when a job's flow ends as failed or crashed. `shares` says how many runs more a part of the tick wants beside
    it, and `limits_mail` whether those who deliver hold one of the conversations that the mail server allows at once.
    `interrupt` hears that the process is about to end.
    """

    begin: Callable[[datetime], bool]
    parts: Mapping[str, Part]
    finish: Callable[[datetime, Told], None]
    others: Mapping[str, Part] = field(default_factory=dict)
    fail: Callable[[str], None] = lambda reason: None
    shares: Callable[[str], int] = lambda part: 0
    limits_mail: bool = False
    interrupt: Callable[[], None] = lambda: None


class Watched:
    """One run: what its verbs did, which failed, and since when nothing but Prefect has been at work."""

    def __init__(self, work: Work, last: str) -> None:
        self.work, self._last = work, last
        self.faults: dict[str, Exception] = {}
        self.told: Told = {}
        self.is_done = False
        self._lock = threading.Lock()
        self._at_work, self._since, self._closed = 0, time.monotonic(), False

    def call(self, name: str, verb: Callable[[], Any]) -> Any:
        """Call a verb, unless whoever waited for the run has gone on without it."""
        with self._lock:
            if self._closed:
                raise PrefectFailed("too late", {})
            self._at_work += 1
        try:
            done = verb()
        except Exception as fault:
            self.faults[name] = fault
            raise
        else:
            self.faults.pop(name, None)
            self.told |= done if isinstance(done, dict) else {}
            self.is_done = self.is_done or name == self._last
            return done
        finally:
            with self._lock:
                self._at_work, self._since = self._at_work - 1, time.monotonic()

    def close(self, patience: float) -> bool:
        """Give the run up if Prefect has been silent for longer than `patience` (seconds): no verb starts any more."""
        with self._lock:
            if not self._at_work and time.monotonic() - self._since > patience:
                self._closed = True
            return self._closed

    def fail(self, reason: str) -> None:
        if not self._closed:  # given up: the work is being done without Prefect
            self.work.fail(reason)


def settle(run: Watched, outcome: BaseException) -> Told:
    """Return what a run did whose flow ended with a fault: raises that of a verb, or PrefectFailed where none
    failed.
    """
    own = list(run.faults.values())
    if outcome in own or (isinstance(outcome, ExceptionGroup) and all(one in own for one in outcome.exceptions)):
        raise outcome
    if run.is_done:  # all but Prefect's own record of it
        _log.warning("prefect_failed", reason=reason_of(outcome), goes_on="done already")
        return run.told
    if isinstance(outcome, PrefectFailed):
        raise outcome
    raise PrefectFailed(reason_of(outcome), run.told) from outcome
