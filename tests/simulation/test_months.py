"""Months at many units: the letters sent are the letters due by the rules, no more, no fewer, each at its tick.

Compared exactly, with the tick that sent them: every letter (recipient, scheduled moment, kind, topic), the
coordinator's digests without a rung of their own and the weekly summaries included; and every rung and event told
(task, rung, offset, the clock it belongs to, recipient, why it came to the coordinator instead). What digests and
summaries list beside what they tell is not compared item by item: only whether they leave.
"""

import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import col

from models.database.session import open_engine, reading
from models.letters.letter import Letter, LetterState, Notice, NoticeState
from models.organization.person import Person
from models.tasks.history import History
from models.tasks.task import Task
from tests.keys import KEYS
from tests.simulation.daybook import OPEN, can_send, digest_slot, quarters
from tests.simulation.months import Month, Months
from tests.simulation.notes import Told
from tests.simulation.oracle import Oracle, Sent
from tests.simulation.rungs import DAYS, HOURLY
from tests.simulation.world import day_of

pytestmark = pytest.mark.long

TET = [(date(2024, 2, 8), date(2024, 2, 14)), (date(2025, 1, 25), date(2025, 2, 2))]


def test_letters_of_months_on_end_are_those_due_by_the_rules(engine: Engine, tmp_path: Path) -> None:
    """Half a year on SQLite, a quarter on PostgreSQL: launches, Tết, two incidents, one or two periods."""
    months = Months(engine, tmp_path, units=30, seed=5)
    months.run(date(2024, 7, 8) if engine.dialect.name == "sqlite" else date(2024, 4, 20))
    letters, told = check(months)
    assert len(letters) > 600
    assert {"assigned", "not_accepted", "set_date", "due", "overdue", "pressed_1", "decide", "upward"} <= {
        note.rung for note in told
    }


@pytest.fixture
def long_lived(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Engine]:
    path = tmp_path / "years.sqlite"
    shutil.copyfile(migrated_sqlite, path)
    engine = open_engine(f"sqlite:///{path}", KEYS)
    yield engine
    engine.dispose()


