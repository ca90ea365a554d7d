"""How much a part of a tick finds to do, counted no further than there are runs to share it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, func, literal, select
from sqlmodel import Session, col

from models.database.rows import table_of
from models.database.session import reading
from models.letters.letter import TO_GROUP, TO_SEND, Letter, LetterState, Notice
from models.settings import Settings
from models.tasks.task_check import TaskCheck
from workflows.escalation import sweep
from workflows.rules.figures.shares import helpers

LETTERS = 1000
"""Letters worth a process of their own: it takes seconds to start, in which one sends some hundred."""


def count_shares(engine: Engine, settings: Settings, part: str, *, now: datetime) -> int:
    """Return how many runs more a part of the tick wants beside it at `now` (UTC)."""
    batch = {"sweep": sweep.BATCH, "deliver": LETTERS}.get(part)
    if batch is None or settings.shares == 1:
        return 0
    most = (settings.shares + 1) * batch + 1
    with reading(engine) as session:
        found = _due(session, now, most) if part == "sweep" else _to_send(session, now, most)
    return helpers(found, batch=batch, at_most=settings.shares)


def _due(session: Session, now: datetime, most: int) -> int:
    return _count(session, select(literal(1)).select_from(TaskCheck).where(col(TaskCheck.at) <= now), most)


def _to_send(session: Session, now: datetime, most: int) -> int:
    """Return letters that may leave, and notices that are about to become some."""
    letter, notice = table_of(Letter).c, table_of(Notice).c
    letters = select(literal(1)).where(
        TO_SEND, letter.state == LetterState.QUEUED, letter.slot <= now, letter.next_attempt_at <= now
    )
    notices = select(notice.recipient_id, notice.slot, notice.kind, notice.topic).where(TO_GROUP, notice.slot <= now)
    found = _count(session, letters, most)
    return found + (_count(session, notices.distinct(), most - found) if found < most else 0)


def _count(session: Session, query: Select[Any], most: int) -> int:
    found: int = session.execute(select(func.count()).select_from(query.limit(most).subquery())).scalar_one()
    return found
