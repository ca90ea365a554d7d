"""`dondoc paper report`: the report as an office document, drafted from the data and never issued by itself."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from commands.context import CommandContext, command
from commands.options import Now, read_now
from commands.output import check_one_of
from models.directives.directive import find_directive
from models.errors import BadInput
from models.i18n import Words, _
from models.organization.register_reads import resolve_unit
from models.text.localtime import local_date, read_day
from workflows.organization.working_calendar import load_calendar
from workflows.papers.make_paper import FileForm, Order, PaperKind, make_paper, render

app = typer.Typer(help="Office documents: the report.", no_args_is_help=True)


@command(app, "report", example="dondoc paper report --directive ct-06-2004 --out bao-cao.docx")
def report(
    context: CommandContext,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it: .docx, .pdf or .xlsx.")],
    directive: Annotated[
        str | None,
        typer.Option("--directive", metavar="DIRECTIVE", help="Code or number of the directive; else of all together."),
    ] = None,
    office: Annotated[
        str | None, typer.Option("--office", metavar="UNIT", help="The unit that writes a report, if another.")
    ] = None,
    cutoff: Annotated[
        str | None, typer.Option("--cutoff", metavar="DATE", help="Cut-off day, to its end; today if not given.")
    ] = None,
    now: Now = None,
) -> None:
    """Write the report as an office document (Decree 30/2020/NĐ-CP) to a file, for a person to sign."""
    form, moment = _form(out), read_now(now)
    day = read_day("--cutoff", cutoff) if cutoff else local_date(moment)
    if day > local_date(moment):
        raise BadInput("cut-off {day}: it is still to come; expected today or earlier", day=day.isoformat())
    with context.reading() as session:
        order = Order(
            kind=PaperKind.REPORT,
            cutoff=day,
            directive=find_directive(session, directive) if directive else None,
            office=resolve_unit(session, office) if office else None,
            language=context.language,
        )
        paper = make_paper(session, order, calendar=load_calendar(session), now=moment)
        content = render(paper, form, written_at=moment)
    out.write_bytes(content)
    facts = {
        "kind": paper.kind,
        "title": paper.title,
        "file": str(out),
        "bytes": len(content),
        "sha256": sha256(content).hexdigest(),
        "facts": paper.facts,
    }
    context.show(facts, Words(_("written: {title} ({file}, {bytes} bytes)"), **facts))


def _form(out: Path) -> FileForm:
    ending = out.suffix.lower().removeprefix(".")
    if ending not in set(FileForm):
        check_one_of("--out", out.name, [f".{form}" for form in FileForm])
    if not out.parent.is_dir():
        raise BadInput("{option} {value}: there is no such folder", option="--out", value=str(out))
    return FileForm(ending)
