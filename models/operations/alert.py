"""What administrators must know of the engine itself: raised once, counted while it lasts, told by letter."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, or_, select
from sqlmodel import Field, Session, SQLModel, col

from models.database.columns import JsonColumn, UtcDateTime, enum_type, partial_index
from models.database.ids import new_id
from models.database.paging import Paging


class AlertKind(StrEnum):
    CLOCK_STOPPED = "clock_stopped"  # no tick for longer than it should be; told once it is back, with what was late
    JOB_FAILED = "job_failed"  # subject: the job's name
    MAIL_FAILING = "mail_failing"  # the mail server takes nothing; subject: its host and port
    LETTER_UNWRITABLE = "letter_unwritable"  # subject: the letter's id
    LETTER_GIVEN_UP = "letter_given_up"  # put off too long, or refused or uncertain, nobody to be told; a letter's id
    TASK_STUCK = "task_stuck"  # the sweep cannot decide it; subject: the task's id
    PERIOD_STUCK = "period_stuck"  # a period cannot be opened; subject: the duty's id
    REPORT_STUCK = "report_stuck"  # a period's report cannot be compiled; subject: the schedule's id
    WORK_BEHIND = "work_behind"  # it ticks, and yet what is due is not done: too much at once, or too small a quota
    LAUNCH_FAILED = "launch_failed"  # while nobody looked on, as one planned for its day; subject: the job's id
    BACKUP_FAILED = "backup_failed"  # at night, or whenever nobody sits at the terminal; until one succeeds
    MAIL_SLOW = "mail_slow"  # the mail server takes long over a letter; subject: its host and port
    CLOCK_AHEAD = "clock_ahead"  # the machine's clock is far ahead of the last tick; nothing is done until confirmed
    CLOCK_WAS_AHEAD = "clock_was_ahead"  # ticks were done more than a day later than now; subject: the day


class Alert(SQLModel, table=True):
    """One trouble, from when it was first seen until it ended; at most one open one of each kind and subject."""

    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at >= raised_at", name="in_order"),
        partial_index("uq_alert_open", "kind", "subject", where="ended_at IS NULL", unique=True),
        Index("ix_alert_slot", "slot"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: AlertKind = Field(sa_type=enum_type(AlertKind))
    subject: str = Field(default="", max_length=120)
    raised_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    times: int = 1
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    slot: datetime = Field(sa_type=UtcDateTime)  # of the letter in which administrators are told
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)  # reason, from, to, counts …


_LATELY = timedelta(days=30)


def list_alerts(
    session: Session, now: datetime, *, page: int, open_only: bool = False
) -> tuple[Sequence[Alert], Paging]:
    """List alerts: open ones first, then the newest."""
    lasts = col(Alert.ended_at).is_(None)
    lately = lasts if open_only else or_(lasts, col(Alert.ended_at) > now - _LATELY)
    paging = Paging.of(page, session.scalar(select(func.count()).select_from(Alert).where(lately)) or 0)
    order = (col(Alert.ended_at).is_(None).desc(), col(Alert.raised_at).desc(), col(Alert.id).desc())
    query = select(Alert).where(lately).order_by(*order)
    return session.scalars(query.limit(paging.per_page).offset(paging.offset)).all(), paging


def open_reason(session: Session, kind: AlertKind, subject: str) -> str | None:
    query = select(col(Alert.facts)).where(
        col(Alert.kind) == kind, col(Alert.subject) == subject, col(Alert.ended_at).is_(None)
    )
    facts = session.scalars(query).first()
    return None if facts is None else str(facts.get("reason", ""))
