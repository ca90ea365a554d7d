"""The inspections somebody may see, each with how far it is."""

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
from workflows.inspections.seeing import visible_inspections
from workflows.rules.rights_table import Right
from workflows.rules.tasks.inspection_policy import ANSWERED


@dataclass(frozen=True)
class ListedInspection:
    """Counts are None for whoever sees only their own unit of it."""

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
    """The newest first, at most `limit`, older than `before` where its id is given. 5 queries."""
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
    ids = [one.id for one, _directive, _lead in rows]
    units = _counts(session, InspectedUnit, ids)
    questions = _counts(session, InspectionItem, ids)
    answers = _counts(session, InspectionFinding, ids)
    still_open = _open(session, ids)
    whole = principal.may(Right.SEE_BOARD)
    return [
        ListedInspection(
            id=one.id,
            title=one.title,
            state=one.state,
            directive_code=found.code,
            directive_name=directive_name(found.kind, found.number, found.subject),
            decision_number=one.decision_number,
            lead=lead,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            units=units.get(one.id, 0),
            answered=answers.get(one.id, 0) if whole else None,
            total=units.get(one.id, 0) * questions.get(one.id, 0) if whole else None,
            open_corrections=still_open.get(one.id, 0) if whole else None,
        )
        for one, found, lead in rows
    ]


def _counts(
    session: Session, table: type[InspectedUnit] | type[InspectionItem] | type[InspectionFinding], ids: list[UUID]
) -> dict[UUID, int]:
    query = columns(col(table.inspection_id), func.count()).where(col(table.inspection_id).in_(ids))
    return {one: count for one, count in session.execute(query.group_by(col(table.inspection_id)))}


def _open(session: Session, ids: list[UUID]) -> dict[UUID, int]:
    query = (
        columns(col(InspectionCorrection.inspection_id), func.count())
        .join(Task, col(Task.id) == col(InspectionCorrection.task_id))
        .where(col(InspectionCorrection.inspection_id).in_(ids), col(Task.status).not_in(ANSWERED))
        .group_by(col(InspectionCorrection.inspection_id))
    )
    return {one: count for one, count in session.execute(query)}
