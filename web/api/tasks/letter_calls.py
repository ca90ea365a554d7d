"""Letters sent: to whom and when, each as it was received, its attempts, what it spoke of; sending one again."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, Field
from sqlmodel import Session

from models.errors import NotFound
from models.letters.letter import DEAD, Letter, LetterKind, LetterState, NoticeState
from models.letters.letter_reads import expired_content, letter_attempts, letter_content
from models.organization.person import Person
from notifications.smtp.mailbox import read_attachment, read_bytes
from web.api.caller import Caller, Coordinates, Reads
from web.api.files import BYTES, file_answer
from web.api.repeats import OnceRoute
from web.api.shapes import Shape
from web.request.cursor_paging import Limit, LocalDay, Page, TextCursor
from workflows.delivery.letters.letters_view import LetterFilter, list_seen, open_seen, seen_content, spoken_of
from workflows.delivery.resend import resend
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/letters", tags=["letters"], route_class=OnceRoute)


class LetterLine(Shape):
    """A letter in a list."""

    id: UUID
    slot: datetime = Field(description="The moment for which it was meant")
    sent_at: datetime | None
    kind: LetterKind
    state: LetterState
    subject: str | None = Field(description="None: not written yet, or its words are not the caller's to see")
    is_drill: bool
    recipient: str = Field(examples=["Tạ Bá Toàn"])
    recipient_code: str = Field(examples=["ta.ba.toan"])
    unit: str | None
    rungs: list[str] = Field(description="What it tells", examples=[["overdue@4"]])


class AttemptShape(Shape):
    """One attempt to send a letter. Without an end it may have arrived or not."""

    started_at: datetime
    ended_at: datetime | None
    outcome: str | None = Field(examples=["accepted"])
    smtp_code: int | None = Field(examples=[250])
    reply: str = Field(description="Answer of the mail server")


class SpokenShape(Shape):
    """One thing a letter tells of a task that the caller oversees, and what became of it."""

    task_id: UUID
    directive: str
    path: str = Field(examples=["2.a"])
    unit: str
    rung: str = Field(examples=["overdue"])
    offset: int
    state: NoticeState
    reason: str


class LetterWhole(Shape):
    """A letter. Its words are there where it is written and speaks of nothing that the caller does not oversee."""

    id: UUID
    slot: datetime
    sent_at: datetime | None
    kind: LetterKind
    state: LetterState
    error: str = Field(description="Why it stands where it stands")
    is_drill: bool
    recipient: str
    recipient_code: str
    address: str | None
    message_id: str | None
    may_resend: bool
    attempts: list[AttemptShape]
    spoken: list[SpokenShape]
    words_shown: bool = Field(description="Whether its words are the caller's to see")
    words_expired_at: datetime | None = Field(description="When its words were deleted, their time being over")
    sha256: str | None = Field(description="Of the bytes that were deleted, in hexadecimal digits")
    subject: str | None
    text: str | None
    html: str | None
    attachments: list[str] = Field(description="File names; fetched by their place, from 0", examples=[["han.ics"]])


class LettersAsked(LetterFilter):
    q: Annotated[str, AfterValidator(str.strip)] = Field(
        "", max_length=200, description="Words of the recipient's name or unit"
    )
    directive: str = Field("", max_length=64, description="A directive's code")
    unit: str = Field("", max_length=32, description="The code of a unit whose task it speaks of")
    person: str = Field("", max_length=64, description="The recipient's code")
    task: UUID | None = Field(None, description="A task it speaks of")
    kind: LetterKind | None = None
    state: LetterState | None = Field(None, description="All but the empty ones where none is given")
    first: LocalDay | None = Field(None, description="From this local day on")
    last: LocalDay | None = Field(None, description="To the end of this local day")
    cursor: TextCursor = None
    limit: Limit = 50


@router.get("")
def letters(caller: Reads, asked: Annotated[LettersAsked, Query()]) -> Page[LetterLine]:
    """Return letters about tasks that the caller oversees, the newest first; every one for who sees everything."""
    caller.require(Right.SEE_LETTERS)
    with caller.reading() as session:
        found = list_seen(session, caller.principal, asked, cursor=asked.cursor or "", limit=asked.limit)
    return Page[LetterLine](items=[LetterLine.model_validate(one) for one in found.letters], next=found.older)


@router.get("/{letter_id}")
def letter(letter_id: UUID, caller: Reads) -> LetterWhole:
    """Return one letter: its state, its attempts, what it spoke of, and its words as they were received."""
    caller.require(Right.SEE_LETTERS)
    with caller.reading() as session:
        found, is_whole = open_seen(session, caller.principal, letter_id)
        return _whole(session, caller, found, is_whole)


@router.get("/{letter_id}/eml", response_class=Response, responses=BYTES)
def letter_bytes(letter_id: UUID, caller: Reads) -> Response:
    """Return the very bytes that were handed to the mail server."""
    return file_answer(_content(caller, letter_id), "message/rfc822", f"{letter_id.hex}.eml")


@router.get("/{letter_id}/attachments/{number}", response_class=Response, responses=BYTES)
def letter_attachment(letter_id: UUID, number: int, caller: Reads) -> Response:
    """Return one of its attachments, counted from 0."""
    part = read_attachment(_content(caller, letter_id), number)
    if part is None:
        raise NotFound("there is no such page")
    content = part.get_payload(decode=True)
    content = content if isinstance(content, bytes) else part.as_bytes()  # a message within the message
    return file_answer(content, part.get_content_type(), part.get_filename() or f"{number}")


@router.post("/{letter_id}/resend")
def resend_letter(letter_id: UUID, caller: Coordinates) -> LetterWhole:
    """Let a letter that failed, is uncertain or was kept back go out with the next delivery."""
    caller.require(Right.RESEND_LETTERS)
    with caller.transaction() as session:
        found, is_whole = open_seen(session, caller.principal, letter_id)
        resend(session, caller.site.settings, [letter_id], caller.now, caller.hand)
        session.refresh(found)
        return _whole(session, caller, found, is_whole)


def _whole(session: Session, caller: Caller, found: Letter, is_whole: bool) -> LetterWhole:
    recipient = session.get_one(Person, found.recipient_id)
    content = letter_content(session, found) if is_whole else None
    received = read_bytes(content) if content else None
    expired = expired_content(session, found.id) if is_whole and content is None else None
    return LetterWhole.of(
        found,
        recipient=recipient.full_name,
        recipient_code=recipient.code,
        may_resend=found.state in DEAD and caller.principal.may(Right.RESEND_LETTERS),
        attempts=letter_attempts(session, found.id),
        spoken=spoken_of(session, caller.principal, found.id),
        words_shown=is_whole,
        words_expired_at=expired.expired_at if expired else None,
        sha256=expired.sha256 if expired else None,
        subject=found.subject if is_whole else None,
        text=received.text if received else None,
        html=received.html if received else None,
        attachments=received.attachments if received else [],
    )


def _content(caller: Caller, letter_id: UUID) -> bytes:
    with caller.reading() as session:
        return seen_content(session, caller.principal, letter_id)
