"""`dondoc calendar …`: the working calendar."""

from datetime import date, timedelta
from typing import Annotated, Any

import typer

from commands.context import CommandContext, command
from commands.options import AsPerson, DryRun, Now, Yes, read_now, split
from models.errors import BadInput
from models.i18n import _, _n
from models.organization.calendar import DayKind
from models.organization.register_reads import resolve_person
from models.tasks.due_facts import store_due_facts
from models.text.localtime import due_date, local_date, read_day, write_weekday
from notifications.composing.reasons import due_words, off_words
from workflows.organization.working_calendar import EditedDay, load_calendar
from workflows.tasks.edit_calendar import CalendarPreview, edit_calendar, preview_edit

app = typer.Typer(help="The working calendar: show, edit.", no_args_is_help=True)


@command(app, "show", example="dondoc calendar show --year 2026")
def show(
    context: CommandContext,
    year: Annotated[int | None, typer.Option("--year", min=1975, max=2099, help="This year; else the current.")] = None,
    now: Now = None,
) -> None:
    """Show the days off that are no plain weekend, and every edited day, of a year."""
    wanted = year or local_date(read_now(now)).year
    with context.reading() as session:
        calendar = load_calendar(session)
    first = date(wanted, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(wanted + 1, 1, 1) - first).days)]
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
    data = {"year": wanted, "working_days": sum(map(calendar.is_working, days)), "days": rows}
    count = _n(
        "{count} working day in {year}", "{count} working days in {year}", count=data["working_days"], year=wanted
    )
    context.show(data, context.table(rows, columns), count)


@command(
    app,
    "edit",
    example="dondoc calendar edit --off 2026-08-31 --working 2026-08-22 --name 'make-up' --reason 'Notice 15' "
    "--as dang.thu.thuy --yes",
)
def edit(
    context: CommandContext,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="The decision the days come from.")],
    person: AsPerson,
    off: Annotated[
        list[str] | None, typer.Option("--off", metavar="DATE", help="A day that becomes a day off; may be repeated.")
    ] = None,
    working: Annotated[
        list[str] | None, typer.Option("--working", metavar="DATE", help="A day that is worked; may be repeated.")
    ] = None,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="The name of these days.")] = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    now: Now = None,
) -> None:
    """Edit the calendar: shows which dates that moves, then asks. Original dates never move."""
    days = _read_days(off, working, name)
    moment = read_now(now)
    with context.reading() as session:
        preview = preview_edit(session, days, moment)
        actor = resolve_person(session, person)
    if not preview.days:
        context.show(_data(preview, context.language) | {"edited": False})
        context.say(_("nothing to do: the calendar says so already"))
        return
    data = _data(preview, context.language) | {"edited": False}
    if not context.may_go_on(
        data, *_parts(context, preview), yes=yes, dry_run=dry_run, question=_("Edit the calendar?")
    ):
        return
    with context.transaction() as session:
        done = edit_calendar(session, actor.id, days, reason, moment)
    if context.as_json:
        done_so_far = {"edited": done.revision_id is not None, "revision": done.revision_id}
        context.show(_data(done.preview, context.language) | done_so_far)
    context.say(
        _n("calendar edited: {count} deadline moved", "calendar edited: {count} deadlines moved"),
        count=len(done.preview.moved),
    )


def _read_days(off: list[str] | None, working: list[str] | None, name: str) -> dict[date, DayKind | EditedDay]:
    given = [("--off", one, DayKind.OFF) for one in split(off)]
    given += [("--working", one, DayKind.WORKING) for one in split(working)]
    days: dict[date, DayKind | EditedDay] = {}
    for option, text, kind in given:
        day = read_day(option, text)
        if day in days:
            raise BadInput("{option} {value}: this day is given twice", option=option, value=text)
        days[day] = EditedDay(kind, name)
    return days


def _data(preview: CalendarPreview, language: str) -> dict[str, Any]:
    return {
        "days": [{"day": day, "kind": edited.kind.value, "name": edited.name} for day, edited in preview.days.items()],
        "moved": [
            {
                "task": moved.task_id,
                "from": due_date(moved.old_due),
                "to": due_date(moved.new_due),
                "reason": due_words(moved.facts, "", language),
                "due_facts": store_due_facts(moved.facts),
            }
            for moved in preview.moved
        ],
        "rechecked": preview.rechecked,
    }


def _parts(context: CommandContext, preview: CalendarPreview) -> list[Any]:
    days = [{"day": day, "kind": edited.kind.label, "name": edited.name} for day, edited in preview.days.items()]
    moved = [
        {
            "task": one.task_id.hex[-8:],
            "from": due_date(one.old_due),
            "to": due_date(one.new_due),
            "reason": due_words(one.facts, "", context.language),
        }
        for one in preview.moved
    ]
    return [
        context.table(days, {"day": _("day"), "kind": _("kind"), "name": _("name")}),
        context.table(moved, {"task": _("task"), "from": _("from"), "to": _("to"), "reason": _("reason")}),
        _n("Looked at again: {count} task", "Looked at again: {count} tasks", count=preview.rechecked),
    ]
