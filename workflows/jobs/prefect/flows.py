"""The background work as Prefect flows: retried, logged, seen in its pages.

Flows are thin: what crosses their border is an instant as text; the plain verbs do the work, in a thread of their own.
Under `dondoc serve` alone they run in its process; handed to a worker (`deployment.py` names which), each
runs in a process of its own, which reads its settings itself.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_markdown_artifact
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError, concurrency
from prefect.context import FlowRunContext
from prefect.deployments import arun_deployment

from models.errors import Refused, reason_of
from models.operations.logs import get_log
from models.operations.system_job import JobName
from workflows.jobs.prefect import deployed
from workflows.jobs.prefect.watched import Watched, Work, settle
from workflows.jobs.run_background_jobs import ERRANDS
from workflows.jobs.tick import Told

RETRIES = 2
RETRY_SECONDS = 2.0  # a locked database or a mail server that restarts is back soon; the next tick comes anyway
MAIL_LIMIT = "dondoc-mail"
"""The global concurrency limit of conversations with the mail server."""
SLOT_SECONDS = 5.0  # so long a delivery waits for one; then it is left to those who have one, and to the next tick
HELD_SECONDS = 60.0  # and so long one stays taken whose holder has died: the least that Prefect takes
_log = get_log(__name__)


# A flow's parameters are stored as text: a database engine cannot be one of them.
RUN: ContextVar[Watched] = ContextVar("run")


async def _tell_failure(_flow: Any, flow_run: Any, state: Any) -> None:
    """The hook of a failed or crashed flow: administrators hear of the job once, and not of each of its parts."""
    run = RUN.get(None)
    if run is not None and flow_run.parent_task_run_id is None and run.faults:
        await asyncio.to_thread(run.fail, reason_of(next(iter(run.faults.values()))))


_HOOKS: dict[str, Any] = {"on_failure": [_tell_failure], "on_crashed": [_tell_failure]}
_TRIED_AGAIN: dict[str, Any] = {"retries": RETRIES, "retry_delay_seconds": RETRY_SECONDS, **_HOOKS}


@flow(name="bounces", flow_run_name="bounces {now}", **_TRIED_AGAIN)
async def bounces_flow(now: str) -> Told:
    """Read what mail servers report of letters that came back."""
    return await _do("bounces", now)


@flow(name="open-periods", flow_run_name="open periods {now}", **_TRIED_AGAIN)
async def open_periods_flow(now: str) -> Told:
    """Open the periods of standing and recurring duties that have come."""
    return await _do("open_periods", now)


@flow(name="sweep", flow_run_name="sweep {now}", **_TRIED_AGAIN)
async def sweep_flow(now: str) -> Told:
    """Move what is due up its ladder."""
    return await _do("sweep", now)


@flow(name="compile-reports", flow_run_name="compile reports {now}", **_TRIED_AGAIN)
async def compile_reports_flow(now: str) -> Told:
    """Draft the reports whose day has come."""
    return await _do("compile_reports", now)


@flow(name="summaries", flow_run_name="summaries {now}", **_TRIED_AGAIN)
async def summaries_flow(now: str) -> Told:
    """Queue the week's summaries."""
    return await _do("summaries", now)


@flow(name="seal", flow_run_name="seal {now}", **_TRIED_AGAIN)
async def seal_flow(now: str) -> Told:
    """Chain what the history has gained."""
    return await _do("seal", now)


@flow(name="deliver", flow_run_name="deliver {now}", **_TRIED_AGAIN)
async def deliver_flow(now: str) -> Told:
    """Send the letters that may leave."""
    return await _do("deliver", now)


@flow(name="purge", flow_run_name="purge {now}", **_TRIED_AGAIN)
async def purge_flow(now: str) -> Told:
    """Delete the keys of old ticks."""
    return await _do("purge", now)


@flow(name="errands", flow_run_name="errands {now}", **_TRIED_AGAIN)
async def errands_flow(now: str) -> Told:
    """Do what was asked for from a page: launches in chunks, previews."""
    return await _do(ERRANDS, now)


PARTS = (bounces_flow, open_periods_flow, sweep_flow, compile_reports_flow, summaries_flow, seal_flow, deliver_flow)


@flow(name="tick", flow_run_name="tick {now}", **_HOOKS)
async def tick_flow(now: str) -> Told:
    """Return one tick: its parts in order. One that fails for good does not hold up the others, nor finish the tick."""
    run, moment = RUN.get(), datetime.fromisoformat(now)
    if not await asyncio.to_thread(run.call, "begin", lambda: run.work.begin(moment)):
        return {}
    told: Told = {}
    for part in PARTS:
        if part.name.replace("-", "_") not in run.work.parts:
            continue  # left to its own job
        try:
            told |= await part(now)
        except Exception as fault:
            if fault not in run.faults.values():
                raise  # Prefect's own: the other parts would only wait for it in turn
    if run.faults:
        raise ExceptionGroup("tick", list(run.faults.values()))
    await asyncio.to_thread(run.call, "finish", lambda: run.work.finish(moment, told))
    await _show("tick", told, now)
    return told


