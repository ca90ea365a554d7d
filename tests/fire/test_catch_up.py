"""After downtime one tick brings the truth: each person one letter that is true, nothing on holidays or at night."""

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from models.database.session import reading, transaction
from models.directives.directive import Duty
from models.letters.letter import Letter, LetterKind, LetterState, NoticeState
from models.letters.letter_preference import Pace
from models.tasks.task import Task
from models.text.localtime import at_local, local
from notifications.outbox.claims import next_letters
from notifications.outbox.grouping import group
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Attempt, SendOutcome
from tests.fire.facts import assert_settled, assert_whole
from tests.fire.processes import mail_settings, open_office
from tests.fire.sink import Sink
from tests.notifications.queue import take
from tests.office import COORDINATOR, Office, body, furnish
from tests.scenes import Play
from workflows.escalation.sweep import sweep_batch
from workflows.jobs.simulate import RecordedSender

pytestmark = pytest.mark.long

HEAD, T_LT, T_SL = "luong.thi.ngan", "duong.trong.nghia", "ta.thi.mai"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ROUTINE = (LetterKind.DIGEST, LetterKind.SUMMARY)


def on(day: int, month: int, hour: int = 8, minute: int = 0) -> datetime:
    """A local moment of 2026, whose Tết is off from Saturday 14 to Sunday 22 February."""
    return at_local(date(2026, month, day), time(hour, minute))


BACK = on(23, 2, 8, 5)
"""The first working morning after Tết, a Monday."""


def january(engine: Engine, folder: Path) -> None:
    """Launched before Tết: one date is the last day before it, the others the second day after; then no tick."""
    office = furnish(engine, folder)
    office.launch("4", on=on(26, 1), due=date(2026, 2, 13))
    office.launch("2", on=on(26, 1), due=date(2026, 2, 24))
    office.launch("oversight", "2.a", on=on(26, 1), due=None)
    office.act(office.task("2", "T-SL"), "accept", T_SL, on(26, 1, 9))
    office.days(on(26, 1), on(30, 1))


@pytest.fixture
def office(stage: Callable[[Play], str], tmp_path: Path, sink: Sink) -> Iterator[Office]:
    office = open_office(stage(january), tmp_path, sink.port)
    yield office
    office.engine.dispose()


def left_at(office: Office, moment: datetime) -> list[Letter]:
    """The letters that a tick sent."""
    return [letter for letter in office.letters() if letter.sent_at == moment]


def assert_one_each(letters: list[Letter]) -> None:
    """Nobody gets two digests, or a summary beside a digest."""
    people = Counter(letter.recipient_id for letter in letters if letter.kind in ROUTINE)
    assert people and set(people.values()) == {1}


def assert_only_in_sending_hours(office: Office) -> None:
    left = [local(one.sent_at) for one in office.letters() if one.sent_at and one.kind is not LetterKind.INCIDENT]
    assert all(office.calendar.is_working(moment.date()) and time(7) <= moment.time() < time(18) for moment in left)


def occurrences(office: Office, path: str, unit: str) -> list[tuple[str, datetime]]:
    """A unit's tasks of a duty: period and assignment, in the order of the periods."""
    with reading(office.engine) as session:
        query = select(Task).join(Duty, col(Duty.id) == Task.duty_id).where(Duty.path == path)
        tasks = session.exec(query.where(Task.lead_unit_id == office.unit(unit).id).order_by(col(Task.occurrence)))
        return [(task.occurrence, task.assigned_at) for task in tasks]


