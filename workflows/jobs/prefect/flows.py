"""The background work as Prefect flows: retried, logged, seen in its pages.

Flows are generated from the parts of the tick. What crosses their border is an instant as text; the part itself does
the work, in a thread of its own. Under `dondoc serve` alone flows run in its process (`flow_here`); handed to a worker
(`deployment.py` names which), each runs in a process of its own, which reads its settings itself.
"""

import asyncio
import ctypes
import gc
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger, tags
from prefect.artifacts import acreate_markdown_artifact
from prefect.context import FlowRunContext
from prefect.deployments import arun_deployment
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings
from sqlalchemy import Engine

from models.database.secret_keys import keys_of
from models.database.session import open_engine
from models.operations.logs import get_log, hold_logging, start_logging, stop_logging
from models.operations.system_job import JobName
from models.operations.traces import span, tracing
from models.settings import Settings
from workflows.jobs.flow_run import FlowRun
from workflows.jobs.prefect.prefect_remote import check_database
from workflows.jobs.run_background_jobs import BACKGROUND_JOBS, run_background_jobs
from workflows.jobs.run_job import run_job
from workflows.jobs.tick import PARTS, Counts, count_shares, tick_parts

PATIENCE = 20.0  # seconds in which Prefect must have said something while no part is at work
RETRIES = 2
RETRY_SECONDS = 2.0  # a locked database or a mail server that restarts is back soon; the next tick comes anyway
_DESCRIPTIONS = {name: part.__doc__ for name, part in PARTS.items()} | {
    JobName.PURGE.value: "Delete the keys of old ticks.",
    BACKGROUND_JOBS: "Do what was asked for from a page: launches, previews.",
}
_log = get_log(__name__)


# A flow's parameters are stored as text: a database engine cannot be one of them.
RUN: ContextVar[FlowRun] = ContextVar("run")


def _part_flow(part: str) -> Any:
    @flow(
        name=part.replace("_", "-"),
        flow_run_name=f"{part.replace('_', ' ')} {{now}}",
        description=_DESCRIPTIONS[part],
        retries=RETRIES,
        retry_delay_seconds=RETRY_SECONDS,
    )
    async def part_flow(now: str) -> Counts:
        with ExitStack() as stack:
            run = RUN.get(None) or stack.enter_context(_own_run(part))
            await _share(run, part, now)
            try:
                with span(part), run.working(part):
                    counts = await asyncio.to_thread(run.parts[part], run.now)
                    run.counts |= counts
            except asyncio.CancelledError:
                run.interrupt()
                raise
        get_run_logger().info(", ".join(f"{what} {count}" for what, count in counts.items()))
        await _show(part, counts, now)
        return counts

    return part_flow


def _share_flow(part: str) -> Any:
    """Return the flow that does a part beside a tick that found much: whichever run locks a row does it."""

    @flow(
        name=f"{part}-share",
        flow_run_name=f"{part} {{now}} share {{n}}",
        retries=RETRIES,
        retry_delay_seconds=RETRY_SECONDS,
    )
    async def share_flow(now: str, n: int) -> Counts:
        counts: Counts = await FLOWS[part].fn(now)
        return counts

    return share_flow


@flow(name="tick", flow_run_name="tick {now}")
async def tick_flow(now: str) -> Counts:
    """Do one tick: its parts in order. One that fails for good does not hold up the others, nor finish the tick."""
    run = RUN.get()
    with run.working("begin"):
        if not await asyncio.to_thread(run.begin):
            return {}
    for part in run.parts:
        try:
            await FLOWS[part](now)
        except Exception as fault:
            if fault not in run.faults.values():
                raise  # Prefect's own: the other parts would only wait for it in turn
    if run.faults:
        raise ExceptionGroup("tick", list(run.faults.values()))
    with run.working("finish"):
        await asyncio.to_thread(run.finish, run.counts)
    await _show("tick", run.counts, now)
    return run.counts


FLOWS: dict[str, Any] = {part: _part_flow(part) for part in _DESCRIPTIONS} | {JobName.TICK.value: tick_flow}
"""The flow of each part and each job, by its name."""
errands_flow = FLOWS[BACKGROUND_JOBS]
sweep_share_flow = _share_flow("sweep")


def _start(run: FlowRun, loop: asyncio.AbstractEventLoop) -> Future[Counts]:
    token = RUN.set(run)  # the flow starts in a copy of this context
    try:
        return asyncio.run_coroutine_threadsafe(FLOWS[run.name](run.planned.isoformat()), loop)
    finally:
        RUN.reset(token)


