"""Watch the Prefect server under `dondoc serve`, and start another one when it ended or froze."""

import threading
import time
from collections.abc import Callable

from models.errors import DondocError
from models.i18n import _
from models.operations.logs import get_log
from workflows.jobs.prefect.prefect_server import START_SECONDS, PrefectServer
from workflows.jobs.run_names import RunName
from workflows.jobs.tick import Call, Counts, plainly

LOOK_SECONDS = 5.0
FROZEN_SECONDS = 20.0
"""A server that is silent for longer counts as frozen. A busy one is only slow."""
BACK_OFF = (60.0, 300.0, 900.0)
"""The seconds before the next start, after the first, second and third restart in a row."""
CALM_SECONDS = 900.0
"""A server that has answered for this long may be restarted at once again."""
Say = Callable[..., None]
"""Tells the user a message id, filled with facts."""
_log = get_log(__name__)


class PrefectWatch:
    """Checks every few seconds whether the server answers, and restarts one that ended or froze.

    `say` tells the user when the server begins to answer and when it stops. `clock` counts seconds.
    """

    def __init__(self, server: PrefectServer, say: Say, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.server, self._say, self._clock = server, say, clock
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._look, name="prefect watch", daemon=True)
        self.restarts_in_a_row = 0
        self._next_start = float("-inf")
        self._healthy_since: float | None = None
        self._silent_since = clock()
        self._patience = START_SECONDS
        self._last_told: bool | None = None
        """What the user was told last: whether the server answers; None before the first time."""
        self.has_run = False
        """Whether a flow has run in this process."""

    def start(self) -> None:
        self._silent_since = self._clock()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.server.stop()

    def run(self, name: RunName, do: Callable[[Call], Counts]) -> Counts:
        """Run `do` as a flow in this process if the server answers, else without Prefect."""
        if not self.check_and_mend():
            return do(plainly)
        # slow to import, and it must come after Prefect's environment is set
        from workflows.jobs.prefect.flows import run_here

        self.has_run = True
        return run_here(self.server.api_url, self.server.home, name, do)

    def check_and_mend(self) -> bool:
        """Return whether the server answers now; restart one that ended or has been silent for too long."""
        with self._lock:
            if self._stop.is_set():
                return False
            answers, now = self.server.answers(), self._clock()
            if answers:
                self._note_answer(now)
            else:
                self._healthy_since = None
                self._mend(now)
            self._tell(answers, now)
            return answers

    def _look(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.check_and_mend()
            self.server.trim_log()

    def _note_answer(self, now: float) -> None:
        self._healthy_since = self._healthy_since or now
        self._silent_since, self._patience = now, FROZEN_SECONDS
        if now - self._healthy_since > CALM_SECONDS:
            self.restarts_in_a_row, self._next_start = 0, float("-inf")

    def _mend(self, now: float) -> None:
        exit_code = self.server.exit_code
        if exit_code is not None:
            self.server.note_end(exit_code)
        if now < self._next_start:
            return
        if not self.server.owned:
            self._attach_or_start(now)
        elif exit_code is not None:
            self._restart(now, reason=f"ended with {exit_code}")
        elif now - self._silent_since > self._patience:
            self._restart(now, reason="silent")

    def _attach_or_start(self, now: float) -> None:
        """Attach to the server of another process, or start one after that process has ended."""
        self._start(now)
        if self.server.owned:
            self._silent_since, self._patience = now, START_SECONDS

    def _restart(self, now: float, *, reason: str) -> None:
        _log.warning("prefect_gone", reason=reason, starts=self.restarts_in_a_row)
        self.server.kill()
        self._next_start = now + BACK_OFF[min(self.restarts_in_a_row, len(BACK_OFF) - 1)]
        self.restarts_in_a_row += 1
        self._start(now)
        self._silent_since, self._patience = now, START_SECONDS

    def _start(self, now: float) -> None:
        try:
            self.server.start()
        except (DondocError, OSError) as error:
            _log.warning("prefect_not_started", reason=str(error))
            self._next_start = max(self._next_start, now + BACK_OFF[0])

    def _tell(self, answers: bool, now: float) -> None:
        if answers is self._last_told or (not answers and self._is_first_start(now)):
            return
        self._last_told = answers
        if answers:
            _log.info("prefect_answers")
            self._say(_("Prefect runs the background work: {url}"), url=self.server.url)
        else:
            _log.warning("prefect_silent")
            self._say(
                _("Prefect does not answer at {url}: the background work goes on without it; see {log}"),
                url=self.server.url,
                log=self.server.log,
            )

    def _is_first_start(self, now: float) -> bool:
        """Return whether the server is still starting for the first time."""
        is_within_patience = now - self._silent_since <= self._patience
        return self._last_told is None and self.restarts_in_a_row == 0 and is_within_patience
