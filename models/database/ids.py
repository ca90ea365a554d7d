"""Ids. The program makes them in order of time, so bulk inserts need no RETURNING and indexes grow at one end."""

from uuid import UUID, SafeUUID

from uuid_utils.compat import uuid7

_new, _set, _UNKNOWN = object.__new__, object.__setattr__, SafeUUID.unknown
ZERO_ID = UUID(int=0)
"""The id for "no parent" in unique keys, because NULL is never equal to NULL."""


def new_id() -> UUID:
    return uuid7()


def new_ids(count: int) -> list[UUID]:
    return [uuid7() for _ in range(count)]


def read_id(digits: str) -> UUID:
    """Read an id of 32 hexadecimal digits, as SQLite stores it, in half the time of `UUID(digits)`."""
    uuid = _new(UUID)
    _set(uuid, "int", int(digits, 16))
    _set(uuid, "is_safe", _UNKNOWN)
    return uuid
