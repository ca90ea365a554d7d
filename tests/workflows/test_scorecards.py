"""Scorecards from a real history: the report's own places, the same whenever asked, in few queries; who sees which."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session

from models.database.ids import new_id
from models.errors import NotFound
from models.organization.person import Person
from models.organization.unit import Unit, UnitKind
from models.tasks.task import Task
from tests.ministry import CUTOFF, Counted, Ministry, day
from workflows.access.rights import Principal, read_principal
from workflows.reports.report_figures import report
from workflows.reports.scorecards.scorecard_reads import Scorecards, read_scorecards
from workflows.reports.scorecards.scorecard_view import ScorecardQuery, find_unit, read_own
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.scorecard_figures import Every
from workflows.rules.rights_table import OfficeRole

CALENDAR = WorkCalendar()


@pytest.fixture
def ministry(session: Session) -> Ministry:
    return Ministry(session)


def cards(ministry: Ministry, cutoff: date = CUTOFF, **given: object) -> Scorecards:
    return read_scorecards(ministry.session, cutoff=cutoff, calendar=CALENDAR, **given)  # type: ignore[arg-type]


def small_world(ministry: Ministry) -> None:
    ministry.done(ministry.task(due=day(10)), day(10), approved=day(20))
    ministry.done(ministry.task(due=day(10), unit="DAI"), day(11))
    ministry.task("ct06/4", due=None)
    late = ministry.task("ct06/4", unit="DUNG", due=day(20))
    ministry.happened(late, "extension_asked", day(18), due_on="2004-06-29")
    ministry.happened(late, "extension_accepted", day(19))
    ministry.happened(late, "due_moved", day(19), due_on="2004-06-29", **{"from": "2004-06-20"})
    returned = ministry.task("kl/1", unit="DUNG", due=day(25))
    ministry.happened(returned, "submitted", day(24), "submitted")
    ministry.happened(returned, "returned", day(25), "returned")
    ministry.task(root=False)
    ministry.task(drill=True)
    ministry.happened(ministry.task(), "withdrawn", day(5), "withdrawn")


def test_the_cards_hold_the_reports_own_places(ministry: Ministry) -> None:
    small_world(ministry)
    figures = report(ministry.session, cutoff=CUTOFF)
    for line in figures.by_unit:
        found = cards(ministry).of(line.code)
        assert found is not None
        due = found.whole.due
        assert (due.on_time, due.late, due.overdue) == (
            line.figures.done_on_time,
            line.figures.done_late,
            line.figures.open_overdue,
        )
        assert found.whole.on_original.overdue == line.on_original.open_overdue
    dung = cards(ministry).of("DUNG")
    assert dung is not None
    assert (dung.whole.asked, dung.whole.granted, dung.whole.moved_on_request, dung.whole.returned) == (1, 1, 1, 1)


def test_units_stand_in_vietnamese_order_whatever_their_merit(ministry: Ministry) -> None:
    small_world(ministry)
    assert [unit.name for unit in cards(ministry).units] == ["Công ty An", "Công ty Dũng", "Công ty Đại"]


def test_asked_again_later_it_comes_out_the_same(ministry: Ministry) -> None:
    small_world(ministry)
    then = cards(ministry)
    task = ministry.task(due=day(10), on=CUTOFF + timedelta(days=1))
    for told in (ministry.task(due=day(12), on=CUTOFF + timedelta(days=2)), task):
        ministry.done(told, CUTOFF + timedelta(days=9))
    assert cards(ministry) == then
    assert cards(ministry, CUTOFF + timedelta(days=10)) != then


def test_each_period_has_its_own_dates_and_the_whole_adds_them_up(ministry: Ministry) -> None:
    ministry.done(ministry.task(due=date(2004, 2, 10), on=date(2004, 1, 5)), date(2004, 2, 9))
    ministry.done(ministry.task(due=day(10)), day(15))
    found = cards(ministry, every=Every.MONTH).of("AN")
    assert found is not None
    assert [card.due.total for card in found.by_period[-5:]] == [1, 0, 0, 0, 1]
    assert (found.whole.due.on_time, found.whole.due.late) == (1, 1)


def test_one_directive_alone_and_an_unknown_one(ministry: Ministry) -> None:
    small_world(ministry)
    assert [unit.code for unit in cards(ministry, directive="kl").units] == ["DUNG"]
    with pytest.raises(NotFound, match="ct99"):
        cards(ministry, directive="ct99")


def test_the_number_of_queries_does_not_grow_with_the_tasks(ministry: Ministry) -> None:
    def queries() -> int:
        with Counted(ministry.session) as seen:
            cards(ministry)
        return len(seen)

    small_world(ministry)
    few = queries()
    small_world(ministry)
    assert queries() == few <= 5


def place_of(ministry: Ministry, code: str, unit: str) -> Principal:
    """The head of a unit, who oversees nothing."""
    head = Person(code=code, full_name=code, name_folded=code, sort_key=code)
    ministry.session.add(head)
    ministry.session.flush()
    ministry.units[unit].head_id = head.id
    ministry.session.flush()
    principal = read_principal(ministry.session, head, CUTOFF)
    assert principal.standings == {OfficeRole.HEAD, OfficeRole.OFFICER}
    return principal


def with_units(ministry: Ministry, count: int) -> None:
    """So many units, each with five tasks of which one more is late than of the unit before."""
    for number in range(count):
        code = f"U{number}"
        ministry.units[code] = Unit(
            id=new_id(), code=code, name=code, name_folded=code, sort_key=code, kind=UnitKind.SUBORDINATE
        )
        ministry.session.add(ministry.units[code])
        ministry.session.flush()
        for task in range(5):
            ministry.done(ministry.task(unit=code, due=day(10)), day(20 if task < number else 9))


def test_a_head_sees_their_own_unit_beside_nameless_quartiles(ministry: Ministry) -> None:
    with_units(ministry, 5)
    place = place_of(ministry, "head", "U1")
    own = read_own(ministry.session, place, ScorecardQuery(CUTOFF), calendar=CALENDAR)
    assert [one.unit.code for one in own] == ["U1"]
    rates = own[0].rates
    assert rates is not None and (rates.units, rates.lower, rates.middle, rates.upper) == (5, 0.4, 0.6, 0.8)
    assert find_unit(ministry.session, place, ScorecardQuery(CUTOFF), "U1", calendar=CALENDAR)[0].whole.due.late == 1
    with pytest.raises(NotFound):
        find_unit(ministry.session, place, ScorecardQuery(CUTOFF), "U2", calendar=CALENDAR)


def test_below_five_units_there_are_no_quartiles(ministry: Ministry) -> None:
    with_units(ministry, 4)
    ministry.units["AN"].kind = UnitKind.SUBORDINATE  # a fifth, of too few tasks to count among them
    ministry.done(ministry.task(unit="AN", due=day(10)), day(10))
    own = read_own(ministry.session, place_of(ministry, "head", "U1"), ScorecardQuery(CUTOFF), calendar=CALENDAR)
    assert own[0].rates is None and own[0].days_late is None


def test_a_task_that_another_unit_took_over_shows_nothing_of_that_unit(ministry: Ministry) -> None:
    task = ministry.task(unit="AN", due=day(10))
    ministry.happened(task, "lead_changed", day(5), "assigned", to=str(ministry.units["DAI"].id))
    ministry.session.get_one(Task, task.id).lead_unit_id = ministry.units["DAI"].id
    ministry.done(ministry.task(unit="DUNG", due=day(10)), day(10))
    own = read_own(ministry.session, place_of(ministry, "head", "DUNG"), ScorecardQuery(CUTOFF), calendar=CALENDAR)
    assert [one.unit.code for one in own] == ["DUNG"]
