"""Lines for pages about the incoming and outgoing messages of a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models.exchange.edxml import CHANGING, REPORT, IncomingMessage, MessageKind, OutgoingMessage
from models.i18n import _
from models.intake.intake import Intake
from models.organization.person import Person
from workflows.exchange.hand_out import BY_API, BY_FOLDER
from workflows.exchange.intake_messages import asks_for_answer
from workflows.exchange.outgoing import AGREED, DECLINED

STATUS_WORDS = {
    "01": _("arrived"),
    "02": _("acceptance refused"),
    "03": _("accepted and registered"),
    "04": _("given out for handling"),
    "05": _("being handled"),
    "06": _("handling completed"),
    "13": _("asked back by its sender"),
    "15": _("agreed to the change or recall"),
    "16": _("declined the change or recall"),
    REPORT: _("report sent"),
}
_STATES = {"": _("waiting to leave"), BY_FOLDER: _("left"), BY_API: _("taken by a program")}


@dataclass(frozen=True)
class ExchangeLine:
    """A line for one message. `what` and `state` are message ids; `state` is "" for an incoming message.

    `code` is a status code or "". `with_whom` is the other body. `asks`: the sender waits for an answer.
    `intake_id` is the document of an incoming message.
    """

    id: UUID
    at: datetime
    is_in: bool
    what: str
    code: str
    words: str
    with_whom: str
    by: str
    state: str
    asks: bool = False
    is_report: bool = False
    intake_id: UUID | None = None


def message_lines(session: Session, intake_ids: Sequence[UUID]) -> list[ExchangeLine]:
    """Return lines in the order in which messages came and were made."""
    if not intake_ids:
        return []
    incoming = session.exec(select(IncomingMessage).where(col(IncomingMessage.intake_id).in_(intake_ids))).all()
    if not incoming:
        return []
    incoming_by_id = {message.id: message for message in incoming}
    query = select(OutgoingMessage, Person.full_name).outerjoin(Person, col(Person.id) == col(OutgoingMessage.made_by))
    outgoing = session.exec(query.where(col(OutgoingMessage.incoming_id).in_(incoming_by_id))).all()
    answered = {message.incoming_id for message, _name in outgoing if message.code in (AGREED, DECLINED)}
    lines = [_incoming_line(message, answered) for message in incoming]
    lines += [_outgoing_line(message, name or "", incoming_by_id[message.incoming_id]) for message, name in outgoing]
    return sorted(lines, key=lambda line: (line.at, not line.is_in, line.code))


def lines_of_directive(session: Session, directive_id: UUID) -> list[ExchangeLine]:
    """Return lines for a directive's messages, and for later ones that update, replace or recall it."""
    ids = list(session.exec(select(Intake.id).where(Intake.directive_id == directive_id)))
    query = select(IncomingMessage).where(col(IncomingMessage.intake_id).in_(ids))
    messages = session.exec(query).all() if ids else []
    if not messages:
        return []
    document_ids = {message.document_id for message in messages}
    senders = {message.sender for message in messages}
    changing = select(IncomingMessage).where(
        col(IncomingMessage.kind).in_(CHANGING), col(IncomingMessage.sender).in_(senders)
    )
    ids += [change.intake_id for change in session.exec(changing) if document_ids & set(change.facts["about"])]
    return message_lines(session, list(dict.fromkeys(ids)))


def _incoming_line(message: IncomingMessage, answered: set[UUID]) -> ExchangeLine:
    what = message.kind.label
    if message.kind is MessageKind.STATUS:
        what = STATUS_WORDS.get(message.code, what)
    return ExchangeLine(
        id=message.id,
        at=message.came_at,
        is_in=True,
        what=str(what),
        code=message.code,
        words=message.facts["reason"],
        with_whom=message.sender_name or message.sender,
        by=message.facts["staff"],
        state="",
        asks=asks_for_answer(message) and message.id not in answered,
        intake_id=message.intake_id,
    )


def _outgoing_line(message: OutgoingMessage, name: str, answered: IncomingMessage) -> ExchangeLine:
    return ExchangeLine(
        id=message.id,
        at=message.made_at,
        is_in=False,
        what=STATUS_WORDS[message.code],
        code="" if message.code == REPORT else message.code,
        words=message.words,
        with_whom=answered.sender_name or answered.sender,
        by=name,
        state=_STATES[message.left_by],
        is_report=message.code == REPORT,
    )
