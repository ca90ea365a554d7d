"""`dondoc take-back`: take a launch back before its first letter leaves."""

from typing import Annotated

import typer

from commands.context import CommandContext, command, front
from commands.options import AsPerson, DirectiveName, Now, read_now
from models.errors import BadInput
from models.i18n import _n
from models.organization.register_reads import resolve_person
from workflows.launch.launch_plan import check_coordinator, find_directive
from workflows.launch.take_back import find_launch, take_back
from workflows.organization.working_calendar import load_calendar


@command(front, "take-back", example="dondoc take-back ct-06-2004 3f9a1c20 --reason 'Wrong date' --as le.thi.c")
def take_back_(
    context: CommandContext,
    directive: DirectiveName,
    name: Annotated[str, typer.Argument(metavar="LAUNCH", help="Id of the launch, or its last eight digits.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is taken back.")],
    person: AsPerson,
    now: Now = None,
) -> None:
    """Take a launch back before its first letter leaves: a new launch then gives its tasks again."""
    if not reason.strip():
        raise BadInput("{option}: say why", option="--reason")
    with context.transaction() as session:
        found, actor = find_directive(session, directive), resolve_person(session, person)
        check_coordinator(session, found, actor.id)
        launch = find_launch(session, found, name)
        withdrawn = take_back(
            session, launch, actor=actor, reason=reason, now=read_now(now), calendar=load_calendar(session)
        )
        data = {"directive": found.code, "launch": launch.id.hex, "withdrawn": withdrawn}
    told = _n(
        "taken back; {count} task withdrawn, nobody has been told of it",
        "taken back; {count} tasks withdrawn, nobody has been told of them",
        count=withdrawn,
    )
    context.show(data, told)
