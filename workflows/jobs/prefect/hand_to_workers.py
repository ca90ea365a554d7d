"""Hands the clock's jobs and the errands to workers; what nobody takes in time is done here, plainly, as ever.

Any number of clocks may do so at once: they call a run by its planned moment, and Prefect makes one run of each name.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading
from models.errors import reason_of
from models.operations.background_job import LAUNCH, BackgroundJob
from models.operations.logs import get_log
from models.operations.system_job import JobName
from models.settings import Settings
from workflows.delivery.mail_lines import MailLines
from workflows.jobs.prefect.job_runner import send_at_once
from workflows.jobs.prefect.prefect_remote import RemotePrefect
from workflows.jobs.run_background_jobs import ERRANDS
from workflows.jobs.run_job import OpenSender, Recorded, job_verb, run_job
from workflows.jobs.system_jobs import written
from workflows.jobs.tick import Told
from workflows.queue.background_jobs import is_ready
from workflows.queue.chunks import chunks_waiting

if TYPE_CHECKING:
    from workflows.jobs.prefect.prefect_client import Handed, Handing

TAKEN_SECONDS = 20.0  # a worker asks every few seconds; where all are busy for longer, nothing waits for them
BEGUN_SECONDS = 90.0  # a process starts in seconds, on a busy machine in many
_LOOK_SECONDS = 1.0
_AGAIN_SECONDS = 30.0  # so often an errand that still waits is looked at anew
_TRIES = 10
_log = get_log(__name__)


class WorkerHandover:
    """One job at a moment, as the clock calls it. What fails is recorded and told, and never stops the clock."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        sender: OpenSender | None,
        remote: RemotePrefect,
        stop: threading.Event,
        clock: Callable[[], datetime],
        *,
        taken_seconds: float = TAKEN_SECONDS,
        begun_seconds: float = BEGUN_SECONDS,
    ) -> None:
        self._engine, self._settings, self._sender, self._remote = engine, settings, sender, remote
        self._stop, self._clock = stop, clock
        self.lines = MailLines(stop)
        self._taken_seconds, self._begun_seconds = taken_seconds, begun_seconds
        self._trouble: str | None = None
        self._asked_for: dict[str, float] = {}
        self._lock = threading.Lock()

    def __call__(self, name: JobName, moment: datetime, planned: datetime) -> None:
        """Have a job done that was planned for a moment (UTC): by a worker, or here."""
        if self._stop.is_set() or self._hand_over(name, planned):
            return
        try:
            way = partial(self._plainly, planned)
            run_job(self._engine, self._settings, name, now=self._clock(), way=way, planned=planned)
        except Exception as fault:  # logged with its trace, recorded and alerted where it happened
            _log.warning("job_left", job=name.value, reason=reason_of(fault))

    def hurry(self, moment: datetime) -> None:
        """Send the letters of accounts from here: who waits for a code waits for no worker.

        Where the mail server takes no further conversation now, those who have one send them, or the next tick.
        """
        with self._conversation() as may:
            if may:
                send_at_once(self._engine, self._settings, self._sender, moment, self.lines)

    def _plainly(self, planned: datetime, name: JobName, moment: datetime, record: Recorded) -> Told:
        """Here, letters too where the mail server takes one more conversation; else they are left to those it takes."""
        without = record.without
        with ExitStack() as stack:
            sends = name is JobName.DELIVER or (name is JobName.TICK and JobName.DELIVER not in without)
            if sends and not stack.enter_context(self._conversation()):
                _log.info("no_conversation_free", job=name.value)
                if name is JobName.DELIVER:
                    return {}
                without |= {JobName.DELIVER}
            # a conversation that goes on after the job would be one more than the server allows at once
            lines = self.lines if self._settings.mail.connections is None else None
            verb = job_verb(
                self._engine, self._settings, name, self._sender, without=without, planned=planned, lines=lines
            )
            return verb(moment)

    @contextmanager
    def _conversation(self) -> Iterator[bool]:
        """Hold one of the conversations that the mail server allows at once; False where others have them all.

        While Prefect is silent there is no limit: nothing waits for it.
        """
        with ExitStack() as stack:
            may = True
            if self._settings.mail.connections is not None and self._remote.check():
                try:
                    may = stack.enter_context(self._handing().conversation())
                except Exception as fault:
                    self._tell(reason_of(fault))
            yield may

    def errands(self, now: datetime) -> bool:
        """Hand over what waits to be done at `now` (UTC); False where there is nobody to hand it to."""
        handing = self._with_workers()
        if handing is None:
            return False
        with reading(self._engine) as session:
            waiting = session.exec(
                select(BackgroundJob.id, BackgroundJob.kind, BackgroundJob.attempts).where(is_ready(now)).limit(50)
            ).all()
            chunks = chunks_waiting(session, now)
        try:
            for errand_id, kind, attempts in waiting:
                for n in range(self._settings.shares if kind == LAUNCH else 1):
                    self._ask_for(handing, f"{errand_id}:{attempts}:{n}", now)
            for n in range(min(self._settings.shares, chunks)):  # also where those who had begun have died
                self._ask_for(handing, f"chunks:{now:%Y%m%d%H%M}:{n}", now)
        except Exception as fault:
            self._tell(reason_of(fault))
            return False
        return True

    def _ask_for(self, handing: "Handing", errand: str, now: datetime) -> None:
        """A run for an errand that waits. Where one ended without it, as when its worker died, another follows."""
        began = monotonic()
        if began - self._asked_for.get(errand, float("-inf")) < _AGAIN_SECONDS:
            return
        self._asked_for = {key: at for key, at in self._asked_for.items() if began - at < _AGAIN_SECONDS}
        for again in range(_TRIES):
            run = handing.hand_over(f"{ERRANDS}/{ERRANDS}", {"now": now.isoformat()}, key=f"{ERRANDS}:{errand}:{again}")
            if not run.is_over:
                break
        self._asked_for[errand] = began

    def _hand_over(self, name: JobName, planned: datetime) -> bool:
        """Return whether a worker has begun it, or another clock's run of it is under way or over."""
        handing = self._with_workers()
        if handing is None:
            return False
        try:
            parameters = {"name": name.value, "now": planned.isoformat()}
            run = handing.hand_over(f"job/{written(name)}", parameters, key=f"{name.value}:{planned.isoformat()}")
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
