"""Move a visit, send the findings, close or cancel an inspection. What must hold is held by the UPDATE itself.

`seen`: the inspection's revision as its page showed it, as in `hold`.
"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, not_, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.errors import BadInput, Refused
from models.i18n import _
from models.inspections.inspection import (
    InspectedUnit,
    Inspection,
    InspectionCorrection,
    InspectionFinding,
    InspectionItem,
    InspectionState,
)
from models.organization.unit import Unit
from models.tasks.task import OPEN_STATUSES, Task, TaskStatus
from models.text.localtime import due_date, write_date
from workflows.access.actor_context import ActorContext
from workflows.history.notify import TaskEvent, notify
from workflows.history.record import NewHistoryLine, record
from workflows.inspections.find import find_inspected
from workflows.inspections.held import hold, tell_history
from workflows.inspections.seeing import InspectionAccess, refuse_unless_while, require
from workflows.rules.tasks.inspection_policy import (
    ANSWERED,
    SHORTCOMINGS,
    Deed,
    QuestionAtUnit,
    open_points,
    unanswered,
)
from workflows.rules.tasks.lifecycle import Action, Relation
from workflows.tasks.act import act
from workflows.tasks.acts.closing import withdraw_for

VISITED = "Đoàn kiểm tra đã làm việc tại đơn vị; kết quả kiểm tra đã được gửi"
CANCELLED = "Huỷ đợt kiểm tra"
_NOTIFIED_ROLES = ("head", "deputy", "officer", "focal_point")


def move_visit(
    context: ActorContext, sight: InspectionAccess, unit: Unit, day: date, reason: str, *, seen: int | None = None
) -> None:
    """Another day for a unit's visit: its task's date, so that the unit gets the ordinary letter with its entry."""
    session = context.session
    require(sight, Deed.MOVE)
    found = find_inspected(session, sight.inspection, unit)
    if not reason.strip():
        raise BadInput("{field}: it may not be empty", field=_("reason"))
    if day < context.today:
        raise BadInput("visit {day}: the day is past", day=write_date(day))
    task = session.get_one(Task, found.task_id)
    before = due_date(task.due_at) if task.due_at else None
    if before == day:
        raise BadInput("visit {day}: it is on that day already", day=write_date(day))
    if not hold(session, sight.inspection, Deed.MOVE, seen=seen, **_wider(sight.inspection, day)):
        refuse_unless_while(sight.inspection, Deed.MOVE)
    act(context, found.task_id, Action.SET_DATE, {"due": day, "note": reason})
    tell_history(
        context,
        sight,
        "visit_moved",
        {"unit": unit.id.hex, "from": before.isoformat() if before else None, "due_on": day.isoformat()},
        note=reason,
    )


def _wider(inspection: Inspection, day: date) -> dict[str, date]:
    """A visit outside the inspection's days stretches them."""
    return {"starts_on": min(inspection.starts_on, day), "ends_on": max(inspection.ends_on, day)}


def send_findings(context: ActorContext, sight: InspectionAccess, *, seen: int | None = None) -> None:
    """Let the units read what was found of them, and tell them so. Findings stand from now."""
    require(sight, Deed.SEND)
    session, now, inspection = context.session, context.now, sight.inspection
    complete = not_(exists(gaps(inspection.id)))
    if not hold(session, inspection, Deed.SEND, complete, seen=seen, state=InspectionState.FINDINGS_SENT, sent_at=now):
        refuse_unless_while(inspection, Deed.SEND)
        raise Refused("the findings are not complete: {points}", points=unanswered(read_cells(session, inspection)))
    tell_history(context, sight, "findings_sent")
    for task in _visits(session, inspection):
        if task.status in OPEN_STATUSES and task.status is not TaskStatus.SUBMITTED:
            # nobody is pressed for a report on it any more; the letter about the findings says the rest
            withdraw_for(context, task, Relation.SYSTEM, VISITED, tells=False)
        _tell_unit(context, task, "inspection_findings")


def close_inspection(context: ActorContext, sight: InspectionAccess, summary: str, *, seen: int | None = None) -> None:
    """End an inspection with its conclusion. Refused, naming each point, while something is open."""
    require(sight, Deed.CLOSE)
    if not summary.strip():
        raise BadInput("{field}: it may not be empty", field=_("conclusion"))
    session, inspection = context.session, sight.inspection
    session.exec(corrective(inspection.id).with_for_update()).all()  # nobody reopens one while we look
    is_over = not_(
        or_(exists(gaps(inspection.id)), exists(shortcomings(inspection.id)), exists(still_open(inspection.id)))
    )
    if not hold(
        session,
        inspection,
        Deed.CLOSE,
        is_over,
        seen=seen,
        state=InspectionState.CLOSED,
        summary=summary.strip(),
        ended_at=context.now,
        ended_by=context.actor.id,
    ):
        refuse_unless_while(inspection, Deed.CLOSE)
        raise Refused(
            "the inspection cannot be closed yet: {points}", points=open_points(read_cells(session, inspection))
        )
    tell_history(context, sight, "inspection_closed", note=summary.strip())


