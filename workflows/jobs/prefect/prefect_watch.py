"""Looks after the Prefect server under `dondoc serve`: notices that it ended or froze, and starts another."""

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
FROZEN_SECONDS = 20.0  # a busy server is slow; a frozen one says nothing for longer
BACK_OFF = (60.0, 300.0, 900.0)  # seconds before the next start, after the first, second … that came at once
CALM_SECONDS = 900.0  # a server that has answered for so long may be started again at once
Say = Callable[..., None]
"""Tells the user a message id, filled with facts."""
_log = get_log(__name__)


class PrefectWatch:
    """Asks the server every few seconds, and whenever `check` is called; `say` hears when it comes and goes."""

    def __init__(self, server: PrefectServer, say: Say, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.server, self._say, self._clock = server, say, clock
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._look, name="prefect watch", daemon=True)
        self.starts = 0  # again, in a row
        self._next_start = float("-inf")
        self._healthy_since: float | None = None
        self._silent_since = clock()
        self._patience = START_SECONDS
        self._told: bool | None = None
        self.has_run = False  # a flow, in this process

    def start(self) -> None:
        self._silent_since = self._clock()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.server.stop()

    def run(self, name: RunName, do: Callable[[Call], Counts]) -> Counts:
        """Do it as a flow in this process while the server answers, else without Prefect."""
        if not self.check():
            return do(plainly)
        from workflows.jobs.prefect.flows import run_here  # slow to import, and only once its settings are set

        self.has_run = True
        return run_here(self.server.api_url, self.server.home, name, do)

    def check(self) -> bool:
        """The server answers now; one that ended, or has been silent for too long, is started again."""
        with self._lock:
            if self._stop.is_set():
                return False
            answers, now = self.server.answers(), self._clock()
            if answers:
                self._healthy_since = self._healthy_since or now
                self._silent_since, self._patience = now, FROZEN_SECONDS
                if now - self._healthy_since > CALM_SECONDS:
                    self.starts, self._next_start = 0, float("-inf")
            else:
                self._healthy_since = None
                self._mend(now)
            self._tell(answers, now)
            return answers

    def _look(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.check()
            self.server.trim_log()

    def _mend(self, now: float) -> None:
        ended, is_frozen = self.server.exit_code, now - self._silent_since > self._patience
        if ended is not None:
            self.server.note_end(ended)
        if now < self._next_start or (self.server.owned and ended is None and not is_frozen):
            return
        if not self.server.owned:
            self._start(now)  # attaches, or takes over from a process that ended
            if self.server.owned:
                self._silent_since, self._patience = now, START_SECONDS
            return
        _log.warning("prefect_gone", reason="silent" if ended is None else f"ended with {ended}", starts=self.starts)
        self.server.kill()
        self._next_start = now + BACK_OFF[min(self.starts, len(BACK_OFF) - 1)]
        self.starts += 1
        self._start(now)
        self._silent_since, self._patience = now, START_SECONDS

    def _start(self, now: float) -> None:
        try:
            self.server.start()
        except (DondocError, OSError) as error:
            _log.warning("prefect_not_started", reason=str(error))
            self._next_start = max(self._next_start, now + BACK_OFF[0])

    def _tell(self, answers: bool, now: float) -> None:
        is_starting = self._told is None and self.starts == 0 and now - self._silent_since <= self._patience
        if answers is self._told or (not answers and is_starting):
            return
        self._told = answers
        (_log.info if answers else _log.warning)("prefect_answers" if answers else "prefect_silent")
        self._say(
            _("Prefect runs the background work: {url}")
            if answers
            else _("Prefect does not answer at {url}: the background work goes on without it; see {log}"),
            url=self.server.url,
            log=self.server.log,
        )