def test_after_weeks_of_downtime_over_tet_one_tick_tells_each_person_the_truth_once(office: Office) -> None:
    office.tick(BACK)
    assert_one_each(left_at(office, BACK))
    assert_settled(office.engine, office.calendar, by=BACK)

    mine = body(office.sent(HEAD)[-1])
    assert "ngày 13/02/2026, quá hạn 01 ngày làm việc" in mine, "late, and by how much: Tết does not count"
    of_mine = {(rung, offset): state for rung, offset, who, state in office.notices(office.task()) if who == HEAD}
    assert of_mine[("overdue", 1)] == NoticeState.SENT.value
    for passed_over in (("due_soon", -7), ("due_soon", -3), ("due_soon", -1), ("due", 0)):
        assert of_mine[passed_over] == NoticeState.SUPERSEDED.value

    near = body(office.sent(T_LT)[-1])
    assert "ngày 24/02/2026, còn 01 ngày làm việc" in near and near.count("24/02/2026") == 1
    assert [one for one in office.told(office.task("2", "T-LT"), T_LT) if one[0] == "due_soon"] == [("due_soon", -1)]
    coordinator = office.sent(COORDINATOR)[-1]
    assert "01 nhiệm vụ quá hạn, 25 nhiệm vụ sắp đến hạn" in coordinator["Subject"]


def test_what_was_told_late_is_not_told_again(office: Office) -> None:
    office.tick(BACK)
    so_far = len(office.sender.letters)
    for minutes in (1, 30, 300, 590):
        office.tick(BACK + timedelta(minutes=minutes))
    assert len(office.sender.letters) == so_far
    before = len(office.sent(HEAD))
    office.days(on(24, 2), on(27, 2))
    rungs = office.told(office.task(), HEAD)
    assert rungs.count(("overdue", 1)) == 1 and not {("due", 0), ("due_soon", -1)} & set(rungs)
    assert len(office.sent(HEAD)) - before == 1, "the fourth day late, and nothing between"
    assert "quá hạn 04 ngày làm việc" in body(office.sent(HEAD)[-1])
    assert office.told(office.task("2", "T-LT"), T_LT)[-3:] == [("due_soon", -1), ("due", 0), ("overdue", 1)]


@pytest.mark.parametrize(
    ("first", "leaves"),
    [
        pytest.param(on(18, 2, 10), False, id="in the middle of Tết"),
        pytest.param(on(21, 2, 10), False, id="on the Saturday after it"),
        pytest.param(on(23, 2, 3), False, id="in the night before the first morning"),
        pytest.param(on(23, 2, 6, 59), False, id="a minute before seven"),
        pytest.param(on(23, 2, 18, 0), False, id="at six in the evening"),
        pytest.param(on(23, 2, 15, 0), True, id="in the afternoon"),
        pytest.param(on(23, 2, 17, 59), True, id="a minute before six"),
    ],
)
def test_the_first_tick_after_downtime(office: Office, first: datetime, leaves: bool) -> None:
    office.declare("CTY-M", now=first - timedelta(minutes=1))
    office.tick(first)
    kinds = {letter.kind for letter in left_at(office, first)}
    assert LetterKind.INCIDENT in kinds, "contingency waits for no morning"
    assert (kinds != {LetterKind.INCIDENT}) is leaves
    morning = on(24, 2) if first >= on(23, 2, 18) else BACK
    if not leaves:
        office.tick(morning)
    assert_one_each(left_at(office, first if leaves else morning))
    settled = max(first, morning)
    office.tick(settled + timedelta(minutes=1))
    assert_only_in_sending_hours(office)
    assert office.told(office.task(), HEAD).count(("overdue", 1)) == 1
    assert_settled(office.engine, office.calendar, by=settled)


def test_periods_that_came_and_went_open_in_order_and_without_gaps(office: Office) -> None:
    assert occurrences(office, "oversight", "VU-VT") == []
    back = on(30, 12)
    office.tick(back)
    for unit in ("VU-VT", "VU-BC"):
        opened = occurrences(office, "oversight", unit)
        assert [period for period, _at in opened] == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
        assert all(first <= second for (_, first), (_, second) in pairwise(opened))
    assert_one_each(left_at(office, back))
    office.tick(back + timedelta(minutes=1))
    assert_settled(office.engine, office.calendar, by=back + timedelta(minutes=1))
    assert len(occurrences(office, "oversight", "VU-VT")) == 4
    office.days(on(31, 12), at_local(date(2027, 2, 1)))
    assert occurrences(office, "oversight", "VU-VT")[-1] == ("2027-Q1", at_local(date(2027, 2, 1)))
    assert len(occurrences(office, "oversight", "VU-VT")) == 5


