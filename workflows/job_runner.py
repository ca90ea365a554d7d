"""Runs the clock's jobs under `dondoc serve`: through Prefect's flows while its server answers, else by themselves."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from models.letter import LetterKind
from models.logs import get_log
from models.schedule import DELIVERY_SECONDS, Job, JobName
from models.session import reading
from models.settings import Settings
from notifications.transport import Sender
from workflows.calendar import load_calendar
from workflows.deliver import deliver
from workflows.prefect_watch import PrefectWatch
from workflows.purge import purge
from workflows.run_job import Recorded, job_verb, reason_of, run_job
from workflows.tick import TickOutcome, Told, begin_tick, finish_tick, tick_parts

if TYPE_CHECKING:
    from workflows.flows import Work

_log = get_log(__name__)


class JobRunner:
    """One job at a moment. What fails is recorded and told, and never stops the clock: the next run makes it up."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        sender: Callable[[], Sender],
        prefect: PrefectWatch | None,
        stop: threading.Event,
    ) -> None:
        self._engine, self._settings, self._sender = engine, settings, sender
        self._prefect, self._stop = prefect, stop
        self._used_flows = False

    def __call__(self, name: JobName, moment: datetime) -> None:
        """Runs a job, unless everything is about to stop."""
        if self._stop.is_set():
            return
        try:
            run_job(self._engine, self._settings, name, now=moment, way=self._do)
        except Exception as fault:  # logged with its trace, recorded and alerted where it happened
            _log.warning("job_left", job=name.value, reason=reason_of(fault))

    def hurry(self, moment: datetime) -> None:
        """Sends the letters of accounts, beside whatever job is running: who waits for a code waits for no digest.

        Without Prefect and without a record: it is no run of a job. Nothing leaves while the delivery is paused.
        """
        with reading(self._engine) as session:
            job = session.get(Job, JobName.DELIVER)
            calendar = load_calendar(session)
        if job is not None and job.is_paused:
            return
        deliver(
            self._engine, self._settings, self._sender(), now=moment, calendar=calendar,
            for_seconds=DELIVERY_SECONDS, only=(LetterKind.ACCOUNT,),
        )  # fmt: skip

    def close(self, used_flows: bool = False) -> bool:
        """Ends what Prefect runs in this process; False where its threads will not end.

        `used_flows`: whether others than this runner ran flows.
        """
        if not (self._used_flows or used_flows):
            return True
        from workflows.flows import hand_over

        return hand_over()

    def _do(self, name: JobName, moment: datetime, record: Recorded) -> Told:
        before: Told = {}
        if self._prefect is not None and self._prefect.check():
            from workflows.flows import PrefectFailed, run_flow  # slow to import, and only once its settings are set

            self._used_flows = True
            record.way = "prefect"
            server = self._prefect.server
            try:
                return run_flow(server.api_url, server.home, name, self._work(record), moment)
            except PrefectFailed as fault:
                _log.warning("prefect_failed", reason=str(fault), goes_on="plain")
                before = fault.told
        record.way = "plain"
        told = job_verb(self._engine, self._settings, name, self._sender, without=record.without)(moment)
        return dict(Counter(before) + Counter(told)) if before else told

    def _work(self, record: Recorded) -> "Work":
        from workflows.flows import Work

        engine, settings = self._engine, self._settings
        return Work(
            begin=lambda now: begin_tick(engine, now=now),
            parts=tick_parts(engine, settings, self._sender, for_seconds=DELIVERY_SECONDS, without=record.without),
            finish=lambda now, told: finish_tick(engine, now=now, outcome=TickOutcome.of(told)),
            others={JobName.PURGE.value: lambda now: asdict(purge(engine, settings, now=now))},
            fail=record.fail,
        )
