"""The letters that a version of a template would send, to look at and to send to oneself."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from models.i18n import _
from web.admin.templates.template_versions import version_facts
from web.letters.letter_frame import letter_frame
from web.request.form_input import FormInput
from web.request.page_frame import admin_page
from web.request.request_context import RequestContext, Signed
from workflows.delivery.letters.letter_preview import Preview, preview_sample
from workflows.delivery.letters.sample_letter import SampleOf, sample_of, send_sample
from workflows.templates.edit_template import open_duty

router = APIRouter(prefix="/admin/templates/{code}/{path}/{number:int}/letter")


class AskedSample(FormInput):
    rung: str = ""


@router.get("")
def letter_page(code: str, path: str, number: int, context: Signed, rung: str = "assigned") -> HTMLResponse:
    with context.reading() as session:
        edited = open_duty(session, context.principal, code, path)
    version = edited.version(number)
    of = sample_of(version, rung)
    preview = _preview(context, of)
    rungs = list(dict.fromkeys(one.rung for one in version.read_spec().rungs.rungs))
    return admin_page(
        context,
        "template_letter.html",
        **version_facts(context, edited, version),
        composed=preview.composed,
        sample=preview.sample,
        rung=of.rung,
        rungs=[(one.value, context.words(one.label)) for one in rungs],
        email=context.person.email,
    )


@router.get("/html")
def letter_html(code: str, path: str, number: int, context: Signed, rung: str = "assigned") -> HTMLResponse:
    with context.reading() as session:
        version = open_duty(session, context.principal, code, path).version(number)
    return letter_frame(_preview(context, sample_of(version, rung)).composed.html)


@router.post("")
def send_letter(
    code: str, path: str, number: int, context: Signed, given: Annotated[AskedSample, Depends(AskedSample.sent)]
) -> Response:
    with context.transaction() as session:
        version = open_duty(session, context.principal, code, path).version(number)
        of = sample_of(version, given.rung)
        address = send_sample(session, context.person, of, now=context.now)
    home = f"/admin/templates/{code}/{path}/{number}/letter?rung={of.rung.value}"
    return context.go(home, _("The test letter leaves for {address} with the next delivery."), address=address)


def _preview(context: RequestContext, of: SampleOf) -> Preview:
    with context.reading() as session:
        return preview_sample(session, context.settings, context.person, of, now=context.now)
