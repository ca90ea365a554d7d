"""The board of a directive: its figures by duty and unit, its cells, and one unit's part of it."""

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
from workflows.worklists.board.board import Board, BoardColumn, BoardRow, BoardSort, Cell, read_board
from workflows.worklists.board.board_rows import BoardFilter
from workflows.worklists.task_list import TaskRow
from workflows.worklists.unit_tasks import unit_tasks

router = APIRouter(prefix="/directives/{code}", tags=["boards"])
State = Bucket | Mark | Literal["due_soon", "waiting", "withdrawn", ""]


class FiguresShape(Shape):
    """The official two by two."""

    total: int
    done_on_time: int
    done_late: int
    open_in_time: int
    open_overdue: int
    no_deadline: int = Field(description="Of those in time: without a date")


class CountsOf(Shape):
    """A duty's or a unit's figures."""

    code: str = Field(examples=["2.a"])
    name: str
    figures: FiguresShape


class BoardShape(Shape):
    """The figures of a directive as the caller oversees it, by duty and by unit."""

    figures: FiguresShape
    marks: dict[str, int] = Field(description="How many open tasks carry each mark", examples=[{"not_accepted": 12}])
    withdrawn: int
    duties: list[CountsOf]
    units: list[CountsOf]
    page: int
    pages: int


class CellShape(Shape):
    """The task that stands for a unit's share of a duty: of several the one that most needs somebody."""

    duty: str = Field(examples=["2.a"])
    task_id: UUID
    status: TaskStatus
    place: Bucket | None = Field(description="None: withdrawn, outside the total")
    marks: list[Mark] = Field(examples=[["not_accepted", "undated"]])
    due_on: date | None
    occurrence: str = Field(examples=["2026-Q4"])
    others: int = Field(description="How many tasks of other periods it stands for beside itself")
    is_drill: bool
    handed_down: int = Field(description="Handed on to how many units below")
    handed_down_done: int


class RowShape(Shape):
    """A lead unit and its cells, in the order of the duties; a duty that it has no task of is left out."""

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
    is_child: bool = Field(description="Handed down by the organisation above")


class Contact(Shape):
    """Whom one telephones."""

    full_name: str
    phone: str | None


class UnitPart(Shape):
    """One unit's part of a directive, by duty, the newest period first."""

    unit_code: str
    unit: str
    head: Contact | None
    focal_point: Contact | None
    supervisor: str | None
    tasks: list[UnitTaskShape]


class BoardAsked(BoardFilter):
    """What is looked for on a board, and which page of it; what is not given asks for nothing."""

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
        "", description="A place in the two by two, a mark, waiting, or withdrawn"
    )
    period: str = Field("", max_length=64, description="An occurrence, or `request`")
    sort: BoardSort = BoardSort.NAME
    page: PageNumber = 1


AskedBoard = Annotated[BoardAsked, Query()]


@router.get("/board")
def board(code: str, caller: Reads, asked: AskedBoard) -> BoardShape:
    """Return the board's figures as of now; unfiltered they are the report's."""
    found = _read(caller, code, asked)
    return BoardShape.of(
        found.counts,
        duties=[_counts(one.path, one.title, one) for one in found.columns],
        units=[_counts(one.unit.code, one.unit.name, one) for one in found.rows],
        page=found.paging.page,
        pages=found.paging.pages,
    )


def _counts(code: str, name: str, of: BoardColumn | BoardRow) -> CountsOf:
    return CountsOf.of(of.counts, code=code, name=name)


def _read(caller: Caller, code: str, asked: BoardAsked) -> Board:
    with caller.reading() as session:
        directive = open_directive(session, caller.principal, code)
        return read_board(session, caller.principal, directive, asked, now=caller.now, sort=asked.sort, page=asked.page)


@router.get("/cells")
def cells(code: str, caller: Reads, asked: AskedBoard) -> CellsShape:
    """Return units × duties: the state of each cell, a hundred units on a page."""
    found = _read(caller, code, asked)
    items = [_row(found, row) for row in found.rows]
    return CellsShape.of(
        found,
        duties=[one.path for one in found.columns],
        units=found.paging.total,
        page=found.paging.page,
        pages=found.paging.pages,
        items=items,
    )


def _row(found: Board, row: BoardRow) -> RowShape:
    cells = [
        _cell(column.path, cell) for column, cell in zip(found.columns, row.cells, strict=True) if cell is not None
    ]
    return RowShape(unit_code=row.unit.code, unit=row.unit.name, cells=cells)


def _cell(path: str, cell: Cell) -> CellShape:
    count, done = cell.children
    judged = _judged(cell.judged)
    return CellShape.of(cell, duty=path, **judged, occurrence=cell.period, handed_down=count, handed_down_done=done)


def _judged(one: Judged) -> dict[str, Any]:
    return {"status": one.status, "place": one.bucket, "marks": list(one.marks), "due_on": one.due_on}


@router.get("/units/{unit}")
def unit_part(code: str, unit: str, caller: Reads) -> UnitPart:
    """Return one unit's part of the directive, every period of it, and whom to telephone."""
    with caller.reading() as session:
        directive = open_directive(session, caller.principal, code)
        found = unit_tasks(session, caller.principal, directive, unit, caller.now)
    return UnitPart.of(
        found,
        unit_code=found.unit.code,
        unit=found.unit.name,
        supervisor=found.supervisor.name if found.supervisor else None,
        tasks=[_unit_task(one, found.judged[one.id]) for one in found.tasks],
    )


def _unit_task(one: TaskRow, judged: Judged) -> UnitTaskShape:
    return UnitTaskShape.of(one, officer=one.officer_name, is_child=one.parent is not None, **_judged(judged))
