"""Calls about letters: the list, one with its words and attempts, its files, and sending one again."""

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
from workflows.delivery.letters.letters_view import (
    LetterFilter,
    list_letter_notices,
    list_visible_letters,
    open_letter,
    read_letter_content,
)
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
    subject: str | None = Field(description="null if it is not written yet, or the caller may not see its words")
    is_drill: bool
    recipient: str = Field(examples=["Tạ Bá Toàn"])
    recipient_code: str = Field(examples=["ta.ba.toan"])
    unit: str | None
    rungs: list[str] = Field(description="The rungs and events that it tells of", examples=[["overdue@4"]])


class AttemptShape(Shape):
    """One attempt to send a letter. Without `ended_at` it is unknown whether the letter arrived."""

    started_at: datetime
    ended_at: datetime | None
    outcome: str | None = Field(examples=["accepted"])
    smtp_code: int | None = Field(examples=[250])
    reply: str = Field(description="Answer of the mail server")


class SpokenShape(Shape):
    """One notice of a letter, about a task that the caller oversees."""

    task_id: UUID
    directive: str
    path: str = Field(examples=["2.a"])
    unit: str
    rung: str = Field(examples=["overdue"])
    offset: int
    state: NoticeState
    reason: str


class LetterWhole(Shape):
    """A letter. Its words are given if it is written and the caller oversees every task that it names."""

    id: UUID
    slot: datetime
    sent_at: datetime | None
    kind: LetterKind
    state: LetterState
    error: str = Field(description="Why it is in this state")
    is_drill: bool
    recipient: str
    recipient_code: str
    address: str | None
    message_id: str | None
    may_resend: bool
    attempts: list[AttemptShape]
    spoken: list[SpokenShape]
    words_shown: bool = Field(description="Whether the caller may see its words")
    words_expired_at: datetime | None = Field(description="When its words were deleted at the end of their time")
    sha256: str | None = Field(description="Of the deleted bytes, in hexadecimal digits")
    subject: str | None
    text: str | None
    html: str | None
    attachments: list[str] = Field(
        description="File names; an attachment's address has its place in this list, from 0", examples=[["han.ics"]]
    )


class LettersAsked(LetterFilter):
    q: Annotated[str, AfterValidator(str.strip)] = Field(
        "", max_length=200, description="Words of the recipient's name or unit"
    )
    directive: str = Field("", max_length=64, description="A directive's code")
    unit: str = Field("", max_length=32, description="The code of a unit whose task it names")
    person: str = Field("", max_length=64, description="The recipient's code")
    task: UUID | None = Field(None, description="A task that it names")
    kind: LetterKind | None = None
    state: LetterState | None = Field(None, description="Without it, all letters but the empty ones")
    first: LocalDay | None = Field(None, description="From this local day on")
    last: LocalDay | None = Field(None, description="To the end of this local day")
    cursor: TextCursor = None
    limit: Limit = 50


@router.get("")
def letters(caller: Reads, asked: Annotated[LettersAsked, Query()]) -> Page[LetterLine]:
    """Return the letters about tasks that the caller oversees, the newest first."""
    caller.require(Right.SEE_LETTERS)
    with caller.reading() as session:
        listed = list_visible_letters(session, caller.principal, asked, cursor=asked.cursor or "", limit=asked.limit)
    return Page[LetterLine](items=[LetterLine.model_validate(row) for row in listed.letters], next=listed.older)


@router.get("/{letter_id}")
def letter(letter_id: UUID, caller: Reads) -> LetterWhole:
    """Return one letter: its state, its attempts, its notices, and its words as they were received."""
    caller.require(Right.SEE_LETTERS)
    with caller.reading() as session:
        row, shows_words = open_letter(session, caller.principal, letter_id)
        return _whole(session, caller, row, shows_words=shows_words)


@router.get("/{letter_id}/eml", response_class=Response, responses=BYTES)
def letter_bytes(letter_id: UUID, caller: Reads) -> Response:
    """Return the bytes that the mail server was given."""
    return file_answer(_content(caller, letter_id), "message/rfc822", f"{letter_id.hex}.eml")


@router.get("/{letter_id}/attachments/{number}", response_class=Response, responses=BYTES)
def letter_attachment(letter_id: UUID, number: int, caller: Reads) -> Response:
    """Return one attachment of a letter, counted from 0."""
    part = read_attachment(_content(caller, letter_id), number)
    if part is None:
        raise NotFound("there is no such page")
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else part.as_bytes()  # a message attached to the message
    return file_answer(content, part.get_content_type(), part.get_filename() or f"{number}")


@router.post("/{letter_id}/resend")
def resend_letter(letter_id: UUID, caller: Coordinates) -> LetterWhole:
    """Send a letter again with the next delivery: one that failed, is uncertain or was held back."""
    caller.require(Right.RESEND_LETTERS)
    with caller.transaction() as session:
        row, shows_words = open_letter(session, caller.principal, letter_id)
        resend(session, caller.site.settings, [letter_id], caller.now, caller.audit_actor)
        session.refresh(row)
        return _whole(session, caller, row, shows_words=shows_words)


def _whole(session: Session, caller: Caller, row: Letter, *, shows_words: bool) -> LetterWhole:
    recipient = session.get_one(Person, row.recipient_id)
    content = letter_content(session, row) if shows_words else None
    received = read_bytes(content) if content else None
    expired = expired_content(session, row.id) if shows_words and content is None else None
    return LetterWhole.of(
        row,
        recipient=recipient.full_name,
        recipient_code=recipient.code,
        may_resend=row.state in DEAD and caller.principal.may(Right.RESEND_LETTERS),
        attempts=letter_attempts(session, row.id),
        spoken=list_letter_notices(session, caller.principal, row.id),
        words_shown=shows_words,
        words_expired_at=expired.expired_at if expired else None,
        sha256=expired.sha256 if expired else None,
        subject=row.subject if shows_words else None,
        text=received.text if received else None,
        html=received.html if received else None,
        attachments=received.attachments if received else [],
    )


def _content(caller: Caller, letter_id: UUID) -> bytes:
    with caller.reading() as session:
        return read_letter_content(session, caller.principal, letter_id)
