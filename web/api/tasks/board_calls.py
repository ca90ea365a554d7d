"""Calls about the board of a directive: figures by duty and unit, cells, and the tasks of one unit."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AfterValidator, Field

from models.organization.unit import UnitKind
from models.tasks.task import TaskStatus
from web.api.caller import Caller, Reads
from web.api.shapes import Shape
from web.request.cursor_paging import PageNumber
from workflows.access.rights import open_directive
from workflows.rules.figures.board_cells import Judged, Mark
from workflows.rules.tasks.classification import Bucket
from workflows.worklists.board.board import Board, BoardRow, BoardSort, Cell, read_board
from workflows.worklists.board.board_rows import BoardFilter
from workflows.worklists.task_rows import TaskRow
from workflows.worklists.unit_tasks import unit_tasks

router = APIRouter(prefix="/directives/{code}", tags=["boards"])
State = Bucket | Mark | Literal["due_soon", "waiting", "withdrawn", ""]


class FiguresShape(Shape):
    """The official figures: done or open, each in time or late."""

    total: int
    done_on_time: int
    done_late: int
    open_in_time: int
    open_overdue: int
    no_deadline: int = Field(description="Those of `open_in_time` without a deadline")


class CountsOf(Shape):
    """The figures of a duty or a unit."""

    code: str = Field(examples=["2.a"])
    name: str
    figures: FiguresShape


class BoardShape(Shape):
    """The figures of the tasks of a directive that the caller oversees, by duty and by unit."""

    figures: FiguresShape
    marks: dict[str, int] = Field(description="How many open tasks carry each mark", examples=[{"not_accepted": 12}])
    withdrawn: int
    duties: list[CountsOf]
    units: list[CountsOf]
    page: int
    pages: int


class CellShape(Shape):
    """The task shown for a duty and a unit: of several, the most urgent one."""

    duty: str = Field(examples=["2.a"])
    task_id: UUID
    status: TaskStatus
    place: Bucket | None = Field(description="null if withdrawn; then the total leaves it out")
    marks: list[Mark] = Field(examples=[["not_accepted", "undated"]])
    due_on: date | None
    occurrence: str = Field(examples=["2026-Q4"])
    others: int = Field(description="How many tasks of other periods the cell leaves out")
    is_drill: bool
    handed_down: int = Field(description="To how many subordinate units it is delegated")
    handed_down_done: int


class RowShape(Shape):
    """A lead unit and its cells, in the order of the duties. A duty without a task of the unit is left out."""

    unit_code: str = Field(examples=["TCT-T"])
    unit: str
    cells: list[CellShape]


class CellsShape(Shape):
    """A page of units with their cells."""

    duties: list[str] = Field(examples=[["2", "2.a", "4"]])
    units: int = Field(description="How many units there are on all pages")
    items: list[RowShape]
    page: int
    pages: int


class UnitTaskShape(Shape):
    """One task of a unit."""

    id: UUID
    duty: str = Field(examples=["2.a"])
    title: str
    occurrence: str
    status: TaskStatus
    place: Bucket | None
    marks: list[Mark]
    due_on: date | None
    original_due_on: date | None
    officer: str | None
    is_drill: bool
    is_child: bool = Field(description="Delegated by the organisation above")


class Contact(Shape):
    """A person to telephone."""

    full_name: str
    phone: str | None


class UnitPart(Shape):
    """The tasks of one unit in a directive, by duty, the newest period first."""

    unit_code: str
    unit: str
    head: Contact | None
    focal_point: Contact | None
    supervisor: str | None
    tasks: list[UnitTaskShape]


class BoardAsked(BoardFilter):
    """A filter of the board, and the page of it. Parameters that are not given do not filter."""

    duty: Annotated[tuple[str, ...], AfterValidator(lambda paths: tuple(filter(None, paths)))] = Field(
        (), max_length=500, description="Duties' numbers", examples=[["2.a"]]
    )
    kind: UnitKind | None = Field(None, description="The kind of unit")
    tag: str = Field("", max_length=64)
    supervisor: str = Field("", max_length=32, description="The code of the supervising unit")
    unit: str = Field("", max_length=32, description="A unit's code")
    q: Annotated[str, AfterValidator(str.strip)] = Field(
        "", max_length=200, description="Words of the unit's name or code"
    )
    state: Annotated[State, AfterValidator(str)] = Field(
        "", description="A cell of the official figures, a mark, `waiting`, or `withdrawn`"
    )
    period: str = Field("", max_length=64, description="An occurrence, or `request`")
    sort: BoardSort = BoardSort.NAME
    page: PageNumber = 1


AskedBoard = Annotated[BoardAsked, Query()]


@router.get("/board")
def board(code: str, caller: Reads, asked: AskedBoard) -> BoardShape:
    """Return the board's figures as of now. Without a filter they equal those of the report."""
    shown = _read_board(caller, code, asked)
    return BoardShape.of(
        shown.counts,
        duties=[CountsOf.of(column.counts, code=column.path, name=column.title) for column in shown.columns],
        units=[CountsOf.of(row.counts, code=row.unit.code, name=row.unit.name) for row in shown.rows],
        page=shown.paging.page,
        pages=shown.paging.pages,
    )


def _read_board(caller: Caller, code: str, asked: BoardAsked) -> Board:
    with caller.reading() as session:
        directive = open_directive(session, caller.principal, code)
        return read_board(session, caller.principal, directive, asked, now=caller.now, sort=asked.sort, page=asked.page)


@router.get("/cells")
def cells(code: str, caller: Reads, asked: AskedBoard) -> CellsShape:
    """Return the cells of the board, units × duties, a hundred units on a page."""
    shown = _read_board(caller, code, asked)
    return CellsShape.of(
        shown,
        duties=[column.path for column in shown.columns],
        units=shown.paging.total,
        page=shown.paging.page,
        pages=shown.paging.pages,
        items=[_row(shown, row) for row in shown.rows],
    )


def _row(shown: Board, row: BoardRow) -> RowShape:
    cells = [
        _cell(column.path, cell) for column, cell in zip(shown.columns, row.cells, strict=True) if cell is not None
    ]
    return RowShape(unit_code=row.unit.code, unit=row.unit.name, cells=cells)


def _cell(path: str, cell: Cell) -> CellShape:
    return CellShape.of(
        cell,
        duty=path,
        **_judgement(cell.judged),
        occurrence=cell.period,
        handed_down=cell.parts.total,
        handed_down_done=cell.parts.done,
    )


def _judgement(judged: Judged) -> dict[str, Any]:
    """Return the fields that a cell and a unit's task share."""
    return {"status": judged.status, "place": judged.bucket, "marks": list(judged.marks), "due_on": judged.due_on}


@router.get("/units/{unit}")
def unit_part(code: str, unit: str, caller: Reads) -> UnitPart:
    """Return the tasks of one unit in the directive, of every period, and the people to telephone."""
    with caller.reading() as session:
        directive = open_directive(session, caller.principal, code)
        part = unit_tasks(session, caller.principal, directive, unit, caller.now)
    return UnitPart.of(
        part,
        unit_code=part.unit.code,
        unit=part.unit.name,
        supervisor=part.supervisor.name if part.supervisor else None,
        tasks=[_unit_task(task, part.judged[task.id]) for task in part.tasks],
    )


def _unit_task(task: TaskRow, judged: Judged) -> UnitTaskShape:
    return UnitTaskShape.of(task, officer=task.officer_name, is_child=task.parent is not None, **_judgement(judged))
