"""Hands the clock's jobs and background jobs to workers; what nobody takes in time is left to who hands it over.

Whoever takes a job from its row hands it over, called by that moment; however often it asks, Prefect makes one run.
"""

import threading
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from models.errors import reason_of
from models.operations.background_job import BackgroundJob
from models.operations.logs import get_log
from models.operations.system_job import JobName
from models.settings import Settings
from workflows.jobs.prefect.prefect_remote import RemotePrefect
from workflows.jobs.run_names import RunName, name_job
from workflows.jobs.system_jobs import written

if TYPE_CHECKING:
    from workflows.jobs.prefect.prefect_client import Handed, Handing

TAKEN_SECONDS = 20.0  # a worker asks every few seconds; where all are busy for longer, nothing waits for them
BEGUN_SECONDS = 90.0  # a process starts in seconds, on a busy machine in many
_LOOK_SECONDS = 1.0
_AGAIN_SECONDS = 30.0  # so often a background job that still waits is looked at anew
_TRIES = 10
_log = get_log(__name__)


class WorkerHandover:
    """The handing over of work. Whatever Prefect does, it raises nothing: what it does not take is done without it."""

    def __init__(
        self,
        settings: Settings,
        remote: RemotePrefect,
        stop: threading.Event,
        *,
        taken_seconds: float = TAKEN_SECONDS,
        begun_seconds: float = BEGUN_SECONDS,
    ) -> None:
        self._settings, self._remote, self._stop = settings, remote, stop
        self._taken_seconds, self._begun_seconds = taken_seconds, begun_seconds
        self._trouble: str | None = None
        self._asked_for: dict[str, float] = {}
        self._lock = threading.Lock()

    def hand_over_background_job(self, job: BackgroundJob, name: RunName) -> bool:
        """Hand over a background job; False where there is nobody to hand it to.

        Where a run ended without it, as when its worker died, another follows.
        """
        key, began = f"{job.id}:{job.attempts}", monotonic()
        if began - self._asked_for.get(key, float("-inf")) < _AGAIN_SECONDS:
            return True
        handing = self._with_workers()
        if handing is None:
            return False
        self._asked_for = {one: at for one, at in self._asked_for.items() if began - at < _AGAIN_SECONDS}
        try:
            for again in range(_TRIES):
                if not handing.hand_over(name, name.flow, key=f"{name.flow}:{key}:{again}").is_over:
                    break
        except Exception as fault:
            self._tell(reason_of(fault))
            return False
        self._asked_for[key] = began
        return True

    def hand_over(self, name: JobName, planned: datetime) -> bool:
        """Hand over a job that was taken at a moment (UTC). Return whether a worker has begun it; also once told to
        stop, when nothing is to begin here.
        """
        if self._stop.is_set():
            return True
        handing = self._with_workers()
        if handing is None:
            return False
        try:
            run = handing.hand_over(name_job(name, planned), written(name), key=f"{name.value}:{planned.isoformat()}")
            return self._has_begun(handing, run)
        except Exception as fault:  # whatever Prefect does, the job is done
            self._tell(reason_of(fault))
            return False

    def _has_begun(self, handing: "Handing", run: "Handed") -> bool:
        began = monotonic()
        while run.state in ("SCHEDULED", "PENDING"):
            waited = monotonic() - began
            if waited > (self._taken_seconds if run.state == "SCHEDULED" else self._begun_seconds):
                self._tell(
                    "no worker takes it: all are busy" if run.state == "SCHEDULED" else "a worker never began it"
                )
                handing.take_back(run, "done by the clock itself")
                return False
            if self._stop.wait(_LOOK_SECONDS):
                return True  # it waits for the workers; the next clock to start makes up for it where there are none
            run = handing.look(run)
        self._tell(None)
        return True

    def _with_workers(self) -> "Handing | None":
        if not self._remote.check():
            self._tell("Prefect does not answer")
            return None
        try:
            handing = self._handing()
            if handing.has_workers():
                return handing
            self._tell("no worker is running")
        except Exception as fault:  # whatever Prefect does, the work is done
            self._tell(reason_of(fault))
        return None

    def _handing(self) -> "Handing":
        from workflows.jobs.prefect.prefect_client import Handing  # slow to import, and only once its settings are set

        return Handing(self._remote, self._settings.work_pool)

    def _tell(self, trouble: str | None) -> None:
        """Into the log, once, whenever it changes."""
        with self._lock:
            before, self._trouble = self._trouble, trouble
        if before == trouble:
            return
        if trouble is None:
            _log.info("handed_over")
        else:
            _log.warning("not_handed_over", reason=trouble, goes_on="plain")
