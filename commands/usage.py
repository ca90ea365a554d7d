"""A command line that was typed wrongly, in the user's language: typer's own words are English."""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import typer
from pydantic import ValidationError

from commands.output import fail, read_settings
from models.errors import BadInput, DondocError
from models.i18n import LANGUAGES, Words, _
from models.text.faults import fault_words

_SAID: tuple[tuple[str, Words], ...] = (
    (
        r"No such command '(?P<name>.*?)'\. Did you mean (?P<near>.*)\?",
        _("{name}: there is no such command; is it {near}?"),
    ),
    (r"No such command '(?P<name>.*?)'\.", _("{name}: there is no such command")),
    (r"No such option: (?P<name>\S+)", _("{name}: there is no such option")),
    (r"Missing command\.", _("a command is missing")),
    (r"Got unexpected extra argument\(s\) \((?P<words>.*)\)", _("{words}: more than this command takes")),
    (r"Option '(?P<name>.*?)' requires .*", _("{name}: a value is missing")),
    (r"Option '(?P<name>.*?)' does not take a value\.", _("{name}: this option takes no value")),
)
"""What typer says, and what we say instead. Held by tests/commands/test_usage.py, as typer may change its words."""
_NEAR, _MISSING = _("{name}: there is no such option; is it {near}?"), _("{name} is missing")
_WRONG, _ONE_OF = _("{name} {value}: {fault}"), _("right would be one of {expected}")
_OTHER, _HELP = _("this command cannot be read so: {words}"), _("{fault}\nusage: {usage}\nmore: {help}")


def tell_wrong_usage(error: typer.TyperException, words: Sequence[str]) -> int:
    """Tell what is wrong with a command line (`words`). Returns the exit code, 2 for wrong usage."""
    if type(error).__name__ != "NoArgsIsHelpError":  # its help is on the screen
        with suppress(typer.Exit):
            fail(_fault(error), asked_language(words), "--json" in words)
    return error.exit_code


def _fault(error: Any) -> BadInput:
    context: Any = getattr(error, "ctx", None)
    if context is None:
        return BadInput(_words(error))
    path = context.command_path
    usage = " ".join((path, *context.command.collect_usage_pieces(context)))
    return BadInput(_HELP, fault=_words(error), usage=usage, help=f"{path} --help")


def _words(error: Any) -> Words:
    near: Any = getattr(error, "possibilities", None)
    param: Any = getattr(error, "param", None)
    name = str(param.get_error_hint()).strip("'") if param is not None else ""
    if near:
        return Words(_NEAR, name=error.option_name, near=", ".join(sorted(near)))
    if type(error).__name__ == "MissingParameter":
        return Words(_MISSING, name=name)
    if isinstance(error.__cause__, ValidationError):
        first, kind = error.__cause__.errors()[0], param.type_descriptor
        choices = ", ".join(str(getattr(one, "value", one)) for one in kind.choices or ())
        fault = Words(_ONE_OF, expected=choices) if kind.is_choice else fault_words(first)
        return Words(_WRONG, name=name, value=str(first["input"]), fault=fault)
    for pattern, ours in _SAID:
        if found := re.fullmatch(pattern, error.message):
            return Words(ours, **{key: value.replace("'", "") for key, value in found.groupdict().items()})
    return Words(_OTHER, words=error.format_message())


def asked_language(words: Sequence[str]) -> str:
    """Return what the command itself says, else the environment or the settings; Vietnamese where these cannot be
    read.
    """
    for place, word in enumerate(words):
        option, _sign, value = word.partition("=")
        if option in ("--language", "-L"):
            spoken = value or "".join(words[place + 1 : place + 2])
            break
    else:
        try:
            spoken = os.environ.get("DONDOC_LANGUAGE") or read_settings(None).language
        except DondocError:
            spoken = ""
    return spoken if spoken in LANGUAGES else LANGUAGES[0]
