"""Identities: made by us, time-ordered, so that bulk inserts need no RETURNING and indexes grow at one end."""

from uuid import UUID, SafeUUID

from uuid_utils.compat import uuid7

ZERO_ID = UUID(int=0)
"""Stands for "no parent" in unique keys, because NULL is never equal to NULL."""


def new_id() -> UUID:
    """A fresh time-ordered (version 7) identity."""
    return uuid7()


def new_ids(count: int) -> list[UUID]:
    """As many fresh identities, in their order."""
    return [uuid7() for _ in range(count)]


def read_id(digits: str) -> UUID:
    """An identity from its 32 hexadecimal digits, as SQLite stores it; in a third of the time of `UUID(digits)`."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", int(digits, 16))
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made