@contextmanager
def flow_here(api_url: str, home: Path, run: FlowRun, *, patience: float = PATIENCE) -> Iterator[Future[Counts]]:
    """Run a flow in this process against a Prefect server; leave neither threads nor memory behind."""
    hold_logging()
    release_memory()  # earlier flows left cycles, which Python lets wait until they are a quarter of all that lives
    run.patience = patience
    runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
    loop = runner.get_loop()
    # a thread that can be left behind: Prefect's client shields its last words from being cancelled
    thread = threading.Thread(target=loop.run_forever, name=f"flow {run.name}", daemon=True)
    thread.start()
    started: Future[Counts] | None = None
    try:
        with temporary_settings({PREFECT_API_URL: api_url, PREFECT_HOME: str(home)}), tags("dondoc", run.name):
            started = _start(run, loop)
        yield started
    finally:
        if started is None or started.done():
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            runner.close()
        else:  # given up: it ends by itself
            started.add_done_callback(lambda _flow: loop.call_soon_threadsafe(loop.stop))


def drain(seconds: float = 5.0) -> bool:
    """Send Prefect the logs and events that wait to be sent; return False where it does not take them in time.

    To be called while its server is there: without one, Prefect's threads would hold up the process's end for minutes.
    """
    waiting = [worker.drain_all(timeout=seconds) for worker in (APILogWorker, EventsWorker)]
    return not any(left[1] for left in waiting if isinstance(left, tuple))


@flow(name="job", flow_run_name="{name} {now}")
async def job_flow(name: str, now: str) -> Counts:
    """Do a job on a worker, recorded as the clock's own runs are: the same flows, as parts of this one.

    `now` is the moment the job was planned for; it works for the real one.
    """
    loop, planned, moment = asyncio.get_running_loop(), datetime.fromisoformat(now), datetime.now(UTC)

    def do_job() -> Counts:
        with _installation() as (engine, settings):
            return run_job(
                engine,
                settings,
                JobName(name),
                now=moment,
                planned=planned,
                flows=lambda: lambda run: nullcontext(_start(run, loop)),
                shares=partial(count_shares, engine, settings, now=moment),
            )

    counts = await asyncio.to_thread(do_job)
    await _show(name, counts, now)  # the flows within are parts of this one, and leave no table
    return counts


@contextmanager
def _own_run(part: str) -> Iterator[FlowRun]:
    """Prepare a run of a worker that is no job: a share of a tick, or background jobs; at the real moment."""
    now, stop = datetime.now(UTC), threading.Event()
    with _installation() as (engine, settings):
        if part == BACKGROUND_JOBS:
            parts = {part: lambda at: run_background_jobs(engine, settings, now=at, stop=stop.is_set)}
        else:
            parts = tick_parts(engine, settings)
        yield FlowRun(part, parts, now=now, interrupt=stop.set)


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


async def _show(name: str, counts: Counts, now: str) -> None:
    """Show what a job did as a table in Prefect's pages; an idle run shows none, as there are thousands a day."""
    context = FlowRunContext.get()
    is_part = context is None or context.flow_run is None or context.flow_run.parent_task_run_id is not None
    if is_part or not any(counts.values()):
        return
    rows = "\n".join(f"| {what} | {count} |" for what, count in counts.items())
    try:
        await acreate_markdown_artifact(
            f"| {name} | count |\n|---|---:|\n{rows}\n", key=name.replace("_", "-"), description=now
        )
    except Exception:  # the work is done; only its picture is missing
        _log.warning("artifact_missing", exc_info=True)


async def _share(run: FlowRun, part: str, now: str) -> None:
    """Have others do a part of a tick too, without waiting for them; without them it is done all the same."""
    try:
        for n in range(1, 1 + await asyncio.to_thread(run.shares, part)):
            await arun_deployment(
                f"{part}-share/{part}-share",
                parameters={"now": now, "n": n},
                timeout=0,
                idempotency_key=f"{part}:{now}:{n}",
                as_subflow=False,
            )
    except Exception:
        _log.warning("not_shared", part=part, exc_info=True)


def release_memory() -> None:
    """Collect cycles, and hand the heaps' free pages back where the C library knows how (glibc); some 30 ms.

    To be called now and then by a process that lives for months, at a moment when nobody waits for it.
    """
    gc.collect()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
