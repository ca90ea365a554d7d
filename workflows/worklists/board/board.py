"""The board of a directive: duties × units, each cell a task's state, counted along rows, columns and as a whole.

Unfiltered, its figures are those of `report` at the same moment: only root tasks count, drills and what was withdrawn
do not.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
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
    read_choices,
    read_sheet,
)

UNITS_PER_PAGE = 100


class BoardSort(StrEnum):
    """The order of the units."""

    NAME = "name"
    OVERDUE = "overdue"  # those with the most overdue tasks first
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Cell:
    """The task that stands for a unit's share of a duty, and how many others (of other periods) it stands for."""

    task_id: UUID
    judged: Judged
    period: str
    others: int
    is_drill: bool
    children: tuple[int, int] = (0, 0)  # handed on to so many units below, of which so many are done


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
    """A page of it; counts are of everything that was wanted."""

    columns: Sequence[BoardColumn]
    rows: Sequence[BoardRow]
    counts: Counts
    by_state: Counts
    """The same whatever state was wanted: what choosing another one would show."""
    found: int  # tasks, those that do not count among them
    paging: Paging  # of the units
    choices: BoardChoices
    has_tasks: bool  # whether there is anything, whatever was wanted


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
    """As of `now`, as far as somebody oversees the tasks. Nine queries, whatever there is."""
    duties = read_duties(session, directive.id)
    sheet = read_sheet(session, principal, directive.id, wanted, now)
    found = sheet.positions(wanted, duties)
    by_unit, by_duty = sheet.states_by(sheet.leads, found), sheet.states_by(sheet.duties, found)
    units = sorted(by_unit, key=lambda unit: _rank(sheet, unit, by_unit[unit], sort))
    paging = Paging.of(page, len(units), per_page)
    shown = units[paging.rows]
    columns = [one for one in duties if one.key in by_duty]
    cells = _cells(session, directive.id, sheet, found, frozenset(shown))
    return Board(
        columns=[BoardColumn(one.path, one.title, one.kind, sheet.count(by_duty[one.key])) for one in columns],
        rows=[
            BoardRow(
                sheet.units[unit], sheet.count(by_unit[unit]), tuple(cells.get((unit, one.key)) for one in columns)
            )
            for unit in shown
        ],
        counts=sheet.whole(found),
        by_state=sheet.whole(
            sheet.positions(wanted.model_copy(update={"state": ""}), duties) if wanted.state else found
        ),
        found=len(found),
        paging=paging,
        choices=read_choices(session, principal, directive.id, sheet, duties),
        has_tasks=bool(sheet.ids),
    )


def read_duties(session: Session, directive_id: UUID) -> list[Any]:
    """Path, title, kind and key of a directive's duties, in its own order."""
    query: Any = select(col(Duty.path), col(Duty.title), col(Duty.kind), key_of(Duty.id).label("key"))
    query = query.where(col(Duty.directive_id) == directive_id).order_by(col(Duty.position), col(Duty.path))
    return list(session.execute(query))


def _rank(sheet: BoardTasks, unit: str, states: Mapping[int, int], sort: BoardSort) -> tuple[int, str, str]:
    """Units with more of what the order asks for stand first; of equals, by name."""
    row = sheet.units[unit]
    if sort is BoardSort.NAME:
        return 0, row.sort_key, row.code
    figures = sheet.count(states).figures
    return -(figures.open_overdue if sort is BoardSort.OVERDUE else figures.open), row.sort_key, row.code


def _cells(
    session: Session, directive_id: UUID, sheet: BoardTasks, found: Sequence[int], units: frozenset[str]
) -> dict[tuple[str, str], Cell]:
    """A cell shows the task that most needs somebody; of equals, the latest."""
    gathered: dict[tuple[str, str], list[int]] = defaultdict(list)
    for n in found:
        if sheet.leads[n] in units:
            gathered[sheet.leads[n], sheet.duties[n]].append(n)
    ranks = [one.rank for one in sheet.judged]

    def rank(n: int) -> Any:
        return ranks[sheet.states[n]]

    def chosen(places: list[int]) -> int:
        if len(places) == 1:
            return places[0]
        return min(sorted(places, key=lambda n: sheet.periods[n], reverse=True), key=rank)

    children = _children(session, directive_id)
    return {
        key: Cell(
            UUID(sheet.ids[n]),
            sheet.judged[sheet.states[n]],
            sheet.periods[n],
            len(gathered[key]) - 1,
            sheet.drills[n],
            children.get(sheet.ids[n], (0, 0)),
        )
        for key, n in ((key, chosen(places)) for key, places in gathered.items())
    }


def _children(session: Session, directive_id: UUID) -> dict[str, tuple[int, int]]:
    """Return by parent task how many units below have a part, and how many of these are done."""
    done = func.sum(case((col(Task.status) == TaskStatus.APPROVED, 1), else_=0))
    query: Any = select(key_of(Task.parent_id), func.count().label("all"), done.label("done")).where(
        col(Task.directive_id) == directive_id,
        col(Task.parent_id).is_not(None),
        col(Task.status) != TaskStatus.WITHDRAWN,
    )
    return {parent: (all_, done_) for parent, all_, done_ in session.execute(query.group_by(col(Task.parent_id)))}
