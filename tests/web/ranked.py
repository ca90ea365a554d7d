"""Tasks on request with their history, so that units have enough of them to be compared."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import select

from models.database.ids import new_id
from models.organization.register_reads import resolve_unit
from models.tasks.history import History
from models.tasks.task import Task
from tests.web.conftest import LAUNCHED, Office


def give_tasks(office: Office, counts: Mapping[str, int], due: date = date(2026, 11, 20)) -> None:
    """So many open tasks more of duty 2 for each unit (by code), given at the launch."""

    def give(session: Any) -> None:
        for code, count in counts.items():
            unit = resolve_unit(session, code)
            row = session.exec(select(Task).where(Task.lead_unit_id == unit.id)).first().model_dump()
            for _number in range(count):
                task = Task(**{**row, "id": new_id(), "occurrence": f"request:{new_id().hex}"})
                session.add(task)
                session.flush()
                facts = {"due_on": due.isoformat(), "unit": unit.id.hex, "root": True, "drill": False}
                session.add(
                    History(
                        recorded_at=LAUNCHED,
                        occurred_on=LAUNCHED.date(),
                        directive_id=task.directive_id,
                        task_id=task.id,
                        event="assigned",
                        relation="coordinator",
                        to_status="assigned",
                        facts=facts,
                    )
                )

    office.change(give)
