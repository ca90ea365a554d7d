"""What hangs on a task: requests for more time, difficulties, calls, signed presses; and why its dates and letters."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from web.api.caller import Reads
from web.api.shapes import Shape
from web.api.tasks.task_calls import look
from workflows.escalation.why import why
from workflows.escalation.why_words import why_json
from workflows.rules.rights_table import Right
from workflows.worklists.task_history import AskedExtension, AskedLeadChange, RaisedObstacle, TaskCall, presses, rows_of
from workflows.worklists.task_view import is_explained_to

router = APIRouter(prefix="/tasks", tags=["tasks"])


class ExtensionShape(Shape):
    """A request for more time, and what was decided."""

    id: UUID
    asked_at: datetime
    by: str
    asked_due_on: date
    reason: str
    by_issuer: bool = Field(description="Only the issuer's side decides")
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
    """The unit says that it is not its function."""

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
    """What hangs on a task, each kind the newest first."""

    extensions: list[ExtensionShape]
    obstacles: list[ObstacleShape]
    lead_changes: list[LeadChangeShape]
    calls: list[CallShape]
    presses: list[PressShape]


@router.get("/{name}/records")
def task_records(name: str, caller: Reads) -> Records:
    """Requests, difficulties, telephone calls and signed presses of a task: for those who see it whole."""
    with caller.reading() as session:
        task_id = look(session, caller, name).whole_task().id
        return Records(
            extensions=[_row(ExtensionShape, one) for one in rows_of(session, AskedExtension, task_id)],
            obstacles=[_row(ObstacleShape, one) for one in rows_of(session, RaisedObstacle, task_id)],
            lead_changes=[_row(LeadChangeShape, one) for one in rows_of(session, AskedLeadChange, task_id)],
            calls=[_row(CallShape, one) for one in rows_of(session, TaskCall, task_id)],
            presses=[PressShape.model_validate(one) for one in presses(session, task_id)],
        )


@router.get("/{name}/why")
def task_why(name: str, caller: Reads) -> dict[str, Any]:
    """Why a task's dates, reminders and letters are as they are. For those who see its letters or oversee it."""
    with caller.reading() as session:
        sight = look(session, caller, name)
        task_id = sight.whole_task().id
        if not is_explained_to(caller.principal, sight):
            caller.require(Right.SEE_LETTERS)
        found = why(session, task_id, **caller.moment(session))
    return why_json(found, caller.person.language)


def _row(shape: type[Any], one: Any) -> Any:
    """The row's own columns, and the names beside it."""
    names = {name: value for name, value in vars(one).items() if name != "row"}
    return shape.model_validate(one.row.model_dump() | names)
