"""Named reads of alerts: those that last, and those that ended lately."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from models.operations.alert import Alert, AlertKind

_LATELY = timedelta(days=30)


def list_alerts(
    session: Session, now: datetime, *, page: int, per_page: int, open_only: bool = False
) -> tuple[Sequence[Alert], int]:
    """Return a page of them, those that last first, then the newest; and how many there are."""
    lasts = col(Alert.ended_at).is_(None)
    lately = lasts if open_only else or_(lasts, col(Alert.ended_at) > now - _LATELY)
    total = session.scalar(select(func.count()).select_from(Alert).where(lately)) or 0
    order = (col(Alert.ended_at).is_(None).desc(), col(Alert.raised_at).desc(), col(Alert.id).desc())
    query = select(Alert).where(lately).order_by(*order)
    return session.scalars(query.limit(per_page).offset((page - 1) * per_page)).all(), total


def open_reason(session: Session, kind: AlertKind, subject: str) -> str | None:
    """Return what the open alert of a kind says of a subject; None where there is none."""
    query = select(col(Alert.facts)).where(
        col(Alert.kind) == kind, col(Alert.subject) == subject, col(Alert.ended_at).is_(None)
    )
    facts = session.scalars(query).first()
    return None if facts is None else str(facts.get("reason", ""))
