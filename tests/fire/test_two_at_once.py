"""Two of anything: two processes on one database, each with its own connection to the mail server. Never luck."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from models.database.run import Run
from models.database.session import reading
from models.directives.launch import Launch
from models.letters.letter import Letter, LetterKind, LetterState, Notice
from models.tasks.task import Task
from models.text.localtime import local_date
from tests.fire.facts import assert_each_once, assert_settled, assert_ticks_finished, assert_whole
from tests.fire.processes import Worker, at_once, launch_at, open_office, tick_at, tick_sparingly, two_workers, until
from tests.fire.sink import Sink
from tests.office import COORDINATOR, DUE, ON, Office, at, furnish
from tests.scenes import Play
from workflows.jobs.tick import next_moment

pytestmark = pytest.mark.long

ROUNDS = 100
APART = [timedelta(), timedelta(microseconds=1), timedelta(), timedelta(milliseconds=1), timedelta(seconds=1)]
HEADS = {"T-LT": "duong.trong.nghia", "T-QT": "dinh.ngoc.son", "T-SL": "ta.thi.mai", "CTY-M": "ta.chi.thanh"}


@pytest.fixture
def url(stage: Callable[[Play], str]) -> str:
    return stage(furnish)


@pytest.fixture
def office(url: str, tmp_path: Path, sink: Sink) -> Iterator[Office]:
    """The office as the test itself sees it and acts in it."""
    office = open_office(url, tmp_path, sink.port)
    yield office
    office.engine.dispose()


@pytest.fixture
def workers(url: str, tmp_path: Path, sink: Sink) -> Iterator[tuple[Worker, Worker]]:
    with two_workers(url, tmp_path, sink.port) as both:
        yield both


def something_due(office: Office, turn: int, moment: datetime) -> datetime:
    """Makes something due after `moment`, a different thing each turn, and says when."""
    soon = moment + timedelta(minutes=1)
    if turn % 5 == 1:
        office.declare("T-LT", "T-SL", "CTY-M", now=soon, is_drill=turn % 2 == 0)
        return soon
    if turn % 5 == 3 and office.calendar.in_sending_hours(soon):
        due = local_date(soon) + timedelta(days=20 + turn % 7)
        office.act(office.task("4"), "set-date", COORDINATOR, soon, due=due, note="theo kế hoạch")
        return soon
    return next_moment(office.engine, after=moment, calendar=office.calendar)


def test_two_ticks_at_once_100_rounds_each_letter_once(
    office: Office, workers: tuple[Worker, Worker], sink: Sink
) -> None:
    office.launch("4", "oversight", "2.a")
    moment, shared, busy = ON, 0, 0
    for turn in range(ROUNDS):
        before = len(sink.arrivals)
        moment = something_due(office, turn, moment) if turn else ON
        apart = APART[turn % len(APART)]
        first, second = workers if turn % 2 else reversed(workers)
        sent = at_once(first, second, (tick_at, (moment,), {}), (tick_at, (moment + apart,), {}))
        assert sum(sent) == len(sink.arrivals) - before, "the two account for what arrived"
        assert sink.twice() == {}, f"round {turn}"
        assert_settled(office.engine, office.calendar, by=moment)
        assert_ticks_finished(office.engine)
        busy += sum(sent) > 0
        shared += min(sent) > 0
        moment += apart
    assert_each_once(office.engine, sink)
    assert_whole(office.engine)
    assert busy > ROUNDS * 0.8 and shared > 5, (busy, shared, len(sink.arrivals))
    with reading(office.engine) as session:
        digests = session.execute(
            select(Letter.recipient_id, Letter.slot, func.count())
            .where(Letter.state == LetterState.SENT, col(Letter.kind).in_([LetterKind.DIGEST, LetterKind.SUMMARY]))
            .group_by(col(Letter.recipient_id), col(Letter.slot))
        ).all()
        assert digests and all(count == 1 for *_key, count in digests), "nobody hears twice in one morning"
        ticks = session.exec(select(func.count()).select_from(Run).where(col(Run.key).startswith("tick:"))).one()
    assert ticks == sum(2 if APART[turn % len(APART)] else 1 for turn in range(ROUNDS)), "one key an instant"


def test_a_tick_during_a_launch_every_task_and_every_assignment_once(
    office: Office, workers: tuple[Worker, Worker], sink: Sink
) -> None:
    expected = 0
    for turn, path in enumerate(("oversight", "2", "4")):
        moment = at(1, hour=9 + turn)
        instants = tuple(moment + timedelta(milliseconds=20 * step) for step in range(12))
        (created, existing), _sent = at_once(
            *workers, (launch_at, (path,), {"on": moment, "due": DUE}), (tick_at, instants, {})
        )
        assert (created > 0, existing) == (True, 0)
        expected += created
        run(workers[1], moment + timedelta(minutes=1))
        assert_settled(office.engine, office.calendar, by=moment + timedelta(minutes=1))
    assert_each_once(office.engine, sink)
    assert_whole(office.engine)
    with reading(office.engine) as session:
        tasks = session.exec(select(Task.id)).all()
        told = session.execute(
            select(Notice.task_id, Notice.recipient_id, func.count(func.distinct(Notice.letter_id))).group_by(
                col(Notice.task_id), col(Notice.recipient_id)
            )
        ).all()
    assert len(tasks) == expected
    assert {task_id for task_id, *_ in told} == set(tasks) and all(count == 1 for *_key, count in told)


def test_two_launches_at_once_make_each_task_once_and_tell_each_head_once(
    office: Office, workers: tuple[Worker, Worker], sink: Sink
) -> None:
    for turn, paths in enumerate((("2", "4"), ("oversight",))):
        on = at(1, hour=9 + turn)
        job = (launch_at, paths, {"on": on, "due": DUE})
        (created, found), (also_created, also_found) = at_once(*workers, job, job)
        total = created + also_created
        assert total > 0 and {created, also_created} == {0, total}, "the second finds what the first has made"
        assert (found, also_found) in ((0, total), (total, 0))
        run(workers[0], on + timedelta(minutes=1))
    assert_settled(office.engine, office.calendar, by=at(1, hour=12))
    assert_each_once(office.engine, sink)
    assert_whole(office.engine)
    with reading(office.engine) as session:
        assert session.exec(select(func.count()).select_from(Launch)).one() == 2, "a launch that made nothing is none"


def test_an_act_during_a_send_succeeds_at_once_and_the_letters_are_true(
    office: Office, workers: tuple[Worker, Worker], sink: Sink
) -> None:
    office.launch("2", "4")
    run(workers[0], ON)
    before, morning = len(sink.arrivals), at(1, 7)
    sink.hold.set()  # from now on the server is slow: it has the letter and says nothing
    workers[0].begin(tick_at, morning)
    until(sink.holding.is_set, "the first letter in the server's hands")
    heads = {code: str(office.person(head).email) for code, head in HEADS.items()}
    waiting = [code for code, email in heads.items() if email != sink.arrivals[-1].to][-3:]
    for code in waiting:
        moment = morning + timedelta(seconds=1)
        office.act(office.task("2", code), "submit", HEADS[code], moment, number="12/BC", date=local_date(moment))
    assert sink.hold.is_set() and len(sink.arrivals) == before + 1, "the server holds the first letter all the while"
    sink.hold.clear()
    workers[0].end()
    run(workers[0], morning + timedelta(minutes=1))
    assert_settled(office.engine, office.calendar, by=morning + timedelta(minutes=1))
    assert_each_once(office.engine, sink)
    asked = [code for code in waiting if any("[Đôn đốc]" in one.subject for one in sink.to(heads[code])[1:])]
    # the letter after the one in the server's hands may be sealed already; whatever comes later is true
    assert len(asked) <= 1, f"{asked} are asked for what they have handed in"
    for code in waiting:
        assert ("event:submitted", 0, COORDINATOR, "pending") in office.notices(office.task("2", code))


def test_the_mail_servers_quota_holds_for_both_together(
    office: Office, workers: tuple[Worker, Worker], sink: Sink
) -> None:
    office.launch("2")
    moment, quota, minutes = ON, 15, 0
    while True:
        before = len(sink.arrivals)
        soon = moment + timedelta(seconds=minutes % 2)
        sent = at_once(*workers, (tick_sparingly, (soon, quota), {}), (tick_sparingly, (moment, quota), {}))
        assert sum(sent) == len(sink.arrivals) - before <= quota
        moment, minutes = moment + timedelta(minutes=2), minutes + 1  # in any minute, not only the calendar's
        if sum(sent) < quota:
            break
    assert 3 < minutes == len(sink.arrivals) // quota + 1, "every turn was made full use of"
    assert_settled(office.engine, office.calendar, by=moment)
    assert_each_once(office.engine, sink)


def run(worker: Worker, *moments: datetime) -> int:
    """One process ticks while the other rests."""
    worker.begin(tick_at, *moments)
    return int(worker.end())
