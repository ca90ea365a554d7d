"""Background jobs that wait."""

from datetime import datetime
from typing import Any
from uuid import UUID

from models.database.session import reading, transaction
from models.operations.background_job import LAUNCH, BackgroundJob
from tests.office import COORDINATOR, DUE, ON, Office
from workflows.launch.launch_order import LaunchOrder, as_given
from workflows.operations.setup import BUNDLED
from workflows.queue.background_jobs import ask


def order(office: Office, *paths: str, **more: Any) -> LaunchOrder:
    given: dict[str, Any] = {"due_on": DUE, "coordinator_id": office.person(COORDINATOR).id} | more
    return LaunchOrder(directive=BUNDLED, paths=paths, **given)


def queue_launch(office: Office, *paths: str, now: datetime = ON) -> UUID:
    """As one of more tasks than a request makes waits for the background."""
    with transaction(office.engine) as session:
        asked_by = office.person(COORDINATOR).id
        return ask(session, LAUNCH, as_given(order(office, *paths)), asked_by=asked_by, now=now).id


def look(office: Office, job_id: UUID) -> BackgroundJob:
    with reading(office.engine) as session:
        return session.get_one(BackgroundJob, job_id)
