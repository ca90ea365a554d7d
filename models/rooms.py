"""The rooms beside the core: optional parts of the program, which add something to named places of the core.

A room has a folder of its name in each layer, and lists in `workflows/<room>/room.py` what it adds. The core knows the
rooms' names, but not their code. Their tables belong to the one schema. If a package that a room needs is not
installed, the room adds nothing, and its pages and commands say so (docs/core.md).
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
    """An optional part. `needs` are packages to import, `beside` other rooms without which it does nothing.

    `addresses` are the beginnings of its pages' and calls' addresses; `{code}` stands for any name between slashes.
    `adds` lists by place what it adds there, as `package.module:name`, which is loaded at the first use.
    """

    name: str
    title: Words
    needs: Sequence[str] = ()
    beside: Sequence[str] = ()
    addresses: Sequence[str] = ()
    adds: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def extra(self) -> str:
        return f"dondoc[{self.name.replace('_', '-')}]"

    @property
    def is_installed(self) -> bool:
        has_packages = all(find_spec(package) is not None for package in self.needs)
        return has_packages and all(room(name).is_installed for name in self.beside)


class Place(Generic[_T]):
    """A place of the core where rooms can add objects of one type."""

    def __init__(self, name: str) -> None:
        self.name = name

    def added(self) -> list[_T]:
        """Return what installed rooms add here, in the order of `ROOMS`."""
        return _added(self.name)

    @property
    def only(self) -> _T | None:
        """Return the object of a place to which at most one room adds one."""
        added = self.added()
        return added[0] if added else None


@cache
def room(name: str) -> Room:
    return cast(Room, import_module(f"workflows.{name}.room").ROOM)


@cache
def installed() -> tuple[Room, ...]:
    return tuple(room_ for room_ in map(room, ROOMS) if room_.is_installed)


@cache
def missing() -> tuple[Room, ...]:
    return tuple(room_ for room_ in map(room, ROOMS) if room_ not in installed())


def is_missing(address: str) -> bool:
    return any(re.match(_pattern(beginning), address) for room_ in missing() for beginning in room_.addresses)


def _pattern(beginning: str) -> str:
    return "[^/]+".join(map(re.escape, beginning.split("{code}")))


def room_adding(place: str) -> Room | None:
    """Find the room that adds something to a place, installed or not."""
    return next((room_ for room_ in map(room, ROOMS) if place in room_.adds), None)


@cache
def _added(place: str) -> list[Any]:
    return [resolve_name(path) for room_ in installed() for path in room_.adds.get(place, ())]
