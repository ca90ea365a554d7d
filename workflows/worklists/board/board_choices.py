"""What a board can be filtered by: what there is on it, nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from models.database.rows import id_of, read_plain
from models.directives.launch import Incident
from models.organization.unit import UnitKind, UnitTag
from workflows.worklists.board.board_rows import Sheet, period_of


@dataclass(frozen=True)
class Choices:
    duties: Sequence[tuple[str, str]]  # path, title: of those with tasks
    without_tasks: Sequence[tuple[str, str]]  # armed or never launched
    periods: Sequence[str]
    incidents: Mapping[str, tuple[str, bool]]  # by occurrence: title, whether it is a drill
    kinds: Sequence[UnitKind]
    tags: Sequence[str]
    supervisors: Sequence[tuple[str, str]]  # code, name


def read_choices(session: Session, directive_id: UUID, sheet: Sheet, duties: Sequence[Any]) -> Choices:
    """Return what there is, in two queries."""
    launched = {id_of(one) for one in set(sheet.duties)}
    tags = session.scalars(select(col(UnitTag.tag)).distinct().order_by(col(UnitTag.tag))).all()
    above = {row.supervisor for row in sheet.units.values()}
    return Choices(
        duties=[(one.path, one.title) for one in duties if one.id in launched],
        without_tasks=[(one.path, one.title) for one in duties if one.id not in launched],
        periods=sorted({period_of(period) for period in set(sheet.periods)}),
        incidents=read_incidents(session, directive_id),
        kinds=sorted({row.kind for row in sheet.units.values()}),
        tags=tags,
        supervisors=[called for unit, called in sheet.supervisors.items() if unit in above],
    )


def read_incidents(session: Session, directive_id: UUID) -> dict[str, tuple[str, bool]]:
    """Return a directive's incidents by the occurrence of their tasks: title, and whether it is a drill."""
    query: Any = select(col(Incident.id), col(Incident.title), col(Incident.is_drill))
    found = read_plain(session, query.where(col(Incident.directive_id) == directive_id))
    return {f"incident:{one.id.hex}": (one.title, one.is_drill) for one in found}
