"""`dondoc import-table`: an office's follow-up table, row by row, and the directive and tasks made of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.context import CommandContext, command, front
from commands.options import AsPerson, DryRun, Now, read_now, read_optional_day
from models.errors import NotFound
from models.i18n import _, _n
from models.organization.register_reads import resolve_person, resolve_unit
from models.text.localtime import local_date
from workflows.access.actor_context import ActorContext
from workflows.access.rights import read_principal
from workflows.intake.tables.confirm_table import conclude_table
from workflows.intake.tables.fates import RowFate, try_out
from workflows.intake.tables.store_table import keep_table, open_table, read_cells, set_document
from workflows.organization.working_calendar import load_calendar
from workflows.rules.rights_table import Right
from workflows.templates.typed_task import KINDS

Follows = Annotated[str, typer.Option("--unit", metavar="UNIT", help="The unit that follows up: code, name or alias.")]
_EXAMPLE = "dondoc import-table theo-doi.xlsx --unit VU-VT --as le.thi.c --issuer 'Bộ trưởng' --dry-run"


@command(front, "import-table", example=_EXAMPLE)
def import_table(
    context: CommandContext,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The table, .xlsx or .csv.")],
    unit: Follows,
    person: AsPerson,
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="Kind of document.")] = KINDS[0],
    number: Annotated[str, typer.Option("--number", metavar="NUMBER", help="Its number.")] = "",
    issued_on: Annotated[str | None, typer.Option("--issued-on", metavar="DATE", help="Its date.")] = None,
    issuer: Annotated[str, typer.Option("--issuer", metavar="TEXT", help="The person who signed or spoke it.")] = "",
    subject: Annotated[str, typer.Option("--subject", metavar="TEXT", help="Else the table's title.")] = "",
    leave_faults: Annotated[bool, typer.Option("--leave-faults", help="Leave out the rows that have faults.")] = False,
    dry_run: DryRun = False,
    now: Now = None,
) -> None:
    """Make duties and tasks of a follow-up table, after telling what becomes of each row; columns as remembered."""
    if not file.is_file():
        raise NotFound("{file}: there is no such file", file=str(file))
    moment = read_now(now)
    cells = read_cells(file.name, file.read_bytes())
    made: dict[str, Any] = {}
    with context.transaction(keep=not dry_run) as session:
        actor = resolve_person(session, person)
        principal = read_principal(session, actor, local_date(moment))
        principal.require(Right.LAUNCH)
        table = keep_table(
            session, file.name, cells, unit_id=resolve_unit(session, unit).id, person_id=actor.id, now=moment
        )
        table = open_table(session, principal, table.id, to_write=True)
        given = {
            "kind": kind,
            "number": number or table.number or "",
            "issuer": issuer,
            "subject": subject or table.subject,
            "fixed": "",
        }
        day = read_optional_day("--issued-on", issued_on) or table.issued_on
        set_document(table, given, day, local_date(moment))
        fates = try_out(session, table, local_date(moment))
        if not dry_run:
            acting = ActorContext(session, actor, moment, load_calendar(session), context.settings)
            done = conclude_table(acting, table, leave_faults=leave_faults)
            made = {"directive": done.directive.code, "duties": done.duties, "tasks": done.tasks}
    _tell(context, fates, made, dry_run)


def _tell(context: CommandContext, fates: Sequence[RowFate], made: dict[str, Any], dry_run: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "row": fate.row.number,
            "fate": fate.kind.value,
            "duty": fate.row.duty,
            "leads": [one.code for one in fate.leads],
            "partners": [one.code for one in fate.partners],
            "last_day": fate.last_day,
            "faults": [one.tell(context.language) for one in fate.faults],
            "doubts": [context.words(one) for one in fate.doubts],
        }
        for fate in fates
    ]
    columns = {"row": _("row"), "fate": _("what becomes of it"), "leads": _("lead unit"), "last_day": _("last day")}
    told = [
        row | {"fate": "; ".join([context.words(fate.kind.label), *row["faults"], *row["doubts"]])}
        for row, fate in zip(rows, fates, strict=True)
    ]
    context.show({"rows": rows, "dry_run": dry_run, **made}, context.table(told, columns))
    if dry_run:
        context.say(_("dry run: nothing was kept"))
    else:
        context.say(
            _("directive {directive}: {duties}, {tasks}"),
            directive=made["directive"],
            duties=_n("{count} duty", "{count} duties", count=made["duties"]),
            tasks=_n("{count} task", "{count} tasks", count=made["tasks"]),
        )
