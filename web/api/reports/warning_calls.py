"""Call about early warnings: open tasks that are likely to miss their deadline."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from models.i18n import translate
from web.api.caller import Reads
from web.api.shapes import Shape
from workflows.reports.scorecards.risks import TaskWarning
from workflows.reports.scorecards.scorecard_view import read_warnings
from workflows.rules.escalation.risk import Sign
from workflows.rules.rights_table import Right

router = APIRouter(tags=["warnings"])


class ReasonShape(Shape):
    """A sign that a task may miss its deadline."""

    sign: Sign
    points: int
    words: str


class WarnedShape(Shape):
    """An open task that is likely to miss its deadline."""

    task_id: UUID
    directive: str
    duty: str = Field(examples=["2.a"])
    title: str
    occurrence: str
    unit_code: str
    unit: str
    due_on: date
    days_left: int = Field(description="Working days")
    points: int
    reasons: list[ReasonShape]


class WarningsShape(Shape):
    """The warnings of today among the tasks that the caller oversees."""

    day: date
    looked_at: int
    warned: list[WarnedShape]


@router.get("/warnings")
def warnings(
    caller: Reads,
    directive: Annotated[str | None, Query(max_length=64, description="A directive's code; without it, all")] = None,
) -> WarningsShape:
    """Return the open tasks that are likely to miss their deadline, with the reasons."""
    caller.require(Right.SEE_WARNINGS)
    with caller.reading() as session:
        warnings_today = read_warnings(
            session, caller.principal, directive=directive, day=caller.today, calendar=caller.calendar(session)
        )
    tasks = [_warned(task, caller.person.language) for task in warnings_today.warned]
    return WarningsShape(day=warnings_today.day, looked_at=warnings_today.looked_at, warned=tasks)


def _warned(task: TaskWarning, language: str) -> WarnedShape:
    risk = task.risk
    return WarnedShape.of(
        task,
        duty=task.duty_path,
        title=task.duty_title,
        due_on=risk.due_on,
        days_left=risk.days_left,
        points=risk.points,
        reasons=[
            ReasonShape(sign=reason.sign, points=reason.points, words=translate(reason.words, language))
            for reason in risk.reasons
        ],
    )
