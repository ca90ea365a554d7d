"""Register with Prefect what workers need: a work pool, its queues, the deployments, and two automations.

A repeat changes nothing. Entry points are names of modules, as each worker has the program installed.
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
NEVER_BEGAN_SECONDS = 180  # a process starts in seconds; longer than the clock waits
_TAG = "dondoc"
_END_EVENTS = {f"prefect.flow-run.{name}" for name in ("Completed", "Failed", "Cancelled", "Crashed")}
_HEARTBEAT = "prefect.flow-run.heartbeat"


@dataclass(frozen=True)
class Registered:
    """One registered object: its kind, its name, and whether it is new or changed (`did`)."""

    kind: str
    name: str
    did: str


@dataclass(frozen=True)
class _Queue:
    """A queue of the pool. Priority 1 is served first; at most `at_once` of its runs go on at the same time."""

    name: str
    priority: int
    at_once: int | None = None


CLOCK, SHARE, BULK = "clock", "share", "bulk"


@dataclass(frozen=True)
class _Deployment:
    """A flow by its name in `flows`, and the queue of its runs."""

    name: str
    entrypoint: str
    queue: str
    parameters: Mapping[str, Any]
    description: str


def _deployments() -> list[_Deployment]:
    module = flows.__name__
    jobs = [
        _Deployment(written(job), f"{module}.job_flow", CLOCK, {"name": job.value}, "A job of the clock")
        for job in JobName
        if job is not JobName.DELIVER  # the clocks themselves send letters
    ]
    return [
        *jobs,
        _Deployment("sweep-share", f"{module}.sweep_share_flow", SHARE, {}, "Sweeps beside a tick that found much"),
        _Deployment(BACKGROUND_JOB, f"{module}.background_job_flow", BULK, {}, "Does what was asked for from a page"),
    ]


def deploy(settings: Settings, remote: RemotePrefect) -> list[Registered]:
    """Register everything with the server. Raise Refused where the server does not accept it."""

    async def register() -> list[Registered]:
        async with get_client() as client:
            registered = [await _register_pool(client, settings.work_pool)]
            for queue in (_Queue(CLOCK, 1), _Queue(SHARE, 5), _Queue(BULK, 10, settings.bulk_at_once)):
                registered.append(await _register_queue(client, settings.work_pool, queue))
            for deployment in _deployments():
                registered.append(await _register_deployment(client, settings.work_pool, deployment))
            for automation in (_crash_dead_runs(), _crash_pending_runs()):
                registered.append(await _register_automation(client, automation))
            return registered

    prefect_settings: Mapping[Any, Any] = {PREFECT_API_URL: remote.api_url, PREFECT_HOME: str(remote.home)}
    try:
        with temporary_settings(prefect_settings):
            return asyncio.run(register())
    except (httpx.HTTPError, PrefectException) as error:
        raise Refused(
            _("Prefect at {url} did not take it: {reason}"), url=remote.url, reason=reason_of(error)
        ) from error


async def _register_pool(client: PrefectClient, name: str) -> Registered:
    """Create the pool if it is missing. An existing one may be of another type, such as docker or kubernetes."""
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
        return Registered("work pool", name, CREATED)
    return Registered("work pool", name, LEFT)


async def _register_queue(client: PrefectClient, pool: str, desired: _Queue) -> Registered:
    queues = {queue.name: queue for queue in await client.read_work_queues(pool)}
    existing = queues.get(desired.name)
    if existing is None:
        await client.create_work_queue(
            desired.name, concurrency_limit=desired.at_once, priority=desired.priority, work_pool_name=pool
        )
        return Registered("queue", desired.name, CREATED)
    if (existing.priority, existing.concurrency_limit) == (desired.priority, desired.at_once):
        return Registered("queue", desired.name, LEFT)
    await client.update_work_queue(existing.id, priority=desired.priority, concurrency_limit=desired.at_once)
    return Registered("queue", desired.name, CHANGED)


async def _register_deployment(client: PrefectClient, pool: str, desired: _Deployment) -> Registered:
    flow = getattr(flows, desired.entrypoint.rpartition(".")[2])
    name = f"{flow.name}/{desired.name}"
    fields: dict[str, Any] = {
        "entrypoint": desired.entrypoint,
        "work_pool_name": pool,
        "work_queue_name": desired.queue,
        "parameters": dict(desired.parameters),
        "description": desired.description,
        "tags": [_TAG],
        "parameter_openapi_schema": parameter_schema(flow).model_dump(),
    }
    existing = None
    with suppress(ObjectNotFound):
        existing = await client.read_deployment_by_name(name)
    if existing is not None and all(_plain(getattr(existing, key)) == value for key, value in fields.items()):
        return Registered("deployment", name, LEFT)
    await client.create_deployment(await client.create_flow_from_name(flow.name), desired.name, **fields)
    return Registered("deployment", name, CREATED if existing is None else CHANGED)


def _plain(value: Any) -> Any:
    return value.model_dump() if hasattr(value, "model_dump") else value


def _crash_dead_runs() -> AutomationCore:
    """Return the automation that ends a run whose machine died, so that it frees its slot in the queue."""
    return _crash("dondoc: a run without heartbeat has crashed", {_HEARTBEAT}, _END_EVENTS | {_HEARTBEAT}, DEAD_SECONDS)


def _crash_pending_runs() -> AutomationCore:
    """Return the automation that ends a run whose worker died before the run began."""
    return _crash(
        "dondoc: a run that never begins has crashed",
        {"prefect.flow-run.Pending"},
        _END_EVENTS | {"prefect.flow-run.Running", "prefect.flow-run.Scheduled"},
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


async def _register_automation(client: PrefectClient, desired: AutomationCore) -> Registered:
    existing = await client.read_automations_by_name(desired.name)
    if not existing:
        await client.create_automation(desired)
        return Registered("automation", desired.name, CREATED)
    current = AutomationCore.model_validate(existing[0].model_dump(include=set(AutomationCore.model_fields)))
    if _without_ids(current.model_dump(mode="json")) == _without_ids(desired.model_dump(mode="json")):
        return Registered("automation", desired.name, LEFT)
    await client.update_automation(existing[0].id, desired)
    return Registered("automation", desired.name, CHANGED)


def _without_ids(value: Any) -> Any:
    """Return a value for comparison: with lists sorted, and without the ids that Prefect makes."""
    if isinstance(value, Mapping):
        return {key: _without_ids(item) for key, item in value.items() if key != "id"}
    if isinstance(value, list):
        return sorted((_without_ids(item) for item in value), key=repr)
    return value
