"""Workflow templates: which there are, the editor of one, and one as a YAML file."""

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
from web.admin.form_fields import WEEKDAYS, one, posted_fields, rows
from web.admin.templates.ladder_form import SPARE_RUNGS, offset_of, rung_numbers
from web.admin.templates.publish_notices import change_words, program_ladders, tell_fault
from web.admin.templates.template_editor import SHOWN_FAULTS, TemplateDraft, from_form, opened
from web.admin.templates.template_form import PERIOD_DAYS, SENDERS, SPARE_SELECTORS
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
    """What the editor sends beside the template's own fields. `began_from`: the digest of what it had opened."""

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
        draft = opened(context, session, edited)
    return show_editor(context, edited, draft, edited.digest)


@router.post("/{code}/{path}")
def edit(
    code: str, path: str, context: Signed, given: Annotated[Editing, Depends(Editing.sent)], form: Posted
) -> Response:
    is_saved, began_from = given.do == "save", given.began_from
    with context.reading() as session:
        edited = open_duty(session, context.principal, code, path)
        draft = _read(context, session, edited, form)
    if draft.spec is None or not is_saved:
        fault = BadInput("the draft is not saved: mend what is marked at its field and named beside the buttons")
        return show_editor(context, edited, draft, began_from, fault if is_saved else None)
    with context.submit(lambda error: show_editor(context, edited, draft, began_from, error)) as session:
        anew = open_duty(session, context.principal, code, path)
        version = save_draft(session, context.principal, anew, draft.spec, began_from=began_from, now=context.now)
        number = version.version
    said = (
        _("The draft is saved as version {version}. A rung was changed, so the template now has its own ladder.")
        if draft.takes_own_rungs
        else SAVED
    )
    return context.go(f"/admin/templates/{code}/{path}/{number}", said, version=number)


@router.post("/{code}/{path}/check")
def check(code: str, path: str, context: Signed, form: Posted) -> HTMLResponse:
    """A piece of the editor's page, asked for while somebody types."""
    with context.reading() as session:
        edited = open_duty(session, context.principal, code, path)
        draft = _read(context, session, edited, form)
    return context.page("admin/template_verdict.html", **_checked(edited, draft))


def _read(context: RequestContext, session: Session, edited: EditedDuty, form: Posted) -> TemplateDraft:
    fields = posted_fields(form)
    return from_form(context, session, edited, fields, one(fields, "was"))


def _checked(edited: EditedDuty, draft: TemplateDraft) -> dict[str, Any]:
    fields = draft.fields
    days: Mapping[tuple[str, int | str], str] = draft.ladder.days if draft.ladder else {}
    return {
        "edited": edited,
        "draft": draft,
        "change_words": change_words,
        "rungs": rows(fields, "rung-", SPARE_RUNGS),
        "numbers": rung_numbers(fields),
        "day_of": lambda row: days.get((one(fields, f"rung-{row}"), offset_of(fields, row)), ""),
    }


def show_editor(
    context: RequestContext,
    edited: EditedDuty,
    draft: TemplateDraft,
    began_from: str,
    error: DondocError | None = None,
    file_faults: Sequence[str] | None = None,
) -> HTMLResponse:
    """`file_faults`: what is wrong with a file that was sent; None: none was."""
    code = context.fault(error) if error else 422 if draft.faults else 200
    fields, directive = draft.fields, edited.directive
    return admin_page(
        context,
        "template.html",
        code,
        **_checked(edited, draft),
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
    """The newest version; of a duty without one, what is known of it."""
    with context.reading() as session:
        draft = opened(context, session, open_duty(session, context.principal, code, path))
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{code}-{path}.yaml', safe='')}"}
    return Response(draft.text.encode(), media_type="application/yaml", headers=headers)


@router.post("/{code}/{path}/file")
def take_file(
    code: str, path: str, context: Signed, given: Annotated[Editing, Depends(Editing.sent)], form: Posted
) -> Response:
    """Save a file as the draft. Of a file with faults nothing is kept, and each is told by its line."""
    sent = form.get("file")
    with context.again(lambda error: _refused(context, code, path, error)):
        with context.reading() as session:
            directive = open_duty(session, context.principal, code, path).directive
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise BadInput("file: choose a file in YAML")
        name, content = clean_name(sent.filename), sent.file.read(LONGEST + 1)
        spec = read_template_file(directive, path, name, content)  # nobody waits for it to write
        with context.transaction() as session:
            edited = open_duty(session, context.principal, code, path)
            number = save_draft(
                session, context.principal, edited, spec, began_from=given.began_from, now=context.now
            ).version
    return context.go(f"/admin/templates/{code}/{path}/{number}", SAVED, version=number)


def _refused(context: RequestContext, code: str, path: str, error: DondocError) -> HTMLResponse:
    faults: list[str] = []
    if isinstance(error, BadRows):
        faults = [tell_fault(one, context.language, by_line=True) for one in error.faults[:SHOWN_FAULTS]]
        if more := len(error.faults) - len(faults):
            faults.append(context.words(_("and {count} more"), count=more))
        error = BadInput("the file is not saved as a draft: its faults are named under “As a YAML file”, line by line")
    with context.reading() as session:
        edited = open_duty(session, context.principal, code, path)
        draft = opened(context, session, edited)
    return show_editor(context, edited, draft, edited.digest, error, faults)