def test_a_period_that_opened_during_tet_starts_its_clock_when_it_is_told(office: Office) -> None:
    office.tick(BACK)
    assert occurrences(office, "oversight", "VU-VT") == [("2026-Q1", BACK)]
    assert ("assigned", 0) in office.told(office.task("oversight", "VU-VT"), "le.thi.d")
    office.days(on(24, 2), on(24, 2))
    assert ("not_accepted", 2) not in office.told(office.task("oversight", "VU-VT"), "le.thi.d")
    office.days(on(25, 2), on(25, 2))
    assert ("not_accepted", 2) in office.told(office.task("oversight", "VU-VT"), "le.thi.d")


# the clock runs, but no letter leaves


@contextmanager
def no_server() -> Iterator[int]:
    """A port at which nobody answers."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


def test_days_without_a_mail_server_end_in_one_digest_of_what_is_true(office: Office, sink: Sink) -> None:
    with no_server() as port:
        down = YagmailSender(mail_settings(office.settings.data, port).mail)
        for day in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 18, 23):
            for hour in (8, 14):
                office.tick(on(day, 2, hour), down)
        assert {letter.state for letter in office.letters() if letter.slot >= on(2, 2)} <= {
            LetterState.QUEUED,
            LetterState.EMPTY,
        }, "no letter's attempts are spent on a server that answers nobody"
    back = on(24, 2)
    up = YagmailSender(mail_settings(office.settings.data, sink.port).mail)
    for minute in range(0, 61, 5):
        office.tick(back + timedelta(minutes=minute), up)
    left = [letter for letter in office.letters() if letter.sent_at and letter.sent_at >= back]
    assert_one_each(left)
    assert sink.twice() == {} and len(sink.arrivals) == len(left)
    (mine,) = sink.to(office.person(HEAD).email)
    assert "quá hạn 02 ngày làm việc" in body(mine.message) and mine.subject.count("01 nhiệm vụ quá hạn") == 1
    (near,) = sink.to(office.person(T_LT).email)
    assert "24/02/2026" in body(near.message) and "hạn hôm nay" in near.subject.lower() + body(near.message).lower()
    assert_settled(office.engine, office.calendar, by=back + timedelta(minutes=60))
    assert_whole(office.engine)
    told = [one for one in office.told(office.task("2", "T-LT"), T_LT) if one[0] != "assigned"]
    assert len(told) == len(set(told))


# the clock steps back


@pytest.mark.parametrize("shift", [timedelta(), timedelta(seconds=1)], ids=["the same instants", "other instants"])
def test_an_hours_step_back_repeats_nothing_and_loses_nothing(office: Office, shift: timedelta) -> None:
    office.tick(BACK)
    for person in (T_LT, HEAD):
        office.choose(person, changes=Pace.AT_ONCE)
    office.choose(COORDINATOR, requests=Pace.TWO_HOURS)
    task, other = office.task("2", "T-LT"), office.task("2", "T-SL")
    number = {"number": "12/BC", "date": date(2026, 2, 23)}
    a_quarter_to_nine, ten_to_nine, almost_half_past_nine = on(23, 2, 8, 45), on(23, 2, 8, 50), on(23, 2, 9, 29)

    every_minute(office, on(23, 2, 8, 6), a_quarter_to_nine - MINUTE)
    office.act(task, "submit", T_LT, a_quarter_to_nine, **number)
    every_minute(office, a_quarter_to_nine, almost_half_past_nine - MINUTE)
    office.act(office.task(), "set-date", COORDINATOR, almost_half_past_nine, due=date(2026, 3, 31), note="Bộ đồng ý")
    office.tick(almost_half_past_nine, Refusing())  # put off until 09:30, which is to be an hour away again
    assert ("event:submitted", 0, COORDINATOR, "pending") in office.notices(task), "until ten"
    assert ("event:due_moved", 0) not in office.told(office.task(), HEAD)
    sent = len(office.sender.letters)
    assert sent == len(told_since_january(office))

    every_minute(office, on(23, 2, 8, 30) + shift, a_quarter_to_nine - MINUTE + shift)
    assert len(office.sender.letters) == sent, "nothing is said again"
    office.act(other, "submit", T_SL, a_quarter_to_nine, **number)  # at the very moment of the other, an hour later
    every_minute(office, a_quarter_to_nine + shift, ten_to_nine - MINUTE + shift)
    office.act(task, "return", COORDINATOR, ten_to_nine, note="thiếu phụ lục")
    every_minute(office, ten_to_nine + shift, ten_to_nine + 2 * MINUTE + shift)
    if shift:  # a tick of the very same instant has finished already; no clock repeats itself to the microsecond
        assert ("event:returned", 0) in office.told(task, T_LT)
    every_minute(office, ten_to_nine + 3 * MINUTE + shift, on(23, 2, 10) + shift)

    assert office.told(other, COORDINATOR).count(("event:submitted", 0)) == 1
    assert office.told(task, T_LT).count(("event:returned", 0)) == 1
    assert office.told(office.task(), HEAD).count(("event:due_moved", 0)) == 1
    assert "thiếu phụ lục" in body(office.sent(T_LT)[-1])
    ids = told_since_january(office)
    assert len(set(ids)) == len(ids) == len(office.sender.letters)
    assert_settled(office.engine, office.calendar, by=on(23, 2, 10) + shift)
    every_minute(office, on(23, 2, 10, 1), on(23, 2, 10, 5))
    assert len(ids) == len(office.sender.letters)


def test_a_lease_from_before_a_step_back_runs_out_and_its_letter_leaves(office: Office) -> None:
    with transaction(office.engine) as session:
        office_now = on(23, 2, 9, 29)
        sweep_and_group(session, office, office_now)
        claims = next_letters(session, now=office_now, limit=100)
        assert all(take(session, one, until=office_now + 3 * MINUTE) for one in claims)
    assert claims, "a process took them, and is heard of no more"
    so_far = len(office.sender.letters)
    every_minute(office, on(23, 2, 8, 30), on(23, 2, 9, 32))
    assert not {one.letter_id for one in claims} & {letter.id for letter in office.letters() if letter.sent_at}
    every_minute(office, on(23, 2, 9, 33), on(23, 2, 9, 34))
    taken = {one.letter_id for one in claims}
    ended = {letter.id: letter.state for letter in office.letters() if letter.id in taken}
    assert set(ended.values()) <= {LetterState.SENT, LetterState.EMPTY}
    assert len(office.sender.letters) > so_far
    assert_settled(office.engine, office.calendar, by=on(23, 2, 9, 34))


def told_since_january(office: Office) -> list[str | None]:
    return [letter.message_id for letter in office.letters() if letter.sent_at and letter.sent_at >= BACK - HOUR]


class Refusing(RecordedSender):
    """A server that puts every letter off."""

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        return Attempt(SendOutcome.TEMPORARY, 451, "later, please")


def every_minute(office: Office, first: datetime, last: datetime) -> None:
    moment = first
    while moment <= last:
        office.tick(moment)
        moment += MINUTE


def sweep_and_group(session: Session, office: Office, now: datetime) -> None:
    """As far as a tick comes before it takes its letters."""
    sweep_batch(session, now=now, calendar=office.calendar)
    session.flush()
    group(session, now=now, next_slot=lambda _kind, slot: slot)
    session.flush()
