"""Written reports: their list, a draft with its parts to edit, the check before it is issued, and its files after."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from models.errors import BadInput, DondocError, NotFound
from models.i18n import _
from models.reports.issued_report import IssuedReport, ReportKind
from models.text.localtime import local_date, read_day
from web.reports.paper_pages import to_save
from web.request.numbers import revision_seen
from web.request.request_context import Posted, RequestContext, Signed, text
from workflows.reports.charts.chart_choices import directives_to_draw
from workflows.reports.papers import issue
from workflows.reports.papers.contents.narrative import LONGEST
from workflows.reports.papers.contents.report_paper import PARTS
from workflows.reports.papers.contents.subject import NewPaper
from workflows.reports.papers.issued_list import directives_led, list_reports, read_about, units_to_report
from workflows.reports.papers.make_paper import FileForm, render
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/papers")
REPORT_KIND_WORDS = {
    ReportKind.DIRECTIVE: _("report of a directive"),
    ReportKind.CONSOLIDATED: _("consolidated report"),
    ReportKind.UNIT: _("report of a unit"),
}
SHOWN = ("total", "done_on_time", "done_late", "open_in_time", "open_overdue", "no_deadline")


@dataclass
class IssuedQuery:
    """What a new report is to be of, as text."""

    kind: str = ""
    directive: str = ""
    unit: str = ""
    cutoff: str = ""
    language: str = ""


@router.get("")
def reports_page(visit: Signed, asked: Annotated[IssuedQuery, Depends()]) -> HTMLResponse:
    """Return what was written, the newest first, and the form for a new one."""
    return _list(visit, asked)


@router.post("")
def draft_report(visit: Signed, form: Posted) -> Response:
    """Return a new draft, its narrative proposed from what the units have sent."""
    asked = IssuedQuery(*(text(form, name) for name in ("kind", "directive", "unit", "cutoff", "language")))
    try:
        if asked.kind not in set(ReportKind):
            raise BadInput("kind: choose what the report is of")
        cutoff = read_day(_("Cut-off"), asked.cutoff) if asked.cutoff else local_date(visit.now)
        language = asked.language if asked.language in ("vi", "en") else visit.language
        wanted = NewPaper(ReportKind(asked.kind), cutoff, asked.directive or None, asked.unit or None, language)
        with visit.transaction() as session:
            row = issue.draft(session, visit.the_place, wanted, now=visit.now)
    except NotFound:
        raise
    except DondocError as error:
        return _list(visit, asked, error)
    return visit.go(f"/papers/{row.id.hex}")


def _list(visit: RequestContext, asked: IssuedQuery, error: DondocError | None = None) -> HTMLResponse:
    visit.require(Right.SEE_WORK)
    place = visit.the_place
    with visit.reading() as session:
        reports = list_reports(session, place)
        sees, units = place.may(Right.SEE_REPORT), units_to_report(session, place)
        known = directives_to_draw(session, place) if sees else directives_led(session, place)
    directives = [(one.code, one.name) for one in known]
    kinds = [kind for kind in ReportKind if (bool(units) if kind is ReportKind.UNIT else sees and bool(known))]
    return visit.page(
        "papers/list.html",
        code=visit.fault(error) if error else 200,
        error=error,
        asked=asked,
        reports=reports,
        directives=directives,
        units=units,
        kinds=kinds,
        may_write=place.may(Right.WRITE_PAPERS) and bool(kinds),
        kind_words=REPORT_KIND_WORDS,
        today=local_date(visit.now),
        local_day=local_date,
        may_schedule=place.may(Right.SCHEDULE_REPORTS),
    )


@router.get("/{report_id}")
def one_report(report_id: UUID, visit: Signed) -> HTMLResponse:
    """Return a draft to edit, or an issued report as it is."""
    with visit.reading() as session:
        row = issue.open_report(session, visit.the_place, report_id)
        return _page(session, visit, row, "report")


@router.post("/{report_id}")
def save_parts(report_id: UUID, visit: Signed, form: Posted) -> Response:
    """Keep the narrative, and read the figures or the proposals again where that was asked for."""
    parts, seen = {name: text(form, name) for name in PARTS}, revision_seen(text(form, "seen"))
    deed = text(form, "deed")
    place = visit.the_place
    try:
        with visit.transaction() as session:
            if deed == "drop":
                issue.drop(session, place, report_id, seen=seen)
                return visit.go("/papers", _("The draft was thrown away."))
            if deed == "propose":
                issue.refresh(session, place, report_id, seen=seen, words=True)
            else:
                kept = issue.edit(session, place, report_id, parts, seen=seen)
                if deed == "refresh":
                    issue.refresh(session, place, report_id, seen=kept)
    except NotFound:
        raise
    except DondocError as error:
        with visit.reading() as session:
            row = issue.open_report(session, place, report_id)
            row.parts, row.revision = parts, seen  # what was typed is not lost, and theirs not looked at
            return _page(session, visit, row, "report", error)
    said = _("A new text was proposed, and the figures were read again.") if deed == "propose" else _("Kept.")
    to = f"/papers/{report_id.hex}" + ("/issue" if deed == "issue" else "")
    return visit.go(to, said, is_repeated=deed == "issue")


@router.get("/{report_id}/issue")
def check_page(report_id: UUID, visit: Signed) -> HTMLResponse:
    """Return everything once more, before it can no longer be changed."""
    visit.require(Right.WRITE_PAPERS)
    with visit.reading() as session:
        row = issue.open_report(session, visit.the_place, report_id)
        return _page(session, visit, row, "report" if row.issued_at else "issue")


@router.post("/{report_id}/issue")
def issue_it(report_id: UUID, visit: Signed, form: Posted) -> Response:
    """Issue it, with the files made from what was seen."""
    place, seen = visit.the_place, revision_seen(text(form, "seen"))
    try:
        if not text(form, "confirmed"):
            raise BadInput("confirmation: tick the box, for an issued report stays as it is")
        with visit.reading() as session:
            ready = issue.prepare(session, place, report_id, seen=seen, now=visit.now)
        with visit.transaction() as session:
            issue.issue(session, place, ready)
    except NotFound:
        raise
    except DondocError as error:
        with visit.reading() as session:
            row = issue.open_report(session, place, report_id)
            return _page(session, visit, row, "report" if row.issued_at else "issue", error)
    return visit.go(f"/papers/{report_id.hex}", _("Issued: the report and its files stay as they are."))


@router.post("/{report_id}/correct")
def correct_it(report_id: UUID, visit: Signed, _form: Posted) -> Response:
    """Return a new draft that names the old report."""
    with visit.transaction() as session:
        row = issue.correct(session, visit.the_place, report_id, now=visit.now)
    return visit.go(f"/papers/{row.id.hex}")


@router.get("/{report_id}/file")
def report_file(report_id: UUID, visit: Signed, form: str = "docx") -> Response:
    """Return its file: of an issued report the very bytes of that day, of a draft as it stands now."""
    if form not in set(FileForm):
        raise NotFound("there is no such page")
    with visit.reading() as session:
        row = issue.open_report(session, visit.the_place, report_id)
        stem = "bao-cao" if row.issued_at else "du-thao-bao-cao"
        name = f"{stem}-{row.kind.value}-{row.cutoff.isoformat()}-{row.id.hex[-8:]}.{form}"
        if row.issued_at is not None:
            return to_save(issue.issued_file(session, row, form), FileForm(form), name)
        paper = issue.preview(session, visit.the_place, row)
    return to_save(render(paper, FileForm(form), written_at=visit.now), FileForm(form), name)


def _page(
    session: Session, visit: RequestContext, row: IssuedReport, template: str, error: DondocError | None = None
) -> HTMLResponse:
    about = read_about(session, row)
    return visit.page(
        f"papers/{template}.html",
        code=visit.fault(error) if error else 200,
        error=error,
        report=row,
        about=about,
        parts=PARTS,
        kind_words=REPORT_KIND_WORDS,
        figure_words=FIGURE_WORDS,
        shown=SHOWN,
        longest=LONGEST,
        forms=list(FileForm),
        may_write=issue.may_write(visit.the_place, row),
        local_day=local_date,
    )
