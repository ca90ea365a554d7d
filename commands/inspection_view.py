"""How `dondoc inspection` shows an inspection, and what several of its commands take."""

from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text
from sqlmodel import Session

from commands.context import CommandContext
from models.i18n import _
from models.organization.register_reads import resolve_person
from models.text.localtime import local_date
from workflows.access.rights import Principal, read_place
from workflows.inspections.inspection_rows import InspectionSheet
from workflows.inspections.seeing import InspectionAccess, find_by_name, look_at_inspection
from workflows.tasks.act import short

InspectionName = Annotated[str, typer.Argument(metavar="INSPECTION", help="Its id, or the last digits of it.")]
UnitName = Annotated[str, typer.Argument(metavar="UNIT", help="Code, name or alias of an inspected unit.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="The question's number in the checklist.")]
Reason = Annotated[str, typer.Option("--reason", "--note", metavar="TEXT", help="Why.")]
_LISTED = {
    "unit": _("unit"),
    "question": _("question"),
    "text": _("asked"),
    "verdict": _("found"),
    "words": _("in words"),
    "settled": _("settled"),
    "corrections": _("corrections"),
}
_VISITS = {"unit": _("unit"), "visit_on": _("visit"), "report": _("its report"), "status": _("its task")}


def opened(session: Session, name: str, person: str, moment: Any) -> tuple[InspectionAccess, Principal]:
    """Return an inspection by its name, as somebody sees it on the day of a moment (UTC)."""
    place = read_place(session, resolve_person(session, person), local_date(moment))
    return look_at_inspection(session, place, find_by_name(session, name).id), place


def rendered(desk: CommandContext, sheet: InspectionSheet) -> list[RenderableType]:
    """Return the inspection as people read it: where it stands, whom it visits, what was found, what keeps it open."""
    head = desk.words(
        _("{title}: {state}; {first} to {last}; led by {lead}"),
        title=sheet.title,
        state=sheet.state.label,
        first=desk.cell(sheet.starts_on),
        last=desk.cell(sheet.ends_on),
        lead=sheet.team[0].name,
    )
    visits = [
        {
            "unit": unit.code,
            "visit_on": unit.visit_on,
            "report": unit.report.number if unit.report else "",
            "status": unit.task_status.label,
        }
        for unit in sheet.units
    ]
    found = [
        {
            "unit": unit.code,
            "question": one.question.number,
            "text": one.question.text,
            "verdict": one.verdict.label if one.verdict else "–",
            "words": one.words,
            "settled": one.settled,
            "corrections": [f"{short(fix.task_id)} {desk.words(fix.status.label)}" for fix in one.corrections],
        }
        for unit in sheet.units
        for one in unit.answers
    ]
    points = [Text(desk.words(_("open: {point}"), point=point)) for point in sheet.points]
    return [Text(head), desk.table(visits, _VISITS), desk.table(found, _LISTED), *points]
