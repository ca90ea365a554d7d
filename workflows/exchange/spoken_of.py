"""The messages of a document, and the documents that an update, a replacement or a recall speaks of."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from models.exchange.edxml import CHANGING, WITHOUT_DOCUMENT, IncomingMessage, MessageKind
from models.intake.intake import Intake, IntakeState
from workflows.intake.review.amends import Cited

ASKED_BACK = "13"
"""The status by which a sender asks for a document back."""


def messages_of(session: Session, intake_id: UUID) -> list[IncomingMessage]:
    query = select(IncomingMessage).where(IncomingMessage.intake_id == intake_id)
    return list(session.exec(query.order_by(col(IncomingMessage.came_at), col(IncomingMessage.id))))


def asks_for_answer(message: IncomingMessage) -> bool:
    """Return whether the sender waits to hear if the office agrees: to a recall, an update, a replacement."""
    return message.kind in CHANGING or message.code == ASKED_BACK


def cited_by(session: Session, messages: Sequence[IncomingMessage]) -> list[Cited]:
    found = []
    for message in messages:
        if message.kind not in CHANGING:
            continue
        for document_id in message.facts["about"]:
            number = _number_of(session, document_id)
            if number:
                is_recall = message.kind is MessageKind.RECALL
                found.append(Cited(number, message.kind is not MessageKind.UPDATE, is_recall))
    return list(dict.fromkeys(found))


def still_under_review(session: Session, intake: Intake, messages: Sequence[IncomingMessage]) -> list[Intake]:
    """Return other documents that messages say they change, and of which nobody has made a directive yet."""
    ids = [one for message in messages if message.kind in CHANGING for one in message.facts["about"]]
    if not ids:
        return []
    query = (
        select(Intake)
        .join(IncomingMessage, col(IncomingMessage.intake_id) == col(Intake.id))
        .where(
            col(IncomingMessage.document_id).in_(ids),
            col(IncomingMessage.kind).not_in(WITHOUT_DOCUMENT),
            col(Intake.state) == IntakeState.OPEN,
            col(Intake.id) != intake.id,
        )
        .order_by(col(Intake.id))
    )
    return list({one.id: one for one in session.exec(query)}.values())


def _number_of(session: Session, document_id: str) -> str:
    """Return the number of a document: of the one that came in under this id, else as the id itself says it."""
    known = session.exec(
        select(Intake.number)
        .join(IncomingMessage, col(IncomingMessage.intake_id) == col(Intake.id))
        .where(IncomingMessage.document_id == document_id, col(IncomingMessage.kind).not_in(WITHOUT_DOCUMENT))
        .order_by(col(IncomingMessage.came_at))
    ).first()
    return known or document_id.rpartition(",")[2].strip()


def brought_by_messages(session: Session, intake_ids: Sequence[UUID]) -> dict[UUID, IncomingMessage]:
    """Of several messages about a document, the earliest brought it."""
    query = select(IncomingMessage).where(
        col(IncomingMessage.intake_id).in_(intake_ids), col(IncomingMessage.kind) != MessageKind.STATUS
    )
    newest_first = session.exec(query.order_by(col(IncomingMessage.came_at).desc(), col(IncomingMessage.id).desc()))
    return {one.intake_id: one for one in newest_first}
