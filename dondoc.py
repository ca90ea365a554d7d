"""The entry point of the command line: it loads the module of the command that is asked for."""

import gc
import os
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.main import get_group

from commands.help import CommandGroup

if TYPE_CHECKING:
    from models.rooms import Room

_COMMANDS = {
    "serve": "serve",
    "demo": "demo",
    "doctor": "doctor",
    "prefect-server": "many_machines",
    "deploy": "many_machines",
    "clock": "many_machines",
    "worker": "many_machines",
    "init": "init",
    "upgrade": "upgrade",
    "backup": "backup",
    "restore": "backup",
    "fence": "fence",
    "launch": "launch",
    "simulate": "launch",
    "take-back": "launch",
    "tick": "outbox",
    "raise": "raise_",
    "report": "report",
    "why": "report",
    "verify": "verify",
    "import": "intake.import_document",
    "import-table": "intake.import_table",
    "config": "config",
}
"""The module of `commands` for each command, in the order of the help. A room's module stands in the room's folder."""
_GROUPS = {
    "unit": "register:units",
    "person": "register:people",
    "account": "account:app",
    "directive": "directive:app",
    "template": "template:app",
    "task": "task:app",
    "outbox": "outbox:app",
    "reply": "replies.reply:app",
    "paper": "papers.paper:app",
    "calendar": "calendar:app",
    "schedule": "schedule:app",
    "secrets": "secrets:app",
}
"""The module and variable of each group of commands."""
_WITHOUT_LIST = {"paper": "report --out bao-cao.docx", "calendar": "show"}
"""Groups without the command list, and the example in their help."""
_ALL_NAMES = [*_COMMANDS, *_GROUPS]


class _Front(CommandGroup):
    """Loads a command only when it is asked for: loading all takes as long as running one."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name in _ALL_NAMES if (room := room_of(name)) is None or room.is_installed]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in _ALL_NAMES and cmd_name not in self.commands:
            self.add_command(_load(cmd_name), cmd_name)
        return super().get_command(ctx, cmd_name)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        words = sys.argv[1:] if args is None else args
        run = partial(super().main, args, prog_name, complete_var, False, windows_expand_args, obj=words, **extra)
        if not standalone_mode:
            return run()
        try:
            sys.exit(run() or 0)
        except typer.Abort:
            sys.exit(1)
        except typer.TyperException as error:
            from commands.usage import tell_wrong_usage  # it loads everything that commands need

            sys.exit(tell_wrong_usage(error, words))


def room_of(name: str) -> "Room | None":
    folder, dot, _module = (_GROUPS.get(name) or _COMMANDS.get(name, "")).partition(".")
    if not dot:
        return None
    from models.rooms import room

    return room(folder)


def _load(name: str) -> Any:
    if (room := room_of(name)) is not None and not room.is_installed:
        from commands.usage import not_installed

        return not_installed(name, room)
    module, _colon, group = (_GROUPS.get(name) or _COMMANDS[name]).partition(":")
    collects = gc.isenabled()
    gc.disable()  # imported objects stay, and walking through them costs a quarter of the start
    try:
        loaded = import_module(f"commands.{module}")
    finally:
        if collects:
            gc.enable()
    if not group:
        return get_group(import_module("commands.context").front).commands[name]
    example = f"Example: dondoc {name} {_WITHOUT_LIST.get(name, 'list')}"
    alone = typer.Typer()
    alone.add_typer(getattr(loaded, group), name=name, epilog=example, cls=CommandGroup)
    return get_group(alone).commands[name]


app = typer.Typer(
    name="dondoc", cls=_Front, epilog="Example: dondoc init", no_args_is_help=True, pretty_exceptions_show_locals=False
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("dondoc"))
        raise typer.Exit


@app.callback()
def front(
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FOLDER", help="Data folder; else DONDOC_DATA, else ./var.")
    ] = None,
    shown: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Đôn đốc: from a directive's text to tasks, reminders, and reports."""
    if data is not None:
        os.environ["DONDOC_DATA"] = str(data)  # overrides the environment for everything that follows


def main() -> None:
    """Run the command line."""
    os.umask(0o077)  # files of this program and its children are for this user alone
    try:
        app()
    finally:
        gc.freeze()  # spares a last walk of the collector at the end


if __name__ == "__main__":
    main()
