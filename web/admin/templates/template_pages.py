"""Pages of workflow templates: the list, the editor, and a template as a YAML file."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session
from starlette.datastructures import UploadFile

from models.directives.directive import DutyKind, directive_name
from models.directives.ladders import RecipientRole, RungName
from models.directives.template import TemplateState
from models.errors import BadInput, BadRows, DondocError
from models.i18n import _
from models.organization.unit import UnitKind
from models.tasks.evidence_files import clean_name
from models.words import after_the_last_rung
from web.admin.form_fields import WEEKDAYS, field_text, posted_fields, rows
from web.admin.templates.ladder_form import SPARE_RUNGS, offset_of, rung_numbers
from web.admin.templates.template_editor import SHOWN_FAULTS, TemplateDraft, draft_from_form, open_draft
from web.admin.templates.template_form import PERIOD_DAYS, SENDERS, SPARE_SELECTORS
from web.admin.templates.template_wording import change_words, program_ladders, tell_fault
from web.request.form_input import FormInput, Posted
from web.request.having_right import MayEditTemplates
from web.request.page_frame import admin_page
from web.request.request_context import RequestContext, Signed
from web.request.template_words import CHOICES, DAY_WORDS
from workflows.templates.edit_template import EditedDuty, open_duty, save_draft
from workflows.templates.template_list import template_list
from workflows.templates.template_text import LONGEST, read_template_file

router = APIRouter(prefix="/admin/templates")
RUNG_GROUPS = {
    _("counted from the assignment"): (RungName.ASSIGNED, RungName.NOT_ACCEPTED),
    _("before the deadline"): (RungName.DUE_SOON,),
    _("at the deadline and after it"): tuple(RungName)[3:],
}
SAVED = _("The draft is saved as version {version}.")
STATE_MARKS = {TemplateState.DRAFT: "waiting", TemplateState.PUBLISHED: "done", TemplateState.RETIRED: "undated"}


class Editing(FormInput):
    """The editor's fields beside the template's own. `began_from`: the digest of the version that it opened."""

    do: str = ""
    began_from: str = ""


@router.get("")
def templates_page(context: MayEditTemplates, page: int = 1) -> HTMLResponse:
    with context.reading() as session:
        directives, paging = template_list(session, page)
    return admin_page(context, "templates.html", directives=directives, paging=paging, marks=STATE_MARKS)


@router.get("/{code}/{path}")
def editor_page(code: str, path: str, context: Signed) -> HTMLResponse:
    with context.reading() as session:
        edited = open_duty(session, context.principal, code, path)
        draft = open_draft(context, session, edited)
    return show_editor(context, edited, draft, edited.digest)


@router.post("/{code}/{path}")
def edit(
    code: str, path: str, context: Signed, form: Annotated[Editing, Depends(Editing.sent)], data: Posted
) -> Response:
    wants_save, began_from = form.do == "save", form.began_from
    with context.reading() as session:
        edited = open_duty(session, context.principal, code, path)
        draft = _read(context, session, edited, data)
    if not wants_save:
        return show_editor(context, edited, draft, began_from)
    if draft.spec is None:
        fault = BadInput("the draft is not saved: mend what is marked at its field and named beside the buttons")
        return show_editor(context, edited, draft, began_from, fault)
    with context.submit(lambda error: show_editor(context, edited, draft, began_from, error)) as session:
        current = open_duty(session, context.principal, code, path)
        version = save_draft(session, context.principal, current, draft.spec, began_from=began_from, now=context.now)
        number = version.version
    message = SAVED
    if draft.takes_own_rungs:
        message = _(
            "The draft is saved as version {version}. A rung was changed, so the template now has its own ladder."
        )
    return context.go(f"/admin/templates/{code}/{path}/{number}", message, version=number)


@router.post("/{code}/{path}/check")
def check(code: str, path: str, context: Signed, form: Posted) -> HTMLResponse:
    """Return the part of the editor's page that changes while somebody types."""
    with context.reading() as session:
        edited = open_duty(session, context.principal, code, path)
        draft = _read(context, session, edited, form)
    return context.page("admin/template_verdict.html", **_check_facts(edited, draft))


