"""Translate the texts of `--help`.

Commands, options and arguments have their help in English in the code; each paragraph of it is a message id. Typer
translates its own words, such as "Options", with gettext: `models/locale/vi/LC_MESSAGES/typer.po`.
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
"""The help of typer's own options, listed here so that the catalogue has it."""


def find_catalogue(context: Any) -> None:
    """Let gettext find typer's words in the user's language. typer asks for them when its help is imported."""
    bindtextdomain("typer", str(LOCALE))
    textdomain("typer")
    os.environ["LANGUAGE"] = _language(context)


def in_their_language(command: Any, context: Any) -> Any:
    """Return a copy of a command, or of a group with its commands, with its help in the user's language."""
    language = _language(context)
    translated = _translated(command, language)
    translated.epilog = translate(_EXAMPLE, language, command=command.epilog.removeprefix(_EXAMPLES_SIGN))
    translated.params, translated.add_help_option = (
        [_translated(part, language) for part in command.get_params(context)],
        False,
    )
    if hasattr(command, "list_commands"):
        subcommands = {name: command.get_command(context, name) for name in command.list_commands(context)}
        translated.commands = {name: _translated(part, language) for name, part in subcommands.items()}
    return translated


def write_usage(command: Any, context: Any, formatter: Any) -> None:
    """Write the line of usage as typer does, but with its first word translated."""
    prefix = translate(_USAGE, _language(context))
    formatter.write_usage(context.command_path, " ".join(command.collect_usage_pieces(context)), prefix)


def _language(context: Any) -> str:
    return asked_language(context.find_root().obj or ())


def _translated(part: Any, language: str) -> Any:
    translated = copy(part)
    translated.help = "\n\n".join(translate(text, language) for text in paragraphs(part.help))
    return translated
