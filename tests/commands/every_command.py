"""Every command and group of `dondoc`, by its path."""

from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from dondoc import app, room_of


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    if hasattr(command, "list_commands"):
        context = typer.Context(command)
        for name in command.list_commands(context):
            yield from walk(command.get_command(context, name), (*path, name))


def is_missing(name: str) -> bool:
    """Whether a command or group is of a room that is not installed."""
    room = room_of(name)
    return room is not None and not room.is_installed


EVERY = dict(walk(get_command(app)))
LEAVES = {path: command for path, command in EVERY.items() if not hasattr(command, "list_commands")}
