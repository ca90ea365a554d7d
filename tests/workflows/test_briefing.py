"""The giao ban list: the same numbers as the report at the same cut-off, in the order a briefing needs."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading
from models.directives.directive import Directive, find_directive
from models.directives.ladders import RungName
from models.tasks.task import Task, WaitKind
from tests.office import COORDINATOR, Office, at, furnish
from workflows.access.rights import overseen_tasks, read_principal
from workflows.operations.setup import BUNDLED
from workflows.reports.briefing import Briefing, read_briefing
from workflows.reports.report_figures import report
from workflows.reports.report_tasks import Figure, ReportPart, tasks_behind
from workflows.rules.tasks.actions import Action

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def office(standing_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Late July: row 2 was due on 30 June; one unit waits for more time, one has sent its plan."""
    office = furnish(standing_engine, tmp_path_factory.mktemp("office"))
    office.launch("2", "4")
    office.act(office.task("2", "CTY-M"), Action.ASK_EXTENSION, "ta.chi.thanh", at(28), due=date(2004, 8, 31), note="x")
    office.act(office.task("4"), Action.ACCEPT, "luong.thi.ngan", at(2))
    office.submit(office.task("4"), "luong.thi.ngan", at(29))
    office.days(at(1), at(27, 7))
    return office


def brief(office: Office, cutoff: date, who: str = COORDINATOR) -> Briefing:
    with reading(office.engine) as session:
        principal = read_principal(session, office.person(who), cutoff)
        directive: Directive = find_directive(session, BUNDLED)
        return read_briefing(
            session, directive, cutoff=cutoff, calendar=office.calendar, among=overseen_tasks(principal)
        )


@pytest.mark.parametrize("cutoff", [date(2004, 6, 15), date(2004, 7, 1), date(2004, 7, 27)])
def test_its_numbers_are_the_reports_and_its_lines_are_as_many(office: Office, cutoff: date) -> None:
    told = brief(office, cutoff)
    with reading(office.engine) as session:
        figures = report(session, cutoff=cutoff, directive=BUNDLED).figures
    assert told.report.figures == figures
    assert len(told.overdue) == figures.open_overdue
    assert len(told.undated) <= figures.no_deadline


def test_what_was_pressed_most_comes_first_with_what_to_do(office: Office) -> None:
    told = brief(office, date(2004, 7, 27))
    stages = [one.stage for one in told.overdue]
    assert stages[0] is RungName.PRESSED_2 or stages[0] is RungName.TO_ISSUER
    asked = next(one for one in told.overdue if one.task.unit_code == "CTY-M")
    assert asked.wait is not None and asked.wait.kind is WaitKind.EXTENSION
    assert str(asked.step) == "decide on the request for more time"
    plain = next(one for one in told.overdue if one.wait is None and one.stage is RungName.PRESSED_2)
    assert (plain.days_late, str(plain.step)) == (19, "sign official reminder number 1")


def test_an_earlier_cut_off_knows_nothing_of_what_came_later(office: Office) -> None:
    told = brief(office, date(2004, 6, 15))
    assert (told.overdue, told.waiting) == ([], [])
    later = brief(office, date(2004, 6, 29))
    assert {one.task.unit_code for one in later.waiting} == {"CTY-M", "VU-KHTC"}


@pytest.mark.parametrize("figure", list(Figure))
def test_every_number_has_as_many_tasks_behind_it_as_it_says(office: Office, figure: Figure) -> None:
    cutoff = date(2004, 7, 27)
    with reading(office.engine) as session:
        whole = report(session, cutoff=cutoff, directive=BUNDLED)
        behind = tasks_behind(session, cutoff=cutoff, figure=figure, directive=BUNDLED)
        assert len(behind) == getattr(whole.figures, figure.value)
        if figure is not Figure.NO_DEADLINE:
            original = tasks_behind(session, cutoff=cutoff, figure=figure, directive=BUNDLED, on_original=True)
            assert len(original) == getattr(whole.on_original, figure.value)
        for line in whole.by_unit:
            one = tasks_behind(
                session, cutoff=cutoff, figure=figure, directive=BUNDLED, part=ReportPart(unit=line.code)
            )
            assert len(one) == getattr(line.figures, figure.value)


def test_a_supervisor_has_only_the_units_it_supervises(office: Office) -> None:
    told = brief(office, date(2004, 7, 27), "ly.ngoc.anh")  # the postal department
    with reading(office.engine) as session:
        of_post = session.exec(select(Task).where(col(Task.id).in_([one.task.task_id for one in told.overdue]))).all()
    assert 0 < len(of_post) == len(told.overdue) < 25
