"""Approve several results at once: each by the ordinary action, each in a transaction of its own."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine

from models.database.session import transaction
from models.errors import DondocError
from models.organization.person import Person
from models.settings import Settings
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.lifecycle import Action
from workflows.tasks.act import act


def approve_each(
    engine: Engine,
    chosen: Sequence[tuple[UUID, UUID]],
    actor: Person,
    *,
    now: datetime,
    calendar: WorkCalendar,
    settings: Settings,
) -> dict[UUID, DondocError]:
    """Approve the results of these tasks, and return what stood against the others, by task.

    `chosen` gives each task with the newest line of its history that the person saw. Their letters share a moment.
    """
    refused: dict[UUID, DondocError] = {}
    for task_id, seen in chosen:
        try:
            with transaction(engine) as session:
                act(
                    session,
                    task_id,
                    Action.APPROVE,
                    actor,
                    {},
                    now=now,
                    letters_at=now,
                    calendar=calendar,
                    settings=settings,
                    seen=seen,
                )
        except DondocError as error:
            refused[task_id] = error
    return refused
