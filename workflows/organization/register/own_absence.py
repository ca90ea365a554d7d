"""One's own absence: recorded beforehand with a colleague to stand in, and ended by whoever is back early."""

from datetime import date
from uuid import UUID

from sqlmodel import Session

from models.errors import BadInput, NotFound
from models.organization.person import Absence, Person
from models.organization.register_reads import resolve_person
from models.text.localtime import write_date
from workflows.access.audit_log import AuditActor
from workflows.organization.register.absence import add_absence, end_absence


def be_away(
    session: Session,
    person: Person,
    *,
    stand_in: str,
    starts_on: date,
    ends_on: date,
    reason: str,
    hand: AuditActor,
    today: date,
) -> Absence:
    """Record an absence of the person themself, from today at the earliest (local days, both included).

    The stand-in (a code) is somebody of the same unit, for they act in the person's place. Raises BadInput or Refused.
    """
    if starts_on < today:
        raise BadInput(
            "first day {day}: the day is past; today is {today}", day=write_date(starts_on), today=write_date(today)
        )
    other = resolve_person(session, stand_in)
    if person.unit_id is None or other.unit_id != person.unit_id:
        raise BadInput("stand-in {person}: name somebody of your own unit", person=other.full_name)
    absence = add_absence(
        session, person_code=person.code, stand_in_code=other.code, starts_on=starts_on, ends_on=ends_on, reason=reason
    )
    facts = {"stand_in": other.code, "from": str(starts_on), "to": str(ends_on)}
    hand.note(session, "absence_recorded", person.code, facts)
    return absence


def be_back(session: Session, person: Person, absence_id: UUID, *, hand: AuditActor) -> None:
    """End an absence of the person's own. NotFound for another's, Refused for one that is over."""
    absence = session.get(Absence, absence_id)
    if absence is None or absence.person_id != person.id:
        raise NotFound("there is no such absence")
    end_absence(session, absence_id, now=hand.now)
    hand.note(session, "absence_ended", person.code, {"from": str(absence.starts_on)})
