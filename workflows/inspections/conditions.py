"""What keeps an inspection from its next state, as conditions of the guarded UPDATE."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, not_
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.directives.inspection import InspectedUnit, InspectionCorrection, InspectionFinding, InspectionItem
from models.tasks.task import Task
from workflows.rules.tasks.inspection_policy import ANSWERED, SHORTCOMINGS


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
