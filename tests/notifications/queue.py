"""Letters and notices put into the outbox row by row, in a transaction that no test ends."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.letters.letter import Letter, LetterKind, LetterState, Notice
from models.organization.person import Person
from models.tasks.task import Task
from notifications.outbox.attempts import Claim, claim_letter, lock
from tests.office import furnish

NOW = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HEAD, DEPUTY, COORDINATOR = "luong.thi.ngan", "ta.ba.toan", "le.thi.c"


@pytest.fixture(scope="module")
def furnished(standing_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """People and one launched task, and nothing in the outbox."""
    office = furnish(standing_engine, Path(tmp_path_factory.mktemp("office")))
    office.launch("4")
    with Session(standing_engine) as session:
        session.execute(delete(Notice))
        session.commit()
    return standing_engine


@pytest.fixture
def session(furnished: Engine) -> Iterator[Session]:
    """One that is rolled back."""
    with Session(furnished) as opened:
        yield opened
        opened.rollback()


def person(session: Session, code: str = HEAD) -> Person:
    """By their code."""
    return session.exec(select(Person).where(Person.code == code)).one()


def put(session: Session, who: str = HEAD, kind: LetterKind = LetterKind.EVENT, **given: Any) -> Letter:
    """A letter that may leave `NOW`, or as it is given."""
    slot = given.pop("slot", NOW)
    made = Letter(
        recipient_id=person(session, who).id,
        kind=kind,
        slot=slot,
        not_before=given.pop("not_before", slot),
        topic=given.pop("topic", str(new_id())),
        **given,
    )
    session.add(made)
    session.flush()
    return made


def claimed(session: Session, lease_until: datetime, **given: Any) -> Letter:
    """A letter in somebody's hands for the second time."""
    held = {"state": LetterState.CLAIMED, "attempts": 2, "lease_token": 2, "lease_until": lease_until}
    return put(session, **{**held, **given})


def unclaimed(session: Session, **given: Any) -> Letter:
    """A letter that was in somebody's hands once, and may leave again."""
    return put(session, **{"attempts": 1, "lease_token": 1, **given})


def take(session: Session, one: Claim, *, until: datetime) -> bool:
    """Claim a letter as it was read."""
    return lock(session, one) is not None and claim_letter(session, one, until=until)


def note(session: Session, letter: Letter | None = None, who: str = HEAD, **given: Any) -> Notice:
    """A notice for a letter, or one that has none yet."""
    task = session.exec(select(Task)).first()
    assert task is not None
    made = Notice(
        task_id=task.id,
        anchor_id=new_id(),
        rung="due",
        offset=0,
        role="head",
        recipient_id=person(session, who).id,
        fired_at=NOW,
        slot=given.pop("slot", NOW),
        kind=given.pop("kind", LetterKind.EVENT),
        letter_id=letter.id if letter else None,
        **given,
    )
    session.add(made)
    session.flush()
    return made


def again(session: Session, letter: Letter) -> Letter:
    """As it stands in the database."""
    session.flush()
    session.expire_all()
    return session.exec(select(Letter).where(col(Letter.id) == letter.id)).one()
