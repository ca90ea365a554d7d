"""What a person chooses for themselves: the language of their letters and pages, and no more first steps."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from models.errors import BadInput
from models.i18n import LANGUAGES
from models.organization.person import Person


def set_language(session: Session, person_id: UUID, language: str) -> None:
    """Letters and pages come in this language from now on. BadInput for another than vi and en."""
    if language not in LANGUAGES:
        allowed = ", ".join(LANGUAGES)
        raise BadInput("language {value}: expected one of {allowed}", value=language, allowed=allowed)
    person = session.get_one(Person, person_id)
    person.language = language
    session.add(person)


def leave_tour(session: Session, person_id: UUID, left_at: datetime | None) -> None:
    """Offer the first steps no more from an instant (UTC) on; None: offer them again."""
    person = session.get_one(Person, person_id)
    person.tour_left_at = left_at
    session.add(person)
