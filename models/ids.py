"""Identities: made by us, time-ordered, so that bulk inserts need no RETURNING and indexes grow at one end."""

from uuid import UUID

from uuid_utils.compat import uuid7

ZERO_ID = UUID(int=0)
"""Stands for "no parent" in unique keys, because NULL is never equal to NULL."""


def new_id() -> UUID:
    """A fresh time-ordered (version 7) identity."""
    return uuid7()


def new_ids(count: int) -> list[UUID]:
    """As many fresh identities, in their order."""
    return [uuid7() for _ in range(count)]
