"""Alerts: trouble of the engine itself, raised once, counted while it lasts, told to the administrators by letter."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.alert import Alert, AlertKind
from models.ids import new_id
from models.letter import LetterKind
from models.logs import get_log
from models.person import Person, PersonRole, Role
from models.session import insert_new
from notifications.outbox import queue_letters
from workflows.rules.workdays import WorkCalendar

GATHER = timedelta(minutes=5)
"""Alerts raised within such a stretch are told in one letter."""
_log = get_log(__name__)


def raise_alert(
    session: Session,
    kind: AlertKind,
    subject: str = "",
    *,
    now: datetime,
    calendar: WorkCalendar,
    facts: Mapping[str, Any] | None = None,
) -> bool:
    """Opens an alert and queues its letters, or counts the open one once more. Returns whether it is a new one.

    Its letters keep sending hours as all others do; `/ready` and `/metrics` are for those who watch at night.
    """
    told = dict(facts or {})
    slot = alert_slot(now, calendar)
    row = {
        "id": new_id(), "kind": kind, "subject": subject, "raised_at": now, "last_seen_at": now, "times": 1,
        "slot": slot, "facts": told,
    }  # fmt: skip
    if insert_new(session, Alert.__table__, [row]):  # type: ignore[attr-defined]
        _log.warning("alert", alert=kind.value, subject=subject, facts=told)
        queue_letters(session, [(person_id, slot, LetterKind.ALERT, "") for person_id in administrators(session)])
        return True
    session.execute(
        update(Alert).where(*_open(kind, subject)).values(times=Alert.times + 1, last_seen_at=now, facts=told)
    )
    _log.debug("alert_lasts", alert=kind.value, subject=subject, facts=told)
    return False


def end_alert(session: Session, kind: AlertKind, subject: str = "", *, now: datetime) -> bool:
    """Ends the open alert, if there is one; its letter, where it has not left yet, says so."""
    # not before its beginning: clocks step back
    ended = session.execute(
        update(Alert).where(*_open(kind, subject), col(Alert.raised_at) <= now).values(ended_at=now)
    )
    return bool(ended.rowcount)  # type: ignore[attr-defined]


def administrators(session: Session) -> list[Any]:
    """Ids of those who are told: administrators with an address that takes letters."""
    return list(
        session.exec(
            select(Person.id)
            .where(
                col(Person.id).in_(select(PersonRole.person_id).where(PersonRole.role == Role.ADMINISTRATOR)),
                Person.is_active,
                col(Person.email).is_not(None),
                col(Person.email_refused_at).is_(None),
            )
            .order_by(col(Person.id))
        )
    )


def alert_slot(now: datetime, calendar: WorkCalendar) -> datetime:
    """The end of the stretch of five minutes that `now` lies in, or the next morning outside sending hours."""
    slot = calendar.event_slot(now)
    if slot != now:
        return slot
    start = datetime.min.replace(tzinfo=UTC)
    return now - (now - start) % GATHER + GATHER  # never the slot of a letter that may have left


def _open(kind: AlertKind, subject: str) -> tuple[Any, ...]:
    return (col(Alert.kind) == kind, col(Alert.subject) == subject, col(Alert.ended_at).is_(None))
