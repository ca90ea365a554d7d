"""Hand runs to the workers through Prefect's API, and read the state of these runs."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import WorkerFilter, WorkerFilterStatus
from prefect.client.schemas.objects import FlowRun, StateType, WorkerStatus
from prefect.deployments import arun_deployment
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings
from prefect.states import Cancelled

from models.errors import reason_of
from workflows.jobs.prefect.prefect_remote import RemotePrefect
from workflows.jobs.run_names import RunName

_T = TypeVar("_T")


class NotHandedOver(Exception):
    """Prefect did not take a run, or did not report its state."""


@dataclass(frozen=True)
class HandedRun:
    """A run that was handed over. Its state is SCHEDULED until a worker takes it, then PENDING until it begins."""

    id: UUID
    state: str

    @property
    def is_over(self) -> bool:
        return self.state in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class WorkerPoolClient:
    """Hands runs to a work pool. Each call raises NotHandedOver if the server fails."""

    def __init__(self, remote: RemotePrefect, pool: str) -> None:
        self._remote, self._pool = remote, pool

    def hand_over(self, run: RunName, deployment: str, *, key: str) -> HandedRun:
        """Hand over a run of a deployment. A repeat with the same key returns the first run."""

        async def start_run(client: PrefectClient) -> FlowRun:
            return await arun_deployment(
                f"{run.flow}/{deployment}",
                client,
                dict(run.given),
                flow_run_name=run.name,
                tags=run.tags,
                timeout=0,
                idempotency_key=key,
                as_subflow=False,
            )

        return _handed_run(self._call(start_run))

    def read_run(self, run: HandedRun) -> HandedRun:
        return _handed_run(self._call(lambda client: client.read_flow_run(run.id)))

    def take_back(self, run: HandedRun, reason: str) -> None:
        """Cancel a run that no worker has begun."""
        self._call(lambda client: client.set_flow_run_state(run.id, Cancelled(message=reason), force=True))

    def has_workers(self) -> bool:
        online = WorkerFilter(status=WorkerFilterStatus(any_=[WorkerStatus.ONLINE]))
        return bool(self._call(lambda client: client.read_workers_for_work_pool(self._pool, online, limit=1)))

    def _call(self, request: Callable[[PrefectClient], Coroutine[Any, Any, _T]]) -> _T:
        async def send() -> _T:
            async with get_client() as client:
                return await request(client)

        try:
            with self._settings():
                return asyncio.run(send())
        except ObjectNotFound as error:
            raise NotHandedOver("Prefect does not know what to run: run `dondoc deploy`") from error
        except (httpx.HTTPError, PrefectException, OSError) as error:
            raise NotHandedOver(reason_of(error)) from error

    @contextmanager
    def _settings(self) -> Iterator[None]:
        settings: Mapping[Any, Any] = {PREFECT_API_URL: self._remote.api_url, PREFECT_HOME: str(self._remote.home)}
        with temporary_settings(settings):
            yield


def _handed_run(run: FlowRun) -> HandedRun:
    return HandedRun(run.id, (run.state_type or StateType.SCHEDULED).value)
