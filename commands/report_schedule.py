"""`dondoc report-schedule …`: reports that are compiled by the calendar; list, show, new, edit, pause, resume."""

from typing import Annotated

import typer
from rich.text import Text
from sqlmodel import Session, select

from commands.context import CommandContext, command
from commands.options import AsPersonOrNobody, DirectiveName, Now, person_or_none, read_now
from models.errors import BadInput, NotFound
from models.i18n import _
from models.reports.issued_report import ReportKind
from models.reports.report_schedule import ReportSchedule
from models.text.localtime import local_date
from workflows.access.audit_log import AuditActor
from workflows.access.rights import Principal, read_place
from workflows.organization.working_calendar import load_calendar
from workflows.reports.report_schedules import (
    NewSchedule,
    Settings,
    change_schedule,
    make_schedule,
    open_schedule,
    switch_schedule,
)
from workflows.reports.schedule_view import (
    ShownSchedule,
    compiled_data,
    list_schedules,
    read_compiled_of,
    read_schedule,
    schedule_data,
    why_stuck,
)

app = typer.Typer(help="Reports compiled by the calendar: list, show, new, edit, pause, resume.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="SCHEDULE", help="Its id, or the last eight digits of it.")]
ToIssuer = Annotated[
    bool | None, typer.Option("--to-issuer/--not-to-issuer", help="Tell the head of the issuer's office too.")
]
Language = Annotated[
    str | None, typer.Option("--written-in", metavar="vi|en", help="The language of the report; vi if not given.")
]
OwnDay = Annotated[
    str | None,
    typer.Option(
        "--own-day",
        metavar="DAY",
        help="Our own day, such as 25, or 25-1 for the month before; template: the template's.",
    ),
]


@command(app, "list", example="dondoc report-schedule list")
def list_(desk: CommandContext) -> None:
    """List the schedules: what each compiles, and when it does so next."""
    with desk.reading() as session:
        found = list_schedules(session, None, load_calendar(session))
    columns = {
        "id": _("id"),
        "kind": _("kind"),
        "directive": _("directive"),
        "duty": _("duty"),
        "office": _("unit"),
        "next_period": _("period"),
        "next_on": _("next draft"),
    }
    data = [schedule_data(one) for one in found]
    shown = [
        one | {"id": one["id"].hex[-8:], "next_on": _("paused") if one["is_paused"] else one["next_on"]} for one in data
    ]
    desk.show(data, desk.table(shown, columns, whole=("id", "next_on")))


@command(app, "show", example="dondoc report-schedule show 3f9a1c20")
def show(desk: CommandContext, name: Name) -> None:
    """Show one: the days to come of both tiers, and what was compiled with who was late."""
    with desk.reading() as session:
        _show(desk, session, _find(session, name))


@command(app, "new", example="dondoc report-schedule new ct-06-2004 results --as le.thi.c")
def new(
    desk: CommandContext,
    directive: DirectiveName,
    duty: Annotated[str, typer.Argument(metavar="PATH", help="The duty by which units send their reports.")],
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="directive, or consolidated (of all directives).")
    ] = "directive",
    office: Annotated[
        str | None,
        typer.Option(
            "--office",
            metavar="UNIT",
            help="The unit that compiles; by default the unit that coordinates the directive.",
        ),
    ] = None,
    to_issuer: ToIssuer = None,
    written_in: Language = None,
    own_day: OwnDay = None,
    person: AsPersonOrNobody = None,
    now: Now = None,
) -> None:
    """Schedule a report: it counts from now, and its first draft comes on our next own day."""
    if kind not in set(ReportKind):
        raise BadInput(
            "{option} {value}: right would be one of {allowed}",
            option="--kind",
            value=kind,
            allowed=["directive", "consolidated"],
        )
    settings = _settings(Settings(), to_issuer, written_in, own_day)
    with desk.transaction() as session:
        place, hand = _who(session, person, now)
        wanted = NewSchedule(ReportKind(kind), directive, duty, office, settings)
        made = make_schedule(session, place, wanted, hand)
        session.flush()
        _show(desk, session, made)


@command(app, "edit", example="dondoc report-schedule edit 3f9a1c20 --own-day 22 --to-issuer")
def edit(
    desk: CommandContext,
    name: Name,
    to_issuer: ToIssuer = None,
    written_in: Language = None,
    own_day: OwnDay = None,
    person: AsPersonOrNobody = None,
    now: Now = None,
) -> None:
    """Change one from the next period on; what is not given stays. --own-day template: the template's day again."""
    with desk.transaction() as session:
        place, hand = _who(session, person, now)
        row = _find(session, name)
        kept = Settings(row.to_issuer, row.language, row.own_day, row.own_months_before)
        change_schedule(
            session, place, row.id, _settings(kept, to_issuer, written_in, own_day), hand, seen=row.revision
        )
        _show(desk, session, open_schedule(session, place, row.id))


