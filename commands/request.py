"""`dondoc request`, `dondoc raise`: tasks that a moment brings, not a launch."""

from typing import Annotated
from uuid import UUID

import typer
from sqlmodel import Session, select

from commands.context import CommandContext, command, front
from commands.options import AsPerson, DirectiveName, Now, Units, read_now, read_optional_day, split
from models.errors import BadInput
from models.i18n import _n
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Unit
from workflows.launch.launch_plan import duties_of, find_directive
from workflows.launch.request import raise_general, request
from workflows.organization.working_calendar import load_calendar
from workflows.tasks.assign import Created

EveryUnit = Annotated[bool, typer.Option("--all", help="Every unit the duty is addressed to.")]


@command(
    front,
    "request",
    example="dondoc request ct-06-2004 3 --units TCT-T --note 'Figures of October' --due 2026-11-20 --as le.thi.c",
)
def request_(
    context: CommandContext,
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
    with context.transaction() as session:
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
    _show(context, created)


@command(front, "raise", example="dondoc raise ct-06-2004 --note 'No equipment for this' --as le.van.a")
def raise_(
    context: CommandContext,
    directive: DirectiveName,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="The obstacle.")],
    person: AsPerson,
    duty: Annotated[str, typer.Option("--duty", metavar="PATH", help="The duty that receives it.")] = "obstacles",
    now: Now = None,
) -> None:
    """Report a unit's obstacle with the whole directive to the authority; for one task use its raise-obstacle."""
    with context.transaction() as session:
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
    _show(context, created)


def _chosen(session: Session, units: list[str] | None, every: bool) -> list[UUID]:
    """Return the units named, or all there are: the verbs keep those that the duty is addressed to."""
    named = split(units)
    if every == bool(named):
        raise BadInput("--units: name the units, or give --all")
    return list(session.exec(select(Unit.id)).all()) if every else [resolve_unit(session, name).id for name in named]


def _show(context: CommandContext, created: Created) -> None:
    told = _n("{count} task created", "{count} tasks created", count=created.created)
    context.show({"created": created.created, "tasks": created.task_ids}, told)
