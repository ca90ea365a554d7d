"""Warnings from a real history, on both databases: named, explained, narrowed, and counted in few queries."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session

from tests.ministry import Counted, Ministry, day
from workflows.reports.scorecards.risks import Risks, read_risks
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.risk import Sign

CALENDAR = WorkCalendar()
TODAY = day(16)


@pytest.fixture
def ministry(session: Session) -> Ministry:
    return Ministry(session)


def risks(ministry: Ministry, on: date = TODAY, directive: str | None = None) -> Risks:
    return read_risks(ministry.session, day=on, calendar=CALENDAR, directive=directive)


def a_slow_unit(ministry: Ministry, unit: str = "DAI") -> None:
    """Half a year of dates, six of eight missed."""
    for number in range(8):
        given = date(2003, 12, 1) + timedelta(days=20 * number)
        task = ministry.task(unit=unit, on=given, due=given + timedelta(days=14))
        ministry.happened(task, "accepted", given, "accepted")
        ministry.done(task, given + timedelta(days=10 if number < 2 else 18))


def test_an_open_task_is_warned_of_with_its_reasons_and_names(ministry: Ministry) -> None:
    a_slow_unit(ministry)
    task = ministry.task(unit="DAI", on=day(1), due=day(30))
    ministry.happened(task, "accepted", day(1), "accepted")
    calm = ministry.task(unit="AN", on=day(1), due=day(30))
    ministry.happened(calm, "accepted", day(1), "accepted")
    found = risks(ministry)
    assert found.looked_at == 2
    [warned] = found.warned
    assert (warned.task_id, warned.unit, warned.duty_path, warned.directive) == (task.id, "Công ty Đại", "2", "ct06")
    assert [reason.sign for reason in warned.risk.reasons] == [Sign.MOSTLY_LATE, Sign.SILENT]
    assert warned.risk.reasons[0].words == "missed 6 of 8 deadlines for this kind of duty in the last 12 months"


def test_a_task_that_its_head_gave_to_an_officer_is_not_called_unaccepted(ministry: Ministry) -> None:
    task = ministry.task(on=day(1), due=day(30))
    ministry.happened(task, "assigned_on", day(2), "accepted")
    assert risks(ministry).warned == (), "half of the time in silence is too little to warn of by itself"
    left = ministry.task(on=day(1), due=day(30))
    assert [one.task_id for one in risks(ministry).warned] == [left.id]


def test_what_was_recorded_later_is_not_known(ministry: Ministry) -> None:
    task = ministry.task(on=day(1), due=day(30))
    before = risks(ministry)
    assert [one.task_id for one in before.warned] == [task.id]
    ministry.happened(task, "returned", day(17), "returned")
    ministry.happened(task, "extension_asked", day(18))
    assert risks(ministry) == before


def test_one_directive_narrows_what_is_shown_and_not_what_is_known(ministry: Ministry) -> None:
    a_slow_unit(ministry)
    for duty in ("ct06/2", "kl/1"):
        task = ministry.task(duty, unit="DAI", on=day(1), due=day(30))
        ministry.happened(task, "accepted", day(1), "accepted")
    assert len(risks(ministry).warned) == 2
    [warned] = risks(ministry, directive="kl").warned
    assert warned.directive == "kl" and warned.risk.reasons[0].sign is Sign.MOSTLY_LATE


def test_the_past_of_the_rule_stands_beside(ministry: Ministry) -> None:
    a_slow_unit(ministry)
    replay = risks(ministry).replay
    assert (replay.whole.cases, replay.whole.late) == (8, 6)
    assert sum(one.cases for one in replay.months.values()) == 8


def test_the_number_of_queries_does_not_grow_with_the_tasks(ministry: Ministry) -> None:
    def queries() -> int:
        with Counted(ministry.session) as seen:
            risks(ministry)
        return len(seen)

    a_slow_unit(ministry)
    ministry.task(unit="DAI", on=day(1), due=day(30))
    few = queries()
    for _again in range(3):
        a_slow_unit(ministry)
        ministry.task(unit="DAI", on=day(1), due=day(30))
    assert queries() == few <= 4