@command(app, "pause", example="dondoc report-schedule pause 3f9a1c20")
def pause(desk: CommandContext, name: Name, person: AsPersonOrNobody = None, now: Now = None) -> None:
    """Compile nothing of it until it is resumed."""
    _switch(desk, name, person, now, on=False)


@command(app, "resume", example="dondoc report-schedule resume 3f9a1c20")
def resume(desk: CommandContext, name: Name, person: AsPersonOrNobody = None, now: Now = None) -> None:
    """Let it go on from now, without what fell into the pause."""
    _switch(desk, name, person, now, on=True)


def _switch(desk: CommandContext, name: str, person: str | None, now: str | None, *, on: bool) -> None:
    with desk.transaction() as session:
        place, hand = _who(session, person, now)
        found = _find(session, name).id
        switch_schedule(session, place, found, hand, on=on)
        _show(desk, session, open_schedule(session, place, found))


def _who(session: Session, code: str | None, now: str | None) -> tuple[Principal | None, AuditActor]:
    moment, person = read_now(now), person_or_none(session, code)
    place = read_place(session, person, local_date(moment)) if person else None
    return place, AuditActor(moment, person.id if person else None)


def _find(session: Session, name: str) -> ReportSchedule:
    wanted = name.strip().replace("-", "").lower()
    found = [one for one in session.exec(select(ReportSchedule)) if wanted and one.id.hex.endswith(wanted)]
    if len(found) != 1:
        raise NotFound("report schedule {name}: there is none of this id; see dondoc report-schedule list", name=name)
    return found[0]


def _settings(kept: Settings, to_issuer: bool | None, language: str | None, own_day: str | None) -> Settings:
    day, before = kept.own_day, kept.own_months_before
    if own_day is not None:
        day, before = _own(own_day)
    return Settings(kept.to_issuer if to_issuer is None else to_issuer, language or kept.language, day, before)


def _own(text: str) -> tuple[int | None, int]:
    if text == "template":
        return None, 0
    day, _dash, before = text.partition("-")
    if not (day.isascii() and day.isdigit() and len(day) < 3) or (
        before and not (before.isascii() and before.isdigit())
    ):
        raise BadInput("own day: right would be a day from 1 to 31, and 0 to 13 months before")
    return int(day), int(before or 0)


def _show(desk: CommandContext, session: Session, row: ReportSchedule) -> None:
    shown = read_schedule(session, row, load_calendar(session))
    compiled, stuck = compiled_data(read_compiled_of(session, row.id)), why_stuck(session, row.id)
    data = schedule_data(shown) | {"stuck": stuck, "turns": _turns(shown), "compiled": compiled}
    facts = [
        (_("report"), _KINDS[row.kind]),
        (_("directive"), shown.directive_code),
        (_("duty"), shown.duty.path),
        (_("unit"), shown.office),
        (_("next draft"), _("paused") if row.is_paused else data["next_on"]),
        (_("could not be compiled"), stuck),
    ]
    lines = [f"{desk.words(label)}: {desk.cell(value)}" for label, value in facts if value not in (None, "")]
    days = {
        "period": _("period"),
        "first": _("data from"),
        "last": _("to"),
        "sends": _("units send"),
        "own": _("our day"),
    }
    done = {"period": _("period"), "compiled_at": _("compiled"), "late": _("late"), "missing": _("not sent")}
    told = [
        {
            "period": one["period"],
            "compiled_at": one["compiled_at"],
            "late": _named(one, "late"),
            "missing": _named(one, "missing"),
        }
        for one in compiled
    ]
    coming = [one | {"sends": sorted(set(one["sends"].values()))} for one in data["turns"]]
    desk.show(
        data,
        Text("\n".join([row.id.hex[-8:], *lines])),
        desk.table(coming, days),
        *([desk.table(told, done)] if told else []),
    )


def _named(compiled: dict[str, object], came: str) -> str:
    units: list[dict[str, str]] = compiled["units"]  # type: ignore[assignment]
    return ", ".join(unit["unit"] for unit in units if unit["came"] == came)


_KINDS = {ReportKind.DIRECTIVE: _("report of a directive"), ReportKind.CONSOLIDATED: _("consolidated report")}


def _turns(shown: ShownSchedule) -> list[dict[str, object]]:
    return [
        {
            "period": one.turn.period.key,
            "first": one.turn.data[0],
            "last": one.turn.data[1],
            "sends": {kind.value: day for kind, day in one.sends.items()},
            "own": one.turn.due_on,
            "is_estimate": one.turn.is_estimate,
        }
        for one in shown.turns
    ]
