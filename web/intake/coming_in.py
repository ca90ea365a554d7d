"""Take a document in, as a file or as pasted text, and list the documents under review."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from sqlmodel import Session
from starlette.datastructures import UploadFile

from models.errors import BadInput, DondocError
from models.i18n import _
from models.operations.background_job import BackgroundJob
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
"""Takes in a file that contains a document, such as a message: name, content, unit's code. None for other files."""
BROUGHT: Place[Callable[[Session, Sequence[UUID]], dict[UUID, Any]]] = Place("intake.brought")
"""Finds the messages that brought documents, by the documents' ids."""


class ComingIn(FormInput):
    """The fields beside the file."""

    pasted: str = ""
    unit: str = ""


@router.get("")
def intake_page(context: Signed) -> Response:
    context.require(Right.LAUNCH)
    return _page(context, ComingIn())


@router.post("")
def take_in(context: Signed, form: Annotated[ComingIn, Depends(ComingIn.sent)], data: Posted) -> Response:
    """Read the document and go to its review, or queue the reading of a scan and go to the page of that job.

    Nothing is kept of a document that cannot be read or may not enter.
    """
    context.require(Right.LAUNCH)
    upload, person_id = data.get("file"), context.person.id
    with context.again(lambda error: _page(context, form, error)):
        if isinstance(upload, UploadFile) and upload.filename:
            name, content = upload.filename, upload.file.read()
            for take_upload in UPLOADS.added():
                answer = take_upload(context, name, content, form.unit)
                if answer is not None:
                    return answer
            words = open_file(name, content, person_id)
        elif form.pasted:
            name, content, words = context.words(_("pasted text")), b"", form.pasted
        else:
            raise BadInput("file: choose one, or paste the text")
        draft = None if isinstance(words, Scanned) else read_document(name, words, person_id)
        with context.transaction() as session:
            unit_id = which_unit(session, context, form.unit).id
            if draft is None:
                job = _queue_scan(session, context, unit_id, name, content)
                return context.go(f"/background-jobs/{job.id}")
            intake = store_reading(session, draft, filename=name, unit_id=unit_id, person_id=person_id, now=context.now)
            if content:
                keep_source(session, context.settings.evidence, intake, name, content)
            return context.go(f"/intake/{intake.id.hex}")


def _queue_scan(session: Session, context: RequestContext, unit_id: UUID, name: str, content: bytes) -> BackgroundJob:
    return ask_scan(
        session, context.settings, context.principal, name=name, content=content, unit_id=unit_id, now=context.now
    )


def _page(context: RequestContext, form: ComingIn, error: DondocError | None = None) -> Response:
    with context.reading() as session:
        units = units_of(session, context)
        waiting = list_open(session, context.principal.speaks_for)
        scans = scans_of(session, context.principal)
        messages = find_messages(session, [intake.id for intake in waiting]) if (find_messages := BROUGHT.only) else {}
    return context.page(
        "intake/coming_in.html",
        error=error,
        given=form,
        units=units,
        waiting=waiting,
        scans=scans,
        messages=messages,
        **state_texts(),
    )
