"""Engine processes of their own: each opens the database for itself, and does what it is told, when it is told.

They are forked from a server process that has imported and done everything once (tests/fire/warm.py): a process costs
milliseconds, not seconds.
"""

import multiprocessing
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from uuid import UUID

import workflows.delivery.deliver as deliver_module
import workflows.jobs.cleanup.purge as delete_rows
from models.database.session import open_engine, reading, transaction
from models.organization.register_reads import resolve_person
from models.settings import MailSettings, Settings
from tests.keys import KEYS
from tests.office import COORDINATOR, Office
from workflows.jobs.cleanup.purge import purge
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.jobs.tick import tick
from workflows.launch.launch_order import LaunchOrder, ask_launch
from workflows.organization.working_calendar import load_calendar
from workflows.papers.compile_reports import compile_reports

PATIENCE = 60.0  # seconds; far above what anything here takes

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["tests.fire.processes", "tests.fire.deaths", "tests.fire.warm"])


def mail_settings(folder: Path, port: int, **more: Any) -> Settings:
    """An installation whose letters go to a server on loopback."""
    return Settings(data=folder, mail=MailSettings(mode="smtp", host="127.0.0.1", port=port, **more))


def open_office(url: str, folder: Path, port: int) -> Office:
    """The furnished office in a database, seen from a process of its own."""
    engine = open_engine(url, KEYS)
    with reading(engine) as session:
        return Office(engine, mail_settings(folder, port), calendar=load_calendar(session))


def tick_at(office: Office, *moments: datetime) -> int:
    """Ticks through real SMTP, one moment after the other. Returns how many letters were sent."""
    return sum(tick(office.engine, office.settings, now=moment).sent for moment in moments)


def tick_sparingly(office: Office, moment: datetime, per_minute: int) -> int:
    """A tick under a mail server's quota. Returns how many letters were sent."""
    mail = office.settings.mail.model_copy(update={"letters_per_minute": per_minute})
    return tick(office.engine, office.settings.model_copy(update={"mail": mail}), now=moment).sent


def launch_at(office: Office, *paths: str, on: datetime, due: Any = None) -> tuple[int, int]:
    """Launches duties. Returns how many tasks it created and how many it found."""
    outcome = office.launch(*paths, on=on, due=due)
    return outcome.created, outcome.existing


def compile_at(office: Office, moment: datetime) -> int:
    """Compiles the reports whose day has come. Returns how many."""
    return compile_reports(office.engine, now=moment, calendar=office.calendar)


def purge_at(office: Office, moment: datetime) -> dict[str, int]:
    """Deletes what is too old, a few rows a transaction. Returns how many of each."""
    delete_rows.BATCH = 3
    return asdict(purge(office.engine, office.settings, now=moment))


def ask_at(office: Office, order: LaunchOrder, job_id: UUID, on: datetime) -> tuple[int, int]:
    """Launches by a form, as a page does. Returns how many tasks it created and how many it found."""
    with transaction(office.engine) as session:
        actor = resolve_person(session, COORDINATOR)
        job = ask_launch(office.acting(session, actor, on), order, job_id=job_id)
        return job.outcome["created"], job.outcome["existing"]


def do_background_jobs(office: Office, on: datetime) -> dict[str, int]:
    """Does what waits for the background."""
    return run_background_jobs(office.engine, office.settings, now=on)


@dataclass
class Worker:
    """The handle of one process: `begin` something, `end` waits for it and gives its result and seconds."""

    process: ForkServerProcess
    connection: Connection

    def begin(self, job: Callable[..., Any], *given: Any, together: bool = False, **named: Any) -> None:
        """Starts a job; `together` waits for the other process to begin too."""
        self.connection.send((job, given, named, together))

    def end(self) -> Any:
        """The result of the job that was begun; raises what it raised."""
        assert self.connection.poll(PATIENCE), "the process does not answer"
        result, fault = self.connection.recv()
        assert fault is None, fault
        return result


@contextmanager
def two_workers(url: str, folder: Path, port: int) -> Iterator[tuple[Worker, Worker]]:
    """Two processes over one database, waiting."""
    with some_workers(2, url, folder, port) as (first, second):
        yield first, second


@contextmanager
def some_workers(count: int, url: str, folder: Path, port: int) -> Iterator[list[Worker]]:
    """So many processes over one database, waiting."""
    barrier = context.Barrier(count)
    workers = []
    for _ in range(count):
        here, there = context.Pipe()
        process = context.Process(target=_work, args=(url, folder, port, there, barrier), daemon=True)
        process.start()
        there.close()
        workers.append(Worker(process, here))
    try:
        for worker in workers:
            worker.end()
        yield workers
    finally:
        for worker in workers:
            worker.process.kill()
            worker.process.join(PATIENCE)
            worker.connection.close()


def at_once(
    first: Worker, second: Worker, *jobs: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
) -> list[Any]:
    """Both processes do a job each (or the same one) at the same moment; gives both results."""
    return all_at_once((first, second), jobs)


def all_at_once(
    workers: Sequence[Worker], jobs: Sequence[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]]
) -> list[Any]:
    """Each process does its job at the same moment; gives all results."""
    for worker, (job, given, named) in zip(workers, jobs, strict=True):
        worker.begin(job, *given, together=True, **named)
    return [worker.end() for worker in workers]


def _work(url: str, folder: Path, port: int, connection: Connection, barrier: Any) -> None:
    deliver_module.BATCH = 2  # small bites, so that the two meet over every few letters
    office = open_office(url, folder, port)
    connection.send((None, None))
    while True:
        job, given, named, together = connection.recv()
        try:
            if together:
                barrier.wait(PATIENCE)
            result, fault = job(office, *given, **named), None
        except Exception:
            result, fault = None, traceback.format_exc()
        connection.send((result, fault))


def until(found: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Waits for something another process or thread brings about."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.003)
    raise AssertionError(f"waited {seconds:.0f} s for {what}")
