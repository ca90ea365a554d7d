"""A clock ahead, once: nothing leaves where that is seen in time, and nothing is lost where it is not."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.run import ClockJump, newest_tick
from models.database.session import open_engine, reading, transaction
from models.directives.ladders import RungName
from models.letters.letter import CLOCK_AHEAD, LetterKind, LetterState, Notice, NoticeState
from models.operations.alert import Alert, AlertKind
from models.organization.audit import Audit
from models.organization.register_reads import resolve_person
from models.tasks.history import History
from models.tasks.task import Task
from models.text.localtime import at_local, local_date
from notifications.smtp.transport import Sender
from tests.keys import KEYS
from tests.office import COORDINATOR, Office, at_office, body, furnish
from tests.scenes import Play
from workflows.history.verify_history import verify
from workflows.launch.launch_plan import find_directive
from workflows.launch.launch_tasks import launch
from workflows.operations.setup import BUNDLED

FALSE_LETTERS = 46
DECEMBER = 399
"""So many letters the bundled directive owes in December 2026."""
_Letter = tuple[date, str, str, str]


def on(day: int, month: int, year: int = 2026, hour: int = 8, minute: int = 5) -> datetime:
    return at_local(date(year, month, day), time(hour, minute))


FALSE = on(11, 1, 2027)


def november(engine: Engine, folder: Path) -> None:
    """The bundled directive, launched on 25 November 2026, with ticks of three days."""
    office = furnish(engine, folder)
    with transaction(engine) as session:
        launch(
            session,
            find_directive(session, BUNDLED),
            on=on(25, 11, minute=0),
            calendar=office.calendar,
            due_on=None,
            coordinator_id=resolve_person(session, COORDINATOR).id,
            override=True,
        )
    for moment in (on(25, 11), on(30, 11), on(1, 12)):
        office.tick(moment)


def mornings(first: datetime, last: datetime) -> list[datetime]:
    return [first + timedelta(days=days) for days in range((last - first).days + 1)]


def tick(office: Office, now: datetime) -> list[_Letter]:
    """Return what it sent: day, address, subject, and the plain text without links, which are new in every letter."""
    before = len(office.sender.letters)
    office.tick(now)
    found = []
    for to, raw in office.sender.letters[before:]:
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        words = "\n".join(line for line in body(message).splitlines() if "http" not in line)
        found.append((local_date(now), to, str(message["Subject"]), words))
    return found


@pytest.fixture
def office(stage: Callable[[Play], str], tmp_path: Path) -> Iterator[Office]:
    office = at_office(open_engine(stage(november), KEYS), tmp_path)
    yield office
    office.engine.dispose()


def alerts(office: Office, kind: AlertKind) -> list[Alert]:
    with reading(office.engine) as session:
        return list(session.exec(select(Alert).where(Alert.kind == kind)))


def test_one_tick_in_january_costs_december_no_letter(stage: Callable[[Play], str], tmp_path: Path) -> None:
    """The week of the false tick is told as well: its letters and summaries are told as if they had never been."""
    told: list[Counter[_Letter]] = []
    for is_disturbed in (False, True):
        office = at_office(open_engine(stage(november), KEYS), tmp_path)
        if is_disturbed:
            assert len(tick(office, FALSE)) == FALSE_LETTERS, "these cannot be called back"
        told.append(Counter(one for moment in mornings(on(2, 12), on(12, 1, 2027)) for one in tick(office, moment)))
        office.engine.dispose()
    without, disturbed = told
    assert sum(count for (day, *_), count in without.items() if day.month == 12) == DECEMBER
    assert sum(count for (day, *_), count in without.items() if day == date(2027, 1, 11)) > 40
    lost, more = without - disturbed, disturbed - without
    assert not lost
    assert {subject.partition("]")[0] for _day, _to, subject, _words in more} == {"[Cảnh báo hệ thống"}


def test_administrators_hear_how_many_letters_left_too_early_and_to_whom(office: Office) -> None:
    tick(office, FALSE)
    office.tick(on(2, 12))
    (alert,) = alerts(office, AlertKind.CLOCK_WAS_AHEAD)
    assert alert.facts["sent"] == FALSE_LETTERS and "," in alert.facts["recipient"]
    assert (alert.facts["from"], alert.facts["to"]) == (on(1, 12).isoformat(), FALSE.isoformat())
    assert alert.ended_at == on(2, 12), "there is nothing left to be mended"
    (letter,) = {one[3] for one in tick(office, on(2, 12, minute=20)) if one[2].startswith("[Cảnh báo hệ thống")}
    assert "46 thư" in letter and "không thu hồi được" in letter
    with reading(office.engine) as session:
        assert session.exec(select(Audit.action)).all().count("clock_made_good") == 1


def test_no_row_is_taken_away_and_the_history_says_what_was(office: Office) -> None:
    tick(office, FALSE)
    before = office.rows()
    office.tick(on(2, 12))
    after = office.rows()
    assert all(after[table] >= count for table, count in before.items() if table not in ("run", "mail_pace"))
    with reading(office.engine) as session:
        aside = session.exec(select(Notice).where(Notice.reason == CLOCK_AHEAD)).all()
        lines = {row.id: row for row in session.exec(select(History).where(History.event == "clock_ahead"))}
        assert session.exec(select(ClockJump.back_at).where(ClockJump.landed == FALSE)).one() == on(2, 12)
        assert newest_tick(session) == on(2, 12)
    assert {one.anchor_id for one in aside} == set(lines), "each hangs on a line of its task that says why"
    assert all(lines[one.anchor_id].task_id == one.task_id for one in aside)
    assert NoticeState.PENDING not in {one.state for one in aside}
    assert lines[aside[0].anchor_id].facts["to"] == FALSE.isoformat()
    office.tick(on(2, 12, minute=6))
    assert verify(office.engine).broken is None


def test_a_second_true_tick_repeats_nothing(office: Office) -> None:
    tick(office, FALSE)
    office.tick(on(2, 12))
    rows = office.rows()
    assert tick(office, on(2, 12, minute=6)) == []
    assert office.rows()["notice"] == rows["notice"] and len(alerts(office, AlertKind.CLOCK_WAS_AHEAD)) == 1


def test_a_clock_that_is_ahead_again_and_again_is_made_good_each_time(office: Office) -> None:
    told = []
    for moment in mornings(on(2, 12), on(8, 12)):
        told += tick(office, moment)
        office.tick(FALSE + (moment - on(2, 12)))
    office.tick(on(9, 12))
    with reading(office.engine) as session:
        assert len(session.exec(select(ClockJump).where(col(ClockJump.back_at).is_not(None))).all()) == 7
    assert len({(day, to) for day, to, subject, _words in told if "hệ thống" not in subject}) > 20


def test_weeks_of_downtime_are_not_taken_back_by_a_clock_that_is_behind(office: Office) -> None:
    """After three weeks without a tick the work went on for longer than that: who falls back is behind."""
    for moment in mornings(on(22, 12), on(20, 1, 2027)):
        office.tick(moment)
    before = office.rows()
    office.tick(on(10, 12))
    assert office.rows()["notice"] == before["notice"]
    assert alerts(office, AlertKind.CLOCK_WAS_AHEAD) == []


def test_a_letter_of_a_false_moment_that_has_not_left_goes_no_further(office: Office) -> None:
    with pytest.raises(RuntimeError):
        office.tick(FALSE, sender=cast(Sender, _Broken()))
    office.tick(on(2, 12))
    office.tick(on(2, 12, minute=30))
    waiting = [one for one in office.letters() if one.slot > on(3, 12) and one.state is LetterState.QUEUED]
    assert waiting == []
    dead = [one for one in office.letters() if one.slot > on(3, 12) and one.kind is LetterKind.DIGEST]
    assert {one.state for one in dead} <= {LetterState.EMPTY, LetterState.UNCERTAIN, LetterState.SENT}


class _Broken:
    """A delivery that dies at its first letter."""

    def __enter__(self) -> "_Broken":
        return self

    def __exit__(self, *_: object) -> None: ...

    def announce(self, *_: object) -> None: ...

    def send(self, *_: object, **__: object) -> None:
        raise RuntimeError("killed")


def test_a_date_moved_at_a_false_moment_takes_both_of_its_reminders_back(office: Office) -> None:
    """Both reminders are of one rung, task and reader, and hang on two dates: on two lines of history afterwards."""
    tick(office, FALSE)
    with reading(office.engine) as session:
        late = session.exec(
            select(Notice).where(Notice.rung == RungName.OVERDUE.value, col(Notice.fired_at) > on(2, 12)).limit(1)
        ).one()
        task = session.get_one(Task, late.task_id)
    due = local_date(FALSE + timedelta(days=1))
    office.act(task, "set-date", COORDINATOR, FALSE + timedelta(minutes=1), due=due, note="Bộ đồng ý")
    for days in range(1, 9):
        office.tick(FALSE + timedelta(days=days))
    office.tick(on(2, 12))
    with reading(office.engine) as session:
        aside = session.exec(
            select(Notice).where(
                Notice.task_id == task.id, Notice.rung == RungName.OVERDUE.value, Notice.reason == CLOCK_AHEAD
            )
        ).all()
    both = [one for one in aside if (one.recipient_id, one.offset) == (late.recipient_id, late.offset)]
    assert len({one.anchor_id for one in both}) == len(both) == 2
