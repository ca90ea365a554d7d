"""Named reads of absences: somebody's own, and those in which they stand in for others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.organization.person import Absence, Person

_MOST = 200


@dataclass(frozen=True)
class Away:
    """An absence: of whom, who stands in, the local days, and whether it can still be ended."""

    id: UUID
    person: Person
    stand_in: Person
    starts_on: date
    ends_on: date
    reason: str
    is_over: bool


def absences_of(session: Session, person_id: UUID, today: date) -> Sequence[Away]:
    """Theirs, and those in which they stand in for others: what lies ahead and the last year's, newest first."""
    person, stand_in = aliased(Person), aliased(Person)
    query = (
        select(Absence, person, stand_in)
        .join(person, col(person.id) == col(Absence.person_id))
        .join(stand_in, col(stand_in.id) == col(Absence.stand_in_id))
        .where(
            or_(col(Absence.person_id) == person_id, col(Absence.stand_in_id) == person_id),
            col(Absence.ends_on) >= today - timedelta(days=366),
        )
        .order_by(col(Absence.starts_on).desc())
        .limit(_MOST)
    )
    return [
        Away(absence.id, who, other, absence.starts_on, absence.ends_on, absence.reason, absence.ends_on < today)
        for absence, who, other in session.execute(query)
    ]
