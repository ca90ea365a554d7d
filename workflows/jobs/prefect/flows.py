"""The flows of Prefect: a job of the clock, a background job, and a share of a large sweep. Their parts are tasks.

In this process a flow runs the function that it is given; on a worker it reads the job from the database. Prefect shows
and repeats runs, but no work depends on it: if Prefect fails before the work is done, it is done without Prefect.
"""

import ctypes
import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from prefect import flow, get_run_logger, tags, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.context import TagsContext
from prefect.deployments import run_deployment
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings
from sqlalchemy import Engine

from models.database.secret_keys import keys_of
from models.database.session import open_engine
from models.errors import reason_of
from models.operations.logs import get_log, hold_logging, start_logging, stop_logging
from models.operations.system_job import JobName
from models.operations.traces import tracing
from models.settings import Settings
from workflows.jobs.prefect.prefect_remote import check_database
from workflows.jobs.run_background_jobs import run_background_job
from workflows.jobs.run_job import run_job
from workflows.jobs.run_names import BACKGROUND_JOB, RunName
from workflows.jobs.tick import Call, Counts, count_shares, plainly, tick_parts

RETRIES = 2
RETRY_SECONDS = 2.0  # a locked database is free soon; the next tick comes anyway
Work = Callable[[], Counts]
_WORK: ContextVar[Work] = ContextVar("work")
"""The work of the flow or task that begins. It cannot be a parameter, as Prefect stores parameters as text."""
_log = get_log(__name__)


@task(task_run_name="{name}", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS, cache_policy=NO_CACHE)
def part_task(name: str) -> Counts:
    """Run one part of a job."""
    counts = _WORK.get()()
    _log_counts(counts)
    return counts


@flow(name="job")
def job_flow(name: str, planned: str) -> Counts:
    """Run a job of the clock, planned for a moment (UTC)."""
    counts = _WORK.get(partial(_run_job_on_worker, JobName(name), datetime.fromisoformat(planned)))()
    _show(name, counts)
    return counts


@flow(name=BACKGROUND_JOB)
def background_job_flow(job: str) -> Counts:
    """Run a background job, such as a launch, a preview or a scan."""
    counts = _WORK.get(partial(_run_background_job_on_worker, UUID(job)))()
    _show(BACKGROUND_JOB, counts)
    return counts


@flow(name="sweep-share", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS)
def sweep_share_flow() -> Counts:
    """Sweep beside a tick with very many due tasks. Each run sweeps the rows that it can lock."""
    with _installation() as (engine, settings):
        return as_task("sweep", partial(tick_parts(engine, settings)["sweep"], datetime.now(UTC)))


FLOWS = {flow_.name: flow_ for flow_ in (job_flow, background_job_flow)}


def through(call_prefect: Callable[[], object], work: Work, fallback: Work | None = None) -> Counts:
    """Do the work through Prefect and return its counts. If Prefect fails before that, call `fallback`, else `work`.

    Raise only the work's own errors. Prefect's client gives up on a silent server after some tens of seconds.
    """
    outcomes: list[Counts | Exception] = []

    def record_outcome() -> Counts:
        try:
            counts = work()
        except Exception as error:
            outcomes.append(error)
            raise
        outcomes.append(counts)
        return counts

    token = _WORK.set(record_outcome)
    try:
        call_prefect()
    except Exception as error:
        if not (outcomes and error is outcomes[-1]):
            _log.warning("prefect_failed", reason=reason_of(error), goes_on="done already" if outcomes else "plain")
    finally:
        _WORK.reset(token)
    outcome = outcomes[-1] if outcomes else (fallback or work)()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def as_task(name: str, part: Work) -> Counts:
    def call() -> None:
        with TagsContext(current_tags=set()):  # for each tag, a task would ask the server for a free slot
            part_task(name)

    return through(call, part)


def run_here(api_url: str, home: Path, run: RunName, do: Callable[[Call], Counts]) -> Counts:
    """Run `do` in this process, as a flow of the server at `api_url`. It calls its parts through its argument."""
    hold_logging()
    release_memory()  # earlier flows left cycles, and Python would collect them late

    def call() -> None:
        with temporary_settings({PREFECT_API_URL: api_url, PREFECT_HOME: str(home)}), tags("dondoc", *run.tags):
            FLOWS[run.flow].with_options(flow_run_name=run.name.replace("{", "(").replace("}", ")"))(**run.given)

    return through(call, partial(do, as_task), partial(do, plainly))


def _run_job_on_worker(name: JobName, planned: datetime) -> Counts:
    with _installation() as (engine, settings):
        now = datetime.now(UTC)

        def call(part: str, work: Work) -> Counts:
            if part == "sweep":
                _start_sweep_shares(count_shares(engine, settings, now=now), planned)
            return as_task(part, work)

        return run_job(engine, settings, name, now=now, planned=planned, call=call)


def _run_background_job_on_worker(job: UUID) -> Counts:
    with _installation() as (engine, settings):
        return run_background_job(engine, settings, job, now=datetime.now(UTC))


@contextmanager
def _installation() -> Iterator[tuple[Engine, Settings]]:
    os.umask(0o077)  # `dondoc.main` does this too, but the process of a run does not pass through it
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


def _show(name: str, counts: Counts) -> None:
    """Show a job's counts as a table in Prefect's pages. Idle runs, thousands a day, show none."""
    if not any(counts.values()):
        return
    _log_counts(counts)
    rows = "\n".join(f"| {what} | {count} |" for what, count in counts.items())
    try:
        create_markdown_artifact(f"| {name} | count |\n|---|---:|\n{rows}\n", key=name.replace("_", "-"))
    except Exception:  # the work is done; only its table is missing
        _log.warning("artifact_missing", exc_info=True)


def _log_counts(counts: Counts) -> None:
    get_run_logger().info(", ".join(f"{what} {count}" for what, count in counts.items() if count) or "nothing was due")


def _start_sweep_shares(count: int, planned: datetime) -> None:
    """Start further runs of the sweep, without waiting for them. The sweep does not depend on them."""
    try:
        for number in range(count):
            key = f"sweep:{planned.isoformat()}:{number}"
            run_deployment("sweep-share/sweep-share", timeout=0, idempotency_key=key, as_subflow=False)
    except Exception:
        _log.warning("not_shared", exc_info=True)


def release_memory() -> None:
    """Collect cycles, and return the heap's free pages to the system (glibc). It takes some 30 ms."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)
