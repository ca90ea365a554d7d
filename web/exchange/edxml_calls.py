"""The API's calls of the document exchange (edXML): take in a message, fetch our messages, mark them as taken."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import Field
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from models.errors import BadInput
from models.exchange.edxml import CameBy, MessageKind
from models.operations.background_job import BackgroundJob
from web.api.caller import Caller, Coordinates
from web.api.files import BYTES, file_answer
from web.api.sent_calls import CallRoute
from web.api.shapes import Shape
from workflows.exchange.hand_out import find_outgoing, list_waiting, mark_taken
from workflows.exchange.keep_message import MEDIA_TYPE, open_message, take_or_queue, taking_by
from workflows.intake.review.store_reading import proposed_duties
from workflows.rules.rights_table import Right

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_MULTIPART = {
    "schema": {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {MEDIA_TYPE: _BINARY, "application/octet-stream": _BINARY, "multipart/form-data": _MULTIPART},
    }
}


router = APIRouter(prefix="/edxml", tags=["document exchange"], route_class=CallRoute)


class TakenMessage(Shape):
    """What a message became; the same for one that had come before."""

    message: UUID
    kind: MessageKind
    document_id: str
    intake: UUID = Field(description="The document that it brought or speaks of")
    page: str = Field(description="Where that is reviewed", examples=["/intake/0192…"])
    duties: int = Field(description="Read from it, to be confirmed")


class QueuedMessage(Shape):
    """A message whose document is a scan: it is read in the background; sent again later, it is a TakenMessage."""

    job: UUID
    page: str = Field(description="Where one sees how far the reading is", examples=["/background-jobs/0192…"])


class WaitingMessage(Shape):
    """A message of ours that has not left."""

    id: UUID
    name: str = Field(examples=["20260302-091500-1a2b3c4d.edxml"])
    code: str = Field(description="Status code, or report", examples=["03"])
    words: str
    made_at: datetime


@router.post("/messages", openapi_extra=_BODY, response_model=TakenMessage, responses={202: {"model": QueuedMessage}})
async def take_in_message(
    request: Request,
    caller: Coordinates,
    unit: Annotated[
        str | None, Query(max_length=64, description="The unit that follows it up, where the caller speaks for several")
    ] = None,
) -> Response | TakenMessage:
    """Take in a message, as the raw body or as the part `file` of a form; it becomes a document under review, once.

    A scan is read in the background: the answer is then 202.
    """
    caller.require(Right.LAUNCH)
    name, data = await _read_upload(request)
    answer = await run_in_threadpool(_take, caller, name, data, unit)
    if isinstance(answer, QueuedMessage):
        return JSONResponse(answer.model_dump(mode="json"), status_code=202)
    return answer


@router.get("/outgoing")
def waiting_messages(caller: Coordinates, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> list[WaitingMessage]:
    """Return our messages that have not left, in the order of what they tell."""
    caller.require(Right.LAUNCH)
    with caller.reading() as session:
        messages = list_waiting(session, caller.principal.speaks_for, limit=limit)
        return [WaitingMessage.model_validate(message) for message in messages]


@router.get("/outgoing/{message_id}", response_class=Response, responses=BYTES)
def outgoing_message(message_id: UUID, caller: Coordinates) -> Response:
    """Return one of our messages as XML."""
    caller.require(Right.LAUNCH)
    with caller.reading() as session:
        message = find_outgoing(session, caller.principal.speaks_for, message_id)
    return file_answer(message.content.encode(), MEDIA_TYPE, message.name)


@router.post("/outgoing/{message_id}/taken")
def outgoing_taken(message_id: UUID, caller: Coordinates) -> WaitingMessage:
    """Mark one of our messages as taken: it waits no longer. A repeat changes nothing."""
    caller.require(Right.LAUNCH)
    with caller.transaction() as session:
        message = find_outgoing(session, caller.principal.speaks_for, message_id)
        return WaitingMessage.model_validate(mark_taken(session, caller.settings, message, now=caller.now))


def _take(caller: Caller, name: str, data: bytes, unit: str | None) -> TakenMessage | QueuedMessage:
    opened = open_message(name, data, caller.person.id)
    with caller.transaction() as session:
        taking = taking_by(session, caller.principal, unit, caller.settings, now=caller.now, came_by=CameBy.API)
        taken = take_or_queue(session, opened, taking)
        if isinstance(taken, BackgroundJob):
            return QueuedMessage(job=taken.id, page=f"/background-jobs/{taken.id}")
        return TakenMessage(
            message=taken.incoming.id,
            kind=taken.incoming.kind,
            document_id=taken.incoming.document_id,
            intake=taken.intake.id,
            page=f"/intake/{taken.intake.id.hex}",
            duties=len(proposed_duties(session, taken.intake)),
        )


async def _read_upload(request: Request) -> tuple[str, bytes]:
    """Return name and content of the message that was sent. BadInput for a form without it."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return "message.edxml", await request.body()
    try:
        async with request.form(max_files=1, max_fields=10) as form:
            upload = form.get("file")
            if isinstance(upload, UploadFile):
                return upload.filename or "message.edxml", await upload.read()
    except HTTPException as error:
        raise BadInput("the form could not be read: it is damaged, or has too many fields or files") from error
    raise BadInput("file: send the message as the part “file” of the form")
