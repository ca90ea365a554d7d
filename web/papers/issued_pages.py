"""The pages of written reports: their list, a draft to edit, the check before it is issued, and the issued files."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from models.errors import BadInput, DondocError, NotFound
from models.i18n import _
from models.papers.issued_report import ReportKind
from models.text.localtime import read_day
from web.papers.paper_pages import to_save
from web.request.form_input import FormInput, Posted, Revision, Ticked
from web.request.having_right import MayWritePapers
from web.request.request_context import RequestContext, Signed
from workflows.papers import issue
from workflows.papers.contents.report_paper import PARTS
from workflows.papers.contents.subject import NewPaper
from workflows.papers.issued_list import directives_led, list_reports, read_details, units_to_report
from workflows.papers.make_paper import FileForm, render
from workflows.papers.paper import LONGEST
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.reports.report_scope import directives_to_draw
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/papers")
REPORT_KIND_WORDS = {
    ReportKind.DIRECTIVE: _("report of a directive"),
    ReportKind.CONSOLIDATED: _("consolidated report"),
    ReportKind.UNIT: _("report of a unit"),
}
SHOWN = ("total", "done_on_time", "done_late", "open_in_time", "open_overdue", "no_deadline")


class IssuedQuery(FormInput):
    """The fields of the form for a new report."""

    kind: str = ""
    directive: str = ""
    unit: str = ""
    cutoff: str = ""
    language: str = ""


class Narrative(FormInput):
    """The sections of a draft by the names of PARTS. `deed` says what to do with the draft."""

    general: str = ""
    done: str = ""
    not_done: str = ""
    difficulties: str = ""
    proposals: str = Field(default="", alias="asked")
    deed: str = ""
    seen: Revision = -1

    @property
    def parts(self) -> dict[str, str]:
        parts: dict[str, str] = self.model_dump(by_alias=True, exclude={"deed", "seen"})
        return parts


class IssueForm(FormInput):
    confirmed: Ticked = False
    seen: Revision = -1


@router.get("")
def reports_page(context: Signed, form: Annotated[IssuedQuery, Depends(IssuedQuery.from_query)]) -> HTMLResponse:
    return _list(context, form)


@router.post("")
def draft_report(context: Signed, form: Annotated[IssuedQuery, Depends(IssuedQuery.sent)]) -> Response:
    with context.again(lambda error: _list(context, form, error), but=NotFound):
        if form.kind not in set(ReportKind):
            raise BadInput("kind: choose what the report is of")
        cutoff = read_day(_("Cut-off"), form.cutoff) if form.cutoff else context.today
        language = form.language if form.language in ("vi", "en") else context.language
        wanted = NewPaper(ReportKind(form.kind), cutoff, form.directive or None, form.unit or None, language)
        with context.transaction() as session:
            row = issue.add_draft(session, context.principal, wanted, now=context.now)
    return context.go(f"/papers/{row.id.hex}")


def _list(context: RequestContext, form: IssuedQuery, error: DondocError | None = None) -> HTMLResponse:
    context.require(Right.SEE_WORK)
    principal = context.principal
    with context.reading() as session:
        reports = list_reports(session, principal)
        may_see_all, units = principal.may(Right.SEE_REPORT), units_to_report(session, principal)
        choices = directives_to_draw(session, principal) if may_see_all else directives_led(session, principal)
    kinds = [ReportKind.DIRECTIVE, ReportKind.CONSOLIDATED] if may_see_all and choices else []
    if units:
        kinds.append(ReportKind.UNIT)
    return context.page(
        "papers/list.html",
        error=error,
        asked=form,
        reports=reports,
        directives=[(choice.code, choice.name) for choice in choices],
        units=units,
        kinds=kinds,
        may_write=principal.may(Right.WRITE_PAPERS) and bool(kinds),
        kind_words=REPORT_KIND_WORDS,
        may_schedule=principal.may(Right.SCHEDULE_REPORTS),
    )


@router.get("/{report_id}")
def one_report(report_id: UUID, context: Signed) -> HTMLResponse:
    return _page(context, report_id)


@router.post("/{report_id}")
def save_parts(report_id: UUID, context: Signed, given: Annotated[Narrative, Depends(Narrative.sent)]) -> Response:
    parts, revision, action, principal = given.parts, given.seen, given.deed, context.principal
    # an error's page shows again what was typed, with the old revision: the changes of others stay unseen, and kept
    with context.submit(lambda error: _page(context, report_id, error, parts=parts, revision=revision)) as session:
        if action == "drop":
            issue.drop_draft(session, principal, report_id, revision=revision)
            return context.go("/papers", _("The draft was discarded."))
        if action == "propose":
            issue.propose_again(session, principal, report_id, revision=revision)
        else:
            new_revision = issue.edit_narrative(session, principal, report_id, parts, revision=revision)
            if action == "refresh":
                issue.refresh_figures(session, principal, report_id, revision=new_revision)
    message = _("A new text was proposed, and the figures were read again.") if action == "propose" else _("Saved.")
    to = f"/papers/{report_id.hex}" + ("/issue" if action == "issue" else "")
    return context.go(to, message, is_repeated=action == "issue")


@router.get("/{report_id}/issue")
def check_page(report_id: UUID, context: MayWritePapers) -> HTMLResponse:
    return _page(context, report_id, template="issue")


@router.post("/{report_id}/issue")
def issue_it(report_id: UUID, context: Signed, given: Annotated[IssueForm, Depends(IssueForm.sent)]) -> Response:
    principal = context.principal
    with context.again(lambda error: _page(context, report_id, error, template="issue")):
        if not given.confirmed:
            raise BadInput("confirmation: tick the box, for an issued report stays as it is")
        with context.reading() as session:
            ready = issue.prepare(session, principal, report_id, revision=given.seen, now=context.now)
        with context.transaction() as session:
            issue.issue(session, principal, ready)
    return context.go(f"/papers/{report_id.hex}", _("Issued: the report and its files stay as they are."))


@router.post("/{report_id}/correct")
def correct_it(report_id: UUID, context: Signed, _form: Posted) -> Response:
    with context.transaction() as session:
        row = issue.draft_correction(session, context.principal, report_id, now=context.now)
    return context.go(f"/papers/{row.id.hex}")


@router.get("/{report_id}/file")
def report_file(report_id: UUID, context: Signed, form: str = "docx") -> Response:
    """Return the file of an issued report as it was made on that day, or of a draft as it stands now."""
    if form not in set(FileForm):
        raise NotFound("there is no such page")
    with context.reading() as session:
        row = issue.open_report(session, context.principal, report_id)
        stem = "bao-cao" if row.issued_at else "du-thao-bao-cao"
        name = f"{stem}-{row.kind.value}-{row.cutoff.isoformat()}-{row.id.hex[-8:]}.{form}"
        if row.issued_at is not None:
            return to_save(issue.read_issued_file(session, row, form), FileForm(form), name)
        paper = issue.preview(session, context.principal, row)
    return to_save(render(paper, FileForm(form), written_at=context.now), FileForm(form), name)


def _page(
    context: RequestContext,
    report_id: UUID,
    error: DondocError | None = None,
    *,
    template: str = "report",
    **typed: Any,
) -> HTMLResponse:
    """Show a report. `template` is used for a draft. The values of `typed` replace the stored ones."""
    with context.reading() as session:
        row = issue.open_report(session, context.principal, report_id)
        about = read_details(session, row)
    for name, value in typed.items():
        setattr(row, name, value)
    return context.page(
        f"papers/{'report' if row.issued_at else template}.html",
        error=error,
        report=row,
        about=about,
        parts=PARTS,
        kind_words=REPORT_KIND_WORDS,
        figure_words=FIGURE_WORDS,
        shown=SHOWN,
        longest=LONGEST,
        forms=list(FileForm),
        may_write=issue.may_write(context.principal, row),
    )
