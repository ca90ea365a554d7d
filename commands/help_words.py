"""The words of `--help`, translated when it is asked for.

A help text is written in English where its command, option or argument is; each paragraph of it is a message id.
"""

from copy import copy
from typing import Any

from typer import rich_utils

from commands.usage import asked_language
from models.i18n import _, paragraphs, translate

_EXAMPLE, _EXAMPLES_SIGN = _("Example: {command}"), "Example: "
_USAGE, _OPTIONS, _ARGUMENTS, _COMMANDS = _("Usage: "), _("Options"), _("Arguments"), _("Commands")
_DEFAULT, _REQUIRED = _("[default: {}]"), _("[required]")
_TYPERS = (
    _("Show this message and exit."),
    _("Install completion for the current shell."),
    _("Show completion for the current shell, to copy it or customize the installation."),
)
"""What typer says of options that are its own."""


def in_their_language(command: Any, context: Any) -> Any:
    """Return a copy of the command, or of the group with its commands, that speaks as the user does."""
    language = _language(context)
    for name, words in (("DEFAULT_STRING", _DEFAULT), ("REQUIRED_LONG_STRING", _REQUIRED)):
        setattr(rich_utils, name, translate(words, language))
    told = _translated(command, language)
    told.epilog = translate(_EXAMPLE, language, command=command.epilog.removeprefix(_EXAMPLES_SIGN))
    told.params, told.add_help_option = [_param(one, language) for one in command.get_params(context)], False
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


def _translated(command: Any, language: str) -> Any:
    told = copy(command)
    told.help, told.rich_help_panel = _text(command.help, language), translate(_COMMANDS, language)
    return told


def _param(param: Any, language: str) -> Any:
    told = copy(param)
    panel = _ARGUMENTS if param.param_type_name == "argument" else _OPTIONS
    told.help, told.rich_help_panel = _text(param.help, language), translate(panel, language)
    return told


def _text(text: str, language: str) -> str:
    return "\n\n".join(translate(one, language) for one in paragraphs(text))
