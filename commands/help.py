"""Commands and groups whose help is in the user's language: typer's own speaks the language it was written in."""

from typing import Any

from typer.core import TyperCommand, TyperGroup


class _Helpful:
    def format_help(self, ctx: Any, formatter: Any) -> None:
        from typer.rich_utils import rich_format_help

        from commands.help_words import in_their_language  # with everything that commands need

        rich_format_help(obj=in_their_language(self, ctx), ctx=ctx, markup_mode="rich")

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        from commands.help_words import write_usage

        write_usage(self, ctx, formatter)


class Command(_Helpful, TyperCommand):
    """A command."""


class Group(_Helpful, TyperGroup):
    """A group of commands."""
