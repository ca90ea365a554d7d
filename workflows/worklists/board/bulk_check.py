"""What many tasks would be acted on: the chosen ones with where they stand, and those left out with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from models.database.rows import chunks
from models.directives.directive import Directive, Duty
from models.organization.unit import Unit
from models.tasks.task import OPEN_STATUSES, DueFixedBy, Task
from workflows.access.conflict import mark_shown
from workflows.access.rights import Principal
from workflows.rules.figures.board_cells import Judged
from workflows.rules.figures.bulk_choice import left_out
from workflows.rules.tasks.lifecycle import Action
from workflows.worklists.board.board import read_duties
from workflows.worklists.board.board_rows import BoardFilter, BoardTasks, key_of, read_sheet

TAIL = 12
"""So many last digits of an id name a task within its directive."""


@dataclass(frozen=True)
class Picked:
    """What was ticked: whole units by code, single tasks by the last digits of their ids. Nothing: all that fits."""

    units: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Chosen:
    """A task of the choice; `why_not` (a message id) where it is left out."""

    id: UUID
    unit: str
    unit_code: str
    path: str
    period: str
    judged: Judged
    why_not: str | None


@dataclass(frozen=True)
class BulkCheck:
    """The choice as it is now. `digest` is that of the tasks to be acted on: another choice has another."""

    action: Action
    to_do: Sequence[Chosen]
    left_out: Sequence[Chosen]

    @property
    def units(self) -> int:
        return len({one.unit_code for one in self.to_do})

    @property
    def digest(self) -> str:
        return mark_shown(sorted(one.id.hex for one in self.to_do))


def check_bulk(
    session: Session,
    principal: Principal,
    directive: Directive,
    wanted: BoardFilter,
    picked: Picked,
    action: Action,
    now: datetime,
) -> BulkCheck:
    """The choice stands by units in their order, then duties. Six queries, whatever there is."""
    duties = read_duties(session, directive.id)
    sheet = read_sheet(session, principal, directive.id, wanted, now)
    fixed = _fixed_by_directive(session, directive) if directive.issuer_office_id not in principal.speaks_for else set()
    paths = {duty.key: (order, duty.path) for order, duty in enumerate(duties)}
    found = [n for n in sheet.positions(wanted, duties) if _is_picked(sheet, n, picked)]

    def order(n: int) -> Any:
        unit = sheet.units[sheet.leads[n]]
        return unit.sort_key, unit.code, paths[sheet.duties[n]][0], sheet.periods[n], sheet.ids[n]

    chosen = []
    for n in sorted(found, key=order):
        unit, judged = sheet.units[sheet.leads[n]], sheet.judged[sheet.states[n]]
        why_not = left_out(action, judged, fixed_elsewhere=sheet.ids[n] in fixed)
        path = paths[sheet.duties[n]][1]
        chosen.append(Chosen(UUID(sheet.ids[n]), unit.name, unit.code, path, sheet.periods[n], judged, why_not))
    return BulkCheck(
        action, [one for one in chosen if one.why_not is None], [one for one in chosen if one.why_not is not None]
    )


def _is_picked(sheet: BoardTasks, n: int, picked: Picked) -> bool:
    if not (picked.units or picked.tasks):
        return True
    return sheet.units[sheet.leads[n]].code in picked.units or UUID(sheet.ids[n]).hex[-TAIL:] in picked.tasks


def _fixed_by_directive(session: Session, directive: Directive) -> set[str]:
    query: Any = select(key_of(Task.id)).where(
        col(Task.directive_id) == directive.id,
        col(Task.due_fixed_by) == DueFixedBy.DIRECTIVE,
        col(Task.status).in_(OPEN_STATUSES),
    )
    return set(session.scalars(query))


def named_tasks(session: Session, ids: list[UUID]) -> list[tuple[UUID, str, str]]:
    """Return each task with its lead unit and duty; tasks that are gone are left out."""
    found: dict[UUID, tuple[UUID, str, str]] = {}
    for chunk in chunks(ids):
        query: Any = select(col(Task.id), col(Unit.name), col(Duty.path)).join(Unit, col(Unit.id) == Task.lead_unit_id)
        query = query.join(Duty, col(Duty.id) == Task.duty_id).where(col(Task.id).in_(chunk))
        found |= {row[0]: tuple(row) for row in session.execute(query)}
    return [found[one] for one in ids if one in found]
