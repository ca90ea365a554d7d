"""The front door of the command line."""

import os
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from commands import (
    account,
    backup,
    calendar,
    config,
    directive,
    fence,
    import_,
    import_table,
    incident,
    init,
    inspection,
    launch,
    outbox,
    paper,
    personal,
    register,
    report,
    report_schedule,
    schedule,
    scorecard,
    secrets,
    task,
    template,
    upgrade,
    verify,
)
from commands.usage import tell_wrong_usage

_HEAVY = ("serve", "demo", "doctor", "prefect-server", "deploy", "clock", "worker")
"""Commands whose modules bring servers with them: loaded when one is asked for, so that the others start sooner."""


class _Front(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return [*_HEAVY, *(name for name in super().list_commands(ctx) if name not in _HEAVY)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in _HEAVY and cmd_name not in self.commands:
            alone = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
            import_module(f"commands.{cmd_name.replace('-', '_')}").register(alone)
            self.add_command(get_command(alone), cmd_name)
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
        run = partial(super().main, args, prog_name, complete_var, False, windows_expand_args, **extra)
        return run() if not standalone_mode else sys.exit(tell_wrong_usage(run, sys.argv[1:] if args is None else args))


app = typer.Typer(
    name="dondoc",
    cls=_Front,
    epilog="Example: dondoc init",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
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
        os.environ["DONDOC_DATA"] = str(data)  # ahead of the environment's own, and read by everything that follows


for module in (
    init, upgrade, backup, fence, launch, outbox, incident, report, scorecard, paper, verify, import_, import_table,
    config,
):  # fmt: skip
    module.register(app)
personal.register(register.people)
for name, group in (
    ("unit", register.units),
    ("person", register.people),
    ("account", account.app),
    ("directive", directive.app),
    ("template", template.app),
    ("task", task.app),
    ("incident", incident.app),
    ("inspection", inspection.app),
    ("outbox", outbox.app),
    ("calendar", calendar.app),
    ("schedule", schedule.app),
    ("report-schedule", report_schedule.app),
    ("secrets", secrets.app),
):
    app.add_typer(group, name=name, epilog=f"Example: dondoc {name} {'show' if name == 'calendar' else 'list'}")


def main() -> None:
    """Runs the command line."""
    app()


if __name__ == "__main__":
    main()
