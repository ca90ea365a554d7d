"""The board's counts are the report's, on both databases; what it shows to whom; its queries are the same in number."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models.database.session import reading
from models.directives.directive import Directive
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit, UnitKind
from models.text.localtime import local_date
from tests.ministry import Counted
from tests.office import COORDINATOR, Office, at, furnish
from tests.workflows.lively import lively
from workflows.access.rights import read_principal
from workflows.operations.setup import BUNDLED
from workflows.reports.report_figures import report
from workflows.rules.figures.board_cells import Mark
from workflows.rules.tasks.classification import Bucket
from workflows.worklists.board.board import Board, BoardSort, read_board
from workflows.worklists.board.board_rows import BoardFilter

NOW = at(16, 7, 10)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """Duties 1, 2, 4 and the oversight launched; some done, late, waiting, withdrawn, handed down; a drill is on."""
    office = furnish(engine, tmp_path)
    office.launch("1", "2", "2.a", "4", "oversight", due=date(2004, 6, 30))
    lively(office)
    return office


def look(office: Office, who: str = COORDINATOR, wanted: BoardFilter | None = None, **more: Any) -> Board:
    with reading(office.engine) as session:
        principal = read_principal(session, resolve_person(session, who), local_date(NOW))
        return read_board(session, principal, directive(session), wanted or BoardFilter(), now=NOW, **more)


def directive(session: Session) -> Directive:
    return session.exec(select(Directive).where(Directive.code == BUNDLED)).one()


def test_whole_by_duty_and_by_unit_the_counts_are_the_reports(office: Office) -> None:
    board = look(office, "nguyen.minh.quan")
    with reading(office.engine) as session:
        official = report(session, cutoff=local_date(NOW), directive=BUNDLED, now=NOW)
    assert board.counts.figures == official.figures
    assert {one.path: one.counts.figures for one in board.columns} == {
        one.code: one.figures for one in official.by_duty
    } | {one.path: one.counts.figures for one in board.columns if not one.counts.figures.total}
    rows = {row.unit.code: row.counts.figures for row in board.rows if row.counts.figures.total}
    assert rows == {one.code: one.figures for one in official.by_unit}
    for bucket in (Bucket.DONE_ON_TIME, Bucket.DONE_LATE, Bucket.OPEN_OVERDUE, Bucket.OPEN_IN_TIME):
        assert getattr(board.counts.figures, bucket.value), f"{bucket} occurs"


def test_a_cell_says_where_the_task_stands_and_what_holds_it_up(office: Office) -> None:
    board = look(office)
    at_two = [column.path for column in board.columns].index("2")
    cells = {row.unit.code: row.cells[at_two] for row in board.rows}
    said = {code: (cell.judged.bucket, cell.judged.marks) for code, cell in cells.items() if cell}
    assert said["T-LT"] == (Bucket.DONE_ON_TIME, ())
    assert said["CTY-M"] == (Bucket.DONE_LATE, ())
    assert said["CTY-E"] == (Bucket.OPEN_OVERDUE, (Mark.APPROVAL,))
    assert said["CTY-L"] == (Bucket.OPEN_OVERDUE, (Mark.EXTENSION,))
    assert said["T-DD"] == (Bucket.OPEN_OVERDUE, (Mark.BLOCKED,))
    assert said["T-DV"] == (None, ())
    assert said["TCT-T"] == (Bucket.OPEN_OVERDUE, (Mark.NOT_ACCEPTED,))


def test_a_drill_stands_apart_and_counts_nowhere(office: Office) -> None:
    board = look(office)
    drill = next(key for key, (_title, is_drill) in board.choices.incidents.items() if is_drill)
    incident = next(key for key, (_title, is_drill) in board.choices.incidents.items() if not is_drill)
    assert drill in board.choices.periods
    armed = next(column for column in board.columns if column.path == "2.a")
    assert armed.counts.figures.total == 1, "the incident's; the drill's two are not there"
    apart = look(office, wanted=BoardFilter(period=drill))
    assert {row.unit.code for row in apart.rows} == {"T-LT", "CTY-M"}
    assert all(cell.is_drill for row in apart.rows for cell in row.cells if cell)
    assert [row.unit.code for row in look(office, wanted=BoardFilter(period=incident)).rows] == ["T-LT"]


def test_every_filter_shows_what_it_names(office: Office) -> None:
    def units(**wanted: Any) -> set[str]:
        return {row.unit.code for row in look(office, wanted=BoardFilter(**wanted)).rows}

    assert [c.path for c in look(office, wanted=BoardFilter(duty=("4",))).columns] == ["4"]
    late = look(office, wanted=BoardFilter(state="open_overdue")).counts.figures
    assert late.total == late.open_overdue > 0
    assert units(state="blocked") == {"T-DD"}
    gone = look(office, wanted=BoardFilter(state="withdrawn")).counts
    assert (gone.withdrawn, gone.figures.total) == (1, 0)
    assert units(q="cty-e") == {"CTY-E"}
    assert units(q="BUU DIEN THANH PHO HA") == {"BD-A", "BD-C"}, "marks do not matter unless they are written"
    assert "BD-A" in units(q="Hà Trúc", duty=("2",))
    assert units(q="hả nội") == set()
    kinds = {row.unit.kind for row in look(office, wanted=BoardFilter(kind=UnitKind.DEPARTMENT)).rows}
    assert kinds == {UnitKind.DEPARTMENT}
    assert units(tag="internet", supervisor="VU-BC") == set()
    assert units(supervisor="VU-BC") >= {"T-BC", "T-PH"}
    assert look(office, wanted=BoardFilter(unit="T-LT", period="once")).found == 1


def test_board_sorts_units_and_pages_them(office: Office) -> None:
    names = [row.unit.sort_key for row in look(office).rows]
    assert names == sorted(names)
    late = [row.counts.figures.open_overdue for row in look(office, sort=BoardSort.OVERDUE).rows]
    assert late == sorted(late, reverse=True)
    first, second = look(office, per_page=5), look(office, per_page=5, page=2)
    assert (len(first.rows), first.paging.total, first.paging.pages) == (5, second.paging.total, second.paging.pages)
    assert first.counts == second.counts == look(office).counts
    assert not {r.unit.code for r in first.rows} & {r.unit.code for r in second.rows}
    assert look(office, per_page=5, page=999).paging.page == first.paging.pages


def test_a_supervising_unit_sees_its_own_units_alone(office: Office) -> None:
    above = office.unit("VU-BC")
    with reading(office.engine) as session:
        head = session.get_one(Person, above.head_id).code
        own = set(session.exec(select(Unit.code).where(Unit.supervising_unit_id == above.id)))
    seen = {row.unit.code for row in look(office, head).rows}
    assert seen
    assert seen <= own


def test_as_many_queries_for_all_units_as_for_one(office: Office) -> None:
    counts = []
    for wanted in (BoardFilter(), BoardFilter(unit="T-LT"), BoardFilter(q="không có đơn vị này")):
        with reading(office.engine) as session:
            principal = read_principal(session, resolve_person(session, COORDINATOR), local_date(NOW))
            found = directive(session)
            with Counted(session) as statements:
                read_board(session, principal, found, wanted, now=NOW)
            counts.append(len(statements))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 9
