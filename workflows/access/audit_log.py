"""The audit: one line for each deed to the installation itself, written with the deed and kept or lost with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from models.operations.logs import get_log
from models.organization.audit import Audit

_LONGEST_ABOUT, _LONGEST_ADDRESS = 200, 64  # characters; PostgreSQL refuses more
_log = get_log(__name__)


@dataclass(frozen=True)
class AuditActor:
    """Whose hand does something: when (UTC), who (None: the command line, the system), from which network address."""

    now: datetime
    actor_id: UUID | None = None
    address: str = ""

    def note(self, session: Session, action: str, about: str = "", facts: Mapping[str, Any] | None = None) -> None:
        note(session, action, now=self.now, actor_id=self.actor_id, about=about, facts=facts, address=self.address)


def note(
    session: Session,
    action: str,
    *,
    now: datetime,
    actor_id: UUID | None = None,
    about: str = "",
    facts: Mapping[str, Any] | None = None,
    address: str = "",
) -> None:
    """Write that somebody did something, in the transaction in which it is done.

    `action` is the deed's name in the past (`signed_in`, `unit_changed`); `actor_id` None for the command line and the
    system itself. `about`: what it was done to, by its code. `facts` are plain values (ids and instants as text), never
    a secret. `address`: the network address it came from.
    """
    session.add(
        Audit(
            recorded_at=now,
            actor_id=actor_id,
            action=action,
            object=about[:_LONGEST_ABOUT],
            facts=dict(facts or {}),
            address=address[:_LONGEST_ADDRESS],
        )
    )
    session.flush()
    _log.info("audit", action=action, actor=str(actor_id) if actor_id else None)  # `about` may name a person
