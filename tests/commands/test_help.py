"""Every command explains itself, with an example that is true."""

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.main import get_command

from dondoc import app
from tests.commands.terminal import Cli


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    if hasattr(command, "list_commands"):
        context = typer.Context(command)
        for name in command.list_commands(context):
            yield from walk(command.get_command(context, name), (*path, name))


EVERY = dict(walk(get_command(app)))
LEAVES = {path: command for path, command in EVERY.items() if not hasattr(command, "list_commands")}


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_help_ends_with_an_example(path: tuple[str, ...], cli: Cli) -> None:
    answer = cli(*path, "--help")
    assert answer.code == 0
    assert f"Example: dondoc {' '.join(path)}".strip() in " ".join(answer.out.split())


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_the_example_is_one_that_the_command_accepts(path: tuple[str, ...]) -> None:
    words = shlex.split(LEAVES[path].epilog.removeprefix("Example: "))
    assert words[: len(path) + 1] == ["dondoc", *path]
    LEAVES[path].make_context(path[-1], words[len(path) + 1 :])


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_takes_json_and_a_language(path: tuple[str, ...]) -> None:
    options = {option for param in LEAVES[path].params for option in param.opts}
    assert {"--json", "--language", "-L"} <= options


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_option_and_argument_says_what_it_is(path: tuple[str, ...]) -> None:
    assert [param.name for param in LEAVES[path].params if not getattr(param, "help", None)] == []


def test_the_fixed_commands_are_there() -> None:
    wanted = "init,demo,serve,template list,launch,simulate,tick,task list,task act,outbox list,report,why,config"
    assert {tuple(name.split()) for name in wanted.split(",")} <= LEAVES.keys()
