"""The rooms beside the core: what each needs, and what it adds to the places where the core asks.

A room has a folder of its name in each layer, and says in `workflows/<room>/room.py`, in one list, what it adds. The
core knows the rooms' names, never their code; their tables are part of the one schema. A room of which a needed
package is not installed adds nothing, and its pages and commands say so (docs/core.md).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import resolve_name
from typing import Any, Generic, TypeVar, cast

from models.i18n import Words, _

ROOMS = ("intake", "exchange", "signatures", "inspections", "channels", "papers", "sign_on", "replies")
NOT_INSTALLED = _("{what}: not installed here; pip install '{extra}' brings it")
_T = TypeVar("_T")


@dataclass(frozen=True)
class Room:
    """What a room is made of. `needs`: packages to import; `beside`: other rooms, without which it does nothing."""

    name: str
    title: Words
    needs: Sequence[str] = ()
    beside: Sequence[str] = ()
    addresses: Sequence[str] = ()
    """How the addresses of its pages and calls begin; `{code}` stands for any name between two strokes."""
    adds: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By the name of each place, what it adds there, as `package.module:name`: loaded when somebody first asks."""

    @property
    def extra(self) -> str:
        return f"dondoc[{self.name.replace('_', '-')}]"

    @property
    def is_installed(self) -> bool:
        return all(find_spec(one) is not None for one in self.needs) and all(
            room(one).is_installed for one in self.beside
        )


class Place(Generic[_T]):
    """A place of the core where rooms add something of one type."""

    def __init__(self, name: str) -> None:
        self.name = name

    def added(self) -> list[_T]:
        """In the order of `ROOMS`."""
        return _added(self.name)

    @property
    def only(self) -> _T | None:
        """What one room at most adds here."""
        found = self.added()
        return found[0] if found else None


@cache
def room(name: str) -> Room:
    return cast(Room, import_module(f"workflows.{name}.room").ROOM)


@cache
def installed() -> tuple[Room, ...]:
    return tuple(one for one in map(room, ROOMS) if one.is_installed)


@cache
def missing() -> tuple[Room, ...]:
    return tuple(one for one in map(room, ROOMS) if one not in installed())


def is_missing(address: str) -> bool:
    return any(re.match(_pattern(beginning), address) for one in missing() for beginning in one.addresses)


def _pattern(beginning: str) -> str:
    return "[^/]+".join(map(re.escape, beginning.split("{code}")))


def room_adding(place: str) -> Room | None:
    """Installed or not."""
    return next((one for one in map(room, ROOMS) if place in one.adds), None)


@cache
def _added(place: str) -> list[Any]:
    return [resolve_name(path) for one in installed() for path in one.adds.get(place, ())]
