"""What Prefect runs: a job of the clock, a background job, a share of a large sweep; parts of a job are its tasks.

A flow does what this process gives it or, on a worker, what the database says. Prefect shows, repeats and remembers;
whether a thing is done never hangs on it: what it fails at before it is done is done without it.
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
Do = Callable[[], Counts]
_DO: ContextVar[Do] = ContextVar("do")  # an engine cannot be a parameter: Prefect keeps those as text
_log = get_log(__name__)


@task(task_run_name="{name}", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS, cache_policy=NO_CACHE)
def part_task(name: str) -> Counts:
    """One part of a job."""
    counts = _DO.get()()
    _log_counts(counts)
    return counts


@flow(name="job")
def job_flow(name: str, planned: str) -> Counts:
    """A job of the clock, at the moment it was planned for (UTC); its parts are tasks."""
    counts = _DO.get(partial(_job_of_a_worker, JobName(name), datetime.fromisoformat(planned)))()
    _show(name, counts)
    return counts


@flow(name=BACKGROUND_JOB)
def background_job_flow(job: str) -> Counts:
    """What somebody asked for from a page: a launch, a preview, a scan."""
    counts = _DO.get(partial(_background_job_of_a_worker, UUID(job)))()
    _show(BACKGROUND_JOB, counts)
    return counts


@flow(name="sweep-share", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS)
def sweep_share_flow() -> Counts:
    """A sweep beside a tick that found much: whichever run locks a row does it."""
    with _installation() as (engine, settings):
        return as_task("sweep", partial(tick_parts(engine, settings)["sweep"], datetime.now(UTC)))


FLOWS = {one.name: one for one in (job_flow, background_job_flow)}


def through(prefect: Callable[[], object], do: Do, otherwise: Do | None = None) -> Counts:
    """Have Prefect call `do` and return what it does; where Prefect fails before it has, do it without, or `otherwise`.

    Raises only what these raise. Prefect's client gives up on a silent server after some tens of seconds.
    """
    ended: list[Counts | Exception] = []

    def noted() -> Counts:
        try:
            counts = do()
        except Exception as fault:
            ended.append(fault)
            raise
        ended.append(counts)
        return counts

    token = _DO.set(noted)
    try:
        prefect()
    except Exception as fault:
        if not (ended and fault is ended[-1]):
            _log.warning("prefect_failed", reason=reason_of(fault), goes_on="done already" if ended else "plain")
    finally:
        _DO.reset(token)
    outcome = ended[-1] if ended else (otherwise or do)()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def as_task(name: str, part: Do) -> Counts:
    def call() -> None:
        with TagsContext(current_tags=set()):  # with a tag, each task would ask the server how many may run at once
            part_task(name)

    return through(call, part)


def run_here(api_url: str, home: Path, run: RunName, do: Callable[[Call], Counts]) -> Counts:
    """Do in this process, as a flow of the server at `api_url`, what `do` does by way of the call that it is given."""
    hold_logging()
    release_memory()  # earlier flows left cycles, which Python lets wait until they are a quarter of all that lives

    def call() -> None:
        with temporary_settings({PREFECT_API_URL: api_url, PREFECT_HOME: str(home)}), tags("dondoc", *run.tags):
            FLOWS[run.flow].with_options(flow_run_name=run.name.replace("{", "(").replace("}", ")"))(**run.given)

    return through(call, partial(do, as_task), partial(do, plainly))


def _job_of_a_worker(name: JobName, planned: datetime) -> Counts:
    with _installation() as (engine, settings):
        now = datetime.now(UTC)

        def call(part: str, do: Do) -> Counts:
            if part == "sweep":
                _share(count_shares(engine, settings, now=now), planned)
            return as_task(part, do)

        return run_job(engine, settings, name, now=now, planned=planned, call=call)


def _background_job_of_a_worker(job: UUID) -> Counts:
    with _installation() as (engine, settings):
        return run_background_job(engine, settings, job, now=datetime.now(UTC))


@contextmanager
def _installation() -> Iterator[tuple[Engine, Settings]]:
    os.umask(0o077)  # as `dondoc.main`, through which a container's process has not come
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
    """Show what a job did as a table in Prefect's pages; an idle run shows none, as there are thousands a day."""
    if not any(counts.values()):
        return
    _log_counts(counts)
    rows = "\n".join(f"| {what} | {count} |" for what, count in counts.items())
    try:
        create_markdown_artifact(f"| {name} | count |\n|---|---:|\n{rows}\n", key=name.replace("_", "-"))
    except Exception:  # the work is done; only its picture is missing
        _log.warning("artifact_missing", exc_info=True)


def _log_counts(counts: Counts) -> None:
    get_run_logger().info(", ".join(f"{what} {count}" for what, count in counts.items() if count) or "nothing was due")


def _share(count: int, planned: datetime) -> None:
    """Have others sweep too, without waiting for them; without them it is done all the same."""
    try:
        for n in range(count):
            key = f"sweep:{planned.isoformat()}:{n}"
            run_deployment("sweep-share/sweep-share", timeout=0, idempotency_key=key, as_subflow=False)
    except Exception:
        _log.warning("not_shared", exc_info=True)


def release_memory() -> None:
    """Collect cycles, and hand the heaps' free pages back where the C library knows how (glibc); some 30 ms.

    To be called now and then by a process that lives for months, at a moment when nobody waits for it.
    """
    gc.collect()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
