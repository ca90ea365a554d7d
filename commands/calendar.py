"""`dondoc calendar …`: the working calendar."""

from datetime import date, timedelta
from typing import Annotated

import typer

from commands.context import CommandContext, command
from commands.options import Now, read_now
from models.i18n import _, _n
from models.text.localtime import local_date, write_weekday
from notifications.composing.reasons import off_words
from workflows.organization.working_calendar import load_calendar

app = typer.Typer(help="The working calendar: show.", no_args_is_help=True)


@command(app, "show", example="dondoc calendar show --year 2026")
def show(
    context: CommandContext,
    year: Annotated[int | None, typer.Option("--year", min=1975, max=2099, help="This year; else the current.")] = None,
    now: Now = None,
) -> None:
    """Show the days off that are no plain weekend, and every edited day, of a year."""
    shown_year = year or local_date(read_now(now)).year
    with context.reading() as session:
        calendar = load_calendar(session)
    first = date(shown_year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(shown_year + 1, 1, 1) - first).days)]
    rows = [
        {
            "day": day,
            "weekday": write_weekday(day, context.language),
            "working": calendar.is_working(day),
            "name": calendar.called(day) or off_words(calendar.why_off(day), context.language),
            "edited": day in calendar.edits,
        }
        for day in days
        if day in calendar.edits or calendar.is_working(day) != (day.weekday() < 5)
    ]
    columns = {
        "day": _("day"),
        "weekday": _("weekday"),
        "working": _("working"),
        "name": _("name"),
        "edited": _("edited"),
    }
    data = {"year": shown_year, "working_days": sum(map(calendar.is_working, days)), "days": rows}
    count = _n(
        "{count} working day in {year}", "{count} working days in {year}", count=data["working_days"], year=shown_year
    )
    context.show(data, context.table(rows, columns), count)
