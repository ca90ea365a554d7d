"""The matrix as the rules look at it: every question at every unit, its answer, the state of its corrections."""

from uuid import UUID

from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.directives.inspection import (
    InspectedUnit,
    Inspection,
    InspectionCorrection,
    InspectionFinding,
    InspectionItem,
)
from models.organization.unit import Unit
from models.tasks.task import Task, TaskStatus
from workflows.rules.tasks.inspection_policy import Cell


def read_cells(session: Session, inspection: Inspection) -> list[Cell]:
    """Return every cell, unit by unit in the order of their names. Four queries."""
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
                Cell(
                    unit,
                    position,
                    found.verdict if found else None,
                    found.settled if found else "",
                    tuple(tasks.get((unit_id, item_id), ())),
                )
            )
    return cells
