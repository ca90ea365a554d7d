"""`dondoc raise`: an obstacle with a whole directive."""

from typing import Annotated

import typer

from commands.context import CommandContext, command, front
from commands.options import AsPerson, DirectiveName, Now, read_now
from models.directives.directive import find_directive
from models.i18n import _n
from models.organization.register_reads import resolve_person
from workflows.access.actor_context import ActorContext
from workflows.launch.launch_plan import duties_of
from workflows.launch.on_request import report_general_obstacle
from workflows.organization.working_calendar import load_calendar


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
        row = find_directive(session, directive)
        created = report_general_obstacle(
            ActorContext(
                session, resolve_person(session, person), read_now(now), load_calendar(session), context.settings
            ),
            row,
            duties_of(session, row, [duty])[0],
            text=note,
        )
    words = _n("{count} task created", "{count} tasks created", count=created.created)
    context.show({"created": created.created, "tasks": created.task_ids}, words)
