"""Answer messages on a person's behalf: discard a document, agree to a recall or not, send a report or ask it back."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from sqlmodel import Session, col, select

from models.directives.directive import Directive
from models.errors import BadInput, NotFound, Refused
from models.exchange.edxml import REPORT, WITHOUT_DOCUMENT, IncomingMessage, MessageKind, OutgoingMessage
from models.i18n import _
from models.intake.intake import Intake
from models.tasks.evidence_files import clean_name
from workflows.access.actor_context import ActorContext
from workflows.exchange.intake_messages import ASKED_BACK, asks_for_answer, messages_of
from workflows.exchange.message_xml import TYPE_DETAILS, Answering, Party, SignedPaper, write_paper, write_status
from workflows.exchange.outgoing import (
    AGREED,
    DECLINED,
    DISCARDED,
    StatusEvent,
    answering,
    own_party,
    own_settings,
    queue_message,
    queue_status,
    staff,
)
from workflows.intake.review.confirm_reading import drop_intake

LONGEST_REASON = 1000
MOST_PAPER = 14 << 20
"""Bytes of a report's file. In base64, with the message around it, that is 20 MB."""
_FILE_BEGINNINGS = {".pdf": b"%PDF-", ".docx": b"PK\x03\x04"}


@dataclass(frozen=True)
class GivenReport:
    """A signed report that a person sends. Its number is complete, as on the paper."""

    number: str
    issued_on: date | None
    kind: str
    subject: str
    signer: str
    position: str
    filename: str
    content: bytes


def discard(context: ActorContext, intake: Intake, *, reason: str) -> int:
    """Discard a document, and tell its senders why (status 02). Return how many.

    Raises BadInput if a sender must be told and there is no reason.
    """
    session, settings = context.session, context.settings
    messages = [message for message in messages_of(session, intake.id) if message.kind not in WITHOUT_DOCUMENT]
    count = 0
    if messages and settings.edxml is not None:
        event = StatusEvent(DISCARDED, context.now, context.actor.id, _check_reason(reason))
        count = sum(queue_status(session, settings.edxml, message, event) for message in messages)
    drop_intake(session, intake, now=context.now)
    return count


def answer_change(
    context: ActorContext, intake: Intake, message_id: UUID, *, agrees: bool, reason: str
) -> OutgoingMessage:
    """Answer a recall, an update or a replacement once (status 15 or 16). Nothing else changes.

    A refusal needs a reason. Raises NotFound for a message that asks for no answer, and Refused for an answered one.
    """
    session, own = context.session, own_settings(context.settings)
    message = next((message for message in messages_of(session, intake.id) if message.id == message_id), None)
    if message is None or not asks_for_answer(message):
        raise NotFound("there is no such message")
    if agrees:
        words = " ".join(reason.split())[:LONGEST_REASON] or f"{own.organ_name}: đồng ý"
    else:
        words = _check_reason(reason)
    event = StatusEvent(AGREED if agrees else DECLINED, context.now, context.actor.id, words)
    if not queue_status(session, own, message, event):
        raise Refused("this message has been answered already")
    return session.exec(
        select(OutgoingMessage).where(OutgoingMessage.incoming_id == message.id, OutgoingMessage.code == event.code)
    ).one()


def send_report(context: ActorContext, directive: Directive, given: GivenReport) -> OutgoingMessage:
    """Queue a report with its file, which answers the directive's message (ResponseFor).

    Raises BadInput, which names a field; Refused if the directive did not come by the exchange, or the number was sent.
    """
    session, own = context.session, own_settings(context.settings)
    message = brought_by(session, directive.id)
    if message is None:
        raise Refused("this directive did not come by the document exchange, so there is nobody to send the report to")
    _check(given, context.today)
    assert given.issued_on is not None
    number, subject = given.number.strip(), " ".join(given.subject.split())
    document_id = f"{own.organ_id},{given.issued_on:%Y/%m/%d},{number}"
    paper = SignedPaper(
        document_id,
        number,
        given.issued_on,
        given.kind,
        subject,
        given.signer.strip(),
        given.position.strip(),
        clean_name(given.filename),
        given.content,
    )
    to = Party(message.sender, message.sender_name)
    author = staff(session, context.actor.id)
    content = write_paper(own_party(own), to, answering(message), author, paper, at=context.now)
    event = StatusEvent(REPORT, context.now, context.actor.id, f"{number}: {subject}")
    if not queue_message(session, message, event, content, about=document_id):
        raise Refused("number {number}: this report has been sent already", number=number)
    return session.exec(select(OutgoingMessage).where(OutgoingMessage.about == document_id)).one()


