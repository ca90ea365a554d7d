"""The queue: work that one process at a time takes under a lease, and then settles or gives back.

Letters, webhook calls and background jobs are such work. Each selects in its own query the rows that come
next (`is_ready`); this module holds what a claim writes, and who may write to a claimed row.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, TextClause, and_, or_, tuple_, update
from sqlmodel import Field, Session, SQLModel, select

from models.database.columns import UtcDateTime
from models.database.rows import table_of, update_one

LONGEST = timedelta(hours=2)
"""No lease lasts so long."""


class Leased(SQLModel):
    """The columns of work that is taken under a lease. Each table adds `not_before`.

    The database calls `lease_token` "fence", and `not_before` by older names (docs/decisions/0036-one-queue.md).
    """

    attempts: int = 0  # claims, without those that were given back
    # grows with each claim: a process with an older token settles nothing
    lease_token: int = Field(default=0, sa_column_kwargs={"name": "fence", "key": "lease_token"})
    lease_until: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  # a process silent until then counts as dead


_Work = TypeVar("_Work", bound=Leased)


class Lease(NamedTuple):
    """A claimed row: its primary key, and the token under which it was claimed. Either may be bound parameters."""

    key: tuple[Any, ...]
    token: Any


class LostLease(Exception):
    """The row is no longer held by this claim: stop, and write nothing more."""


def is_ready(model: type[Leased], now: datetime) -> ColumnElement[bool]:
    """An open row may be taken once its moment has come and no living process has it."""
    row = table_of(model).c
    return and_(row.not_before <= now, or_(row.lease_until.is_(None), row.lease_until <= now, is_false(model, now)))


def is_false(model: type[Leased], now: datetime) -> ColumnElement[bool]:
    """A clock that was ahead of `now` (UTC) gave the lease: it is over."""
    return table_of(model).c.lease_until > now + LONGEST


def next_ready(
    session: Session, model: type[_Work], waits: TextClause, *, now: datetime, limit: int
) -> Sequence[_Work]:
    """They are locked for this transaction."""
    row = table_of(model).c
    query = select(model).where(waits, is_ready(model, now)).order_by(row.not_before, *table_of(model).primary_key)
    return session.exec(query.limit(limit).with_for_update(skip_locked=True)).all()


def claim(
    session: Session, model: type[Leased], keys: Collection[tuple[Any, ...]], *, until: datetime, **values: Any
) -> None:
    """Lease rows until a moment, in one statement. They were selected FOR UPDATE in this transaction, so are ready."""
    if not keys:
        return
    table = table_of(model)
    (own,) = table.primary_key
    taken = {**one_further(model), "lease_until": until}
    session.execute(update(table).where(own.in_([key for (key,) in keys])).values(**taken, **values))


def one_further(model: type[Leased]) -> dict[str, ColumnElement[int]]:
    """A claim counts an attempt, and gives the row its next token."""
    row = table_of(model).c
    return {"attempts": row.attempts + 1, "lease_token": row.lease_token + 1}


def of_token(model: type[Leased], lease: Lease) -> ColumnElement[bool]:
    """Nobody has claimed the row since."""
    table = table_of(model)
    same = [column == value for column, value in zip(table.primary_key, lease.key, strict=True)]
    return and_(*same, table.c.lease_token == lease.token)


def is_held(model: type[Leased], lease: Lease) -> ColumnElement[bool]:
    """The row is still in the hands of this very claim."""
    return and_(of_token(model, lease), table_of(model).c.lease_until.is_not(None))


def renew(session: Session, model: type[Leased], lease: Lease, *, until: datetime, **values: Any) -> None:
    """Hold a row on until a later moment, and write what has become of it so far. Raise LostLease."""
    held = update(table_of(model)).where(is_held(model, lease))
    if not update_one(session, held.values(lease_until=until, **values)):
        raise LostLease


def settle(session: Session, model: type[Leased], lease: Lease, **values: Any) -> None:
    """Write how the work on a row ended, and let go of it. Raise LostLease."""
    held = update(table_of(model)).where(is_held(model, lease))
    if not update_one(session, held.values(lease_until=None, **values)):
        raise LostLease


def release(session: Session, model: type[Leased], leases: Collection[Lease], **values: Any) -> None:
    """Give rows back that were not tried, in one statement: no attempt is counted. Pass over lost leases."""
    if not leases:
        return
    table = table_of(model)
    mine = tuple_(*table.primary_key, table.c.lease_token).in_([(*one.key, one.token) for one in leases])
    given_back = {"lease_until": None, "attempts": table.c.attempts - 1}
    session.execute(update(table).where(mine, table.c.lease_until.is_not(None)).values(**given_back, **values))
