"""Roles beside heading a unit: given to a person for a unit, and taken back."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session, col, select

from models.errors import BadInput, Refused
from models.i18n import _
from models.organization.person import Person, PersonRole, Role
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Unit
from workflows.access.audit_log import AuditActor
from workflows.organization.register.editing import change_person
from workflows.organization.register.spreadsheet.merged import MergedEntry
from workflows.organization.register.turns import hold_register


def give_role(session: Session, person_code: str, role: str, unit_text: str, hand: AuditActor) -> None:
    """Raise BadInput for a role or unit that is none, Refused for somebody retired or who has it already."""
    hold_register(session)
    person, wanted = resolve_person(session, person_code), _read_role(role)
    unit = resolve_unit(session, unit_text)
    if not person.is_active:
        raise Refused(_("{person} is retired and can be given no role"), person=person.code)
    held = _held(session, person)
    if (wanted, unit.code) in held:
        raise Refused(_("{person} has this role for {unit} already"), person=person.code, unit=unit.code)
    _set(session, person, held | {(wanted, unit.code)}, hand)


def take_role(session: Session, person_code: str, role: str, unit_code: str, hand: AuditActor) -> None:
    """Refused where they have it not, and for the last administrator."""
    hold_register(session)
    person, wanted = resolve_person(session, person_code), _read_role(role)
    held = _held(session, person)
    if (wanted, unit_code) not in held:
        raise Refused(_("{person} does not have this role for {unit}"), person=person.code, unit=unit_code)
    _set(session, person, held - {(wanted, unit_code)}, hand)


def _read_role(text: str) -> Role:
    if text not in set(Role):
        raise BadInput(_("role {role}: expected one of {allowed}"), role=text, allowed=", ".join(Role))
    return Role(text)


def _held(session: Session, person: Person) -> set[tuple[Role, str]]:
    query = (
        select(PersonRole.role, Unit.code)
        .join(Unit, col(Unit.id) == col(PersonRole.unit_id))
        .where(PersonRole.person_id == person.id)
    )
    return {(Role(role), code) for role, code in session.exec(query)}


def _set(session: Session, person: Person, roles: set[tuple[Role, str]], hand: AuditActor) -> None:
    written = "|".join(sorted(f"{role.value}@{unit}" for role, unit in roles))
    change_person(session, person.code, {"roles": written}, hand)


_ON_THE_PAGE = _(
    "E-mail address of {person}: no program changes that of its own person or of an administrator, as sign-in codes go "
    "there: change it on the page, with your password"
)


def opens_accounts(people: Iterable[MergedEntry]) -> bool:
    """Somebody known would get their sign-in codes elsewhere, or anybody other roles."""
    return any(
        (one.before is not None and one.changed("email"))
        or one.after["roles"] != (one.before["roles"] if one.before is not None else ())
        for one in people
    )


def refuse_from_programs(people: Iterable[MergedEntry], own: UUID) -> None:
    """Refuse a program that would change the address of an administrator or of its own person.

    The holder of a token cannot prove once more who they are. `own`: the person of the token. Raises Refused.
    """
    for entry in people:
        if entry.before is None or not entry.changed("email"):
            continue
        if entry.id == own or any(role == Role.ADMINISTRATOR for role, _unit in entry.before["roles"]):
            raise Refused(_ON_THE_PAGE, person=entry.code)
