"""Queue our messages, which leave later. There is at most one for each code and document."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session

from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.errors import Refused
from models.exchange.edxml import IncomingMessage, OutgoingMessage
from models.organization.person import Person
from models.organization.unit import Unit
from models.settings import EdxmlSettings, Settings
from models.text.localtime import local
from workflows.exchange.message_xml import Answering, Party, Staff, write_status

AGREED, DECLINED, DISCARDED = "15", "16", "02"


@dataclass(frozen=True)
class StatusEvent:
    """The content of a status: its code, when (UTC) and by whom it came about, and its words."""

    code: str
    at: datetime
    person_id: UUID | None
    words: str


def own_settings(settings: Settings) -> EdxmlSettings:
    """Raise Refused if this office takes no part in the exchange."""
    if settings.edxml is None:
        raise Refused(
            "the document exchange is not set up here: the administrator sets edxml.organ_id and edxml.organ_name"
        )
    return settings.edxml


def own_party(own: EdxmlSettings) -> Party:
    return Party(own.organ_id, own.organ_name)


def answering(incoming: IncomingMessage) -> Answering:
    """Return the document that our answer names: for a recall or an update, the one that it changes."""
    facts = incoming.facts
    about = facts["about"][0] if facts["about"] else incoming.document_id
    day = date.fromisoformat(facts["issued_on"]) if facts["issued_on"] else None
    return Answering(incoming.sender, facts["number"] or about.rpartition(",")[2], day, about)


def staff(session: Session, person_id: UUID | None) -> Staff:
    person = session.get(Person, person_id) if person_id else None
    if person is None:
        return Staff()
    unit = session.get(Unit, person.unit_id) if person.unit_id else None
    return Staff(person.full_name, unit.name if unit else "", person.email or "", person.phone or "")


def organ_code(own: EdxmlSettings) -> str:
    """Return our code in the form in which senders are stored."""
    return own.organ_id.strip().upper()


def queue_status(session: Session, own: EdxmlSettings, incoming: IncomingMessage, event: StatusEvent) -> bool:
    """Queue a status about a message. Return False if it was queued before, or if the message is our own."""
    if incoming.sender == organ_code(own):
        return False
    content = write_status(
        own_party(own),
        answering(incoming),
        staff(session, event.person_id),
        code=event.code,
        words=event.words,
        at=event.at,
    )
    return queue_message(session, incoming, event, content)


def queue_message(
    session: Session, incoming: IncomingMessage, event: StatusEvent, content: str, about: str = ""
) -> bool:
    """Queue a message. Return False if there is one with this code about this document."""
    digest = sha256(content.encode()).hexdigest()
    row = {
        "id": new_id(),
        "incoming_id": incoming.id,
        "code": event.code,
        "about": about,
        "name": f"{local(event.at):%Y%m%d-%H%M%S}-{digest[:8]}.edxml",
        "words": event.words[:1000],
        "content": content,
        "made_at": event.at,
        "made_by": event.person_id,
        "left_at": None,
        "left_by": "",
    }
    return insert_new(session, table_of(OutgoingMessage), [row]) == 1
