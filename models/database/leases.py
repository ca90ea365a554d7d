"""The queue: one process at a time claims work under a lease, and then settles or releases it.

Letters, webhook calls and background jobs are such work. Each has its own query for the next rows (`is_ready`). This
module says what a claim writes, and who may write to a claimed row.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, TextClause, and_, or_, tuple_, update
from sqlmodel import Field, Session, SQLModel, select

from models.database.columns import UtcDateTime
from models.database.rows import table_of, update_one

LONGEST = timedelta(hours=2)
"""Every lease is shorter than this."""


class Leased(SQLModel):
    """The columns of work that is claimed under a lease. Each table adds `not_before`.

    The database calls `lease_token` "fence", and `not_before` by older names (docs/decisions/0036-one-queue.md).
    """

    attempts: int = 0  # claims, without the released ones
    # grows with each claim, so that a process with an older token can settle nothing
    lease_token: int = Field(default=0, sa_column_kwargs={"name": "fence", "key": "lease_token"})
    # a process that does not renew the lease until then counts as dead
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


_Work = TypeVar("_Work", bound=Leased)


class Lease(NamedTuple):
    """A claimed row: its primary key, and the token under which it was claimed. Either may be bound parameters."""

    key: tuple[Any, ...]
    token: Any


class LostLease(Exception):
    """The row no longer belongs to this claim. The process must stop and write nothing more."""


def is_ready(model: type[Leased], now: datetime) -> ColumnElement[bool]:
    """Select rows that may be claimed: their moment has come, and no living process has them."""
    row = table_of(model).c
    return and_(row.not_before <= now, or_(row.lease_until.is_(None), row.lease_until <= now, is_false(model, now)))


def is_false(model: type[Leased], now: datetime) -> ColumnElement[bool]:
    """Select rows whose lease was given by a clock ahead of `now` (UTC). Such a lease counts as over."""
    return table_of(model).c.lease_until > now + LONGEST


def next_ready(
    session: Session, model: type[_Work], waits: TextClause, *, now: datetime, limit: int
) -> Sequence[_Work]:
    """Return the next rows, locked for this transaction."""
    row = table_of(model).c
    query = select(model).where(waits, is_ready(model, now)).order_by(row.not_before, *table_of(model).primary_key)
    return session.exec(query.limit(limit).with_for_update(skip_locked=True)).all()


def claim(
    session: Session, model: type[Leased], keys: Collection[tuple[Any, ...]], *, until: datetime, **values: Any
) -> None:
    """Lease rows that were selected FOR UPDATE in this transaction, in one statement."""
    if not keys:
        return
    table = table_of(model)
    (primary_key,) = table.primary_key
    lease = {**next_claim(model), "lease_until": until}
    session.execute(update(table).where(primary_key.in_([key for (key,) in keys])).values(**lease, **values))


def next_claim(model: type[Leased]) -> dict[str, ColumnElement[int]]:
    """Return the values of a claim: one more attempt, and the next token."""
    row = table_of(model).c
    return {"attempts": row.attempts + 1, "lease_token": row.lease_token + 1}


def of_token(model: type[Leased], lease: Lease) -> ColumnElement[bool]:
    """Select the row of a lease, unless it was claimed again."""
    table = table_of(model)
    same = [column == value for column, value in zip(table.primary_key, lease.key, strict=True)]
    return and_(*same, table.c.lease_token == lease.token)


def is_held(model: type[Leased], lease: Lease) -> ColumnElement[bool]:
    """Select the row of a lease, if the lease still holds."""
    return and_(of_token(model, lease), table_of(model).c.lease_until.is_not(None))


def renew(session: Session, model: type[Leased], lease: Lease, *, until: datetime, **values: Any) -> None:
    """Extend a lease until a later moment, and write the progress so far. Raises LostLease."""
    guarded = update(table_of(model)).where(is_held(model, lease))
    if not update_one(session, guarded.values(lease_until=until, **values)):
        raise LostLease


def settle(session: Session, model: type[Leased], lease: Lease, **values: Any) -> None:
    """Write the outcome of a row, and end its lease. Raises LostLease."""
    guarded = update(table_of(model)).where(is_held(model, lease))
    if not update_one(session, guarded.values(lease_until=None, **values)):
        raise LostLease


def release(session: Session, model: type[Leased], leases: Collection[Lease], **values: Any) -> None:
    """Give rows back that were not tried, in one statement. No attempt counts, and lost leases are ignored."""
    if not leases:
        return
    table = table_of(model)
    is_leased = tuple_(*table.primary_key, table.c.lease_token).in_([(*lease.key, lease.token) for lease in leases])
    unclaimed = {"lease_until": None, "attempts": table.c.attempts - 1}
    session.execute(update(table).where(is_leased, table.c.lease_until.is_not(None)).values(**unclaimed, **values))
