"""The same cut-off asked again after everything that may happen later: the same bytes, printed and in files."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.session import reading
from models.directives.directive import find_directive
from models.organization.person import Person
from models.tasks.task import Task
from tests.commands.terminal import Cli
from tests.office import COORDINATOR, Office, at, furnish
from workflows.access.rights import overseen_tasks, read_principal
from workflows.history.seal import seal
from workflows.operations.setup import BUNDLED
from workflows.reports.briefing import read_briefing
from workflows.reports.report_figures import report
from workflows.reports.report_tasks import Figure, tasks_behind

pytestmark = pytest.mark.long

CUTOFF = date(2004, 7, 2)  # two days after duty 2 was due


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """Early July: one unit has its result approved, one has sent it, one asks for more time, one was given some."""
    office = furnish(engine, tmp_path / "office")
    office.launch("2", "4", "2.a")
    for unit in ("T-LT", "CTY-M", "CTY-E", "CTY-L"):
        office.act(_task(office, unit), "accept", _head(office, unit), at(2))
    for unit in ("T-LT", "CTY-M"):
        office.act(_task(office, unit), "submit", _head(office, unit), at(29), number="1/CV", date=date(2004, 6, 29))
    office.act(_task(office, "T-LT"), "approve", COORDINATOR, at(1, 7))
    for unit in ("CTY-E", "CTY-L"):
        office.act(_task(office, unit), "ask-extension", _head(office, unit), at(25), due=date(2004, 7, 30), note="x")
    office.act(_task(office, "CTY-L"), "grant-extension", COORDINATOR, at(28))
    return office


def _task(office: Office, unit: str) -> Task:
    return office.task("2", unit)


def _head(office: Office, unit: str) -> str:
    with reading(office.engine) as session:
        return session.get_one(Person, office.unit(unit).head_id).code


LATER: dict[str, Callable[[Office], object]] = {
    "an approval": lambda office: office.act(_task(office, "CTY-M"), "approve", COORDINATOR, at(5, 7)),
    "a return": lambda office: office.act(_task(office, "CTY-M"), "return", COORDINATOR, at(5, 7), note="thiếu"),
    "more time": lambda office: office.act(_task(office, "CTY-E"), "grant-extension", COORDINATOR, at(5, 7)),
    "a new date": lambda office: office.act(
        _task(office, "T-DD"), "set-date", COORDINATOR, at(5, 7), due=date(2004, 9, 1), note="x"
    ),
    "another lead": lambda office: office.act(
        _task(office, "T-DV"), "change-lead", COORDINATOR, at(5, 7), to="VU-PC", note="x"
    ),
    "a withdrawal": lambda office: office.act(_task(office, "T-DD"), "withdraw", COORDINATOR, at(5, 7), note="x"),
    "a reopening": lambda office: office.act(_task(office, "T-LT"), "reopen", COORDINATOR, at(5, 7), note="x"),
    "a paper that came before, recorded after": lambda office: office.act(
        _task(office, "T-DV"),
        "receive",
        "ngo.van.loc",
        at(5, 7),
        number="9/BC",
        date=date(2004, 6, 28),
        received_on=date(2004, 6, 29),
    ),
    "an incident": lambda office: office.declare("T-LT", "CTY-M", now=at(5, 7)),
    "the days that follow": lambda office: office.days(at(3, 7), at(25, 7)),
}


@pytest.mark.parametrize("what", list(LATER))
def test_what_happens_later_changes_no_byte_of_the_report(
    office: Office, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path))
    monkeypatch.setenv("DONDOC_DATABASE_URL", office.engine.url.render_as_string(hide_password=False))
    seal(office.engine, now=at(3, 7))  # the cut-off is final: nothing more can be recorded under it
    asked = ("report", "--cutoff", CUTOFF, "--json", "--xlsx")
    before = Cli()(*asked, tmp_path / "before.xlsx")
    assert before.code == 0, before.err
    lists = _lists(office)
    LATER[what](office)
    after = Cli()(*asked, tmp_path / "after.xlsx")
    assert after.out.encode() == before.out.encode()
    assert (tmp_path / "after.xlsx").read_bytes() == (tmp_path / "before.xlsx").read_bytes()
    assert _lists(office) == lists
    if what != "the days that follow":
        assert _changed(office), "else nothing was tested"


def _changed(office: Office) -> bool:
    """Whether the day of what happened later differs from the cut-off in any task's place, date or unit."""
    with reading(office.engine) as session:
        now, then = (tasks_behind(session, cutoff=day, figure=Figure.TOTAL) for day in (date(2004, 7, 5), CUTOFF))
    return [(one.task_id, one.at, one.unit_code) for one in now] != [
        (one.task_id, one.at, one.unit_code) for one in then
    ]


def _lists(office: Office) -> list[object]:
    with reading(office.engine) as session:
        return [tasks_behind(session, cutoff=CUTOFF, figure=figure) for figure in Figure]


@pytest.mark.parametrize("cutoff", [date(2004, 6, 20), CUTOFF, date(2004, 7, 30)])
def test_the_briefing_list_carries_the_reports_numbers_and_its_very_tasks(office: Office, cutoff: date) -> None:
    for later in ("an approval", "more time", "another lead", "a withdrawal"):
        LATER[later](office)
    with reading(office.engine) as session:
        principal = read_principal(session, office.person(COORDINATOR), cutoff)
        directive, among = find_directive(session, BUNDLED), overseen_tasks(principal)
        told = read_briefing(session, directive, cutoff=cutoff, calendar=office.calendar, among=among)
        figures = report(session, cutoff=cutoff, directive=BUNDLED, among=among)
        overdue = tasks_behind(session, cutoff=cutoff, figure=Figure.OPEN_OVERDUE, directive=BUNDLED, among=among)
    assert told.report == figures
    assert len(told.overdue) == figures.figures.open_overdue
    assert {one.task.task_id for one in told.overdue} == {one.task_id for one in overdue}