def ask_back(context: ActorContext, directive: Directive, message_id: UUID, *, reason: str) -> bool:
    """Ask once for a report back that was sent (status 13). Raises NotFound for another message, BadInput."""
    session, own = context.session, own_settings(context.settings)
    report = session.get(OutgoingMessage, message_id)
    message = session.get(IncomingMessage, report.incoming_id) if report else None
    is_ours = message is not None and session.get_one(Intake, message.intake_id).directive_id == directive.id
    if report is None or message is None or report.code != REPORT or not is_ours:
        raise NotFound("there is no such message")
    _organ, day, number = (*report.about.rsplit(",", 2), "", "")[:3]
    issued_on = date.fromisoformat(day.replace("/", "-"))
    content = write_status(
        own_party(own),
        Answering(own.organ_id, number, issued_on, report.about),
        staff(session, context.actor.id),
        code=ASKED_BACK,
        words=_check_reason(reason),
        at=context.now,
    )
    event = StatusEvent(ASKED_BACK, context.now, context.actor.id, _check_reason(reason))
    if not queue_message(session, message, event, content, report.about):
        raise Refused("this report has been asked back already")
    return True


def brought_by(session: Session, directive_id: UUID) -> IncomingMessage | None:
    """Return the message with which a directive came; None if it came another way."""
    query = (
        select(IncomingMessage)
        .join(Intake, col(Intake.id) == col(IncomingMessage.intake_id))
        .where(Intake.directive_id == directive_id, col(IncomingMessage.kind) != MessageKind.STATUS)
    )
    return session.exec(query.order_by(col(IncomingMessage.came_at), col(IncomingMessage.id))).first()


def _check_reason(reason: str) -> str:
    words = " ".join(reason.split())
    if not words:
        raise BadInput("reason: say why; the sender reads it")
    if len(words) > LONGEST_REASON:
        raise BadInput(
            "{field}: {count} characters; at most {most}", field=_("reason"), count=len(words), most=LONGEST_REASON
        )
    return words


def _check(given: GivenReport, today: date) -> None:
    number = given.number.strip()
    if "/" not in number or "," in number or len(number) > 64:
        raise BadInput("number {number}: expected number and notation, such as 120/BC-SMA", number=number or "–")
    if given.issued_on is None:
        raise BadInput("{field}: it is missing", field=_("date of the document"))
    if given.issued_on > today:
        raise BadInput("date of the document {day}: it lies in the future", day=f"{given.issued_on:%d/%m/%Y}")
    if given.kind not in TYPE_DETAILS:
        raise BadInput(
            "{field} {value}: expected one of {allowed}", field=_("kind"), value=given.kind, allowed=list(TYPE_DETAILS)
        )
    for field, value in ((_("subject"), given.subject), (_("signer"), given.signer)):
        if not value.strip():
            raise BadInput("{field}: it is missing", field=field)
    _check_file(given)


def _check_file(given: GivenReport) -> None:
    name = clean_name(given.filename)
    beginning = _FILE_BEGINNINGS.get(Path(name).suffix.lower())
    if beginning is None or not given.content.startswith(beginning):
        raise BadInput("file {file}: send the signed report as .pdf or .docx", file=name)
    if len(given.content) > MOST_PAPER:
        raise BadInput(
            "file {file}: {size} bytes; allowed are 1 to {most} bytes",
            file=name,
            size=len(given.content),
            most=MOST_PAPER,
        )
