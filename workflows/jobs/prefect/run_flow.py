"""Runs a flow in this process and waits for it; and leaves nothing of it behind, neither threads nor memory."""

import asyncio
import contextvars
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from prefect import tags
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings

from models.operations.logs import hold_logging
from models.operations.memory import release_memory
from models.operations.system_job import JobName
from workflows.jobs.prefect.flows import FLOWS, RUN
from workflows.jobs.prefect.watched import PrefectFailed, Watched, Work, settle
from workflows.jobs.tick import Told

PATIENCE = 20.0  # seconds in which Prefect must have said something while no verb is at work


def run_flow(api_url: str, home: Path, name: str, work: Work, now: datetime, *, patience: float = PATIENCE) -> Told:
    """Run a flow, by a job's name or ERRANDS, against a Prefect server and wait for it.

    Raises what the verbs raised in the end, or PrefectFailed where they did not fail and yet the flow did not complete,
    or Prefect was silent for longer than `patience` (seconds, in which no verb is at work).
    """
    hold_logging()
    release_memory()  # earlier flows left cycles, which Python lets wait until they are a quarter of all that lives
    run = Watched(work, "finish" if name == JobName.TICK else str(name))
    ended: list[Told | BaseException] = []

    async def run_it() -> Told:
        RUN.set(run)
        settings: Mapping[Any, Any] = {PREFECT_API_URL: api_url, PREFECT_HOME: str(home)}
        with temporary_settings(settings), tags("dondoc", str(name)):
            told: Told = await FLOWS[name](now.isoformat())
            return told

    def run_here() -> None:
        try:
            ended.append(asyncio.run(run_it()))
        except BaseException as fault:
            ended.append(fault)

    context, is_silent = contextvars.copy_context(), False
    # a thread that can be left behind: Prefect's client shields its last words from being cancelled
    thread = threading.Thread(target=context.run, args=(run_here,), name=f"flow {name}", daemon=True)
    thread.start()
    while thread.is_alive() and not (is_silent := run.close(patience)):
        thread.join(0.1)
    outcome = PrefectFailed(f"silent for {patience:.0f} s", run.told) if is_silent else ended[0]
    if not isinstance(outcome, BaseException):
        return outcome
    return settle(run, outcome)


def hand_over(seconds: float = 5.0) -> bool:
    """Send Prefect the logs and events that wait to be sent; False where it does not take them in time.

    To be called while its server is there: without one, Prefect's threads would hold up the process's end for minutes.
    """
    waiting = [worker.drain_all(timeout=seconds) for worker in (APILogWorker, EventsWorker)]
    return not any(left[1] for left in waiting if isinstance(left, tuple))
