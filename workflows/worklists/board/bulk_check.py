"""The tasks that a bulk action would act on, and the chosen tasks that it leaves out, with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
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
from workflows.rules.tasks.actions import Action
from workflows.worklists.board.board import read_duties
from workflows.worklists.board.board_rows import BoardFilter, BoardTasks, key_of, read_board_tasks

TAIL = 12
"""The number of last digits of an id that identify a task within its directive."""


@dataclass(frozen=True)
class Picked:
    """The boxes that were ticked. Without any, all tasks that the filter chooses are meant."""

    units: frozenset[str] = frozenset()  # codes
    tasks: frozenset[str] = frozenset()  # the last digits of ids


@dataclass(frozen=True)
class ChosenTask:
    id: UUID
    unit: str
    unit_code: str
    path: str
    period: str
    judged: Judged
    why_not: str | None  # a message id, where the task is left out


@dataclass(frozen=True)
class BulkCheck:
    action: Action
    to_do: Sequence[ChosenTask]
    left_out: Sequence[ChosenTask]

    @property
    def units(self) -> int:
        return len({task.unit_code for task in self.to_do})

    @property
    def digest(self) -> str:
        """Differs when other tasks are to be acted on."""
        return mark_shown(sorted(task.id.hex for task in self.to_do))


def check_bulk(
    session: Session,
    principal: Principal,
    directive: Directive,
    wanted: BoardFilter,
    picked: Picked,
    action: Action,
    now: datetime,
) -> BulkCheck:
    """Return the tasks by unit, then by duty. It takes six queries."""
    duties = read_duties(session, directive.id)
    tasks = read_board_tasks(session, principal, directive.id, wanted, now)
    speaks_for_issuer = directive.issuer_office_id in principal.speaks_for
    fixed_ids = set() if speaks_for_issuer else _read_fixed_by_directive(session, directive)
    paths = {duty.key: duty.path for duty in duties}
    duty_order = {duty.key: order for order, duty in enumerate(duties)}

    def sort_key(position: int) -> Any:
        unit = tasks.units[tasks.leads[position]]
        duty = duty_order[tasks.duties[position]]
        return unit.sort_key, unit.code, duty, tasks.periods[position], tasks.ids[position]

    positions = [position for position in tasks.positions(wanted, duties) if _is_picked(tasks, position, picked)]
    chosen = []
    for position in sorted(positions, key=sort_key):
        unit, judged = tasks.units[tasks.leads[position]], tasks.judged[tasks.states[position]]
        chosen.append(
            ChosenTask(
                id=UUID(tasks.ids[position]),
                unit=unit.name,
                unit_code=unit.code,
                path=paths[tasks.duties[position]],
                period=tasks.periods[position],
                judged=judged,
                why_not=left_out(action, judged, fixed_elsewhere=tasks.ids[position] in fixed_ids),
            )
        )
    return BulkCheck(
        action=action,
        to_do=[task for task in chosen if task.why_not is None],
        left_out=[task for task in chosen if task.why_not is not None],
    )


def _is_picked(tasks: BoardTasks, position: int, picked: Picked) -> bool:
    if not (picked.units or picked.tasks):
        return True
    is_unit_picked = tasks.units[tasks.leads[position]].code in picked.units
    return is_unit_picked or UUID(tasks.ids[position]).hex[-TAIL:] in picked.tasks


def _read_fixed_by_directive(session: Session, directive: Directive) -> set[str]:
    """Return the keys of open tasks whose deadline the directive itself sets."""
    query: Any = select(key_of(Task.id)).where(
        col(Task.directive_id) == directive.id,
        col(Task.due_fixed_by) == DueFixedBy.DIRECTIVE,
        col(Task.status).in_(OPEN_STATUSES),
    )
    return set(session.scalars(query))


class NamedTask(NamedTuple):
    id: UUID
    unit: str  # the name of the lead unit
    path: str  # of the duty


def name_tasks(session: Session, ids: list[UUID]) -> list[NamedTask]:
    """Return the tasks in the order of their ids. Tasks that do not exist any more are left out."""
    tasks: dict[UUID, NamedTask] = {}
    for chunk in chunks(ids):
        query: Any = select(col(Task.id), col(Unit.name), col(Duty.path)).join(Unit, col(Unit.id) == Task.lead_unit_id)
        query = query.join(Duty, col(Duty.id) == Task.duty_id).where(col(Task.id).in_(chunk))
        tasks |= {row.id: NamedTask(*row) for row in session.execute(query)}
    return [tasks[task_id] for task_id in ids if task_id in tasks]
