"""Hand the clock's jobs and background jobs to workers. The caller runs a job that no worker takes in time.

A key identifies each job, so that Prefect makes one run of it, however often it is handed over.
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
    from workflows.jobs.prefect.prefect_client import HandedRun, WorkerPoolClient

TAKEN_SECONDS = 20.0  # workers ask every few seconds; a job does not wait for busy ones
BEGUN_SECONDS = 90.0  # a process starts in seconds, on a busy machine in a minute
_LOOK_SECONDS = 1.0
_AGAIN_SECONDS = 30.0  # a background job that still waits is handed over again
_TRIES = 10
_log = get_log(__name__)


class WorkerHandover:
    """Hands work over. It never raises an error of Prefect: the work is then done without Prefect."""

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
        self._handed_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def hand_over_background_job(self, job: BackgroundJob, name: RunName) -> bool:
        """Hand over a background job, again if its run ended without it. Return False if there are no workers."""
        key, began = f"{job.id}:{job.attempts}", monotonic()
        if began - self._handed_at.get(key, float("-inf")) < _AGAIN_SECONDS:
            return True
        client = self._client_with_workers()
        if client is None:
            return False
        self._handed_at = {other: at for other, at in self._handed_at.items() if began - at < _AGAIN_SECONDS}
        try:
            for attempt in range(_TRIES):
                if not client.hand_over(name, name.flow, key=f"{name.flow}:{key}:{attempt}").is_over:
                    break
        except Exception as error:
            self._log_trouble(reason_of(error))
            return False
        self._handed_at[key] = began
        return True

    def hand_over(self, name: JobName, planned: datetime) -> bool:
        """Hand over a job that was taken at a moment (UTC). Return whether a worker has begun it, or `stop` was set."""
        if self._stop.is_set():
            return True
        client = self._client_with_workers()
        if client is None:
            return False
        try:
            run = client.hand_over(name_job(name, planned), written(name), key=f"{name.value}:{planned.isoformat()}")
            return self._has_begun(client, run)
        except Exception as error:  # the caller runs the job then
            self._log_trouble(reason_of(error))
            return False

    def _has_begun(self, client: "WorkerPoolClient", run: "HandedRun") -> bool:
        began = monotonic()
        while run.state in ("SCHEDULED", "PENDING"):
            waited = monotonic() - began
            if waited > (self._taken_seconds if run.state == "SCHEDULED" else self._begun_seconds):
                self._log_trouble(
                    "no worker takes it: all are busy" if run.state == "SCHEDULED" else "a worker never began it"
                )
                client.take_back(run, "done by the clock itself")
                return False
            if self._stop.wait(_LOOK_SECONDS):
                return True  # the run stays with the workers; a clock that starts later catches up if there are none
            run = client.read_run(run)
        self._log_trouble(None)
        return True

    def _client_with_workers(self) -> "WorkerPoolClient | None":
        if not self._remote.check():
            self._log_trouble("Prefect does not answer")
            return None
        try:
            client = self._make_client()
            if client.has_workers():
                return client
            self._log_trouble("no worker is running")
        except Exception as error:  # the work is done without Prefect then
            self._log_trouble(reason_of(error))
        return None

    def _make_client(self) -> "WorkerPoolClient":
        # slow to import, and it must come after Prefect's environment is set
        from workflows.jobs.prefect.prefect_client import WorkerPoolClient

        return WorkerPoolClient(self._remote, self._settings.work_pool)

    def _log_trouble(self, trouble: str | None) -> None:
        """Log the trouble whenever it changes."""
        with self._lock:
            before, self._trouble = self._trouble, trouble
        if before == trouble:
            return
        if trouble is None:
            _log.info("handed_over")
        else:
            _log.warning("not_handed_over", reason=trouble, goes_on="plain")