def _read(context: RequestContext, session: Session, edited: EditedDuty, form: Posted) -> TemplateDraft:
    fields = posted_fields(form)
    return draft_from_form(context, session, edited, fields, field_text(fields, "was"))


def _check_facts(edited: EditedDuty, draft: TemplateDraft) -> dict[str, Any]:
    fields = draft.fields
    days: Mapping[tuple[str, int | str], str] = draft.ladder.days if draft.ladder else {}
    return {
        "edited": edited,
        "draft": draft,
        "change_words": change_words,
        "rungs": rows(fields, "rung-", SPARE_RUNGS),
        "numbers": rung_numbers(fields),
        "day_of": lambda row: days.get((field_text(fields, f"rung-{row}"), offset_of(fields, row)), ""),
    }


def show_editor(
    context: RequestContext,
    edited: EditedDuty,
    draft: TemplateDraft,
    began_from: str,
    error: DondocError | None = None,
    file_faults: Sequence[str] | None = None,
) -> HTMLResponse:
    """Show the editor. `file_faults`: the faults of a file that was sent; None if there was no file."""
    code = 422 if draft.faults and not error else None
    fields, directive = draft.fields, edited.directive
    return admin_page(
        context,
        "template.html",
        code,
        **_check_facts(edited, draft),
        began_from=began_from,
        file_faults=file_faults,
        error=error,
        directive_name=directive_name(directive.kind, directive.number, directive.subject),
        marks=STATE_MARKS,
        v=draft.value,
        has=lambda name, value: value in fields.get(name, ()),
        wrong=draft.faults_of,
        selectors=lambda prefix: rows(fields, f"{prefix}-", SPARE_SELECTORS),
        choices=CHOICES,
        day_words=DAY_WORDS,
        period_days=PERIOD_DAYS,
        senders=SENDERS,
        unit_kinds=UnitKind.labels(),
        duty_kinds=DutyKind.labels(),
        rung_names=RUNG_GROUPS,
        program_ladders=program_ladders(context.language),
        after_the_last_rung=after_the_last_rung,
        weekdays=WEEKDAYS,
        roles=RecipientRole.labels().items(),
    )


@router.get("/{code}/{path}/file")
def file_to_save(code: str, path: str, context: Signed) -> Response:
    """Return the newest version; for a duty without one, its own data."""
    with context.reading() as session:
        draft = open_draft(context, session, open_duty(session, context.principal, code, path))
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{code}-{path}.yaml', safe='')}"}
    return Response(draft.text.encode(), media_type="application/yaml", headers=headers)


@router.post("/{code}/{path}/file")
def take_file(
    code: str, path: str, context: Signed, form: Annotated[Editing, Depends(Editing.sent)], data: Posted
) -> Response:
    """Save a file as the draft. A file with faults is not kept; each fault names its line."""
    upload = data.get("file")
    with context.again(lambda error: _refused(context, code, path, error)):
        with context.reading() as session:
            directive = open_duty(session, context.principal, code, path).directive
        if not isinstance(upload, UploadFile) or not upload.filename:
            raise BadInput("file: choose a file in YAML")
        name, content = clean_name(upload.filename), upload.file.read(LONGEST + 1)
        spec = read_template_file(directive, path, name, content)  # before the transaction: other writers do not wait
        with context.transaction() as session:
            edited = open_duty(session, context.principal, code, path)
            number = save_draft(
                session, context.principal, edited, spec, began_from=form.began_from, now=context.now
            ).version
    return context.go(f"/admin/templates/{code}/{path}/{number}", SAVED, version=number)


def _refused(context: RequestContext, code: str, path: str, error: DondocError) -> HTMLResponse:
    faults: list[str] = []
    if isinstance(error, BadRows):
        faults = [tell_fault(fault, context.language, by_line=True) for fault in error.faults[:SHOWN_FAULTS]]
        if more := len(error.faults) - len(faults):
            faults.append(context.words(_("and {count} more"), count=more))
        error = BadInput("the file is not saved as a draft: its faults are named under “As a YAML file”, line by line")
    with context.reading() as session:
        edited = open_duty(session, context.principal, code, path)
        draft = open_draft(context, session, edited)
    return show_editor(context, edited, draft, edited.digest, error, faults)
