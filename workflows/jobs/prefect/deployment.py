"""What Prefect must know so that workers can be handed work: a pool, its queues, the deployments, two watches.

A repeat changes nothing. The entry points are names of modules, without any code to be fetched: whatever runs them, a
process, a container or a pod, has the program installed.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings
from prefect.utilities.callables import parameter_schema
from prefect.workers.process import ProcessWorker

from models.errors import Refused, reason_of
from models.i18n import _
from models.operations.system_job import JobName
from models.settings import Settings
from workflows.jobs.prefect import flows
from workflows.jobs.prefect.prefect_remote import HEARTBEAT_SECONDS, RemotePrefect
from workflows.jobs.run_names import BACKGROUND_JOB
from workflows.jobs.system_jobs import written

CREATED, CHANGED, LEFT = _("created"), _("changed"), _("as it was")
DEAD_SECONDS = 4 * HEARTBEAT_SECONDS
NEVER_BEGAN_SECONDS = 180  # a process starts in seconds; above the clock's own patience
_TAG = "dondoc"
_OVER = {f"prefect.flow-run.{name}" for name in ("Completed", "Failed", "Cancelled", "Crashed")}
_HEARTBEAT = "prefect.flow-run.heartbeat"


@dataclass(frozen=True)
class Done:
    """One thing that Prefect knows now: what kind it is, its name, and whether it is new."""

    kind: str
    name: str
    did: str


@dataclass(frozen=True)
class _Queue:
    """A queue of the pool: 1 is the first to be served; `at_once` runs of it at most."""

    name: str
    priority: int
    at_once: int | None = None


CLOCK, SHARE, BULK = "clock", "share", "bulk"


@dataclass(frozen=True)
class _Deployment:
    """A flow by its name in `flows`, and the queue its runs wait in."""

    name: str
    entrypoint: str
    queue: str
    parameters: Mapping[str, Any]
    description: str


def _deployments() -> list[_Deployment]:
    at = flows.__name__
    jobs = [
        _Deployment(written(job), f"{at}.job_flow", CLOCK, {"name": job.value}, "A job of the clock")
        for job in JobName
        if job is not JobName.DELIVER  # letters leave from the clocks themselves
    ]
    return [
        *jobs,
        _Deployment("sweep-share", f"{at}.sweep_share_flow", SHARE, {}, "Sweeps beside a tick that found much"),
        _Deployment(BACKGROUND_JOB, f"{at}.background_job_flow", BULK, {}, "Does what was asked for from a page"),
    ]


def deploy(settings: Settings, remote: RemotePrefect) -> list[Done]:
    """Register everything with the server; tell of each whether it was new. Refused where the server does not."""

    async def register() -> list[Done]:
        async with get_client() as client:
            done = [await _pool(client, settings.work_pool)]
            for queue in (_Queue(CLOCK, 1), _Queue(SHARE, 5), _Queue(BULK, 10, settings.bulk_at_once)):
                done.append(await _queue(client, settings.work_pool, queue))
            for one in _deployments():
                done.append(await _deployment(client, settings.work_pool, one))
            for watch in (_dead(), _never_began()):
                done.append(await _watch(client, watch))
            return done

    known: Mapping[Any, Any] = {PREFECT_API_URL: remote.api_url, PREFECT_HOME: str(remote.home)}
    try:
        with temporary_settings(known):
            return asyncio.run(register())
    except (httpx.HTTPError, PrefectException) as error:
        raise Refused(
            _("Prefect at {url} did not take it: {reason}"), url=remote.url, reason=reason_of(error)
        ) from error


async def _pool(client: PrefectClient, name: str) -> Done:
    """A pool that is there stays, of whatever type: docker or kubernetes, by hand."""
    try:
        await client.read_work_pool(name)
    except ObjectNotFound:
        await client.create_work_pool(
            WorkPoolCreate(
                name=name,
                type=ProcessWorker.type,
                description="Đôn đốc",
                base_job_template=ProcessWorker.get_default_base_job_template(),
            )
        )
        return Done("work pool", name, CREATED)
    return Done("work pool", name, LEFT)


async def _queue(client: PrefectClient, pool: str, wanted: _Queue) -> Done:
    found = {queue.name: queue for queue in await client.read_work_queues(pool)}
    there = found.get(wanted.name)
    if there is None:
        await client.create_work_queue(
            wanted.name, concurrency_limit=wanted.at_once, priority=wanted.priority, work_pool_name=pool
        )
        return Done("queue", wanted.name, CREATED)
    if (there.priority, there.concurrency_limit) == (wanted.priority, wanted.at_once):
        return Done("queue", wanted.name, LEFT)
    await client.update_work_queue(there.id, priority=wanted.priority, concurrency_limit=wanted.at_once)
    return Done("queue", wanted.name, CHANGED)


async def _deployment(client: PrefectClient, pool: str, wanted: _Deployment) -> Done:
    flow = getattr(flows, wanted.entrypoint.rpartition(".")[2])
    name = f"{flow.name}/{wanted.name}"
    given: dict[str, Any] = {
        "entrypoint": wanted.entrypoint,
        "work_pool_name": pool,
        "work_queue_name": wanted.queue,
        "parameters": dict(wanted.parameters),
        "description": wanted.description,
        "tags": [_TAG],
        "parameter_openapi_schema": parameter_schema(flow).model_dump(),
    }
    before = None
    with suppress(ObjectNotFound):
        before = await client.read_deployment_by_name(name)
    if before is not None and all(_plain(getattr(before, key)) == value for key, value in given.items()):
        return Done("deployment", name, LEFT)
    await client.create_deployment(await client.create_flow_from_name(flow.name), wanted.name, **given)
    return Done("deployment", name, CREATED if before is None else CHANGED)


def _plain(value: Any) -> Any:
    return value.model_dump() if hasattr(value, "model_dump") else value


def _dead() -> AutomationCore:
    """A run whose machine died holds its place in a queue no longer than this."""
    return _crash("dondoc: a run without heartbeat has crashed", {_HEARTBEAT}, _OVER | {_HEARTBEAT}, DEAD_SECONDS)


def _never_began() -> AutomationCore:
    """It ends a run whose worker died before the run began."""
    return _crash(
        "dondoc: a run that never begins has crashed",
        {"prefect.flow-run.Pending"},
        _OVER | {"prefect.flow-run.Running", "prefect.flow-run.Scheduled"},
        NEVER_BEGAN_SECONDS,
    )


def _crash(name: str, after: set[str], expect: set[str], seconds: int) -> AutomationCore:
    return AutomationCore(
        name=name,
        description=f"Without it for {seconds} s",
        enabled=True,
        trigger=EventTrigger(
            after=after,
            expect=expect,
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=seconds),
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            for_each={"prefect.resource.id"},
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message=name)],
    )


async def _watch(client: PrefectClient, wanted: AutomationCore) -> Done:
    found = await client.read_automations_by_name(wanted.name)
    if not found:
        await client.create_automation(wanted)
        return Done("automation", wanted.name, CREATED)
    there = AutomationCore.model_validate(found[0].model_dump(include=set(AutomationCore.model_fields)))
    if _without_ids(there.model_dump(mode="json")) == _without_ids(wanted.model_dump(mode="json")):
        return Done("automation", wanted.name, LEFT)
    await client.update_automation(found[0].id, wanted)
    return Done("automation", wanted.name, CHANGED)


def _without_ids(value: Any) -> Any:
    """Write sets in one order, and no ids, which Prefect makes anew."""
    if isinstance(value, Mapping):
        return {key: _without_ids(one) for key, one in value.items() if key != "id"}
    if isinstance(value, list):
        return sorted((_without_ids(one) for one in value), key=repr)
    return value
