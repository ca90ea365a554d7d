"""The clock: ticks at a steady pace while `dondoc serve` runs. The only import of APScheduler.

It keeps no dates of the domain: what is due is in the database, and a tick that was missed is made up by the next.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Engine

from models.errors import DondocError
from models.i18n import _
from models.localtime import ZONE
from models.settings import Settings
from notifications.transport import Sender
from workflows.prefect_server import PrefectServer
from workflows.tick import tick

START_AGAIN_SECONDS = 300.0  # a server that cannot run must not be started at every tick
Say = Callable[..., None]
"""Tells the user a message id, filled with facts."""


class Clock:
    """Calls `job` with the moment (UTC) when it starts and then every so many seconds, never twice at once."""

    def __init__(self, job: Callable[[datetime], object], *, every_seconds: int) -> None:
        self._job = job
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            timezone=ZONE,
            # the library's own grace of a second would silently skip a late tick
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._trigger = IntervalTrigger(seconds=every_seconds, timezone=ZONE)

    def start(self) -> None:
        """Starts; the first call comes at once."""
        # a tick that takes longer than the pace is ordinary, not worth a warning each time
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler.add_job(self._ring, self._trigger, id="tick", next_run_time=datetime.now(ZONE))
        self._scheduler.start()

    def stop(self) -> None:
        """Lets a running call end, then stops."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _ring(self) -> None:
        self._job(datetime.now(UTC))


class Ticker:
    """One tick: through Prefect's flows while its server answers, else by the plain verb, and says which and why."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        sender: Callable[[], Sender],
        prefect: PrefectServer | None,
        say: Say,
        stop: threading.Event,
    ) -> None:
        self._engine, self._settings, self._sender = engine, settings, sender
        self._prefect, self._say, self._stop = prefect, say, stop
        self._used_flows = False
        self._next_start = time.monotonic() + START_AGAIN_SECONDS
        self._through_prefect: bool | None = None if prefect is not None else False

    def __call__(self, moment: datetime) -> None:
        if self._stop.is_set():
            return
        try:
            if self._prefect is not None and self._ready(self._prefect):
                from workflows.flows import run_tick, work_of  # slow to import, and only once its settings are set

                self._used_flows = True
                work = work_of(self._engine, self._settings, self._sender)
                run_tick(self._prefect.api_url, self._prefect.home, work, moment)
            else:
                tick(self._engine, self._settings, now=moment, sender=self._sender())
        except Exception as error:  # the clock goes on: what this tick left is still due at the next
            told = {"moment": moment.isoformat("T", "seconds"), "reason": _reason(error)}
            self._say(_("tick of {moment}: {reason}; the next one tries again"), **told)

    def close(self) -> bool:
        """Ends what Prefect runs in this process; False where its threads will not end."""
        if not self._used_flows:
            return True
        from workflows.flows import hand_over

        return hand_over()

    def _ready(self, prefect: PrefectServer) -> bool:
        """Whether Prefect answers; waits for a server that is starting, and starts one where there is none left."""
        answers = prefect.is_healthy()
        if not answers and self._through_prefect is None:
            answers = prefect.wait_until_healthy(give_up=self._stop)
        elif not answers and prefect.is_gone and time.monotonic() >= self._next_start:
            self._next_start = time.monotonic() + START_AGAIN_SECONDS
            try:
                prefect.start()  # it will answer by a later tick
            except DondocError as error:
                self._say(error.message, **error.facts)
        if answers is not self._through_prefect and not self._stop.is_set():
            self._say(
                _("Prefect runs the background work: {url}")
                if answers
                else _("Prefect does not answer at {url}: the background work goes on without it; see {log}"),
                url=prefect.url,
                log=prefect.log,
            )
        self._through_prefect = answers
        return answers


def _reason(error: Exception) -> str:
    """The first fault of a group, in a line."""
    if isinstance(error, ExceptionGroup):
        return _reason(error.exceptions[0])
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else '–'}"
