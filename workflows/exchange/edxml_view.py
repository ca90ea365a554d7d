"""The messages of a document, in and out, as pages show them."""

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
from workflows.exchange.outgoing import AGREED, DECLINED
from workflows.exchange.spoken_of import asks_for_answer

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
    """One message: `what` and `state` are message ids, `code` a status code or "". `with_whom`: the other body.

    `state` is "" for what came in. `asks`: the sender waits for an answer, which nobody has given.
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
    """The document that a message in belongs to."""


def message_lines(session: Session, intake_ids: Sequence[UUID]) -> list[ExchangeLine]:
    """Messages stand in the order in which they came and were made."""
    if not intake_ids:
        return []
    found = session.exec(select(IncomingMessage).where(col(IncomingMessage.intake_id).in_(intake_ids))).all()
    if not found:
        return []
    by_id = {one.id: one for one in found}
    query = select(OutgoingMessage, Person.full_name).outerjoin(Person, col(Person.id) == col(OutgoingMessage.made_by))
    out = session.exec(query.where(col(OutgoingMessage.incoming_id).in_(by_id))).all()
    answered = {one.incoming_id for one, _name in out if one.code in (AGREED, DECLINED)}
    lines = [_incoming(one, answered) for one in found]
    lines += [_outgoing(one, name or "", by_id[one.incoming_id]) for one, name in out]
    return sorted(lines, key=lambda one: (one.at, not one.is_in, one.code))


def lines_of_directive(session: Session, directive_id: UUID) -> list[ExchangeLine]:
    """Those of its senders that update, replace or recall it are among them."""
    ids = list(session.exec(select(Intake.id).where(Intake.directive_id == directive_id)))
    query = select(IncomingMessage).where(col(IncomingMessage.intake_id).in_(ids))
    own = session.exec(query).all() if ids else []
    if not own:
        return []
    known = {one.document_id for one in own}
    changing = select(IncomingMessage).where(
        col(IncomingMessage.kind).in_(CHANGING), col(IncomingMessage.sender).in_({one.sender for one in own})
    )
    ids += [one.intake_id for one in session.exec(changing) if known & set(one.facts["about"])]
    return message_lines(session, list(dict.fromkeys(ids)))


def _incoming(one: IncomingMessage, answered: set[UUID]) -> ExchangeLine:
    is_status = one.kind is MessageKind.STATUS
    return ExchangeLine(
        id=one.id,
        at=one.came_at,
        is_in=True,
        what=str(STATUS_WORDS.get(one.code, one.kind.label)) if is_status else str(one.kind.label),
        code=one.code,
        words=one.facts["reason"],
        with_whom=one.sender_name or one.sender,
        by=one.facts["staff"],
        state="",
        asks=asks_for_answer(one) and one.id not in answered,
        intake_id=one.intake_id,
    )


def _outgoing(one: OutgoingMessage, name: str, about: IncomingMessage) -> ExchangeLine:
    return ExchangeLine(
        id=one.id,
        at=one.made_at,
        is_in=False,
        what=STATUS_WORDS[one.code],
        code="" if one.code == REPORT else one.code,
        words=one.words,
        with_whom=about.sender_name or about.sender,
        by=name,
        state=_STATES[one.left_by],
        is_report=one.code == REPORT,
    )
