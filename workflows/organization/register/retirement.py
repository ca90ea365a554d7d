"""A person acts no more and gets no letter; an office has no holder; a refused address is trusted again."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from models.errors import BadInput, Refused
from models.i18n import _, _n
from models.organization.person import Person, PersonRole, Role
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Unit
from models.tasks.task import OPEN_STATUSES, Task
from models.words import OFFICE_WORDS
from workflows.access.accounts.ways_in import end_ways_in
from workflows.access.audit_log import AuditActor
from workflows.organization.register.handover import refuse_other_holder
from workflows.organization.register.spreadsheet.checks import LAST_ADMINISTRATOR
from workflows.organization.register.turns import hold_register

VACANT_HEAD = _n(
    "{unit} leads {count} open task: a head is needed; hand the office over instead",
    "{unit} leads {count} open tasks: a head is needed; hand the office over instead",
)


def retire_person(session: Session, code: str, now: datetime, hand: AuditActor | None = None) -> Person:
    """They act no more, get no letter, and what let them in has ended; a repeat changes nothing.

    Without a `hand` it is the command line's, or the system's. Refused while they head an active unit, and for the
    last administrator.
    """
    hold_register(session)
    person = resolve_person(session, code)
    if not person.is_active:
        return person
    refuse_retirement(session, person)
    person.is_active = False
    session.add(person)
    end_ways_in(session, [person.id], now=now)
    (hand or AuditActor(now)).note(session, "person_retired", person.code)
    session.flush()
    return person


def refuse_retirement(session: Session, person: Person) -> None:
    """Raise Refused where `retire_person` would."""
    headed = session.exec(select(Unit.code).where(Unit.head_id == person.id, Unit.is_active).order_by(Unit.code)).all()
    if headed:
        raise Refused("{person} still heads {units}: hand over first", person=person.code, units=", ".join(headed))
    if _is_last_administrator(session, person):
        raise Refused(LAST_ADMINISTRATOR, person=person.code)


def leave_vacant(session: Session, unit_code: str, office: str, hand: AuditActor, *, seen: str | None = None) -> None:
    """Leave an office vacant; `seen` as in `refuse_other_holder`. Refused for the head of open tasks."""
    if office not in ("head", "deputy", "focal_point"):
        raise BadInput("office {office}: expected one of {allowed}", office=office, allowed="head, deputy, focal_point")
    hold_register(session)
    unit = resolve_unit(session, unit_code)
    refuse_other_holder(session, unit, office, seen)
    held = getattr(unit, f"{office}_id")
    if held is None:
        raise Refused(_("{unit} has no {office}: nothing to change"), unit=unit.code, office=OFFICE_WORDS[office])
    if office == "head":
        mine = (col(Task.lead_unit_id) == unit.id, col(Task.status).in_(OPEN_STATUSES))
        if count := session.exec(select(func.count()).select_from(Task).where(*mine)).one():
            raise Refused(VACANT_HEAD, unit=unit.code, count=count)
    setattr(unit, f"{office}_id", None)
    session.add(unit)
    hand.note(session, "office_left_vacant", unit.code, {"office": office, "from": str(held)})
    session.flush()


def trust_address(session: Session, code: str, hand: AuditActor) -> None:
    """Letters go to an address again that a mail server had refused for good, or that is in doubt. Else Refused."""
    person = resolve_person(session, code)
    refused_at = person.email_refused_at or person.email_doubted_at
    if refused_at is None:
        raise Refused(_("{person}: no mail server has refused this address"), person=person.code)
    person.email_refused_at = person.email_doubted_at = None
    session.add(person)
    hand.note(session, "address_trusted", person.code, {"refused_at": refused_at.isoformat()})
    session.flush()


def _is_last_administrator(session: Session, person: Person) -> bool:
    holds = select(PersonRole.person_id).where(PersonRole.role == Role.ADMINISTRATOR)
    people = session.exec(select(Person.id).where(col(Person.id).in_(holds), Person.is_active)).all()
    return list(people) == [person.id]
