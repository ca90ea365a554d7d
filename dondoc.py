"""The front door of the command line."""

import os
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from commands import calendar, config, directive, incident, init, launch, outbox, register, report, task, template

app = typer.Typer(
    name="dondoc",
    help="Đôn đốc: from a directive's text to tasks, reminders, and reports.",
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
        os.environ["DONDOC_DATA"] = str(data)


for module in (init, launch, outbox, incident, report, config):
    module.register(app)
for name, group in (
    ("unit", register.units),
    ("person", register.people),
    ("directive", directive.app),
    ("template", template.app),
    ("task", task.app),
    ("incident", incident.app),
    ("outbox", outbox.app),
    ("calendar", calendar.app),
):
    app.add_typer(group, name=name, epilog=f"Example: dondoc {name} list --help")


def main() -> None:
    """Runs the command line."""
    app()


if __name__ == "__main__":
    main()
