"""The board of a directive: one row for each unit, one column for each duty, and a task's state in each cell.

Without a filter its figures equal those of the report at the same moment: only root tasks count, without drills and
withdrawn tasks.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from models.database.paging import Paging
from models.directives.directive import Directive, Duty, DutyKind
from models.tasks.task import Task, TaskStatus
from workflows.access.rights import Principal
from workflows.rules.figures.board_cells import Judged
from workflows.worklists.board.board_rows import (
    BoardChoices,
    BoardFilter,
    BoardTasks,
    BoardUnit,
    Counts,
    key_of,
    read_board_tasks,
    read_choices,
)

UNITS_PER_PAGE = 100


class BoardSort(StrEnum):
    """The order of the units."""

    NAME = "name"
    OVERDUE = "overdue"  # the units with the most overdue tasks first
    OPEN = "open"  # the units with the most open tasks first


class PartCounts(NamedTuple):
    """The parts of a task that were handed on to units below."""

    total: int
    done: int


@dataclass(frozen=True, slots=True)
class Cell:
    """The task that a cell shows."""

    task_id: UUID
    judged: Judged
    period: str
    others: int  # the number of tasks of other periods in the same cell
    is_drill: bool
    parts: PartCounts


@dataclass(frozen=True)
class BoardColumn:
    """One duty."""

    path: str
    title: str
    kind: DutyKind
    counts: Counts


@dataclass(frozen=True)
class BoardRow:
    """One lead unit; `cells` in the order of the columns."""

    unit: BoardUnit
    counts: Counts
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Board:
    """A page of the board. All counts are of the whole board that the filter chooses."""

    columns: Sequence[BoardColumn]
    rows: Sequence[BoardRow]
    counts: Counts
    by_state: Counts  # without the filter by state: what a choice of another state would show
    found: int  # all tasks that the filter chooses, also drills and withdrawn ones
    paging: Paging  # of the units
    choices: BoardChoices
    has_tasks: bool  # whether there are tasks at all, whatever the filter


def read_board(
    session: Session,
    principal: Principal,
    directive: Directive,
    wanted: BoardFilter,
    *,
    now: datetime,
    sort: BoardSort = BoardSort.NAME,
    page: int = 1,
    per_page: int = UNITS_PER_PAGE,
) -> Board:
    """Return a page as of `now`, with the tasks that the person oversees. It takes nine queries."""
    duties = read_duties(session, directive.id)
    tasks = read_board_tasks(session, principal, directive.id, wanted, now)
    positions = tasks.positions(wanted, duties)
    by_unit, by_duty = tasks.states_by(tasks.leads, positions), tasks.states_by(tasks.duties, positions)
    units = sorted(by_unit, key=lambda unit: _sort_key(tasks, unit, by_unit[unit], sort))
    paging = Paging.of(page, len(units), per_page)
    shown_units = units[paging.rows]
    columns = [duty for duty in duties if duty.key in by_duty]
    cells = _cells(session, directive.id, tasks, positions, frozenset(shown_units))
    in_any_state = tasks.positions(wanted.model_copy(update={"state": ""}), duties) if wanted.state else positions
    return Board(
        columns=[BoardColumn(duty.path, duty.title, duty.kind, tasks.count(by_duty[duty.key])) for duty in columns],
        rows=[
            BoardRow(
                unit=tasks.units[unit],
                counts=tasks.count(by_unit[unit]),
                cells=tuple(cells.get((unit, duty.key)) for duty in columns),
            )
            for unit in shown_units
        ],
        counts=tasks.count_all(positions),
        by_state=tasks.count_all(in_any_state),
        found=len(positions),
        paging=paging,
        choices=read_choices(session, principal, directive.id, tasks, duties),
        has_tasks=bool(tasks.ids),
    )


def read_duties(session: Session, directive_id: UUID) -> list[Any]:
    """Return path, title, kind and key of a directive's duties in their order."""
    query: Any = select(col(Duty.path), col(Duty.title), col(Duty.kind), key_of(Duty.id).label("key"))
    query = query.where(col(Duty.directive_id) == directive_id).order_by(col(Duty.position), col(Duty.path))
    return list(session.execute(query))


def _sort_key(tasks: BoardTasks, unit: str, states: Mapping[int, int], sort: BoardSort) -> tuple[int, str, str]:
    """Return the highest count first; units with equal counts by name."""
    row = tasks.units[unit]
    if sort is BoardSort.NAME:
        return 0, row.sort_key, row.code
    figures = tasks.count(states).figures
    return -(figures.open_overdue if sort is BoardSort.OVERDUE else figures.open), row.sort_key, row.code


def _cells(
    session: Session, directive_id: UUID, tasks: BoardTasks, positions: Sequence[int], units: frozenset[str]
) -> dict[tuple[str, str], Cell]:
    """Return the cells by unit and duty. A cell shows its most urgent task; of equally urgent ones, the latest."""
    positions_by_cell: dict[tuple[str, str], list[int]] = defaultdict(list)
    for position in positions:
        if tasks.leads[position] in units:
            positions_by_cell[tasks.leads[position], tasks.duties[position]].append(position)
    ranks = [judged.rank for judged in tasks.judged]

    def most_urgent(candidates: list[int]) -> int:
        if len(candidates) == 1:
            return candidates[0]
        latest_first = sorted(candidates, key=lambda position: tasks.periods[position], reverse=True)
        return min(latest_first, key=lambda position: ranks[tasks.states[position]])

    parts_by_task = _count_parts(session, directive_id)
    cells = {}
    for key, candidates in positions_by_cell.items():
        position = most_urgent(candidates)
        cells[key] = Cell(
            task_id=UUID(tasks.ids[position]),
            judged=tasks.judged[tasks.states[position]],
            period=tasks.periods[position],
            others=len(candidates) - 1,
            is_drill=tasks.drills[position],
            parts=parts_by_task.get(tasks.ids[position], PartCounts(0, 0)),
        )
    return cells


def _count_parts(session: Session, directive_id: UUID) -> dict[str, PartCounts]:
    done = func.sum(case((col(Task.status) == TaskStatus.APPROVED, 1), else_=0))
    query: Any = select(key_of(Task.parent_id), func.count(), done).where(
        col(Task.directive_id) == directive_id,
        col(Task.parent_id).is_not(None),
        col(Task.status) != TaskStatus.WITHDRAWN,
    )
    rows = session.execute(query.group_by(col(Task.parent_id)))
    return {parent: PartCounts(*counts) for parent, *counts in rows}
