"""Shared by the commands that run until they are told to stop: signals, Prefect, and the clocks."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from types import FrameType

from sqlalchemy import Engine

from models.operations.system_job import JobName
from models.settings import Settings
from workflows.delivery.mail_lines import MailLines
from workflows.jobs.prefect.hand_to_workers import WorkerHandover
from workflows.jobs.prefect.prefect_remote import RemotePrefect, Say, check_address, check_database
from workflows.jobs.prefect.prefect_server import prefect_environment
from workflows.jobs.prefect.prefect_watch import PrefectWatch
from workflows.jobs.run_background_jobs import BackgroundRunner, without_prefect
from workflows.jobs.run_job import OpenSender, run_job, send_account_letters
from workflows.jobs.run_names import name_job
from workflows.jobs.schedule import JobClock


@contextmanager
def signals(stop: threading.Event) -> Iterator[None]:
    """Set `stop` at SIGINT or SIGTERM. A second signal raises KeyboardInterrupt and waits for nothing."""
    is_asked = False

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal is_asked
        if is_asked:  # not `stop`, whose lock the first handler may hold at this moment
            raise KeyboardInterrupt(signal.Signals(number).name)
        is_asked = True
        stop.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def secret_of(settings: Settings) -> str | None:
    return settings.prefect_auth.get_secret_value() if settings.prefect_auth else None


def reach_prefect(settings: Settings, say: Say | None = None) -> RemotePrefect:
    """Return the Prefect server of all machines, and point our own Prefect to it. BadInput where none is set."""
    api_url, home, auth = check_address(settings), settings.data / "prefect", secret_of(settings)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    remote = RemotePrefect(api_url, home, auth=auth, say=say)
    os.environ.update(prefect_environment(home, auth, api_url))
    return remote


def clock_of_many(
    engine: Engine, settings: Settings, sender: OpenSender | None, stop: threading.Event, say: Say
) -> tuple[JobClock, MailLines]:
    """Return a clock, not yet started, of any number that share the work, and its mail lines. BadInput for SQLite."""
    check_address(settings)
    check_database(settings)
    handover, lines = WorkerHandover(settings, reach_prefect(settings, say), stop), MailLines(stop)
    run = partial(run_job, engine, settings, sender=sender, lines=lines)
    background = BackgroundRunner(engine, settings, stop, hand_over=handover.hand_over_background_job)
    beside = _beside(engine, settings, sender, lines, background)
    clock = JobClock(engine, run, every=settings.tick_seconds, stop=stop, hand_over=handover.hand_over, beside=beside)
    return clock, lines


def clock_of_one(
    engine: Engine, settings: Settings, sender: OpenSender, stop: threading.Event, prefect: PrefectWatch | None
) -> tuple[JobClock, MailLines]:
    lines = MailLines(stop)
    through = prefect.run if prefect is not None else without_prefect

    def run(name: JobName, /, *, now: datetime, planned: datetime) -> None:
        job = partial(run_job, engine, settings, name, now=now, planned=planned, sender=sender, lines=lines)
        through(name_job(name, planned), lambda call: job(call=call))

    background = BackgroundRunner(engine, settings, stop, run=through)
    beside = _beside(engine, settings, sender, lines, background)
    return JobClock(engine, run, every=settings.tick_seconds, stop=stop, beside=beside), lines


def _beside(
    engine: Engine, settings: Settings, sender: OpenSender | None, lines: MailLines, background: BackgroundRunner
) -> dict[str, Callable[[datetime], object]]:
    return {
        "account letters": partial(send_account_letters, engine, settings, sender, lines),
        "background jobs": background.look,
    }
