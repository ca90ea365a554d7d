"""Calls about a task's records (extensions, obstacles, telephone calls), and the reasons for its dates and letters."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from web.api.caller import Reads
from web.api.shapes import Shape
from web.api.tasks.task_calls import open_task
from workflows.escalation.explanation import explain_task
from workflows.escalation.explanation_words import explanation_json
from workflows.rules.rights_table import Right
from workflows.worklists.task_records import (
    AskedExtension,
    AskedLeadChange,
    RaisedObstacle,
    TaskCall,
    read_presses,
    read_records,
)
from workflows.worklists.task_view import is_explained_to

router = APIRouter(prefix="/tasks", tags=["tasks"])


class ExtensionShape(Shape):
    """A request for more time, and its decision."""

    id: UUID
    asked_at: datetime
    by: str
    asked_due_on: date
    reason: str
    by_issuer: bool = Field(description="Whether only the issuer's side may decide")
    state: str = Field(examples=["open"])
    decided_due_on: date | None = Field(description="Granted, or proposed instead")
    decided_at: datetime | None
    decided_by: str | None
    decision_reason: str


class ObstacleShape(Shape):
    """A difficulty that blocks the task until the authority answers."""

    id: UUID
    raised_at: datetime
    by: str
    text: str
    authority: str
    respond_by: datetime
    answered_at: datetime | None
    answered_by: str | None
    answer: str


class LeadChangeShape(Shape):
    """A unit's request for another lead unit: the task is not its function."""

    id: UUID
    asked_at: datetime
    by: str
    reason: str
    proposed: str | None
    state: str = Field(examples=["open"])


class CallShape(Shape):
    """A telephone call about the task."""

    called_at: datetime
    by: str
    answered_by: str
    note: str


class PressShape(Shape):
    """A công văn đôn đốc as it was signed."""

    number: str
    signed_on: date
    signer: str


class Records(Shape):
    """The records of a task, each kind the newest first."""

    extensions: list[ExtensionShape]
    obstacles: list[ObstacleShape]
    lead_changes: list[LeadChangeShape]
    calls: list[CallShape]
    presses: list[PressShape]


@router.get("/{name}/records")
def task_records(name: str, caller: Reads) -> Records:
    """Return the records of a task, for callers who may see it whole."""
    with caller.reading() as session:
        task_id = open_task(session, caller, name).whole_task().id
        return Records(
            extensions=[_shape(ExtensionShape, record) for record in read_records(session, AskedExtension, task_id)],
            obstacles=[_shape(ObstacleShape, record) for record in read_records(session, RaisedObstacle, task_id)],
            lead_changes=[
                _shape(LeadChangeShape, record) for record in read_records(session, AskedLeadChange, task_id)
            ],
            calls=[_shape(CallShape, record) for record in read_records(session, TaskCall, task_id)],
            presses=[PressShape.model_validate(press) for press in read_presses(session, task_id)],
        )


@router.get("/{name}/why")
def task_why(name: str, caller: Reads) -> dict[str, Any]:
    """Explain a task's dates, reminders and letters, for callers who oversee the task or may see its letters."""
    with caller.reading() as session:
        access = open_task(session, caller, name)
        task_id = access.whole_task().id
        if not is_explained_to(caller.principal, access):
            caller.require(Right.SEE_LETTERS)
        explanation = explain_task(session, task_id, **caller.moment(session))
    return explanation_json(explanation, caller.person.language)


def _shape(shape: type[Any], record: Any) -> Any:
    """Join the columns of a record's row with the names that stand beside it."""
    names = {name: value for name, value in vars(record).items() if name != "row"}
    return shape.model_validate(record.row.model_dump() | names)
