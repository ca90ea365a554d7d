"""The audit: one line for each change of the installation itself, written in the transaction of the change."""

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
    """Who acts (None: the command line or the system), when in UTC, and from which network address."""

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
    """Write a line of the audit in the transaction of the action.

    `action` names it in the past tense (`signed_in`, `unit_changed`). `actor_id` is None for the command line and the
    system. `about` is the code of the object. `facts` are plain values (ids and instants as text), never a secret.
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
