"""Move a visit, send the findings, close or cancel an inspection. The UPDATE itself checks each condition.

`seen` is the revision of the inspection on the person's page, as in `update_if`.
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
from workflows.inspections.findings import find_inspected_unit
from workflows.inspections.guarded_update import record_history, update_if
from workflows.inspections.inspection_access import InspectionAccess, refuse_wrong_state, require
from workflows.rules.tasks.actions import Action, Relation
from workflows.rules.tasks.inspection_policy import (
    SETTLED_STATUSES,
    SHORTCOMINGS,
    InspectionAction,
    QuestionAtUnit,
    open_points,
    unanswered,
)
from workflows.tasks.act import act
from workflows.tasks.acts.closing import withdraw_for

VISITED = "Đoàn kiểm tra đã làm việc tại đơn vị; kết quả kiểm tra đã được gửi"
CANCELLED = "Huỷ đợt kiểm tra"
_NOTIFIED_ROLES = ("head", "deputy", "officer", "focal_point")


def move_visit(
    context: ActorContext, access: InspectionAccess, unit: Unit, day: date, reason: str, *, seen: int | None = None
) -> None:
    """Move a unit's visit by moving its task's due date, so that the unit gets the ordinary letter about a new date."""
    session = context.session
    require(access, InspectionAction.MOVE)
    inspected = find_inspected_unit(session, access.inspection, unit)
    if not reason.strip():
        raise BadInput("{field}: it may not be empty", field=_("reason"))
    if day < context.today:
        raise BadInput("visit {day}: the day is past", day=write_date(day))
    task = session.get_one(Task, inspected.task_id)
    old_day = due_date(task.due_at) if task.due_at else None
    if old_day == day:
        raise BadInput("visit {day}: it is on that day already", day=write_date(day))
    if not update_if(
        session, access.inspection, InspectionAction.MOVE, seen=seen, **_stretch_days(access.inspection, day)
    ):
        refuse_wrong_state(access.inspection, InspectionAction.MOVE)
    act(context, inspected.task_id, Action.SET_DATE, {"due": day, "note": reason})
    record_history(
        context,
        access,
        "visit_moved",
        {"unit": unit.id.hex, "from": old_day.isoformat() if old_day else None, "due_on": day.isoformat()},
        note=reason,
    )


def _stretch_days(inspection: Inspection, day: date) -> dict[str, date]:
    """Return first and last day of the inspection, widened to contain the day of a visit."""
    return {"starts_on": min(inspection.starts_on, day), "ends_on": max(inspection.ends_on, day)}


def send_findings(context: ActorContext, access: InspectionAccess, *, seen: int | None = None) -> None:
    """Show the findings to the inspected units and notify them. Findings cannot change afterwards."""
    require(access, InspectionAction.SEND)
    session, now, inspection = context.session, context.now, access.inspection
    complete = not_(exists(unanswered_items(inspection.id)))
    if not update_if(
        session,
        inspection,
        InspectionAction.SEND,
        complete,
        seen=seen,
        state=InspectionState.FINDINGS_SENT,
        sent_at=now,
    ):
        refuse_wrong_state(inspection, InspectionAction.SEND)
        raise Refused(
            "the findings are not complete: {points}", points=unanswered(read_questions_at_units(session, inspection))
        )
    record_history(context, access, "findings_sent")
    for task in _lock_visit_tasks(session, inspection):
        if task.status in OPEN_STATUSES and task.status is not TaskStatus.SUBMITTED:
            # no more reminders about the visit: the letter about the findings replaces them
            withdraw_for(context, task, Relation.SYSTEM, VISITED, tells=False)
        _tell_unit(context, task, "inspection_findings")


def close_inspection(context: ActorContext, access: InspectionAccess, summary: str, *, seen: int | None = None) -> None:
    """Close an inspection with its conclusion. Raises Refused, which names each open point."""
    require(access, InspectionAction.CLOSE)
    if not summary.strip():
        raise BadInput("{field}: it may not be empty", field=_("conclusion"))
    session, inspection = context.session, access.inspection
    # lock the corrective tasks, so that nobody reopens one meanwhile
    session.exec(select_corrective_tasks(inspection.id).with_for_update()).all()
    is_over = not_(
        or_(
            exists(unanswered_items(inspection.id)),
            exists(open_shortcomings(inspection.id)),
            exists(open_corrections(inspection.id)),
        )
    )
    if not update_if(
        session,
        inspection,
        InspectionAction.CLOSE,
        is_over,
        seen=seen,
        state=InspectionState.CLOSED,
        summary=summary.strip(),
        ended_at=context.now,
        ended_by=context.actor.id,
    ):
        refuse_wrong_state(inspection, InspectionAction.CLOSE)
        raise Refused(
            "the inspection cannot be closed yet: {points}",
            points=open_points(read_questions_at_units(session, inspection)),
        )
    record_history(context, access, "inspection_closed", note=summary.strip())


def cancel_inspection(context: ActorContext, access: InspectionAccess, reason: str, *, seen: int | None = None) -> None:
    """Cancel an inspection with a reason, and notify every unit. Raises Refused while a corrective task is open."""
    require(access, InspectionAction.CANCEL)
    if not reason.strip():
        raise BadInput("{field}: it may not be empty", field=_("reason"))
    session, inspection, none_open = (
        context.session,
        access.inspection,
        not_(exists(open_corrections(access.inspection.id))),
    )
    session.exec(select_corrective_tasks(inspection.id).with_for_update()).all()
    if not update_if(
        session,
        inspection,
        InspectionAction.CANCEL,
        none_open,
        seen=seen,
        state=InspectionState.CANCELLED,
        reason=reason.strip(),
        ended_at=context.now,
        ended_by=context.actor.id,
    ):
        refuse_wrong_state(inspection, InspectionAction.CANCEL)
        raise Refused("a correction that was demanded is still open: withdraw it first, or go on to the end")
    record_history(context, access, "inspection_cancelled", note=reason.strip())
    for task in _lock_visit_tasks(session, inspection):
        if task.status in OPEN_STATUSES:
            act(context, task.id, Action.WITHDRAW, {"note": f"{CANCELLED}: {reason.strip()}"})
        else:
            _tell_unit(context, task, "inspection_cancelled", note=reason.strip())


def _lock_visit_tasks(session: Session, inspection: Inspection) -> list[Task]:
    query = (
        select(Task)
        .join(InspectedUnit, col(InspectedUnit.task_id) == col(Task.id))
        .where(InspectedUnit.inspection_id == inspection.id)
    )
    return list(session.exec(query.order_by(col(Task.id)).with_for_update(of=Task)).all())


def _tell_unit(context: ActorContext, task: Task, event: str, note: str = "") -> None:
    line = NewHistoryLine(event, task.directive_id, context.actor.id, "coordinator", note=note, task=task)
    task_event = TaskEvent(task, event, record(context.session, line, context.now), _NOTIFIED_ROLES)
    notify(context.session, task_event, now=context.now, calendar=context.calendar)


def unanswered_items(inspection_id: UUID) -> Select[Any]:
    """Return the query for questions of inspected units without an answer."""
    is_answered = exists().where(
        col(InspectionFinding.inspection_id) == inspection_id,
        col(InspectionFinding.unit_id) == col(InspectedUnit.unit_id),
        col(InspectionFinding.item_id) == col(InspectionItem.id),
    )
    return (
        columns(col(InspectionItem.id))
        .join(InspectedUnit, col(InspectedUnit.inspection_id) == col(InspectionItem.inspection_id))
        .where(col(InspectionItem.inspection_id) == inspection_id, not_(is_answered))
    )


def open_shortcomings(inspection_id: UUID) -> Select[Any]:
    """Return the query for shortcomings that are neither settled nor subject of a demand."""
    is_demanded = exists().where(_same_finding())
    return columns(col(InspectionFinding.item_id)).where(
        col(InspectionFinding.inspection_id) == inspection_id,
        col(InspectionFinding.verdict).in_(SHORTCOMINGS),
        col(InspectionFinding.settled) == "",
        not_(is_demanded),
    )


def _same_finding() -> ColumnElement[bool]:
    return and_(
        col(InspectionCorrection.inspection_id) == col(InspectionFinding.inspection_id),
        col(InspectionCorrection.unit_id) == col(InspectionFinding.unit_id),
        col(InspectionCorrection.item_id) == col(InspectionFinding.item_id),
    )


def select_corrective_tasks(inspection_id: UUID) -> SelectOfScalar[Task]:
    task_ids = columns(col(InspectionCorrection.task_id)).where(
        col(InspectionCorrection.inspection_id) == inspection_id
    )
    return select(Task).where(col(Task.id).in_(task_ids)).order_by(col(Task.id))


def open_corrections(inspection_id: UUID) -> Select[Any]:
    """Return the query for corrective tasks that are neither approved nor withdrawn."""
    return (
        columns(col(Task.id))
        .join(InspectionCorrection, col(InspectionCorrection.task_id) == col(Task.id))
        .where(col(InspectionCorrection.inspection_id) == inspection_id, col(Task.status).not_in(SETTLED_STATUSES))
    )


def read_questions_at_units(session: Session, inspection: Inspection) -> list[QuestionAtUnit]:
    """Return every question at every unit, unit by unit in the order of their names. Runs four queries."""
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
    query = select(InspectionFinding).where(InspectionFinding.inspection_id == inspection.id)
    findings = {(finding.unit_id, finding.item_id): finding for finding in session.exec(query)}
    task_statuses: dict[tuple[UUID, UUID], list[TaskStatus]] = {}
    for unit_id, item_id, status in session.execute(
        columns(col(InspectionCorrection.unit_id), col(InspectionCorrection.item_id), col(Task.status))
        .join(Task, col(Task.id) == col(InspectionCorrection.task_id))
        .where(col(InspectionCorrection.inspection_id) == inspection.id)
    ):
        task_statuses.setdefault((unit_id, item_id), []).append(status)
    questions = []
    for unit_id, unit in units:
        for item_id, position in items:
            finding = findings.get((unit_id, item_id))
            questions.append(
                QuestionAtUnit(
                    unit,
                    position,
                    finding.verdict if finding else None,
                    finding.settled if finding else "",
                    tuple(task_statuses.get((unit_id, item_id), ())),
                )
            )
    return questions
