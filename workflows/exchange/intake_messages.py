"""Read the messages of a document, and the documents to which an update, a replacement or a recall refers."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from models.exchange.edxml import CHANGING, WITHOUT_DOCUMENT, IncomingMessage, MessageKind
from models.intake.intake import Intake, IntakeState
from workflows.intake.review.amends import CitedDocument

ASKED_BACK = "13"
"""The status with which a sender asks for a document back."""


def messages_of(session: Session, intake_id: UUID) -> list[IncomingMessage]:
    query = select(IncomingMessage).where(IncomingMessage.intake_id == intake_id)
    return list(session.exec(query.order_by(col(IncomingMessage.came_at), col(IncomingMessage.id))))


def asks_for_answer(message: IncomingMessage) -> bool:
    """Tell whether the sender waits for the office to agree to a recall, an update or a replacement."""
    return message.kind in CHANGING or message.code == ASKED_BACK


def find_cited_documents(session: Session, messages: Sequence[IncomingMessage]) -> list[CitedDocument]:
    cited = []
    for message in messages:
        if message.kind not in CHANGING:
            continue
        for document_id in message.facts["about"]:
            number = _find_number(session, document_id)
            if number:
                is_recall = message.kind is MessageKind.RECALL
                cited.append(CitedDocument(number, message.kind is not MessageKind.UPDATE, is_recall))
    return list(dict.fromkeys(cited))


def find_open_intakes(session: Session, intake: Intake, messages: Sequence[IncomingMessage]) -> list[Intake]:
    """Return other documents that the messages change, if nobody has made directives of them yet."""
    ids = [about_id for message in messages if message.kind in CHANGING for about_id in message.facts["about"]]
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
    return list({found_intake.id: found_intake for found_intake in session.exec(query)}.values())


def _find_number(session: Session, document_id: str) -> str:
    """Return the number of the document that came with this id, else the number within the id."""
    number = session.exec(
        select(Intake.number)
        .join(IncomingMessage, col(IncomingMessage.intake_id) == col(Intake.id))
        .where(IncomingMessage.document_id == document_id, col(IncomingMessage.kind).not_in(WITHOUT_DOCUMENT))
        .order_by(col(IncomingMessage.came_at))
    ).first()
    return number or document_id.rpartition(",")[2].strip()


def brought_by_messages(session: Session, intake_ids: Sequence[UUID]) -> dict[UUID, IncomingMessage]:
    """Return by document the message with which it came: the earliest one."""
    query = select(IncomingMessage).where(
        col(IncomingMessage.intake_id).in_(intake_ids), col(IncomingMessage.kind) != MessageKind.STATUS
    )
    newest_first = session.exec(query.order_by(col(IncomingMessage.came_at).desc(), col(IncomingMessage.id).desc()))
    return {message.intake_id: message for message in newest_first}
