"""The clock: ticks at a steady pace while `dondoc serve` runs. The only import of APScheduler.

It keeps no dates of the domain: what is due is in the database, and a tick that was missed is made up by the next.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from models.localtime import ZONE


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
