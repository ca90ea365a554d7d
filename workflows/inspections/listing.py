"""The list of inspections that a person may see, each with its progress."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import Session, col

from models.directives.directive import Directive, directive_name
from models.inspections.inspection import (
    InspectedUnit,
    Inspection,
    InspectionCorrection,
    InspectionFinding,
    InspectionItem,
    InspectionState,
)
from models.organization.person import Person
from models.tasks.task import Task
from workflows.access.rights import Principal
from workflows.inspections.inspection_access import visible_inspections
from workflows.rules.rights_table import Right
from workflows.rules.tasks.inspection_policy import SETTLED_STATUSES


@dataclass(frozen=True)
class ListedInspection:
    """One line of the list. The last three counts are None for a reader who sees only their own unit."""

    id: UUID
    title: str
    state: InspectionState
    directive_code: str
    directive_name: str
    decision_number: str | None
    lead: str
    starts_on: date
    ends_on: date
    units: int
    answered: int | None
    total: int | None
    open_corrections: int | None


def list_inspections(
    session: Session, principal: Principal, *, directive: str = "", before: UUID | None = None, limit: int = 50
) -> list[ListedInspection]:
    """Return the newest first, at most `limit`, and only those older than the inspection `before`. Runs 5 queries."""
    query = (
        columns(Inspection, Directive, col(Person.full_name))
        .join(Directive, col(Directive.id) == col(Inspection.directive_id))
        .join(Person, col(Person.id) == col(Inspection.lead_id))
        .where(visible_inspections(principal))
        .order_by(col(Inspection.id).desc())
        .limit(limit)
    )
    if directive:
        query = query.where(col(Directive.code) == directive)
    if before is not None:
        query = query.where(col(Inspection.id) < before)
    rows = session.execute(query).all()
    ids = [inspection.id for inspection, _directive, _lead in rows]
    units = _count_by_inspection(session, InspectedUnit, ids)
    questions = _count_by_inspection(session, InspectionItem, ids)
    answers = _count_by_inspection(session, InspectionFinding, ids)
    open_corrections = _count_open_corrections(session, ids)
    sees_counts = principal.may(Right.SEE_BOARD)
    return [
        ListedInspection(
            id=inspection.id,
            title=inspection.title,
            state=inspection.state,
            directive_code=source.code,
            directive_name=directive_name(source.kind, source.number, source.subject),
            decision_number=inspection.decision_number,
            lead=lead,
            starts_on=inspection.starts_on,
            ends_on=inspection.ends_on,
            units=units.get(inspection.id, 0),
            answered=answers.get(inspection.id, 0) if sees_counts else None,
            total=units.get(inspection.id, 0) * questions.get(inspection.id, 0) if sees_counts else None,
            open_corrections=open_corrections.get(inspection.id, 0) if sees_counts else None,
        )
        for inspection, source, lead in rows
    ]


def _count_by_inspection(
    session: Session, table: type[InspectedUnit] | type[InspectionItem] | type[InspectionFinding], ids: list[UUID]
) -> dict[UUID, int]:
    query = columns(col(table.inspection_id), func.count()).where(col(table.inspection_id).in_(ids))
    return {inspection_id: count for inspection_id, count in session.execute(query.group_by(col(table.inspection_id)))}


def _count_open_corrections(session: Session, ids: list[UUID]) -> dict[UUID, int]:
    query = (
        columns(col(InspectionCorrection.inspection_id), func.count())
        .join(Task, col(Task.id) == col(InspectionCorrection.task_id))
        .where(col(InspectionCorrection.inspection_id).in_(ids), col(Task.status).not_in(SETTLED_STATUSES))
        .group_by(col(InspectionCorrection.inspection_id))
    )
    return {inspection_id: count for inspection_id, count in session.execute(query)}
