"""A command line that was typed wrongly, in the user's language: typer's own words are English."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperCommand

from commands.output import fail, read_settings
from models.errors import BadInput, DondocError, Refused
from models.i18n import LANGUAGES, Words, _
from models.rooms import NOT_INSTALLED, Room
from models.text.faults import fault_words

_NO_OPTION, _NO_COMMAND = _("{name}: there is no such option"), _("{name}: there is no such command")
_NEAR_OPTION = _("{name}: there is no such option; is it {near}?")
_NEAR_COMMAND = _("{name}: there is no such command; is it {near}?")
_NO_VALUE, _ONE_VALUE = _("{name}: this option takes no value"), _("{name}: a value is missing")
_NO_WORD, _TOO_MANY = _("a command is missing"), _("{words}: more than this command takes")
_WRONG, _ONE_OF, _MISSING = _("{name} {value}: {fault}"), _("expected one of {expected}"), _("{name} is missing")
_OTHER, _HELP = _("this command cannot be read so: {words}"), _("{fault}\nusage: {usage}\nmore: {help}")


class WrongUsage(typer.TyperException):
    """A wrong command line that typer would answer in English alone. Our commands and groups raise it first."""

    exit_code = 2

    def __init__(self, ctx: Any, words: Words) -> None:
        super().__init__(words)
        self.ctx, self.words = ctx, words


def no_such_command(ctx: Any, name: str) -> WrongUsage:
    near = get_close_matches(name, ctx.command.list_commands(ctx))
    return WrongUsage(ctx, Words(_NEAR_COMMAND if near else _NO_COMMAND, name=name, near=near))


def not_installed(name: str, room: Room) -> TyperCommand:
    """Return a command in place of one whose room is not installed. It says so, also when asked for help."""

    def say() -> None:
        words = sys.argv[1:]
        fail(Refused(NOT_INSTALLED, what=f"dondoc {name}", extra=room.extra), asked_language(words), "--json" in words)

    settings = {"allow_extra_args": True, "ignore_unknown_options": True}
    return TyperCommand(name, callback=say, add_help_option=False, context_settings=settings)


def too_many_words(ctx: Any, words: Sequence[str]) -> WrongUsage:
    return WrongUsage(ctx, Words(_TOO_MANY, words=" ".join(words)))


def tell_wrong_usage(error: typer.TyperException, words: Sequence[str]) -> int:
    """Print what is wrong with a command line, and return the exit code: 2 for wrong usage."""
    if type(error).__name__ != "NoArgsIsHelpError":  # its help is on the screen
        with suppress(typer.Exit):
            fail(_fault(error, words), asked_language(words), "--json" in words)
    return error.exit_code


def _fault(error: Any, words: Sequence[str]) -> BadInput:
    context = getattr(error, "ctx", None)
    if context is None:
        return BadInput(_words(error, words))
    path = context.command_path
    usage = " ".join((path, *context.command.collect_usage_pieces(context)))
    return BadInput(_HELP, fault=_words(error, words), usage=usage, help=f"{path} --help")


def _words(error: Any, words: Sequence[str]) -> Words:
    """Say what is wrong, found by the error's attributes: typer publishes only the base class of its errors."""
    option: str | None = getattr(error, "option_name", None)
    param: Any = getattr(error, "param", None)
    name = str(param.get_error_hint()).strip("'") if param is not None else option
    if isinstance(error, WrongUsage):
        return error.words
    if hasattr(error, "possibilities"):
        near = sorted(error.possibilities or ())
        return Words(_NEAR_OPTION if near else _NO_OPTION, name=name, near=near)
    if option:
        return Words(_NO_VALUE if any(word.startswith(f"{option}=") for word in words) else _ONE_VALUE, name=name)
    if hasattr(error, "param_type"):
        return Words(_MISSING, name=name)
    if isinstance(error.__cause__, ValidationError):
        error_facts, kind = error.__cause__.errors()[0], param.type_descriptor
        choices = [str(getattr(choice, "value", choice)) for choice in kind.choices or ()]
        fault = Words(_ONE_OF, expected=choices) if kind.is_choice else fault_words(error_facts)
        return Words(_WRONG, name=name, value=str(error_facts["input"]), fault=fault)
    if hasattr(error.ctx.command, "list_commands"):  # for a group, typer has no other error
        return _NO_WORD
    return Words(_OTHER, words=error.format_message())


def asked_language(words: Sequence[str]) -> str:
    """Return the language of the command line, else of the environment or settings, else Vietnamese."""
    for position, word in enumerate(words):
        option, _sign, value = word.partition("=")
        if option in ("--language", "-L"):
            language = value or "".join(words[position + 1 : position + 2])
            break
    else:
        try:
            language = os.environ.get("DONDOC_LANGUAGE") or read_settings(None).language
        except DondocError:
            language = ""
    return language if language in LANGUAGES else LANGUAGES[0]
