"""Letters of the day wait for whatever another tick may still have to put into them, and never for ever."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.letters.letter import LetterKind, LetterState, Notice
from models.tasks.task_check import TaskCheck
from notifications.outbox.claims import PATIENCE, first_unfinished, next_letters
from notifications.outbox.grouping import queue_letters
from tests.office import COORDINATOR, Office, at, furnish
from workflows.delivery.deliver import deliver
from workflows.escalation.sweep import sweep
from workflows.jobs.tick import begin_tick

HEAD = "luong.thi.ngan"
MORNING = at(7)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """A task of which the coordinator has a digest that morning, and another that nobody has looked at."""
    office = furnish(engine, tmp_path)
    office.launch("4", "oversight", on=at(3))
    office.days(at(3), at(4))
    with transaction(engine) as session:
        queue_letters(session, [(office.person(COORDINATOR).id, MORNING, LetterKind.DIGEST, "")])
    return office


def unfinished(office: Office, now: datetime = MORNING) -> datetime | None:
    with reading(office.engine) as session:
        return first_unfinished(session, now=now)


def delivered(office: Office, now: datetime = MORNING) -> int:
    return deliver(office.engine, office.settings, office.sender, now=now, calendar=office.calendar).sent


def claimed(office: Office, now: datetime) -> set[tuple[LetterKind, datetime]]:
    """Return what a delivery would take at that moment."""
    with transaction(office.engine) as session:
        return {
            (one.kind, one.slot)
            for one in next_letters(session, now=now, limit=50, unfinished=first_unfinished(session, now=now))
        }


def looked_at(office: Office, when: datetime) -> None:
    """Every task is to be looked at then."""
    with transaction(office.engine) as session:
        session.execute(update(TaskCheck).values(at=when))


def queued(office: Office, *letters: tuple[LetterKind, datetime]) -> None:
    with transaction(office.engine) as session:
        queue_letters(session, [(office.person(HEAD).id, slot, kind, "") for kind, slot in letters])


def test_a_digest_waits_for_a_task_of_its_morning_that_nobody_has_looked_at(office: Office) -> None:
    assert unfinished(office) == MORNING
    assert delivered(office) == 0
    sweep(office.engine, now=MORNING, calendar=office.calendar)
    assert unfinished(office) == MORNING, "what the sweep wrote has no letter yet"
    assert delivered(office) > 0
    assert unfinished(office) is None


def test_a_digest_waits_for_no_task_of_a_later_moment(office: Office) -> None:
    looked_at(office, MORNING + timedelta(minutes=5))
    assert claimed(office, MORNING + timedelta(minutes=10)) == {(LetterKind.DIGEST, MORNING)}


def test_a_digest_waits_for_a_notice_that_has_no_letter_yet(office: Office) -> None:
    sweep(office.engine, now=MORNING, calendar=office.calendar)
    with reading(office.engine) as session:
        assert session.exec(select(Notice.id).where(col(Notice.letter_id).is_(None))).all()
    assert claimed(office, MORNING) == set()


@pytest.mark.parametrize("kind", list(LetterKind))
def test_letters_that_speak_of_the_day_wait_and_no_others(office: Office, kind: LetterKind) -> None:
    queued(office, (kind, MORNING))
    waits = kind in (LetterKind.DIGEST, LetterKind.UPWARD, LetterKind.SUMMARY)
    assert claimed(office, MORNING) == (set() if waits else {(kind, MORNING)})


def test_a_digest_of_an_earlier_day_waits_for_this_morning(office: Office) -> None:
    queued(office, (LetterKind.DIGEST, at(4)))
    assert claimed(office, MORNING) == set(), "it would say how things stand this morning"
    looked_at(office, at(8))
    assert claimed(office, MORNING) == {(LetterKind.DIGEST, at(4)), (LetterKind.DIGEST, MORNING)}


def test_what_the_ticks_cannot_finish_holds_no_letter_up_for_ever(office: Office) -> None:
    later = MORNING + PATIENCE
    assert unfinished(office, later) == MORNING, "no tick has come yet"
    begin_tick(office.engine, now=MORNING + timedelta(minutes=1))
    begin_tick(office.engine, now=later)
    assert unfinished(office, later) == MORNING
    assert unfinished(office, later + timedelta(minutes=1)) is None
    assert claimed(office, later + timedelta(minutes=1)) == {(LetterKind.DIGEST, MORNING)}


def test_a_task_put_off_as_stuck_holds_no_letter_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object) -> None:
        raise ValueError("unreadable")

    monkeypatch.setattr("workflows.escalation.task_facts.Decisions.decide", broken)
    office.tick(MORNING)
    states = {one.state for one in office.letters() if (one.kind, one.slot) == (LetterKind.DIGEST, MORNING)}
    assert states == {LetterState.EMPTY}, "looked at, and nothing was to be said"
