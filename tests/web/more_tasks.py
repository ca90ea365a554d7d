"""Very many tasks like one that is there."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from models.database.ids import new_id
from models.tasks.task import Task
from models.text.localtime import end_of_day
from tests.web.site import Office


def more(office: Office, task: Task, count: int, **values: Any) -> list[Task]:
    """Other tasks of the same unit, as they would be on request."""
    made: list[Task] = []

    def add(session: Session) -> None:
        row: Mapping[str, Any] = session.get_one(Task, task.id).model_dump()
        for _number in range(count):
            one = new_id()
            made.append(Task(**{**row, "id": one, "occurrence": f"request:{one.hex}", **values}))
        session.add_all(made)

    office.change(add)
    return made


def due(day: date) -> dict[str, Any]:
    return {"due_at": end_of_day(day), "original_due_at": end_of_day(day)}
