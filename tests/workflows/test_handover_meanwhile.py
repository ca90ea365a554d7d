"""An office is handed over in the very moment in which a delivery puts its holder's letters together."""

from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from models.database.session import reading, transaction
from models.letters.letter import Letter, LetterState, Notice, NoticeState
from models.text.localtime import local_date
from notifications.outbox.claims import next_letters
from notifications.outbox.grouping import group
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from tests.notifications.queue import take
from tests.office import ON, Office, furnish
from tests.postgres import start_and_wait
from workflows.jobs.simulate import RecordedSender
from workflows.organization.register.handover import hand_over

pytestmark = pytest.mark.both

OLD, DEPUTY, NEW, UNIT = "luong.thi.ngan", "ta.ba.toan", "chu.bich.dao", "VU-KHTC"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """The head's letter waits, and another notice that belongs into it."""
    office = furnish(engine, tmp_path)
    office.launch("4")
    with transaction(engine) as session:
        put_together(session)
    office.launch("1")
    return office


def put_together(session: Session) -> None:
    group(session, now=ON, next_slot=lambda _kind, slot: slot)


def give_away(office: Office, unit: str = UNIT, which: str = "head") -> None:
    with transaction(office.engine) as session:
        hand_over(session, unit_code=unit, office=which, to_code=NEW, effective_on=local_date(ON), now=ON)


def at_once(office: Office) -> None:
    """The handover begins while the grouping is not committed yet."""
    second = Thread(target=give_away, args=(office,))
    with transaction(office.engine) as session:
        put_together(session)
        start_and_wait(second, office.engine)
    second.join()


def pending(office: Office) -> list[tuple[Notice, Letter | None]]:
    """What waits to be told as head of the unit, each with its letter."""
    with reading(office.engine) as session:
        query = select(Notice).where(Notice.role == "head", Notice.state == NoticeState.PENDING)
        people = [office.person(one).id for one in (OLD, NEW)]
        found = session.exec(query.where(col(Notice.recipient_id).in_(people))).all()
        return [(one, session.get(Letter, one.letter_id) if one.letter_id else None) for one in found]


def not_in_a_letter(session: Session, office: Office) -> Notice:
    """What the head is told and no letter says yet."""
    old = office.person(OLD).id
    return session.exec(
        select(Notice).where(Notice.recipient_id == old, col(Notice.letter_id).is_(None), Notice.role == "head")
    ).one()


def test_everything_that_waits_goes_to_the_successor(office: Office) -> None:
    at_once(office)
    new = office.person(NEW).id
    assert len(pending(office)) == 2
    assert {notice.recipient_id for notice, _letter in pending(office)} == {new}
    for _notice, letter in pending(office):
        assert letter is None or (letter.recipient_id == new and letter.state is LetterState.QUEUED)


def test_what_the_old_head_is_told_for_another_unit_is_not_lost_with_the_letter(office: Office) -> None:
    with transaction(office.engine) as session:
        other = not_in_a_letter(session, office)
        other.role = "supervisor"  # of a unit below one that they go on heading
        session.add(other)
    at_once(office)
    with reading(office.engine) as session:
        told = session.get_one(Notice, other.id)
        letter = session.get(Letter, told.letter_id) if told.letter_id else None
    assert told.state is NoticeState.PENDING
    assert letter is None or letter.state is LetterState.QUEUED


def test_old_head_keeps_news_of_somebody_unreachable(office: Office) -> None:
    with transaction(office.engine) as session:
        other = not_in_a_letter(session, office)
        other.undeliverable = "no_address"  # as who follows the task up
        session.add(other)
    give_away(office)
    with reading(office.engine) as session:
        assert session.get_one(Notice, other.id).recipient_id == office.person(OLD).id


def test_that_a_letter_came_back_is_for_the_next_deputy_to_see_to(office: Office) -> None:
    with transaction(office.engine) as session:
        told = not_in_a_letter(session, office)
        told.recipient_id, told.role = office.person(DEPUTY).id, "deputy"
        told.rung, told.undeliverable = "undeliverable", "refused"
        session.add(told)
    give_away(office, which="deputy")
    with reading(office.engine) as session:
        assert session.get_one(Notice, told.id).recipient_id == office.person(NEW).id


class Falters(RecordedSender):
    """Is sent away with its first letter; and meanwhile the office of a unit is handed over."""

    def __init__(self, office: Office, unit: str) -> None:
        super().__init__()
        self.office, self.unit, self.first = office, unit, ""

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        if not self.first:
            self.first = to_address
            give_away(self.office, self.unit)
            return Attempt(SendOutcome.TEMPORARY, 450, "later")
        return super().send(to_address, content)


@pytest.fixture
def assigned(engine: Engine, tmp_path: Path) -> Office:
    """Several heads are told of their tasks by the next delivery."""
    office = furnish(engine, tmp_path)
    office.launch("2", "4")
    return office


def reached(office: Office, old: str = OLD) -> set[str]:
    """Which of the two got the letter about the unit's task."""
    addresses = {office.person(one).email: one for one in (old, NEW)}
    return {addresses[to] for to, _content in office.sender.letters if to in addresses}


@pytest.mark.parametrize(
    ("unit", "old", "is_first"),
    [("T-LT", "duong.trong.nghia", False), (UNIT, OLD, True)],
    ids=["it waits behind another", "the server puts it off"],
)
def test_undelivered_letter_at_handover_is_the_successors(
    assigned: Office, unit: str, old: str, is_first: bool
) -> None:
    sender = assigned.sender = Falters(assigned, unit)
    for minutes in (0, 10, 30):
        assigned.tick(ON + timedelta(minutes=minutes))
    assert (sender.first == assigned.person(old).email) is is_first
    assert reached(assigned, old) == {NEW}


@pytest.mark.parametrize("standstill", [timedelta(days=2), timedelta(days=30)])
def test_letter_deferred_at_handover_is_the_successors(assigned: Office, standstill: timedelta) -> None:
    assigned.sender = Falters(assigned, UNIT)
    assigned.tick(ON)
    assigned.tick(ON + standstill)
    assert OLD not in reached(assigned)
    assert reached(assigned) == {NEW}


def test_what_a_delivery_has_read_and_not_marked_is_the_successors(assigned: Office) -> None:
    with transaction(assigned.engine) as session:
        put_together(session)
        read = next_letters(session, now=ON, limit=100)
    give_away(assigned)
    assigned.tick(ON + timedelta(hours=1))
    assert reached(assigned) == {NEW}
    old = next(one for one in read if one.recipient_id == assigned.person(OLD).id)
    with transaction(assigned.engine) as session:  # it was only slow
        assert not take(session, old, until=ON + timedelta(hours=2))


def test_who_takes_the_office_back_the_same_day_gets_what_was_put_off(assigned: Office) -> None:
    assigned.sender = Falters(assigned, UNIT)
    assigned.tick(ON)
    with transaction(assigned.engine) as session:
        hand_over(session, unit_code=UNIT, office="head", to_code=OLD, effective_on=local_date(ON), now=ON)
    assigned.tick(ON + timedelta(minutes=10))
    assert reached(assigned) == {OLD}