FLOWS: dict[str, Any] = {
    JobName.TICK: tick_flow,
    JobName.DELIVER: deliver_flow,
    JobName.OPEN_PERIODS: open_periods_flow,
    JobName.SUMMARIES: summaries_flow,
    JobName.PURGE: purge_flow,
    ERRANDS: errands_flow,
}


async def _show(name: str, told: Told, now: str) -> None:
    """What a job did as a table in Prefect's pages; an idle run leaves none, or there would be thousands a day."""
    context = FlowRunContext.get()
    is_part = context is None or context.flow_run is None or context.flow_run.parent_task_run_id is not None
    if is_part or not any(told.values()):
        return
    rows = "\n".join(f"| {what} | {count} |" for what, count in told.items())
    try:
        await acreate_markdown_artifact(
            f"| {name} | count |\n|---|---:|\n{rows}\n", key=name.replace("_", "-"), description=now
        )
    except Exception:  # the work is done; only its picture is missing
        _log.warning("artifact_missing", exc_info=True)


@flow(name="job", flow_run_name="{name} {now}")
async def job_flow(name: str, now: str) -> Told:
    """Return a job on a worker, recorded as the clock's own runs are: the same flows, as parts of this one.

    `now` is the moment the job was planned for; it works for the real one.
    """
    loop = asyncio.get_running_loop()

    def through(work: Work, planned: datetime) -> Told:
        run = Watched(work, "finish" if name == JobName.TICK else name)

        async def run_it() -> Told:
            RUN.set(run)
            told: Told = await FLOWS[name](planned.isoformat())
            return told

        try:
            return asyncio.run_coroutine_threadsafe(run_it(), loop).result()
        except BaseException as outcome:
            return settle(run, outcome)

    planned, moment = datetime.fromisoformat(now), datetime.now(UTC)
    told = await asyncio.to_thread(deployed.do_job, JobName(name), moment, planned, through)
    await _show(name, told, now)  # the flows within are parts of this one, and leave no table
    return told


@flow(name="sweep-share", flow_run_name="sweep {now} share {n}", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS)
async def sweep_share_flow(now: str, n: int) -> Told:
    """Sweep beside a tick that found much: whichever of them locks a batch does it."""
    return await _do("sweep", now)


@flow(name="deliver-share", flow_run_name="deliver {now} share {n}", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS)
async def deliver_share_flow(now: str, n: int) -> Told:
    """Deliver beside a tick that found much: whichever of them claims a letter sends it."""
    return await _do("deliver", now)


async def _do(name: str, now: str) -> Told:
    run = RUN.get(None)
    if run is None:  # handed to a worker by itself: a share, errands
        with deployed.own_work(name, datetime.now(UTC)) as work:
            RUN.set(Watched(work, name))
            return await _do(name, now)
    verb, moment = (run.work.parts | run.work.others)[name], datetime.fromisoformat(now)  # type: ignore[operator]
    await _share(run, name, now)
    async with _conversation(run, name) as may:
        try:
            told: Told = await asyncio.to_thread(run.call, name, lambda: verb(moment)) if may else {}
        except asyncio.CancelledError:
            run.work.interrupt()
            raise
    get_run_logger().info(", ".join(f"{what} {count}" for what, count in told.items()))
    await _show(name, told, now)
    return told


async def _share(run: Watched, part: str, now: str) -> None:
    """Have others do a part of a tick too, without waiting for them; without them it is done all the same."""
    try:
        for n in range(1, 1 + await asyncio.to_thread(run.work.shares, part)):
            await arun_deployment(
                f"{part}-share/{part}-share",
                parameters={"now": now, "n": n},
                timeout=0,
                idempotency_key=f"{part}:{now}:{n}",
                as_subflow=False,
            )
    except Exception:
        _log.warning("not_shared", part=part, exc_info=True)


@asynccontextmanager
async def _conversation(run: Watched, part: str) -> AsyncIterator[bool]:
    """Hold one of the conversations that the mail server allows at once; False where others have them all."""
    async with AsyncExitStack() as stack:
        may = True
        if part == JobName.DELIVER and run.work.limits_mail:
            try:
                await stack.enter_async_context(
                    concurrency(
                        MAIL_LIMIT,
                        timeout_seconds=SLOT_SECONDS,
                        strict=True,
                        lease_duration=HELD_SECONDS,
                        raise_on_lease_renewal_failure=False,  # the letters under way are not taken back by it
                    )
                )
            except TimeoutError:
                _log.info("no_conversation_free", part=part)
                may = False
            except ConcurrencySlotAcquisitionError as error:
                if error.__cause__ is not None:
                    raise
                run.faults[part] = Refused(
                    "mail.connections is set, and Prefect does not know the limit: run `dondoc deploy`"
                )
                raise run.faults[part] from error
        yield may
