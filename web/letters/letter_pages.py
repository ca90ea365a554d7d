"""Pages of letters: the list, each letter with its attempts and notices, and sending one again."""

from collections.abc import Callable
from datetime import date, time, timedelta
from email import message_from_bytes, policy
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import AfterValidator, BeforeValidator
from sqlmodel import Session

from models.errors import DondocError, NotFound
from models.i18n import Labelled, _
from models.letters.letter import DEAD, LetterKind, LetterState
from models.letters.letter_reads import expired_content, letter_attempts, letter_content
from models.operations.engine_reads import letters_sent
from models.organization.person import Person
from models.rooms import Place
from models.text.localtime import at_local, end_of_day, read_day
from notifications.composing.wording import first_up
from notifications.outbox.explain import ended_because
from notifications.smtp.mailbox import read_attachment, read_bytes
from notifications.smtp.transport import SendOutcome
from web.letters.letter_frame import letter_frame
from web.request.form_input import Posted
from web.request.given_values import AddressQuery, read_choice, read_id
from web.request.having_right import MayResendLetters, MaySeeLetters
from web.request.request_context import RequestContext, Signed
from workflows.delivery.letters.letters_view import (
    LetterFilter,
    list_letter_notices,
    list_visible_letters,
    open_letter,
    read_letter_content,
)
from workflows.delivery.resend import find_refusal, resend
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/letters")
MARKS = {
    LetterState.SENT: "done",
    LetterState.FAILED: "late",
    LetterState.UNCERTAIN: "late",
    LetterState.HELD: "waiting",
    LetterState.QUEUED: "waiting",
    LetterState.CLAIMED: "waiting",
    LetterState.EMPTY: "calm",
    LetterState.DROPPED: "calm",
}
MESSAGES: Place[Callable[[Session, UUID], dict[str, Any]]] = Place("letter.messages")
"""Reads what a letter's page shows of the messages on other channels."""
_SHOWN_KINDS = tuple(kind for kind in LetterKind if kind is not LetterKind.ACCOUNT)
_HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "Auto-Submitted")


def _day(name: str) -> BeforeValidator:
    return BeforeValidator(lambda text: read_day(name, text))


class LetterQuery(AddressQuery, LetterFilter):
    """The filter in an address, and the cursor of the page."""

    q: Annotated[str, AfterValidator(lambda text: text.strip()[:200])] = ""
    task: Annotated[UUID | None, BeforeValidator(lambda text: read_id("task", text))] = None
    kind: Annotated[
        LetterKind | None, BeforeValidator(lambda value: read_choice(LetterKind, "kind", value, _SHOWN_KINDS))
    ] = None
    state: Annotated[LetterState | None, BeforeValidator(lambda value: read_choice(LetterState, "state", value))] = None
    first: Annotated[date | None, _day(_("First day"))] = None
    last: Annotated[date | None, _day(_("Last day"))] = None
    sent: Annotated[date | None, _day(_("Sent on"))] = None
    older: str = ""


@router.get("")
def letters_page(context: MaySeeLetters, asked: Annotated[LetterQuery, Query()]) -> Response:
    with context.reading() as session:
        listed = list_visible_letters(session, context.principal, asked, cursor=asked.older)
        account_letters = _count_account_letters(session, context, asked)

    def option(member: Labelled) -> tuple[str, str]:
        return member, first_up(context.words(member.label))

    return context.page(
        "letters.html",
        letters=listed.letters,
        wanted=asked,
        account_letters=account_letters,
        older=asked.address("/letters", older=listed.older) if listed.older else None,
        newest=asked.address("/letters", older="") if asked.older else None,
        is_filtered=bool(asked.parameters(older="")),
        kinds=[option(kind) for kind in _SHOWN_KINDS],
        states=[option(state) for state in LetterState],
        **_WORDS,
    )


@router.get("/{letter_id}")
def letter_page(letter_id: UUID, context: MaySeeLetters) -> Response:
    return _letter_page(context, letter_id, "sent_letter.html")


