"""What must hold in the database whatever happened to the processes."""

from collections import Counter
from datetime import datetime

from sqlalchemy import Engine, text
from sqlmodel import col, select

from models.database.run import Run
from models.database.session import reading
from models.letters.letter import Letter, LetterAttempt, LetterKind, LetterState, Notice, NoticeState
from tests.fire.sink import Sink
from workflows.rules.calendar.workdays import WorkCalendar


def assert_whole(engine: Engine) -> None:
    """The file or server is sound, and whoever is said to have been told was told by a letter that left."""
    with reading(engine) as session:
        if engine.dialect.name == "sqlite":
            assert session.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        half = session.exec(
            select(Notice.id).where(
                Notice.state == NoticeState.SENT,
                col(Notice.letter_id).not_in(select(Letter.id).where(Letter.state == LetterState.SENT)),
            )
        ).all()
        assert not half, "told, but not by a letter that was sent"


def assert_settled(engine: Engine, calendar: WorkCalendar, *, by: datetime) -> None:
    """Nothing due by a moment waits: no letter in anybody's hands, none that should have left, no notice without."""
    with reading(engine) as session:
        states = Counter(session.exec(select(Letter.state)).all())
        stuck = states.keys() & {LetterState.CLAIMED, LetterState.UNCERTAIN, LetterState.FAILED}
        assert not stuck, states
        may_leave = Letter.kind == LetterKind.INCIDENT if not calendar.in_sending_hours(by) else True
        late = session.exec(
            select(Letter.id).where(Letter.state == LetterState.QUEUED, col(Letter.not_before) <= by, may_leave)
        ).all()
        assert not late, "a letter that should have left"
        ungrouped = session.exec(
            select(Notice.id).where(
                Notice.state == NoticeState.PENDING, col(Notice.slot) <= by, col(Notice.letter_id).is_(None)
            )
        ).all()
        assert not ungrouped, "a notice that found no letter"
        unsettled = session.exec(
            select(Notice.id)
            .join(Letter, col(Letter.id) == col(Notice.letter_id))
            .where(Notice.state == NoticeState.PENDING, Letter.state != LetterState.QUEUED)
        ).all()
        assert not unsettled, "a notice still pending in a letter that is done with"
        open_marks = session.exec(select(LetterAttempt).where(col(LetterAttempt.ended_at).is_(None))).all()
        assert not open_marks


def assert_ticks_finished(engine: Engine) -> None:
    """No tick that was begun is still to be gone on with."""
    with reading(engine) as session:
        assert session.exec(select(Run.key).where(col(Run.finished_at).is_(None))).all() == []


def assert_each_once(engine: Engine, sink: Sink) -> None:
    """What was sent arrived, once; what arrived was sent."""
    with reading(engine) as session:
        sent = session.exec(select(Letter.message_id).where(Letter.state == LetterState.SENT)).all()
    assert sink.twice() == {}
    assert sorted(map(str, sent)) == sorted(sink.ids)
