"""Runs of the system, whose keys prevent that a finished run is repeated; and the values of an installation."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.database.columns import JsonColumn, UtcDateTime
from models.database.sealed import Sealed, secrets_when_asked

TICK = "tick:"
"""The beginning of a tick's key. The moment of the tick follows."""


class Run(SQLModel, table=True):
    """A run of the system (`tick:<instant>`, `summary:<week>` …). It prevents a repeat only once it has finished."""

    key: str = Field(primary_key=True, max_length=100)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)


def newest_tick(session: Session, *, upto: datetime | None = None) -> datetime | None:
    """Return the moment (UTC) of the newest tick that began, not later than `upto`; None before the first.

    It may be the moment of a clock that was wrong.
    """
    last_key = f"{TICK}{'9999' if upto is None else upto.isoformat()}"
    query = select(Run.started_at).where(col(Run.key) >= TICK, col(Run.key) <= last_key)
    return session.exec(query.order_by(col(Run.key).desc()).limit(1)).first()


DEMO = "demo"
"""The installation value that shows that all data is the demo's."""
LINK_KEY = "link_key"
"""The secret that signs the links in letters."""
WEB_PUSH_KEY = "web_push_key"
"""The secret that identifies us to push services (VAPID): a P-256 private key, 32 bytes in base64url."""
WEB_PUSH_ON = "web_push_on"
"""The value that exists while browsers may be subscribed to notifications."""


class Installation(SQLModel, table=True):
    __mapper_args__ = secrets_when_asked
    __table_args__ = (CheckConstraint("secret IS NULL OR value = ''", name="one_of_two"),)

    name: str = Field(primary_key=True, max_length=64)
    value: str = ""
    secret: str | None = Field(default=None, sa_type=Sealed("installation.secret"))


def installation_secret(session: Session, name: str) -> str | None:
    """Return a secret; None if there is none. Raises Locked if it cannot be opened."""
    row = session.get(Installation, name)
    return None if row is None else row.secret


def link_key(session: Session) -> str:
    """Return the key that signs links. Raises NoResultFound before the set-up."""
    key = session.get_one(Installation, LINK_KEY).secret
    assert key is not None
    return key
