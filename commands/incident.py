"""`dondoc incident …`, `dondoc request`, `dondoc raise`: tasks that a moment brings, not a launch."""

from typing import Annotated
from uuid import UUID

import typer
from rich.text import Text
from sqlalchemy import String, cast
from sqlmodel import Session, col, select

from commands.context import CommandContext, command
from commands.options import AsPerson, DirectiveName, Duties, Now, Units, read_now, read_optional_day, split, unit_ids
from models.directives.directive import Directive
from models.directives.launch import Incident
from models.errors import BadInput, NotFound
from models.i18n import _
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from workflows.launch.incidents.declare_incident import declare, stand_down
from workflows.launch.launch_tasks import duties_of, find_directive
from workflows.launch.request import raise_general, request
from workflows.organization.working_calendar import load_calendar

app = typer.Typer(help="Incidents: declare, stand down, list.", no_args_is_help=True)
EveryUnit = Annotated[bool, typer.Option("--all", help="Every unit the duty is addressed to.")]


def register(front: typer.Typer) -> None:
    """Add `request` and `raise` to the front door."""
    example = "dondoc request ct-06-2004 3 --units VNPT --note 'Figures of October' --due 2026-11-20 --as le.thi.c"
    command(front, "request", example=example)(request_)
    example = "dondoc raise ct-06-2004 --note 'No equipment for this' --as le.van.a"
    command(front, "raise", example=example)(raise_)


@command(app, "declare", example="dondoc incident declare ct-06-2004 --title 'Exercise' --all --drill --as le.thi.c")
def declare_(
    desk: CommandContext,
    directive: DirectiveName,
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="The incident, in a few words.")],
    person: AsPerson,
    units: Units = None,
    every: EveryUnit = False,
    drill: Annotated[bool, typer.Option("--drill", help="For practice: every letter says DIỄN TẬP.")] = False,
    duty: Duties = None,
    now: Now = None,
) -> None:
    """Declare an incident: the armed contingency duties get their tasks, with clocks in hours."""
    with desk.transaction() as session:
        incident, created = declare(
            session,
            find_directive(session, directive),
            title=title,
            unit_ids=_chosen(session, units, every),
            is_drill=drill,
            actor=resolve_person(session, person),
            now=read_now(now),
            calendar=load_calendar(session),
            paths=split(duty) or None,
        )
    data = {
        "incident": incident.id,
        "short_id": incident.id.hex[-8:],
        "title": incident.title,
        "is_drill": drill,
        "created": created.created,
        "tasks": created.task_ids,
    }
    told = desk.words(
        _("incident {incident} declared: {count} tasks"), incident=data["short_id"], count=created.created
    )
    desk.show(data, Text(told))


@command(app, "stand-down", example="dondoc incident stand-down 3f9a1c20 --reason 'All quiet' --as le.thi.c")
def stand_down_(
    desk: CommandContext,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id, or the last digits of it.")],
    reason: Annotated[str, typer.Option("--reason", "--note", metavar="TEXT", help="Why it is over.")],
    person: AsPerson,
    now: Now = None,
) -> None:
    """Stand an incident down: what is still open of it is withdrawn."""
    if not reason.strip():
        raise BadInput("{option}: say why", option="--reason")
    with desk.transaction() as session:
        found = _find(session, incident)
        withdrawn = stand_down(
            session,
            found,
            actor=resolve_person(session, person),
            reason=reason,
            now=read_now(now),
            calendar=load_calendar(session),
            settings=desk.settings,
        )
    told = desk.words(_("stood down; {count} tasks withdrawn"), count=withdrawn)
    desk.show({"incident": found.id, "withdrawn": withdrawn}, Text(told))


@command(app, "list", example="dondoc incident list")
def list_(desk: CommandContext) -> None:
    """List the incidents, the newest first."""
    with desk.reading() as session:
        query = (
            select(Incident, Directive.code, Person.code)
            .join(Directive, col(Directive.id) == Incident.directive_id)
            .join(Person, col(Person.id) == Incident.declared_by)
            .order_by(col(Incident.declared_at).desc(), col(Incident.id).desc())
        )
        rows = [
            incident.model_dump(exclude={"directive_id", "declared_by", "stood_down_by"})
            | {"short_id": incident.id.hex[-8:], "directive": code, "declared_by": person}
            for incident, code, person in session.exec(query)
        ]
    columns = {
        "short_id": _("id"),
        "directive": _("directive"),
        "title": _("title"),
        "is_drill": _("drill"),
        "declared_at": _("declared"),
        "stood_down_at": _("stood down"),
    }
    desk.show(rows, desk.table(rows, columns))


def request_(
    desk: CommandContext,
    directive: DirectiveName,
    duty: Annotated[str, typer.Argument(metavar="PATH", help="A duty that may be asked for singly, such as 3.")],
    person: AsPerson,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="The request.")] = "",
    units: Units = None,
    every: EveryUnit = False,
    due: Annotated[str | None, typer.Option("--due", metavar="DATE", help="Last day to answer.")] = None,
    now: Now = None,
) -> None:
    """Ask units once for what an on-request duty provides."""
    due_on = read_optional_day("--due", due)
    with desk.transaction() as session:
        found = find_directive(session, directive)
        created = request(
            session,
            found,
            duties_of(session, found, [duty])[0],
            unit_ids=_chosen(session, units, every),
            note=note,
            due_on=due_on,
            actor=resolve_person(session, person),
            now=read_now(now),
            calendar=load_calendar(session),
        )
    told = desk.words(_("{count} tasks created"), count=created.created)
    desk.show({"created": created.created, "tasks": created.task_ids}, Text(told))


def raise_(
    desk: CommandContext,
    directive: DirectiveName,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="The obstacle.")],
    person: AsPerson,
    duty: Annotated[str, typer.Option("--duty", metavar="PATH", help="The duty that receives it.")] = "obstacles",
    now: Now = None,
) -> None:
    """Report a unit's obstacle with the whole directive to the authority; for one task use its raise-obstacle."""
    with desk.transaction() as session:
        found = find_directive(session, directive)
        created = raise_general(
            session,
            found,
            duties_of(session, found, [duty])[0],
            text=note,
            actor=resolve_person(session, person),
            now=read_now(now),
            calendar=load_calendar(session),
        )
    told = desk.words(_("{count} tasks created"), count=created.created)
    desk.show({"created": created.created, "tasks": created.task_ids}, Text(told))


def _chosen(session: Session, units: list[str] | None, every: bool) -> list[UUID]:
    """Return the units named, or all there are: the verbs keep those that the duty is addressed to."""
    named = split(units)
    if every == bool(named):
        raise BadInput("--units: name the units, or give --all")
    return list(session.exec(select(Unit.id)).all()) if every else unit_ids(session, named)


def _find(session: Session, name: str) -> Incident:
    wanted = name.replace("-", "").lower()
    if not 6 <= len(wanted) <= 32 or not all(char in "0123456789abcdef" for char in wanted):
        raise BadInput("incident {incident}: give its id, or the last six to twelve digits of it", incident=name)
    fits = (
        col(Incident.id) == UUID(wanted)
        if len(wanted) == 32
        else cast(col(Incident.id), String).like(f"%{wanted[-12:]}")
    )
    found = session.exec(select(Incident).where(fits).limit(2)).all()
    if len(found) != 1:
        raise NotFound("incident {incident}: {count} incidents fit", incident=name, count=len(found))
    return found[0]
