"""Retire a person, leave an office vacant, and trust an address again that a mail server has refused."""

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


def retire_person(session: Session, code: str, now: datetime, audit_actor: AuditActor | None = None) -> Person:
    """Retire a person, who then gets no letter and cannot sign in. A repeat changes nothing.

    Without `audit_actor`, the audit log names the command line or the system. Refused while the person heads an active
    unit, and for the last administrator.
    """
    hold_register(session)
    person = resolve_person(session, code)
    if not person.is_active:
        return person
    refuse_retirement(session, person)
    person.is_active = False
    session.add(person)
    end_ways_in(session, [person.id], now=now)
    (audit_actor or AuditActor(now)).note(session, "person_retired", person.code)
    session.flush()
    return person


def refuse_retirement(session: Session, person: Person) -> None:
    """Raise Refused where `retire_person` would."""
    headed = session.exec(select(Unit.code).where(Unit.head_id == person.id, Unit.is_active).order_by(Unit.code)).all()
    if headed:
        raise Refused("{person} still heads {units}: hand over first", person=person.code, units=", ".join(headed))
    if _is_last_administrator(session, person):
        raise Refused(LAST_ADMINISTRATOR, person=person.code)


def leave_vacant(
    session: Session, unit_code: str, office: str, audit_actor: AuditActor, *, seen: str | None = None
) -> None:
    """Leave an office vacant; `seen` as in `refuse_other_holder`. Refused for the head of open tasks."""
    if office not in ("head", "deputy", "focal_point"):
        raise BadInput("office {office}: expected one of {allowed}", office=office, allowed="head, deputy, focal_point")
    hold_register(session)
    unit = resolve_unit(session, unit_code)
    refuse_other_holder(session, unit, office, seen)
    holder_id = getattr(unit, f"{office}_id")
    if holder_id is None:
        raise Refused(_("{unit} has no {office}: nothing to change"), unit=unit.code, office=OFFICE_WORDS[office])
    if office == "head":
        leads = (col(Task.lead_unit_id) == unit.id, col(Task.status).in_(OPEN_STATUSES))
        if count := session.exec(select(func.count()).select_from(Task).where(*leads)).one():
            raise Refused(VACANT_HEAD, unit=unit.code, count=count)
    setattr(unit, f"{office}_id", None)
    session.add(unit)
    audit_actor.note(session, "office_left_vacant", unit.code, {"office": office, "from": str(holder_id)})
    session.flush()


def trust_address(session: Session, code: str, audit_actor: AuditActor) -> None:
    """Send letters again to an address that a mail server has refused, or that is in doubt. Refused for others."""
    person = resolve_person(session, code)
    refused_at = person.email_refused_at or person.email_doubted_at
    if refused_at is None:
        raise Refused(_("{person}: no mail server has refused this address"), person=person.code)
    person.email_refused_at = person.email_doubted_at = None
    session.add(person)
    audit_actor.note(session, "address_trusted", person.code, {"refused_at": refused_at.isoformat()})
    session.flush()


def _is_last_administrator(session: Session, person: Person) -> bool:
    holds = select(PersonRole.person_id).where(PersonRole.role == Role.ADMINISTRATOR)
    people = session.exec(select(Person.id).where(col(Person.id).in_(holds), Person.is_active)).all()
    return list(people) == [person.id]