@pytest.mark.soak
def test_24_months_at_300_units(long_lived: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started = time.perf_counter()

    def say(text: str) -> None:
        with capsys.disabled():
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    def on_month(month: Month) -> None:
        say(
            f"until {month.until}: {month.letters:6} letters  {month.acts:6} acts  {month.ticks:5} ticks"
            f"  {time.perf_counter() - started:6.0f} s  {month.rss_mb:6.1f} MB"
        )

    say("")
    months = Months(long_lived, tmp_path, units=300, seed=2024, on_month=on_month)
    months.run(date(2026, 1, 8))
    seconds = time.perf_counter() - started
    letters, told = check(months)
    say(f"{len(letters)} letters sent, all of them due; {len(told)} things told; {len(months.ids)} tasks")
    say(f"{seconds:.0f} s, {len(months.months) * 60 / seconds:.1f} months a minute")
    say(str(dict(sorted(Counter(f"{note.rung} {note.after}" for note in told).items()))))

    assert len(months.months) == 24
    in_4, in_24 = months.months[3].rss_mb, months.months[23].rss_mb
    say(f"memory: {in_4:.1f} MB after month 4, {in_24:.1f} MB after month 24")
    assert in_24 <= max(in_4 * 1.15, in_4 + 30), "memory grows"
    assert {(rung.name, rung.after) for rung in (*DAYS, *HOURLY)} <= {(note.rung, note.after) for note in told}
    assert {"no_head", "no_address", "retired", "refused"} <= {note.fault for note in told}
    assert len(list(quarters(months.diary.ticks[-1]))) == 8


def check(months: Months) -> tuple[dict[Sent, datetime], dict[Told, datetime]]:
    """Everything that must hold after any run; gives what was sent and what was told, with their ticks."""
    due = Oracle(months.diary).work_out()
    letters, told = read_letters(months.engine), read_task_records(months)
    with reading(months.engine) as session:
        assert session.execute(select(func.count()).select_from(Task)).scalar_one() == len(months.diary.books)
    assert differences(told, due.told) == []
    assert differences(letters, due.letters) == []
    check_hours(letters)
    check_once(letters)
    check_readers(months, letters)
    check_closed(months, told)
    check_nothing_left(months)
    return letters, told


def differences(happened: Mapping[Any, datetime], due: Mapping[Any, datetime]) -> list[str]:
    """The first things that were sent and not due, due and not sent, or sent at another tick."""
    found = []
    for key in sorted({*happened, *due}, key=str):
        if happened.get(key) != due.get(key):
            found.append(f"{key}: happened {happened.get(key)}, due {due.get(key)}")
    return found[:10]


def check_hours(letters: dict[Sent, datetime]) -> None:
    """Nothing at night, at the weekend, on holidays; only the clocks of incidents run through."""
    for letter, at in letters.items():
        is_tet = any(first <= day_of(at) <= last for first, last in TET)
        assert letter.kind == "incident" or (can_send(at) and not is_tet), f"{letter} left at {at}"


def check_once(letters: dict[Sent, datetime]) -> None:
    """A person gets one digest a tick, after a downtime too, one summary a week, and never both at once."""
    digests = Counter((letter.person, at) for letter, at in letters.items() if letter.kind == "digest")
    assert set(digests.values()) <= {1}, digests.most_common(3)
    summaries = [letter for letter in letters if letter.kind == "summary"]
    weeks = Counter((letter.person, day_of(letter.slot).isocalendar()[:2]) for letter in summaries)
    assert set(weeks.values()) <= {1}
    left = {(letter.person, at) for letter, at in letters.items() if letter.kind == "digest"}
    for letter in summaries:
        assert (letter.person, letters[letter]) not in left, f"{letter}: beside a digest"


def check_readers(months: Months, letters: Iterable[Sent]) -> None:
    """No police, no retired head, nobody without a usable address."""
    for letter in letters:
        person = months.world.people[letter.person]
        assert person.fault is None and not months.world.units[person.unit].is_outside, letter


def check_closed(months: Months, told: dict[Told, datetime]) -> None:
    """No reminder of a task that is done or withdrawn, and none to a unit whose result is in."""
    for note, at in told.items():
        if note.rung.startswith("event:"):
            continue
        state = months.diary.books[note.task].at(at)
        assert state.status in OPEN, f"{note} at {at}"
        unit = months.world.units[note.task[1]]
        if note.person == unit.head and note.fault is None and note.rung != "assigned" and note.rung != "decide":
            is_its_supervisor = note.rung in ("pressed_1", "pressed_2", "to_issuer", "upward")
            assert state.wait is None or is_its_supervisor, f"{note} at {at}"


def check_nothing_left(months: Months) -> None:
    """Nothing that could have left waits, failed or is uncertain."""
    with reading(months.engine) as session:
        states: dict[LetterState, int] = dict(
            session.execute(select(col(Letter.state), func.count()).group_by(col(Letter.state))).all()
        )
        waiting = session.execute(
            select(func.min(Letter.slot)).where(col(Letter.state) == LetterState.QUEUED)
        ).scalar_one()
    assert set(states) <= {LetterState.SENT, LetterState.EMPTY, LetterState.QUEUED}, states
    last = max(at for at in months.diary.ticks if can_send(at))
    assert waiting is None or waiting > last or waiting > digest_slot(last) - timedelta(days=1)


def read_letters(engine: Engine) -> dict[Sent, datetime]:
    """What the outbox says was sent."""
    with reading(engine) as session:
        rows = session.execute(
            select(col(Person.code), col(Letter.slot), col(Letter.kind), col(Letter.topic), col(Letter.sent_at))
            .join(Person, col(Person.id) == col(Letter.recipient_id))
            .where(col(Letter.state) == LetterState.SENT)
        ).all()
    return {
        Sent(person, slot, kind.value, topic if topic.startswith("incident") else topic.partition(":")[0]): sent_at
        for person, slot, kind, topic, sent_at in rows
    }


def read_task_records(months: Months) -> dict[Told, datetime]:
    """What the letters sent were about; the clock by the instant of the history row that started it."""
    keys = {task_id: key for key, task_id in months.ids.items()}
    with reading(months.engine) as session:
        rows = session.execute(
            select(
                col(Notice.task_id),
                col(Notice.rung),
                col(Notice.offset),
                col(History.recorded_at),
                col(Person.code),
                col(Notice.undeliverable),
                col(Letter.sent_at),
            )
            .join(Person, col(Person.id) == col(Notice.recipient_id))
            .join(History, col(History.id) == col(Notice.anchor_id))
            .join(Letter, col(Letter.id) == col(Notice.letter_id))
            .where(col(Notice.state) == NoticeState.SENT)
        ).all()
    told = {Told(keys[row[0]], *row[1:-1]): row[-1] for row in rows}
    assert len(told) == len(rows), "something was told twice"
    return told
