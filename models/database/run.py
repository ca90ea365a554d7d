"""Keys of system runs: a repeat of a finished one is a no-op, with or without Prefect."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.database.columns import JsonColumn, UtcDateTime
from models.database.sealed import Sealed, secrets_when_asked

TICK = "tick:"
"""What the key of a tick begins with; its moment follows."""


class Run(SQLModel, table=True):
    """`tick:<instant>`, `summary:<week>` …; it blocks a repeat only once it has finished."""

    key: str = Field(primary_key=True, max_length=100)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)


def newest_tick(session: Session, *, upto: datetime | None = None) -> datetime | None:
    """Return the moment (UTC) of the newest tick that began, whatever clock it went by; None before the first.

    `upto`: of those that are not later than that.
    """
    last = "9999" if upto is None else upto.isoformat()
    query = select(Run.started_at).where(col(Run.key) >= TICK, col(Run.key) <= f"{TICK}{last}")
    return session.exec(query.order_by(col(Run.key).desc()).limit(1)).first()


DEMO = "demo"
"""The installation value that tells that all data here is the demonstration's."""
LINK_KEY = "link_key"
"""The installation value that signs the links in letters; a secret."""
WEB_PUSH_KEY = "web_push_key"
"""The one that names us to push services (VAPID): a P-256 private key, 32 bytes in base64url; a secret."""
WEB_PUSH_ON = "web_push_on"
"""There while browsers may be subscribed to notifications."""


class Installation(SQLModel, table=True):
    """Named values made once per installation, such as the key that signs letters' links, which is a secret."""

    __mapper_args__ = secrets_when_asked
    __table_args__ = (CheckConstraint("secret IS NULL OR value = ''", name="one_of_two"),)

    name: str = Field(primary_key=True, max_length=64)
    value: str = ""
    secret: str | None = Field(default=None, sa_type=Sealed("installation.secret"))


def installation_secret(session: Session, name: str) -> str | None:
    """None where there is none. Locked where it cannot be opened."""
    row = session.get(Installation, name)
    return None if row is None else row.secret


def link_key(session: Session) -> str:
    """The installation's key, which signs. Raises where there is none."""
    found = session.get_one(Installation, LINK_KEY).secret
    assert found is not None
    return found
