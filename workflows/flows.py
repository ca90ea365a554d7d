"""The background work as Prefect flows: retried, logged, seen in its pages. The only import of Prefect.

Flows are thin: what crosses their border is an instant as text; the plain verbs do the work, in a thread of their own.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger, tags
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings
from sqlalchemy import Engine

from models.session import reading, transaction
from models.settings import Settings
from notifications.transport import Sender
from workflows.calendar import load_calendar
from workflows.deliver import deliver
from workflows.open_periods import open_periods
from workflows.summaries import open_summaries
from workflows.sweep import sweep
from workflows.tick import TickOutcome, begin_tick, finish_tick

Told = dict[str, int]
Verb = Callable[[datetime], Told]
RETRIES = 2
RETRY_SECONDS = 2.0  # a locked database or a mail server that restarts is back soon; the next tick comes anyway


@dataclass(frozen=True)
class Work:
    """The verbs behind the flows, each a function of the moment (UTC); tests put others in their place."""

    begin: Callable[[datetime], bool]
    open_periods: Verb
    sweep: Verb
    deliver: Verb
    finish: Callable[[datetime, Mapping[str, int]], None]


# A flow's parameters are stored as text: a database engine cannot be one of them.
_WORK: ContextVar[Work] = ContextVar("work")


@flow(name="open-periods", flow_run_name="open periods {now}", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS)
async def open_periods_flow(now: str) -> Told:
    """Opens the periods of standing and recurring duties that have come."""
    return await _do(_WORK.get().open_periods, now)


@flow(name="sweep", flow_run_name="sweep {now}", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS)
async def sweep_flow(now: str) -> Told:
    """Moves what is due up its ladder and queues the week's summaries."""
    return await _do(_WORK.get().sweep, now)


@flow(name="deliver", flow_run_name="deliver {now}", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS)
async def deliver_flow(now: str) -> Told:
    """Sends the letters that may leave."""
    return await _do(_WORK.get().deliver, now)


@flow(name="tick", flow_run_name="tick {now}")
async def tick_flow(now: str) -> Told:
    """One tick: the three in order. One that fails for good does not hold up the others, nor finish the tick."""
    work, moment = _WORK.get(), datetime.fromisoformat(now)
    if not await asyncio.to_thread(work.begin, moment):
        return {}
    told: Told = {}
    faults: list[Exception] = []
    for part in (open_periods_flow, sweep_flow, deliver_flow):
        try:
            told |= await part(now)
        except Exception as fault:
            faults.append(fault)
    if faults:
        raise ExceptionGroup("tick", faults)
    await asyncio.to_thread(work.finish, moment, told)
    return told


async def _do(verb: Verb, now: str) -> Told:
    told = await asyncio.to_thread(verb, datetime.fromisoformat(now))
    get_run_logger().info(", ".join(f"{name} {count}" for name, count in told.items()))
    return told


def work_of(engine: Engine, settings: Settings, open_sender: Callable[[], Sender]) -> Work:
    """The real verbs over a database and a mail server."""

    def opened(now: datetime) -> Told:
        with transaction(engine) as session:
            created = open_periods(session, now=now, calendar=load_calendar(session))
        return {"opened": created.created}

    def swept(now: datetime) -> Told:
        with reading(engine) as session:
            calendar = load_calendar(session)
        told = sweep(engine, now=now, calendar=calendar)
        summaries = open_summaries(engine, now=now, calendar=calendar)
        return {"checked": told.checked, "notices": told.notices, "summaries": summaries}

    def delivered(now: datetime) -> Told:
        with reading(engine) as session:
            calendar = load_calendar(session)
        return asdict(deliver(engine, settings, open_sender(), now=now, calendar=calendar))

    def finished(now: datetime, told: Mapping[str, int]) -> None:
        names = TickOutcome.__dataclass_fields__
        finish_tick(engine, now=now, outcome=TickOutcome(**{name: told.get(name, 0) for name in names}))

    return Work(lambda now: begin_tick(engine, now=now), opened, swept, delivered, finished)


def run_tick(api_url: str, home: Path, work: Work, now: datetime) -> Told:
    """Runs the tick's flow against a Prefect server and waits for it; raises what failed in the end."""

    async def run() -> Told:
        _WORK.set(work)
        settings: Mapping[Any, Any] = {PREFECT_API_URL: api_url, PREFECT_HOME: str(home)}
        with temporary_settings(settings), tags("dondoc"):
            return await tick_flow(now.isoformat())

    return asyncio.run(run())


def hand_over(seconds: float = 5.0) -> bool:
    """Sends Prefect the logs and events that wait to be sent; False where it does not take them in time.

    To be called while its server is there: without one, Prefect's threads would hold up the process's end for minutes.
    """
    waiting = [worker.drain_all(timeout=seconds) for worker in (APILogWorker, EventsWorker)]
    return not any(left[1] for left in waiting if isinstance(left, tuple))
