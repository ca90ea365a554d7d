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
from workflows.intake.tables.row_outcomes import RowOutcome, try_out
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
    result: dict[str, Any] = {}
    with context.transaction(keep=not dry_run) as session:
        actor = resolve_person(session, person)
        principal = read_principal(session, actor, local_date(moment))
        principal.require(Right.LAUNCH)
        table = keep_table(
            session, file.name, cells, unit_id=resolve_unit(session, unit).id, person_id=actor.id, now=moment
        )
        table = open_table(session, principal, table.id, to_write=True)
        document_fields = {
            "kind": kind,
            "number": number or table.number or "",
            "issuer": issuer,
            "subject": subject or table.subject,
            "fixed": "",
        }
        day = read_optional_day("--issued-on", issued_on) or table.issued_on
        set_document(table, document_fields, day, local_date(moment))
        outcomes = try_out(session, table, local_date(moment))
        if not dry_run:
            acting = ActorContext(session, actor, moment, load_calendar(session), context.settings)
            concluded = conclude_table(acting, table, leave_faults=leave_faults)
            result = {"directive": concluded.directive.code, "duties": concluded.duties, "tasks": concluded.tasks}
    _tell(context, outcomes, result, dry_run)


def _tell(context: CommandContext, outcomes: Sequence[RowOutcome], result: dict[str, Any], dry_run: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "row": outcome.row.number,
            "fate": outcome.kind.value,
            "duty": outcome.row.duty,
            "leads": [lead.code for lead in outcome.leads],
            "partners": [partner.code for partner in outcome.partners],
            "last_day": outcome.last_day,
            "faults": [fault.tell(context.language) for fault in outcome.faults],
            "doubts": [context.words(doubt) for doubt in outcome.doubts],
        }
        for outcome in outcomes
    ]
    columns = {"row": _("row"), "fate": _("what becomes of it"), "leads": _("lead unit"), "last_day": _("last day")}
    shown = [
        row | {"fate": "; ".join([context.words(outcome.kind.label), *row["faults"], *row["doubts"]])}
        for row, outcome in zip(rows, outcomes, strict=True)
    ]
    context.show({"rows": rows, "dry_run": dry_run, **result}, context.table(shown, columns))
    if dry_run:
        context.say(_("dry run: nothing was kept"))
    else:
        context.say(
            _("directive {directive}: {duties}, {tasks}"),
            directive=result["directive"],
            duties=_n("{count} duty", "{count} duties", count=result["duties"]),
            tasks=_n("{count} task", "{count} tasks", count=result["tasks"]),
        )
