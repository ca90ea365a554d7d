"""The words of `--help`, translated when it is asked for.

A help text is written in English where its command, option or argument is; each paragraph of it is a message id.
What typer adds, such as "Options" and "[required]", it asks gettext for: `models/locale/vi/LC_MESSAGES/typer.po`.
"""

import os
from copy import copy
from gettext import bindtextdomain, textdomain
from typing import Any

from commands.usage import asked_language
from models.i18n import LOCALE, _, paragraphs, translate

_EXAMPLE, _EXAMPLES_SIGN = _("Example: {command}"), "Example: "
_USAGE = _("Usage: ")
_TYPERS = (
    _("Show this message and exit."),
    _("Install completion for the current shell."),
    _("Show completion for the current shell, to copy it or customize the installation."),
)
"""What typer says in plain English of options that are its own."""


def find_catalogue(context: Any) -> None:
    """Let gettext find typer's words in the user's language. typer asks for them when its help is imported."""
    bindtextdomain("typer", str(LOCALE))
    textdomain("typer")
    os.environ["LANGUAGE"] = _language(context)


def in_their_language(command: Any, context: Any) -> Any:
    """Copy a command, or a group with its commands, so that it speaks as the user does."""
    language = _language(context)
    told = _translated(command, language)
    told.epilog = translate(_EXAMPLE, language, command=command.epilog.removeprefix(_EXAMPLES_SIGN))
    told.params, told.add_help_option = [_translated(one, language) for one in command.get_params(context)], False
    if hasattr(command, "list_commands"):
        below = {name: command.get_command(context, name) for name in command.list_commands(context)}
        told.commands = {name: _translated(one, language) for name, one in below.items()}
    return told


def write_usage(command: Any, context: Any, formatter: Any) -> None:
    """The line of usage, as typer writes it but for its first word."""
    prefix = translate(_USAGE, _language(context))
    formatter.write_usage(context.command_path, " ".join(command.collect_usage_pieces(context)), prefix)


def _language(context: Any) -> str:
    return asked_language(context.find_root().obj or ())


def _translated(one: Any, language: str) -> Any:
    told = copy(one)
    told.help = "\n\n".join(translate(text, language) for text in paragraphs(one.help))
    return told
