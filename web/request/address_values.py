"""Read a page's choices from its address. A BadInput names the parameter, its value and the possible values."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from models.errors import BadInput

_Choice = TypeVar("_Choice", bound=StrEnum)


def check_one_of(name: str, value: str, possible: Iterable[str]) -> None:
    """Raise BadInput where a value is none of those possible."""
    known = list(possible)
    if value not in known:
        raise BadInput(
            "{name} {value}: it can be {possible}", name=name, value=value, possible=", ".join(filter(None, known))
        )


def one_of(kind: type[_Choice], name: str, value: str, possible: Iterable[_Choice] | None = None) -> _Choice:
    """Return the value as a member of its kind."""
    check_one_of(name, value, kind if possible is None else possible)
    return kind(value)


def choice(kind: type[_Choice], name: str, value: str, possible: Iterable[_Choice] | None = None) -> _Choice | None:
    """Return the value as a member of its kind, or None if it is empty."""
    return one_of(kind, name, value, possible) if value else None


def read_id(name: str, value: str) -> UUID:
    """Return an id."""
    try:
        return UUID(value)
    except ValueError as error:
        raise BadInput("{name} {value}: it can be {possible}", name=name, value=value, possible="0190f3a2-…") from error
