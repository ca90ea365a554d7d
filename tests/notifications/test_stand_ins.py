"""Letters go to the stand-in on the days of an absence: what counts is the day they leave, not the day of writing."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.session import transaction
from models.letters.letter import LetterKind, LetterState
from models.organization.person import Absence
from notifications.outbox.stand_ins import send_to_stand_ins
from notifications.smtp.transport import Attempt, SendOutcome
from tests.office import COORDINATOR, ON, Office, at, furnish
from workflows.jobs.simulate import RecordedSender

HEAD, DEPUTY, FOCAL, OFFICER = "luong.thi.ngan", "ta.ba.toan", "phan.ngoc.son", "chu.bich.dao"
COLLEAGUE = "ho.thi.mai"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def absent(office: Office, who: str, stand_in: str, first: date, last: date) -> None:
    with transaction(office.engine) as session:
        person_id, stand_in_id = office.person(who).id, office.person(stand_in).id
        session.add(Absence(person_id=person_id, stand_in_id=stand_in_id, starts_on=first, ends_on=last))


class DeadServer(RecordedSender):
    def send(self, *_args: object, **_more: object) -> Attempt:
        return Attempt(SendOutcome.TEMPORARY, 421, "later")


def test_an_evenings_assignment_goes_to_the_stand_in_of_the_morning(office: Office) -> None:
    absent(office, HEAD, OFFICER, date(2004, 6, 2), date(2004, 6, 4))
    office.launch("4", on=at(1, hour=19))
    office.tick(at(2))
    assert office.told(office.task(), OFFICER) == [("assigned", 0)]
    assert office.sent(HEAD) == []


def test_an_evenings_news_goes_to_who_is_back_by_the_morning(office: Office) -> None:
    office.launch("4")
    office.tick(ON)
    absent(office, HEAD, OFFICER, date(2004, 6, 2), date(2004, 6, 2))
    office.act(office.task(), "set-date", COORDINATOR, at(2, hour=19), due=date(2004, 7, 9), note="Bộ đồng ý")
    office.tick(at(3))
    assert ("event:due_moved", 0) in office.told(office.task(), HEAD)
    assert office.sent(OFFICER) == []


def test_evening_rung_goes_to_the_mornings_stand_in(office: Office) -> None:
    office.launch("4")
    office.tick(ON)
    absent(office, HEAD, OFFICER, date(2004, 6, 4), date(2004, 6, 4))
    absent(office, COORDINATOR, COLLEAGUE, date(2004, 6, 4), date(2004, 6, 4))
    office.change_task(office.task(), due_at=at(2), due_set_at=ON)
    office.tick(at(3, hour=19))
    office.tick(at(4))
    assert office.told(office.task(), OFFICER)[-1][0] in ("not_accepted", "overdue")
    assert len(office.sent(COLLEAGUE)) == 1 and office.sent(COORDINATOR) == []


def test_an_absence_recorded_after_the_notice_was_written_counts_too(office: Office) -> None:
    office.launch("4", on=at(1, hour=19))
    absent(office, HEAD, OFFICER, date(2004, 6, 2), date(2004, 6, 4))
    office.tick(at(1, hour=20))
    office.tick(at(2))
    assert office.told(office.task(), OFFICER) == [("assigned", 0)]
    office.tick(at(3))
    office.tick(at(7))
    assert ("assigned", 0) not in office.told(office.task(), HEAD)


def test_a_stand_in_who_hears_it_anyway_hears_it_once(office: Office) -> None:
    office.launch("4", on=at(1, hour=19))
    absent(office, HEAD, DEPUTY, date(2004, 6, 2), date(2004, 6, 4))
    absent(office, FOCAL, DEPUTY, date(2004, 6, 2), date(2004, 6, 4))
    office.tick(at(2))
    assert {row[2:] for row in office.notices(office.task())} == {
        (DEPUTY, "sent"),
        (HEAD, "superseded"),
        (FOCAL, "superseded"),
    }
    assert len(office.sent(DEPUTY)) == 1


def test_two_absent_with_one_stand_in_are_told_once(office: Office) -> None:
    office.launch("4", on=at(1, hour=19))
    absent(office, HEAD, OFFICER, date(2004, 6, 2), date(2004, 6, 4))
    absent(office, FOCAL, OFFICER, date(2004, 6, 2), date(2004, 6, 4))
    office.tick(at(2))
    assert office.told(office.task(), OFFICER) == [("assigned", 0)]


def test_the_ladder_does_not_tell_the_absent_person_again(office: Office) -> None:
    office.launch("4")
    office.tick(ON)
    office.tick(at(3, hour=19))  # "not accepted", for the morning of the 4th
    absent(office, HEAD, OFFICER, date(2004, 6, 4), date(2004, 6, 4))
    office.tick(at(4))
    assert office.told(office.task(), OFFICER) == [("not_accepted", 2)]
    office.act(office.task(), "progress", DEPUTY, at(4, hour=9), note="đang làm")
    office.change_task(office.task(), status="assigned", next_check_at=at(7))
    office.tick(at(7))
    assert [rung for rung in office.told(office.task(), HEAD) if rung[0] == "not_accepted"] == [("not_accepted", 4)]


def test_a_letter_that_could_not_leave_goes_to_the_stand_in_once_its_reader_is_away(office: Office) -> None:
    office.launch("4", on=at(1, hour=9))
    office.tick(at(1, hour=9), DeadServer())
    assert {letter.state for letter in office.letters()} == {LetterState.QUEUED}
    absent(office, HEAD, OFFICER, date(2004, 6, 2), date(2004, 6, 4))
    office.tick(at(2))
    office.tick(at(2, hour=9))
    assert office.told(office.task(), OFFICER) == [("assigned", 0)]
    assert office.sent(HEAD) == []
    states = {letter.state for letter in office.letters() if letter.recipient_id == office.person(HEAD).id}
    assert states == {LetterState.EMPTY}


def test_the_digest_of_an_absent_coordinator_is_their_stand_ins(office: Office) -> None:
    office.launch("4")
    office.act(office.task(), "accept", HEAD, at(2))
    office.change_task(office.task(), due_at=at(2), due_set_at=ON)
    office.tick(at(3, hour=19))  # opens the coordinator's digest of the 4th
    absent(office, COORDINATOR, COLLEAGUE, date(2004, 6, 4), date(2004, 6, 4))
    office.tick(at(4))
    assert len(office.sent(COLLEAGUE)) == 1 and office.sent(COORDINATOR) == []


def test_at_night_only_incidents_change_hands(office: Office) -> None:
    office.launch("4", on=at(1, hour=19))
    absent(office, HEAD, OFFICER, date(2004, 6, 2), date(2004, 6, 2))
    office.tick(at(2, hour=20))
    office.tick(at(3))
    assert len(office.sent(HEAD)) == 1, "back by the morning on which it leaves"
    assert office.sent(OFFICER) == []


def test_where_nobody_is_absent_nothing_is_looked_for(office: Office) -> None:
    office.launch("4", on=at(1, hour=19))
    with transaction(office.engine) as session:
        assert send_to_stand_ins(session, now=ON + timedelta(days=1), are_leaving=True) == 0
    assert {letter.kind for letter in office.letters()} <= {LetterKind.DIGEST}
