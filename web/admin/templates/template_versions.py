"""Pages of a template's version: its content and changes, its publication with a preview, its letters."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from models.directives.directive import directive_name
from models.directives.template import TemplateState, TemplateVersion
from models.errors import DondocError
from models.i18n import _
from models.organization.register_reads import unit_names
from models.words import period_words
from web.admin.templates.template_pages import STATE_MARKS
from web.admin.templates.template_wording import ValueLine, change_sides, change_words, content_words, unit_codes
from web.letters.letter_frame import letter_frame
from web.request.form_input import FormInput, Ticked
from web.request.page_frame import admin_page
from web.request.request_context import RequestContext, Signed
from workflows.delivery.letters.letter_preview import LetterPreview, preview_sample
from workflows.delivery.letters.sample_letter import SampleKey, find_sample_key, send_sample
from workflows.templates.edit_template import EditedDuty, open_duty, publish_draft
from workflows.templates.publish import preview_publish
from workflows.templates.publish_effect import FieldDifference, PublishEffect, differences
from workflows.templates.template_text import spec_data, spec_yaml

router = APIRouter(prefix="/admin/templates/{code}/{path}/{number:int}")
SHOWN = 20
"""Rows of a table that are shown first; a link leads to all."""


class TemplatePublication(FormInput):
    """The digests of what the preview showed, and whether open tasks move to the new version."""

    seen: str = ""
    seen_letters: str = ""
    migrate_open: Ticked = False


class AskedSample(FormInput):
    """The rung whose letter the reader wants as a test letter."""

    rung: str = ""


@dataclass(frozen=True)
class DiffLine:
    """A line of a difference. `kind`: ins, del or same."""

    kind: str
    text: str


@router.get("")
def version_page(code: str, path: str, number: int, context: Signed, against: int = 0) -> HTMLResponse:
    with context.reading() as session:
        edited = open_duty(session, context.principal, code, path)
        version = edited.version(number)
        other = edited.version(against) if against else edited.before(version)
        names = _unit_names(session, version, other)
    changes = list(differences(spec_data(other.read_spec()), spec_data(version.read_spec()))) if other else []
    return admin_page(
        context,
        "template_version.html",
        **version_facts(context, edited, version),
        other=other,
        changes=changes,
        sides_of=_sides_of(context, version, names),
        change_words=change_words,
        content=content_words(version.read_spec(), context.language, names),
        yaml=spec_yaml(version.read_spec()),
        diff=diff_lines(other, version) if other else [],
    )


@router.get("/publish")
def publish_page(code: str, path: str, number: int, context: Signed, whole: bool = False) -> HTMLResponse:
    """Show the effect of publishing. `whole`: list every task and letter."""
    return _publish_page(context, code, path, number, whole=whole)


@router.post("/publish")
def publish(
    code: str,
    path: str,
    number: int,
    context: Signed,
    form: Annotated[TemplatePublication, Depends(TemplatePublication.sent)],
) -> Response:
    with context.submit(lambda error: _publish_page(context, code, path, number, error)) as session:
        edited = open_duty(session, context.principal, code, path)
        effect = publish_draft(session, context.principal, edited, number, **form.model_dump(), now=context.now)
    message = _("Version {version} is published: new tasks follow it. Open tasks moved to it: {count}.")
    return context.go(f"/admin/templates/{code}/{path}/{number}", message, version=number, count=effect.migrated)


def _publish_page(
    context: RequestContext, code: str, path: str, number: int, error: DondocError | None = None, *, whole: bool = False
) -> HTMLResponse:
    effect: PublishEffect | None = None
    names: dict[str, str] = {}
    with context.reading() as session:
        edited = open_duty(session, context.principal, code, path)
        version = edited.version(number)
        spec_names = _unit_names(session, version, edited.published)
        try:
            effect = preview_publish(session, version.id, now=context.now)
            names = unit_names(session, {task.unit for task in effect.open_tasks})
        except DondocError as refused:
            error = error or refused
    return admin_page(
        context,
        "template_publish.html",
        **version_facts(context, edited, version),
        effect=effect,
        error=error,
        occurrence_words=lambda occurrence: _period(context, occurrence),
        sides_of=_sides_of(context, version, spec_names),
        change_words=change_words,
        shown=None if whole else SHOWN,
        unit_name=lambda code: names.get(code, code),
        names_of=lambda codes: [names.get(code, code) for code in codes],
    )


def _unit_names(session: Session, *versions: TemplateVersion | None) -> dict[str, str]:
    codes = {code for version in versions if version for code in unit_codes(version.read_spec())}
    return unit_names(session, codes)


def _sides_of(
    context: RequestContext, version: TemplateVersion, names: Mapping[str, str]
) -> Callable[[FieldDifference], tuple[list[ValueLine], list[ValueLine]]]:
    hours = version.read_spec().rungs.clock == "hours"
    return lambda change: change_sides(change, context.language, hours=hours, names=names)


def _period(context: RequestContext, occurrence: str) -> str:
    """Write an occurrence as "quarter 3 of 2026"; "" for a duty that occurs once."""
    period = period_words(occurrence)
    if not period:
        return ""
    message, facts = period
    return context.words(message, **facts)


def version_facts(context: RequestContext, edited: EditedDuty, version: TemplateVersion) -> dict[str, Any]:
    directive = edited.directive
    return {
        "edited": edited,
        "version": version,
        "directive_name": directive_name(directive.kind, directive.number, directive.subject),
        "marks": STATE_MARKS,
        "is_draft": version.state is TemplateState.DRAFT,
        "is_published": version.state is TemplateState.PUBLISHED,
        "home": f"/admin/templates/{directive.code}/{edited.duty.path}",
    }


def diff_lines(before: TemplateVersion, after: TemplateVersion) -> list[DiffLine]:
    """Compare two versions as YAML, with three lines around each change."""
    old, new = (spec_yaml(version.read_spec()).splitlines() for version in (before, after))
    kinds = {"+": "ins", "-": "del"}
    lines = list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]
    return [
        DiffLine("same", "…") if line.startswith("@@") else DiffLine(kinds.get(line[:1], "same"), line[1:])
        for line in lines
    ]


@router.get("/letter")
def letter_page(code: str, path: str, number: int, context: Signed, rung: str = "assigned") -> HTMLResponse:
    with context.reading() as session:
        edited = open_duty(session, context.principal, code, path)
    version = edited.version(number)
    sample = find_sample_key(version, rung)
    preview = _preview(context, sample)
    rungs = list(dict.fromkeys(rung.rung for rung in version.read_spec().rungs.rungs))
    return admin_page(
        context,
        "template_letter.html",
        **version_facts(context, edited, version),
        composed=preview.composed,
        sample=preview.sample,
        rung=sample.rung,
        rungs=[(name.value, context.words(name.label)) for name in rungs],
        email=context.person.email,
    )


@router.get("/letter/html")
def letter_html(code: str, path: str, number: int, context: Signed, rung: str = "assigned") -> HTMLResponse:
    with context.reading() as session:
        version = open_duty(session, context.principal, code, path).version(number)
    return letter_frame(_preview(context, find_sample_key(version, rung)).composed.html)


@router.post("/letter")
def send_letter(
    code: str, path: str, number: int, context: Signed, form: Annotated[AskedSample, Depends(AskedSample.sent)]
) -> Response:
    with context.transaction() as session:
        version = open_duty(session, context.principal, code, path).version(number)
        sample = find_sample_key(version, form.rung)
        address = send_sample(session, context.person, sample, now=context.now)
    home = f"/admin/templates/{code}/{path}/{number}/letter?rung={sample.rung.value}"
    return context.go(home, _("The test letter leaves for {address} with the next delivery."), address=address)


def _preview(context: RequestContext, sample: SampleKey) -> LetterPreview:
    with context.reading() as session:
        return preview_sample(session, context.settings, context.person, sample, now=context.now)