def cancel_inspection(context: ActorContext, sight: InspectionAccess, reason: str, *, seen: int | None = None) -> None:
    """Call an inspection off, with a reason that every unit is told. Refused while a corrective task is open."""
    require(sight, Deed.CANCEL)
    if not reason.strip():
        raise BadInput("{field}: it may not be empty", field=_("reason"))
    session, inspection, none_open = context.session, sight.inspection, not_(exists(still_open(sight.inspection.id)))
    session.exec(corrective(inspection.id).with_for_update()).all()
    if not hold(
        session,
        inspection,
        Deed.CANCEL,
        none_open,
        seen=seen,
        state=InspectionState.CANCELLED,
        reason=reason.strip(),
        ended_at=context.now,
        ended_by=context.actor.id,
    ):
        refuse_unless_while(inspection, Deed.CANCEL)
        raise Refused("a correction that was demanded is still open: withdraw it first, or go on to the end")
    tell_history(context, sight, "inspection_cancelled", note=reason.strip())
    for task in _visits(session, inspection):
        if task.status in OPEN_STATUSES:
            act(context, task.id, Action.WITHDRAW, {"note": f"{CANCELLED}: {reason.strip()}"})
        else:
            _tell_unit(context, task, "inspection_cancelled", note=reason.strip())


def _visits(session: Session, inspection: Inspection) -> list[Task]:
    query = (
        select(Task)
        .join(InspectedUnit, col(InspectedUnit.task_id) == col(Task.id))
        .where(InspectedUnit.inspection_id == inspection.id)
    )
    return list(session.exec(query.order_by(col(Task.id)).with_for_update(of=Task)).all())


def _tell_unit(context: ActorContext, task: Task, event: str, note: str = "") -> None:
    line = NewHistoryLine(event, task.directive_id, context.actor.id, "coordinator", note=note, task=task)
    told = TaskEvent(task, event, record(context.session, line, context.now), _NOTIFIED_ROLES)
    notify(context.session, told, now=context.now, calendar=context.calendar)


def gaps(inspection_id: UUID) -> Select[Any]:
    """Questions of inspected units without an answer."""
    answered = exists().where(
        col(InspectionFinding.inspection_id) == inspection_id,
        col(InspectionFinding.unit_id) == col(InspectedUnit.unit_id),
        col(InspectionFinding.item_id) == col(InspectionItem.id),
    )
    return (
        columns(col(InspectionItem.id))
        .join(InspectedUnit, col(InspectedUnit.inspection_id) == col(InspectionItem.inspection_id))
        .where(col(InspectionItem.inspection_id) == inspection_id, not_(answered))
    )


def shortcomings(inspection_id: UUID) -> Select[Any]:
    """Shortcomings that nobody has answered."""
    demanded = exists().where(_same_finding())
    return columns(col(InspectionFinding.item_id)).where(
        col(InspectionFinding.inspection_id) == inspection_id,
        col(InspectionFinding.verdict).in_(SHORTCOMINGS),
        col(InspectionFinding.settled) == "",
        not_(demanded),
    )


def _same_finding() -> ColumnElement[bool]:
    return and_(
        col(InspectionCorrection.inspection_id) == col(InspectionFinding.inspection_id),
        col(InspectionCorrection.unit_id) == col(InspectionFinding.unit_id),
        col(InspectionCorrection.item_id) == col(InspectionFinding.item_id),
    )


def corrective(inspection_id: UUID) -> SelectOfScalar[Task]:
    mine = columns(col(InspectionCorrection.task_id)).where(col(InspectionCorrection.inspection_id) == inspection_id)
    return select(Task).where(col(Task.id).in_(mine)).order_by(col(Task.id))


def still_open(inspection_id: UUID) -> Select[Any]:
    """Corrective tasks that are neither approved nor withdrawn."""
    return (
        columns(col(Task.id))
        .join(InspectionCorrection, col(InspectionCorrection.task_id) == col(Task.id))
        .where(col(InspectionCorrection.inspection_id) == inspection_id, col(Task.status).not_in(ANSWERED))
    )


def read_cells(session: Session, inspection: Inspection) -> list[QuestionAtUnit]:
    """Cells come unit by unit in the order of their names. Four queries."""
    units = session.execute(
        columns(col(Unit.id), col(Unit.name))
        .join(InspectedUnit, col(InspectedUnit.unit_id) == col(Unit.id))
        .where(col(InspectedUnit.inspection_id) == inspection.id)
        .order_by(col(Unit.sort_key), col(Unit.code))
    ).all()
    items = session.execute(
        columns(col(InspectionItem.id), col(InspectionItem.position))
        .where(col(InspectionItem.inspection_id) == inspection.id)
        .order_by(col(InspectionItem.position))
    ).all()
    mine = select(InspectionFinding).where(InspectionFinding.inspection_id == inspection.id)
    findings = {(one.unit_id, one.item_id): one for one in session.exec(mine)}
    tasks: dict[tuple[UUID, UUID], list[TaskStatus]] = {}
    for unit_id, item_id, status in session.execute(
        columns(col(InspectionCorrection.unit_id), col(InspectionCorrection.item_id), col(Task.status))
        .join(Task, col(Task.id) == col(InspectionCorrection.task_id))
        .where(col(InspectionCorrection.inspection_id) == inspection.id)
    ):
        tasks.setdefault((unit_id, item_id), []).append(status)
    cells = []
    for unit_id, unit in units:
        for item_id, position in items:
            found = findings.get((unit_id, item_id))
            cells.append(
                QuestionAtUnit(
                    unit,
                    position,
                    found.verdict if found else None,
                    found.settled if found else "",
                    tuple(tasks.get((unit_id, item_id), ())),
                )
            )
    return cells
