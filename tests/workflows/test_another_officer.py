"""Another officer is named while something waits to be told to the one before: it is the new one's to hear."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.session import transaction
from models.organization.person import Absence
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from tests.office import COORDINATOR, ON, Office, at, body, furnish
from workflows.jobs.simulate import RecordedSender

HEAD, FIRST, SECOND, STAND_IN = "luong.thi.ngan", "chu.bich.dao", "phan.ngoc.son", "ta.ba.toan"


class DeadServer(RecordedSender):
    """Takes nothing for now."""

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        return Attempt(SendOutcome.TEMPORARY, 421, "later")


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """Item 4, due on 10 June; its head has given it to an officer."""
    office = furnish(engine, tmp_path)
    office.launch("4", due=date(2004, 6, 10))
    office.tick(ON)
    name(office, FIRST, 1, 9)
    office.days(at(2), at(8))
    return office


def name(office: Office, officer: str, day: int, hour: int) -> None:
    office.act(office.task(), "assign", HEAD, at(day, hour=hour), to=officer, note="phân công")


def heard(office: Office, officer: str, after: int) -> list[str]:
    """What the letters after the first ones say."""
    return [body(one) for one in office.sent(officer)[after:]]


def test_a_reminder_that_could_not_leave_goes_to_the_officer_named_since(office: Office) -> None:
    before, first = len(office.sent(FIRST)), len(office.sent(SECOND))
    office.tick(at(9), DeadServer())
    name(office, SECOND, 9, 11)
    office.tick(at(9, hour=12))
    assert heard(office, FIRST, before) == []
    assert ("due_soon", -1) in office.told(office.task(), SECOND)
    assert len(heard(office, SECOND, first)) == 2, "that the task is theirs, and the reminder"


def test_an_evenings_news_goes_to_the_officer_named_since(office: Office) -> None:
    office.act(office.task(), "set-date", COORDINATOR, at(8, hour=19), due=date(2004, 7, 9), note="Bộ đồng ý")
    before = len(office.sent(FIRST))
    name(office, SECOND, 8, 20)
    office.tick(at(9))
    assert heard(office, FIRST, before) == []
    assert {("event:due_moved", 0), ("event:assigned_on", 0)} <= set(office.told(office.task(), SECOND))


def test_who_was_named_for_one_evening_only_hears_nothing(office: Office) -> None:
    before = len(office.sent(SECOND))
    name(office, SECOND, 8, 19)
    name(office, FIRST, 8, 20)
    office.tick(at(9))
    assert not [one for one in heard(office, SECOND, before) if "đã phân công" in one]


def test_it_goes_to_the_stand_in_of_an_officer_who_is_away(office: Office) -> None:
    with transaction(office.engine) as session:
        away, instead = office.person(SECOND).id, office.person(STAND_IN).id
        first, last = date(2004, 6, 8), date(2004, 6, 11)
        session.add(Absence(person_id=away, stand_in_id=instead, starts_on=first, ends_on=last))
    office.act(office.task(), "set-date", COORDINATOR, at(8, hour=19), due=date(2004, 7, 9), note="Bộ đồng ý")
    name(office, SECOND, 8, 20)
    office.tick(at(9))
    assert ("event:due_moved", 0) in office.told(office.task(), STAND_IN)


def test_naming_the_same_officer_again_changes_nothing(office: Office) -> None:
    office.act(office.task(), "set-date", COORDINATOR, at(8, hour=19), due=date(2004, 7, 9), note="Bộ đồng ý")
    name(office, FIRST, 8, 20)
    office.tick(at(9))
    assert ("event:due_moved", 0) in office.told(office.task(), FIRST)


def test_a_result_that_came_in_the_evening_is_put_to_the_coordinator_named_since(office: Office) -> None:
    office.submit(office.task(), HEAD, at(8, hour=19))
    office.act(office.task(), "change-coordinator", COORDINATOR, at(8, hour=20), to="ho.thi.mai", note="phân công lại")
    office.tick(at(9))
    assert ("event:submitted", 0) in office.told(office.task(), "ho.thi.mai")
    assert ("event:submitted", 0) not in office.told(office.task(), COORDINATOR)
