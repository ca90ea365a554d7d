"""The weekly summary: first working day of the week, 08:00, and only where no digest leaves that morning."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.session import transaction
from models.letters.letter import LetterKind, LetterState
from models.organization.calendar import CalendarDay, CalendarRevision, DayKind
from models.organization.person import Absence
from models.text.localtime import at_local
from tests.office import Office, at, body, furnish
from workflows.delivery.deliver import deliver
from workflows.escalation.summaries import open_summaries
from workflows.escalation.sweep import sweep

HEAD, DEPUTY, COORDINATOR = "luong.thi.ngan", "ta.ba.toan", "le.thi.c"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    made = furnish(engine, tmp_path)
    made.launch("4", due=date(2004, 8, 31))
    made.tick(at(1))
    made.act(made.task(), "accept", HEAD, at(1, hour=9))
    return made


def summaries(office: Office, person: str) -> list[tuple[object, LetterState]]:
    who = office.person(person).id
    return [
        (letter.slot, letter.state)
        for letter in office.letters()
        if letter.kind is LetterKind.SUMMARY and letter.recipient_id == who
    ]


def test_weekly_summary_reaches_heads_and_coordinators_at_08_00(office: Office) -> None:
    office.tick(at(7, hour=7, minute=30))
    assert summaries(office, HEAD) == []
    office.days(at(7), at(13))
    for person in (HEAD, COORDINATOR):
        assert summaries(office, person) == [(at(7), LetterState.SENT)]
        assert "[Tổng hợp tuần]" in office.sent(person)[-1]["Subject"]
    assert len([letter for letter in office.letters() if letter.kind is LetterKind.SUMMARY]) == 2, "nobody else"


def test_a_week_that_begins_with_holidays_is_summed_up_on_its_first_working_day(office: Office) -> None:
    with transaction(office.engine) as session:
        revision = CalendarRevision(recorded_at=at(2), reason="nghỉ bù")
        session.add(revision)
        session.flush()
        session.add(CalendarDay(day=date(2004, 6, 7), revision_id=revision.id, kind=DayKind.OFF, name="nghỉ bù"))
    office.tick(at(7))
    assert summaries(office, HEAD) == []
    office.tick(at(8))
    assert summaries(office, HEAD) == [(at(8), LetterState.SENT)]


def test_a_week_without_a_working_day_has_no_summary(office: Office) -> None:
    office.act(office.task(), "set-date", COORDINATOR, at(2), due=date(2005, 3, 31), note="theo kế hoạch")
    office.days(at_local(date(2005, 2, 7)), at_local(date(2005, 2, 13)))
    assert len(summaries(office, HEAD)) == 1, "Monday 7 February was still worked"


def test_it_is_keyed_by_person_and_week(office: Office) -> None:
    for hour in (8, 9, 10):
        office.tick(at(7, hour=hour))
    office.tick(at(8))
    assert len(summaries(office, HEAD)) == 1
    office.tick(at(14))
    assert [slot for slot, _state in summaries(office, HEAD)] == [at(7), at(14)]


def test_it_is_skipped_when_a_digest_leaves_that_morning(office: Office) -> None:
    office.act(office.task(), "set-date", COORDINATOR, at(2), due=date(2004, 6, 16), note="theo kế hoạch")
    office.days(at(7), at(7))  # 7 working days before: the due-soon rung fires this Monday
    assert summaries(office, HEAD) == [(at(7), LetterState.EMPTY)]
    assert "[Đôn đốc]" in office.sent(HEAD)[-1]["Subject"]


def test_it_waits_until_another_tick_has_looked_at_every_task_of_that_morning(office: Office) -> None:
    office.act(office.task(), "set-date", COORDINATOR, at(2), due=date(2004, 6, 16), note="theo kế hoạch")
    office.tick(at(4))

    def left_by_this_one() -> list[tuple[object, LetterState]]:
        deliver(
            office.engine,
            office.settings,
            office.sender,
            now=at(7),
            calendar=office.calendar,
            only=[LetterKind.SUMMARY],
        )
        return summaries(office, HEAD)

    assert open_summaries(office.engine, now=at(7), calendar=office.calendar) > 0
    assert left_by_this_one() == [(at(7), LetterState.QUEUED)], "the reminder is not yet decided on"
    sweep(office.engine, now=at(7), calendar=office.calendar)
    assert left_by_this_one() == [(at(7), LetterState.QUEUED)], "its notice has no letter yet, but will have"
    office.tick(at(7))
    assert summaries(office, HEAD) == [(at(7), LetterState.EMPTY)]


def test_a_digest_that_turns_out_empty_does_not_take_the_summary_with_it(office: Office) -> None:
    office.launch("2", due=date(2004, 8, 31), on=at(3))
    office.tick(at(3))
    office.tick(at(7))  # two working days on, the heads' "not accepted" opens the coordinator's digest: nothing to list
    kinds = {
        letter.kind: letter.state
        for letter in office.letters()
        if letter.recipient_id == office.person(COORDINATOR).id and letter.slot == at(7)
    }
    assert kinds == {LetterKind.DIGEST: LetterState.EMPTY, LetterKind.SUMMARY: LetterState.SENT}


def test_it_lists_every_open_task_the_distant_ones_too(office: Office) -> None:
    office.tick(at(7))
    assert "31/08/2004" in body(office.sent(HEAD)[-1])


def test_a_task_submitted_is_not_put_before_its_own_unit_again(office: Office) -> None:
    office.submit(office.task(), HEAD, at(4))
    office.tick(at(4))
    before = len(office.sent(HEAD))
    office.tick(at(7))
    assert len(office.sent(HEAD)) == before


def test_without_open_tasks_there_is_none(office: Office) -> None:
    office.act(office.task(), "withdraw", COORDINATOR, at(4), note="nhầm")
    office.days(at(5), at(8))
    assert summaries(office, HEAD) == summaries(office, COORDINATOR) == []


def test_the_stand_in_gets_it_during_an_absence(office: Office) -> None:
    with transaction(office.engine) as session:
        session.add(
            Absence(
                person_id=office.person(HEAD).id,
                stand_in_id=office.person(DEPUTY).id,
                starts_on=date(2004, 6, 5),
                ends_on=date(2004, 6, 9),
            )
        )
    office.tick(at(7))
    assert summaries(office, HEAD) == [] and summaries(office, DEPUTY) == [(at(7), LetterState.SENT)]
    assert "31/08/2004" in body(office.sent(DEPUTY)[-1])


def test_a_late_first_look_still_sends_this_weeks_and_never_last_weeks(office: Office) -> None:
    office.tick(at(12))  # a Saturday: queued, but letters do not leave
    assert summaries(office, HEAD) == [(at(7), LetterState.QUEUED)]
    office.tick(at(14))
    assert summaries(office, HEAD) == [(at(7), LetterState.EMPTY), (at(14), LetterState.SENT)]
    office.tick(at(23))  # a Wednesday after downtime
    assert summaries(office, HEAD)[-1] == (at(21), LetterState.SENT)


def test_a_retired_coordinator_gets_none(office: Office) -> None:
    office.change_person(COORDINATOR, is_active=False)
    office.tick(at(7) + timedelta(minutes=1))
    assert summaries(office, COORDINATOR) == []
