"""Give a person a role for a unit, and take it back. Heading a unit is an office, not a role."""

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


def give_role(session: Session, person_code: str, role: str, unit_text: str, audit_actor: AuditActor) -> None:
    """Give a role. BadInput for an unknown role or unit, Refused for a retired person or one who has it already."""
    hold_register(session)
    person, unit = resolve_person(session, person_code), resolve_unit(session, unit_text)
    held, wanted = _read_roles(session, person), (_read_role(role), unit.code)
    if not person.is_active:
        raise Refused(_("{person} is retired and can be given no role"), person=person.code)
    if wanted in held:
        raise Refused(_("{person} has this role for {unit} already"), person=person.code, unit=unit.code)
    _write_roles(session, person, held | {wanted}, audit_actor)


def take_role(session: Session, person_code: str, role: str, unit_code: str, audit_actor: AuditActor) -> None:
    """Take a role back. Refused where the person does not have it, and for the last administrator."""
    hold_register(session)
    person = resolve_person(session, person_code)
    held, taken = _read_roles(session, person), (_read_role(role), unit_code)
    if taken not in held:
        raise Refused(_("{person} does not have this role for {unit}"), person=person.code, unit=unit_code)
    _write_roles(session, person, held - {taken}, audit_actor)


def _read_role(text: str) -> Role:
    if text not in set(Role):
        raise BadInput(_("role {role}: expected one of {allowed}"), role=text, allowed=", ".join(Role))
    return Role(text)


def _read_roles(session: Session, person: Person) -> set[tuple[Role, str]]:
    query = (
        select(PersonRole.role, Unit.code)
        .join(Unit, col(Unit.id) == col(PersonRole.unit_id))
        .where(PersonRole.person_id == person.id)
    )
    return {(Role(role), code) for role, code in session.exec(query)}


def _write_roles(session: Session, person: Person, roles: set[tuple[Role, str]], audit_actor: AuditActor) -> None:
    cell = "|".join(sorted(f"{role.value}@{unit}" for role, unit in roles))
    change_person(session, person.code, {"roles": cell}, audit_actor)


_ON_THE_PAGE = _(
    "E-mail address of {person}: no program changes that of its own person or of an administrator, as sign-in codes go "
    "there: change it on the page, with your password"
)


def opens_accounts(people: Iterable[MergedEntry]) -> bool:
    """Return whether an import changes the address of a known person, where sign-in codes go, or anybody's roles."""
    return any(
        (entry.before is not None and entry.changed("email"))
        or entry.after["roles"] != (entry.before["roles"] if entry.before is not None else ())
        for entry in people
    )


def refuse_from_programs(people: Iterable[MergedEntry], own: UUID) -> None:
    """Raise Refused where a program would change the address of an administrator or of its own person.

    The holder of a token cannot prove again who they are. `own` is the person of the token.
    """
    for entry in people:
        if entry.before is None or not entry.changed("email"):
            continue
        if entry.id == own or any(role == Role.ADMINISTRATOR for role, _unit in entry.before["roles"]):
            raise Refused(_ON_THE_PAGE, person=entry.code)
