"""Record and end absences, each with a stand-in."""

from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from models.errors import BadInput, NotFound, Refused
from models.i18n import _
from models.organization.person import Absence, Person
from models.organization.register_reads import resolve_person
from models.text.localtime import local_date, write_date
from workflows.access.audit_log import AuditActor
from workflows.organization.register.passing_on import hand_back
from workflows.organization.register.turns import hold_register


def add_absence(
    session: Session,
    *,
    person_code: str,
    stand_in_code: str,
    starts_on: date,
    ends_on: date,
    reason: str = "",
    audit_actor: AuditActor,
) -> Absence:
    """Record an absence; both local days are included. A second one with the same first day replaces it.

    Raises BadInput for days out of order or the person themself, Refused when either is absent already.
    """
    hold_register(session)
    person, stand_in = (resolve_person(session, person_code), resolve_person(session, stand_in_code))
    if ends_on < starts_on:
        raise BadInput(
            "last day {ends}: lies before the first day, {starts}",
            ends=write_date(ends_on),
            starts=write_date(starts_on),
        )
    if person.id == stand_in.id:
        raise BadInput("{person} cannot stand in for themselves", person=person.code)
    if not stand_in.is_active:
        raise Refused("{person} is not active and cannot stand in", person=stand_in.code)
    absence = session.exec(
        select(Absence).where(Absence.person_id == person.id, Absence.starts_on == starts_on)
    ).first() or Absence(person_id=person.id, stand_in_id=stand_in.id, starts_on=starts_on, ends_on=ends_on)
    _check_free(session, absence, person, stand_in, ends_on)
    absence.stand_in_id, absence.ends_on, absence.reason = stand_in.id, ends_on, reason
    session.add(absence)
    session.flush()
    facts = {"stand_in": stand_in.code, "from": str(starts_on), "to": str(ends_on)}
    audit_actor.note(session, "absence_recorded", person.code, facts)
    return absence


def end_absence(session: Session, absence_id: UUID, *, audit_actor: AuditActor) -> Absence:
    """End an absence from today's local day on. Past days stay recorded.

    The person gets the notices that wait for the stand-in. Raises NotFound, or Refused for an absence that is over.
    """
    absence, today = session.get(Absence, absence_id), local_date(audit_actor.now)
    if absence is None:
        raise NotFound(_("there is no such absence"))
    if absence.ends_on < today:
        raise Refused(_("this absence is over since {day}: it stays recorded"), day=write_date(absence.ends_on))
    if absence.starts_on >= today:
        session.delete(absence)
    else:
        absence.ends_on = today - timedelta(days=1)
        session.add(absence)
    session.flush()
    hand_back(session, absence.person_id, absence.stand_in_id, audit_actor.now)
    about = session.get_one(Person, absence.person_id).code
    audit_actor.note(session, "absence_ended", about, {"from": str(absence.starts_on)})
    return absence


def _check_free(session: Session, absence: Absence, person: Person, stand_in: Person, ends_on: date) -> None:
    """Raise Refused where one of both is absent on a day, or the person is a stand-in: authority is not lent twice."""
    others = session.exec(
        select(Absence).where(
            Absence.id != absence.id, Absence.starts_on <= ends_on, Absence.ends_on >= absence.starts_on
        )
    ).all()
    for other in others:
        days = {"starts": write_date(other.starts_on), "ends": write_date(other.ends_on)}
        if other.person_id == person.id:
            raise Refused("{person} is absent already from {starts} to {ends}", person=person.full_name, **days)
        if other.person_id == stand_in.id:
            raise Refused(
                "{person} is absent too from {starts} to {ends}; name another", person=stand_in.full_name, **days
            )
        if other.stand_in_id == person.id:
            absent = session.exec(select(Person.full_name).where(col(Person.id) == other.person_id)).one()
            raise Refused(
                "{person} stands in for {absent} from {starts} to {ends}: name another stand-in there first",
                person=person.full_name,
                absent=absent,
                **days,
            )


def be_away(
    session: Session,
    person: Person,
    *,
    stand_in: str,
    starts_on: date,
    ends_on: date,
    reason: str,
    audit_actor: AuditActor,
    today: date,
) -> Absence:
    """Record an absence of the person themself, from today at the earliest (local days, both included).

    The stand-in (a code) must belong to the same unit, as they act in the person's place. Raises BadInput or Refused.
    """
    if starts_on < today:
        raise BadInput(
            "first day {day}: the day is past; today is {today}", day=write_date(starts_on), today=write_date(today)
        )
    other = resolve_person(session, stand_in)
    if person.unit_id is None or other.unit_id != person.unit_id:
        raise BadInput("stand-in {person}: name somebody of your own unit", person=other.full_name)
    return add_absence(
        session,
        person_code=person.code,
        stand_in_code=other.code,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason,
        audit_actor=audit_actor,
    )


def be_back(session: Session, person: Person, absence_id: UUID, *, audit_actor: AuditActor) -> None:
    """End an absence of the person's own. NotFound for another's, Refused for one that is over."""
    absence = session.get(Absence, absence_id)
    if absence is None or absence.person_id != person.id:
        raise NotFound("there is no such absence")
    end_absence(session, absence_id, audit_actor=audit_actor)
