"""A document comes in as a file or as pasted text; the list of those that are being reviewed."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from sqlmodel import Session
from starlette.datastructures import UploadFile

from models.errors import BadInput, DondocError
from models.i18n import _
from models.rooms import Place
from web.intake.form_fields import units_of, which_unit
from web.monitoring.background_job_pages import state_texts
from web.request.form_input import FormInput, Posted
from web.request.request_context import RequestContext, Signed
from workflows.intake.files import Scanned, open_file
from workflows.intake.read_scans import ask_scan, scans_of
from workflows.intake.review.store_reading import list_open, read_document, store_reading
from workflows.intake.source_files import keep_source
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/intake")


UPLOADS: Place[Callable[[RequestContext, str, bytes, str], Response | None]] = Place("intake.uploads")
"""Takes in a file that is no document but brings one: its name and content, and the unit given. None for any other."""
BROUGHT: Place[Callable[[Session, Sequence[UUID]], dict[UUID, Any]]] = Place("intake.brought")
"""Finds what brought documents in, by their ids."""


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
            for take in UPLOADS.added():
                if (done := take(context, sent.filename, content, given.unit)) is not None:
                    return done
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


def _page(context: RequestContext, given: ComingIn, error: DondocError | None = None) -> Response:
    with context.reading() as session:
        units = units_of(session, context)
        waiting = list_open(session, context.principal.speaks_for)
        scans = scans_of(session, context.principal)
        came = brought_by(session, [one.id for one in waiting]) if (brought_by := BROUGHT.only) else {}
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
