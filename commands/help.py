"""Commands and groups whose help and errors are in the user's language; typer's own are in English."""

from typing import Any

from typer.core import TyperCommand, TyperGroup

# The other modules are imported only for a wrong command line or for help: they load everything that commands need,
# and `dondoc` must start without that.


class _Helpful:
    def format_help(self, ctx: Any, formatter: Any) -> None:
        from commands.help_words import find_catalogue, in_their_language

        find_catalogue(ctx)
        from typer.rich_utils import rich_format_help

        rich_format_help(obj=in_their_language(self, ctx), ctx=ctx, markup_mode="rich")

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        from commands.help_words import write_usage

        write_usage(self, ctx, formatter)


class Command(_Helpful, TyperCommand):
    allow_extra_args = True  # parse_args refuses them

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        extra: list[str] = super().parse_args(ctx, args)
        if extra and not ctx.resilient_parsing:
            from commands.usage import too_many_words

            raise too_many_words(ctx, extra)
        return extra


class CommandGroup(_Helpful, TyperGroup):
    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            from commands.usage import no_such_command

            raise no_such_command(ctx, args[0])
        return super().resolve_command(ctx, args)
