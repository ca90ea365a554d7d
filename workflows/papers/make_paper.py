"""Make a paper of any kind, and render it. Pages, commands and jobs call this module."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, true
from sqlmodel import Session

from models.directives.directive import Directive
from models.errors import BadInput
from models.i18n import _
from models.organization.unit import Unit
from models.tasks.task import Task
from models.text.localtime import end_of_day, local_date
from models.text.vietnamese import fold
from workflows.papers import form
from workflows.papers.contents.assignment import assignment_paper
from workflows.papers.contents.drafting import PaperScope
from workflows.papers.contents.lists import SIZES, briefing_paper, tracking_paper
from workflows.papers.contents.paper_letters import PaperSubject, reminder_paper, submission_paper
from workflows.papers.contents.report_paper import report_paper
from workflows.papers.contents.unit_paper import unit_report_paper
from workflows.papers.formats.as_docx import render_docx
from workflows.papers.formats.as_pdf import count_pages, render_pdf
from workflows.papers.formats.as_xlsx import render_xlsx
from workflows.papers.paper import Paper
from workflows.rules.calendar.workdays import WorkCalendar


class PaperKind(StrEnum):
    REPORT = "report"  # of a directive, or consolidated of all
    UNIT_REPORT = "unit-report"
    UNIT_OUTLINE = "unit-outline"  # the same, to be filled in by the unit
    PRESS = "press"  # công văn đôn đốc
    SUBMISSION = "submission"  # phiếu trình
    ASSIGNMENT = "assignment"  # phiếu giao việc
    BRIEFING = "briefing"  # giao ban list
    TRACKING = "tracking"  # biểu theo dõi


class FileForm(StrEnum):
    DOCX = "docx"
    PDF = "pdf"
    XLSX = "xlsx"


_OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    FileForm.DOCX: f"{_OFFICE}wordprocessingml.document",
    FileForm.PDF: "application/pdf",
    FileForm.XLSX: f"{_OFFICE}spreadsheetml.sheet",
}
KIND_WORDS = {
    PaperKind.REPORT: _("report"),
    PaperKind.UNIT_REPORT: _("report of a unit"),
    PaperKind.UNIT_OUTLINE: _("report outline for a unit"),
    PaperKind.PRESS: _("official reminder"),
    PaperKind.SUBMISSION: _("submission to the leaders"),
    PaperKind.ASSIGNMENT: _("assignment slip"),
    PaperKind.BRIEFING: _("briefing list"),
    PaperKind.TRACKING: _("follow-up table"),
}
_FILE_NAMES = {
    PaperKind.REPORT: "bao-cao",
    PaperKind.UNIT_REPORT: "bao-cao-don-vi",
    PaperKind.UNIT_OUTLINE: "de-cuong-bao-cao",
    PaperKind.PRESS: "du-thao-cong-van-don-doc",
    PaperKind.SUBMISSION: "du-thao-phieu-trinh",
    PaperKind.ASSIGNMENT: "du-thao-phieu-giao-viec",
    PaperKind.BRIEFING: "danh-muc-giao-ban",
    PaperKind.TRACKING: "bieu-theo-doi",
}


@dataclass(frozen=True)
class Order:
    """An order for a paper. `NEEDS` says which fields a kind needs.

    `among`: the condition on the tasks that the reader may see; None for all tasks.
    """

    kind: PaperKind
    cutoff: date
    directive: Directive | None = None
    unit: Unit | None = None
    task: Task | None = None
    office: Unit | None = None  # who writes a consolidated report
    nth: int | None = None  # of an official reminder: the signed ones plus one
    language: str = "vi"
    among: ColumnElement[bool] | None = None


NEEDS = {
    PaperKind.REPORT: (),
    PaperKind.UNIT_REPORT: ("unit",),
    PaperKind.UNIT_OUTLINE: ("unit",),
    PaperKind.PRESS: ("directive", "unit"),
    PaperKind.SUBMISSION: ("directive",),
    PaperKind.ASSIGNMENT: ("task",),
    PaperKind.BRIEFING: ("directive",),
    PaperKind.TRACKING: ("directive",),
}
_MISSING = {
    "directive": _("{kind}: a directive is needed: give its code or number"),
    "unit": _("{kind}: a unit is needed: give its code or name"),
    "task": _("{kind}: a task is needed: give its id, or the last eight digits of it"),
}


def make_paper(session: Session, order: Order, *, calendar: WorkCalendar, now: datetime) -> Paper:
    """Make a paper. BadInput where the order lacks something, Refused where there is nothing to write about."""
    for name in NEEDS[order.kind]:
        if getattr(order, name) is None:
            raise BadInput(_MISSING[name], kind=KIND_WORDS[order.kind])
    is_of_unit = order.kind in (PaperKind.UNIT_REPORT, PaperKind.UNIT_OUTLINE, PaperKind.TRACKING)
    scope = PaperScope(order.cutoff, order.directive, order.among, order.language, order.unit if is_of_unit else None)
    match order.kind:
        case PaperKind.REPORT:
            return report_paper(session, scope, form.read_office(session, _office(session, order)))
        case PaperKind.UNIT_REPORT | PaperKind.UNIT_OUTLINE:
            assert order.unit is not None
            return unit_report_paper(session, scope, order.unit, is_outline=order.kind is PaperKind.UNIT_OUTLINE)
        case PaperKind.ASSIGNMENT:
            assert order.task is not None
            return assignment_paper(session, order.task, now=now)
        case _:
            return _make_directive_paper(session, order, scope, calendar)


def _make_directive_paper(session: Session, order: Order, scope: PaperScope, calendar: WorkCalendar) -> Paper:
    assert order.directive is not None
    among = true() if order.among is None else order.among
    about = PaperSubject(order.directive, order.cutoff, calendar, among)
    if order.kind is PaperKind.PRESS:
        assert order.unit is not None
        return reminder_paper(session, about, order.unit, order.nth)
    if order.kind is PaperKind.SUBMISSION:
        return submission_paper(session, about, order.task)
    if order.kind is PaperKind.BRIEFING:
        return on_one_sheet(session, about, order.language)
    return tracking_paper(session, scope, order.directive)


def on_one_sheet(session: Session, about: PaperSubject, language: str) -> Paper:
    """Return the briefing list with as many rows as fit on one A4 sheet, measured on the rendered page."""
    paper = briefing_paper(session, about, language)
    for size in SIZES[1:]:
        if count_pages(paper, written_at=end_of_day(about.cutoff)) == 1:
            break
        paper = briefing_paper(session, about, language, size)
    return paper


def _office(session: Session, order: Order) -> Unit:
    """Return the unit that writes the report: the one named, else the directive's coordinating unit."""
    if order.office is not None:
        return order.office
    if order.directive is None:
        raise BadInput("consolidated report: whose it is must be said: give the unit that writes it")
    return session.get_one(Unit, order.directive.coordinating_unit_id)


def render(paper: Paper, form: FileForm, *, written_at: datetime) -> bytes:
    """Render a paper as a file. The same paper and moment (UTC) give the same bytes.

    BadInput for .xlsx of a paper without tables.
    """
    match form:
        case FileForm.DOCX:
            return render_docx(paper, written_at=written_at)
        case FileForm.PDF:
            return render_pdf(paper, written_at=written_at)
        case FileForm.XLSX:
            if not paper.tables:
                raise BadInput("{kind}: it has no table; expected docx or pdf", kind=paper.kind)
            return render_xlsx(paper, written_at=written_at)


def file_name(order: Order, form: FileForm, now: datetime) -> str:
    """Return a name in ASCII, such as "du-thao-cong-van-don-doc-ct-06-2004-fpt-2026-11-14.docx"."""
    day = local_date(now) if order.kind is PaperKind.ASSIGNMENT else order.cutoff
    parts = [
        _FILE_NAMES[order.kind],
        order.directive.code if order.directive else "",
        order.unit.code if order.unit else "",
        order.task.id.hex[-8:] if order.task else "",
        day.isoformat(),
    ]
    stem = re.sub(r"[^a-z0-9]+", "-", fold(" ".join(parts))).strip("-")
    return f"{stem}.{form.value}"
