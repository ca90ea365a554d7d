"""A document comes in as a file or as pasted text; the list of those that are being reviewed."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from models.errors import BadInput, DondocError
from models.exchange.edxml import CameBy
from models.i18n import _
from models.operations.background_job import BackgroundJob
from web.intake.form_fields import units_of, which_unit
from web.monitoring.background_job_pages import state_texts
from web.request.form_input import FormInput, Posted
from web.request.request_context import RequestContext, Signed
from workflows.exchange.keep_message import Taking, open_whole, take_or_queue
from workflows.exchange.message import is_message
from workflows.exchange.spoken_of import brought_by_messages
from workflows.intake.files import Scanned, open_file
from workflows.intake.read_scans import ask_scan, scans_of
from workflows.intake.review.store_reading import list_open, read_document, store_reading
from workflows.intake.source_files import keep_source
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/intake")


class ComingIn(FormInput):
    """What is typed beside a file, or in its place."""

    pasted: str = ""
    unit: str = ""


@router.get("")
def intake_page(context: Signed) -> Response:
    context.require(Right.LAUNCH)
    return _page(context, ComingIn())


@router.post("")
def take_in(context: Signed, given: Annotated[ComingIn, Depends(ComingIn.sent)], form: Posted) -> Response:
    """Read it and go to its review; of a scan, to the page that shows how far its reading is.

    Nothing is kept of what cannot be read, or may not enter.
    """
    context.require(Right.LAUNCH)
    sent, by = form.get("file"), context.person.id
    with context.again(lambda error: _page(context, given, error)):
        if isinstance(sent, UploadFile) and sent.filename:
            content = sent.file.read()
            if is_message(sent.filename, content):
                return _take_message(context, sent.filename, content, given.unit)
            name, words = sent.filename, open_file(sent.filename, content, by)
        elif given.pasted:
            content, name, words = b"", context.words(_("pasted text")), given.pasted
        else:
            raise BadInput("file: choose one, or paste the text")
        draft = None if isinstance(words, Scanned) else read_document(name, words, by)
        with context.transaction() as session:
            unit = which_unit(session, context, given.unit)
            if draft is None:
                job = ask_scan(
                    session,
                    context.settings,
                    context.principal,
                    name=name,
                    content=content,
                    unit_id=unit.id,
                    now=context.now,
                )
                place = f"/background-jobs/{job.id}"
            else:
                intake = store_reading(session, draft, filename=name, unit_id=unit.id, person_id=by, now=context.now)
                place = f"/intake/{intake.id.hex}"
                if content:
                    keep_source(session, context.settings.evidence, intake, name, content)
    return context.go(place)


def _take_message(context: RequestContext, name: str, content: bytes, unit: str) -> Response:
    """Take a message of the document exchange in, and go to the document that it brings or speaks of.

    Of one whose document is a scan, go to the page that shows how far its reading is.
    """
    opened = open_whole(name, content, context.person.id)
    with context.transaction() as session:
        follows = which_unit(session, context, unit)
        taking = Taking(follows.id, context.person.id, context.now, CameBy.PAGE, context.settings.evidence)
        taken = take_or_queue(session, opened, taking)
    if isinstance(taken, BackgroundJob):
        return context.go(f"/background-jobs/{taken.id}")
    said = None if taken.is_new else _("This message had come in before; nothing was changed.")
    return context.go(f"/intake/{taken.intake.id.hex}", said, is_repeated=not taken.is_new)


def _page(context: RequestContext, given: ComingIn, error: DondocError | None = None) -> Response:
    with context.reading() as session:
        units = units_of(session, context)
        waiting = list_open(session, context.principal.speaks_for)
        scans = scans_of(session, context.principal)
        came = brought_by_messages(session, [one.id for one in waiting])
    return context.page(
        "intake/coming_in.html",
        error=error,
        given=given,
        units=units,
        waiting=waiting,
        scans=scans,
        came=came,
        **state_texts(),
    )
