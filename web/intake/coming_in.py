"""A document comes in as a file or as pasted text; the list of those that are being reviewed."""

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from models.errors import BadInput, DondocError
from models.i18n import _
from web.intake.chosen_unit import units_of, which_unit
from web.request.request_context import Posted, RequestContext, Signed, text
from workflows.intake.files import read_file
from workflows.intake.review.store_reading import list_open, store_reading
from workflows.intake.source_files import keep_source
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/intake")


@router.api_route("", methods=["GET", "HEAD"])
def intake_page(context: Signed) -> Response:
    """Return the form, and what is under review."""
    context.require(Right.LAUNCH)
    return _page(context, {"pasted": "", "unit": ""})


@router.post("")
def take_in(context: Signed, form: Posted) -> Response:
    """Read it and goes to its review. Nothing is kept of what cannot be read, or may not enter."""
    context.require(Right.LAUNCH)
    given = {"pasted": text(form, "pasted"), "unit": text(form, "unit")}
    sent = form.get("file")
    try:
        if isinstance(sent, UploadFile) and sent.filename:
            content = sent.file.read()
            name, words = sent.filename, read_file(sent.filename, content)
        elif given["pasted"]:
            content, name, words = b"", context.words(_("pasted text")), given["pasted"]
        else:
            raise BadInput("file: choose one, or paste the text")
        with context.transaction() as session:
            unit = which_unit(session, context, given["unit"])
            intake = store_reading(
                session, words, filename=name, unit_id=unit.id, person_id=context.person.id, now=context.now
            )
            if content:
                keep_source(session, context.settings.evidence, intake, name, content)
    except DondocError as error:
        return _page(context, given, error)
    return context.go(f"/intake/{intake.id.hex}")


def _page(context: RequestContext, given: dict[str, str], error: DondocError | None = None) -> Response:
    with context.reading() as session:
        units = units_of(session, context)
        waiting = list_open(session, context.principal.speaks_for)
    return context.page(
        "intake/coming_in.html",
        context.fault(error) if error else 200,
        error=error,
        given=given,
        units=units,
        waiting=waiting,
    )
