"""What a worker's process does for one run: it reads its own settings, does the work, and ends.

The same verbs, records and alerts as under `dondoc serve` alone; what comes from outside is a name and a moment.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from threading import Event

from sqlalchemy import Engine

from models.database.secret_keys import keys_of
from models.database.session import open_engine
from models.operations.logs import start_logging, stop_logging
from models.operations.system_job import DELIVERY_SECONDS, JobName
from models.operations.traces import tracing
from models.settings import Settings
from workflows.jobs.parallel_sweep import count_shares
from workflows.jobs.prefect.job_runner import do_through
from workflows.jobs.prefect.many_machines import check_database
from workflows.jobs.prefect.watched import Work
from workflows.jobs.run_background_jobs import ERRANDS, run_background_jobs
from workflows.jobs.run_job import Recorded, run_job
from workflows.jobs.tick import Told, tick_parts


def do_job(name: JobName, now: datetime, planned: datetime, through: Callable[[Work, datetime], Told]) -> Told:
    """Run a job at the real moment `now` through flows, recorded; raise what failed.

    `planned`: the moment (UTC) by which a tick is told from another. What Prefect fails in between is done without it.
    """
    with _installation() as (engine, settings):

        def limited(work: Work, at: datetime) -> Told:
            return through(replace(work, limits_mail=settings.mail.connections is not None), at)

        def way(job: JobName, moment: datetime, record: Recorded) -> Told:
            shares = partial(count_shares, engine, settings, now=moment)
            return do_through(limited, engine, settings, None, record, job, moment, planned=planned, shares=shares)

        return run_job(engine, settings, name, now=now, way=way, planned=planned)


@contextmanager
def own_work(name: str, now: datetime) -> Iterator[Work]:
    """The work of a run that is no job: a share of a tick, or errands; at the real moment `now` (UTC)."""
    with _installation() as (engine, settings):
        stop = Event()
        if name == ERRANDS:
            verb = partial(run_background_jobs, engine, settings, now=now, stop=stop.is_set)
        else:
            verb = partial(tick_parts(engine, settings, for_seconds=DELIVERY_SECONDS)[name], now)
        yield Work(
            begin=lambda at: True,
            parts={},
            finish=lambda at, told: None,
            others={name: lambda at: verb()},
            limits_mail=settings.mail.connections is not None,
            interrupt=stop.set,
        )


@contextmanager
def _installation() -> Iterator[tuple[Engine, Settings]]:
    settings = Settings()
    check_database(settings)
    start_logging(sys.stderr, form=settings.log_format, level=settings.log_level)
    engine = open_engine(settings.url, keys_of(settings))
    try:
        with tracing():
            yield engine, settings
    finally:
        engine.dispose()
        stop_logging()