@router.get("/{letter_id}/html")
def letter_html(letter_id: UUID, context: Signed) -> Response:
    return letter_frame(read_bytes(_content(context, letter_id)).html)


@router.get("/{letter_id}/eml")
def letter_bytes(letter_id: UUID, context: Signed) -> Response:
    return _file(_content(context, letter_id), "message/rfc822", f"{letter_id.hex}.eml")


@router.get("/{letter_id}/attachments/{number}")
def letter_attachment(letter_id: UUID, number: int, context: Signed) -> Response:
    part = read_attachment(_content(context, letter_id), number)
    if part is None:
        raise NotFound("there is no such page")
    content = part.get_payload(decode=True)
    content = content if isinstance(content, bytes) else part.as_bytes()  # a message within the message
    return _file(content, part.get_content_type(), part.get_filename() or f"{number}")


@router.get("/{letter_id}/resend")
def resend_page(letter_id: UUID, context: MayResendLetters) -> Response:
    with context.reading() as session:
        letter = open_letter(session, context.principal, letter_id).letter
        refusal = find_refusal(session, context.settings, [letter], context.now)
    return _letter_page(context, letter_id, "resend_letter.html", refusal=refusal)


@router.post("/{letter_id}/resend")
def resend_letter(letter_id: UUID, context: MayResendLetters, form: Posted) -> Response:
    with context.submit(lambda error: _letter_page(context, letter_id, "sent_letter.html", error)) as session:
        open_letter(session, context.principal, letter_id)
        resend(session, context.settings, [letter_id], context.now, context.audit_actor)
    return context.go(f"/letters/{letter_id.hex}", _("It goes out again with the next delivery."))


def _letter_page(
    context: RequestContext, letter_id: UUID, template: str, error: DondocError | None = None, **more: Any
) -> Response:
    with context.reading() as session:
        letter, shows_words = open_letter(session, context.principal, letter_id)
        content = letter_content(session, letter) if shows_words else None
        facts: dict[str, Any] = {
            "letter": letter,
            "recipient": session.get_one(Person, letter.recipient_id),
            "expired": expired_content(session, letter.id) if shows_words and not content else None,
            "attempts": letter_attempts(session, letter.id),
            "notices": list_letter_notices(session, context.principal, letter.id),
        }
        read_messages = MESSAGES.only
        facts |= read_messages(session, letter.id) if read_messages else {"messages": []}
    return context.page(
        template,
        error=error,
        shows_words=shows_words,
        received=read_bytes(content) if content else None,
        headers=_headers(content) if content else [],
        size=len(content) if content else 0,
        **facts,
        may_see_person=context.principal.may(Right.EDIT_REGISTER),
        may_resend=letter.state in DEAD and context.principal.may(Right.RESEND_LETTERS),
        **_WORDS,
        **more,
    )


def _count_account_letters(session: Session, context: RequestContext, wanted: LetterQuery) -> int:
    """Count the account letters sent on the day asked for. The list leaves them out, but the day's total holds them."""
    if wanted.sent is None or wanted.parameters(sent=None, older=""):
        return 0
    if not context.principal.may(Right.RUN_JOBS):
        return 0
    day_ends = min(context.now, end_of_day(wanted.sent) - timedelta(microseconds=1))
    return letters_sent(session, at_local(wanted.sent, time(0, 0)), day_ends).of_accounts


_WORDS: dict[str, Any] = {"marks": MARKS, "outcome_words": SendOutcome.labels(), "ended_because": ended_because}


def _headers(content: bytes) -> list[tuple[str, str]]:
    message = message_from_bytes(content, policy=policy.default)
    return [(name, str(message[name])) for name in _HEADERS if message[name] is not None]


def _content(context: RequestContext, letter_id: UUID) -> bytes:
    with context.reading() as session:
        return read_letter_content(session, context.principal, letter_id)


def _file(content: bytes, media_type: str, name: str) -> Response:
    ascii_name = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "_" for char in name)
    return Response(
        content,
        media_type="application/octet-stream" if media_type == "text/html" else media_type,
        headers={"Content-Disposition": f'attachment; filename="{ascii_name}"'},
    )
