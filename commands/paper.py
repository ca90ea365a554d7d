"""`dondoc paper`: reports, letters, slips and lists as files, drafted from the data and never issued by themselves."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from commands.context import CommandContext, command, front
from commands.options import Now, read_now
from commands.output import check_one_of
from models.errors import BadInput
from models.i18n import Words, _
from models.organization.register_reads import resolve_unit
from models.text.localtime import local_date, read_day
from workflows.access.find_task import find_task
from workflows.launch.launch_plan import find_directive
from workflows.organization.working_calendar import load_calendar
from workflows.reports.papers.make_paper import FileForm, Order, PaperKind, make_paper, render


@command(front, "paper", example="dondoc paper press --directive ct-06-2004 --unit T-DD --out cong-van.docx")
def paper(
    context: CommandContext,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="report (of a directive; without one, consolidated), unit-report, unit-outline, press, submission, "
            "assignment, briefing or tracking.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it: .docx, .pdf or .xlsx.")],
    directive: Annotated[
        str | None, typer.Option("--directive", metavar="DIRECTIVE", help="Code or number of the directive.")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="The unit it is of, or to.")] = None,
    task: Annotated[
        str | None, typer.Option("--task", metavar="TASK", help="Id of the task, or its last eight digits.")
    ] = None,
    office: Annotated[
        str | None, typer.Option("--office", metavar="UNIT", help="The unit that writes a report, if another.")
    ] = None,
    nth: Annotated[
        int | None, typer.Option("--nth", metavar="N", help="press: the lần; else the signed letters plus one.")
    ] = None,
    cutoff: Annotated[
        str | None, typer.Option("--cutoff", metavar="DATE", help="Cut-off day, to its end; today if not given.")
    ] = None,
    now: Now = None,
) -> None:
    """Write an office document (Decree 30/2020/NĐ-CP) to a file; letters are Vietnamese drafts for a person to sign."""
    chosen, form, moment = _kind(kind), _form(out), read_now(now)
    day = read_day("--cutoff", cutoff) if cutoff else local_date(moment)
    if day > local_date(moment):
        raise BadInput("cut-off {day}: it is still to come; expected today or earlier", day=day.isoformat())
    with context.reading() as session:
        order = Order(
            kind=chosen,
            cutoff=day,
            directive=find_directive(session, directive) if directive else None,
            unit=resolve_unit(session, unit) if unit else None,
            task=find_task(session, task) if task else None,
            office=resolve_unit(session, office) if office else None,
            nth=nth,
            language=context.language,
        )
        made = make_paper(session, order, calendar=load_calendar(session), now=moment)
        content = render(made, form, written_at=moment)
    out.write_bytes(content)
    told = {
        "kind": made.kind,
        "title": made.title,
        "file": str(out),
        "bytes": len(content),
        "sha256": sha256(content).hexdigest(),
        "facts": made.facts,
    }
    context.show(told, Words(_("written: {title} ({file}, {bytes} bytes)"), **told))


def _kind(text: str) -> PaperKind:
    if text in set(PaperKind):
        return PaperKind(text)
    raise BadInput(
        "{field} {value}: expected one of {allowed}", field=_("kind of document"), value=text, allowed=list(PaperKind)
    )


def _form(out: Path) -> FileForm:
    ending = out.suffix.lower().removeprefix(".")
    if ending not in set(FileForm):
        check_one_of("--out", out.name, [f".{one}" for one in FileForm])
    if not out.parent.is_dir():
        raise BadInput("{option} {value}: there is no such folder", option="--out", value=str(out))
    return FileForm(ending)
