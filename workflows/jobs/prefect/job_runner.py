"""Runs the clock's jobs under `dondoc serve`: through Prefect's flows while its server answers, else by themselves."""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from datetime import datetime
from functools import partial

from sqlalchemy import Engine

from models.database.session import reading
from models.errors import reason_of
from models.letters.letter import LetterKind
from models.operations.logs import get_log
from models.operations.system_job import DELIVERY_SECONDS, Job, JobName
from models.settings import Settings
from workflows.delivery.mail import open_sender
from workflows.delivery.mail_lines import MailLines, Opens
from workflows.jobs.cleanup.purge import purge
from workflows.jobs.prefect.prefect_watch import PrefectWatch
from workflows.jobs.prefect.watched import PrefectFailed, Work
from workflows.jobs.run_job import OpenSender, Recorded, job_verb, run_job
from workflows.jobs.tick import Part, TickOutcome, Told, begin_tick, finish_tick, tick_parts
from workflows.organization.working_calendar import load_calendar

Through = Callable[[Work, datetime], Told]
"""Does a job's verbs as flows, at the moment that these are called by (UTC)."""
_log = get_log(__name__)


class JobRunner:
    """One job at a moment. What fails is recorded and told, and never stops the clock: the next run makes it up."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        sender: OpenSender,
        prefect: PrefectWatch | None,
        stop: threading.Event,
    ) -> None:
        self._engine, self._settings, self._sender = engine, settings, sender
        self._prefect, self._stop = prefect, stop
        self.lines = MailLines(stop)
        self._used_flows = False

    def __call__(self, name: JobName, moment: datetime, planned: datetime | None = None) -> None:
        """Run a job, unless everything is about to stop. On one machine a run is called by its real moment."""
        if self._stop.is_set():
            return
        try:
            run_job(self._engine, self._settings, name, now=moment, way=self._do)
        except Exception as fault:  # logged with its trace, recorded and alerted where it happened
            _log.warning("job_left", job=name.value, reason=reason_of(fault))

    def hurry(self, moment: datetime) -> None:
        """Send the letters of accounts, beside whatever job is running: who waits for a code waits for no digest.

        Without Prefect and without a record: it is no run of a job. Nothing leaves while the delivery is paused.
        """
        send_at_once(self._engine, self._settings, self._sender, moment, self.lines)

    def close(self, used_flows: bool = False) -> bool:
        """End what Prefect runs in this process; False where its threads will not end.

        `used_flows`: whether others than this runner ran flows.
        """
        if not (self._used_flows or used_flows):
            return True
        from workflows.jobs.prefect.run_flow import hand_over

        return hand_over()

    def _do(self, name: JobName, moment: datetime, record: Recorded) -> Told:
        through: Through | None = None
        if self._prefect is not None and self._prefect.check():
            from workflows.jobs.prefect.run_flow import run_flow  # slow to import, and only once its settings are set

            self._used_flows = True
            server = self._prefect.server
            through = partial(run_flow, server.api_url, server.home, name)
        return do_through(through, self._engine, self._settings, self._sender, record, name, moment, lines=self.lines)


def send_at_once(
    engine: Engine, settings: Settings, sender: OpenSender | None, moment: datetime, lines: MailLines
) -> None:
    """Send the letters of accounts that wait; nothing leaves while the delivery is paused."""
    with reading(engine) as session:
        job = session.get(Job, JobName.DELIVER)
        calendar = load_calendar(session)
    if job is not None and job.is_paused:
        return
    opens: Opens = partial(open_sender, settings) if sender is None else lambda: nullcontext(sender())
    only = (LetterKind.ACCOUNT,)
    lines.deliver(engine, settings, opens, now=moment, calendar=calendar, for_seconds=DELIVERY_SECONDS, only=only)


def do_through(
    through: Through | None,
    engine: Engine,
    settings: Settings,
    sender: OpenSender | None,
    record: Recorded,
    name: JobName,
    moment: datetime,
    *,
    planned: datetime | None = None,
    shares: Callable[[str], int] = lambda part: 0,
    lines: MailLines | None = None,
) -> Told:
    """Do a job through flows, and what these leave undone without them; None: without them from the beginning.

    `moment` is the real one, `planned` that by which a tick is told from another (UTC). `shares`: how many more runs
    the parts of a tick want beside them. `lines`: letters leave beside the job.
    """
    before: Told = {}
    if through is not None:
        record.way = "prefect"
        seconds = DELIVERY_SECONDS
        parts = tick_parts(engine, settings, sender, for_seconds=seconds, without=record.without, lines=lines)
        work = Work(
            begin=lambda at: begin_tick(engine, now=at),
            parts={part: partial(_at, verb, moment) for part, verb in parts.items()},
            finish=lambda at, told: finish_tick(engine, now=at, outcome=TickOutcome.of(told)),
            others={JobName.PURGE.value: lambda at: asdict(purge(engine, settings, now=moment))},
            fail=record.fail,
            shares=shares,
        )
        try:
            return through(work, planned or moment)
        except PrefectFailed as fault:
            _log.warning("prefect_failed", reason=str(fault), goes_on="plain")
            before = fault.told
    record.way = "plain"
    verb = job_verb(engine, settings, name, sender, without=record.without, planned=planned, lines=lines)
    told = verb(moment)
    return dict(Counter(before) + Counter(told)) if before else told


def _at(verb: Part, moment: datetime, _planned: datetime) -> Told:
    """Return a part at the real moment, whichever its flow is called by."""
    return verb(moment)
