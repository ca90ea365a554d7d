"""The first set-up on the site. It is open while there is no administrator, to a person with the code from `serve`.

A step counts as done when its object exists, however it came about. So the set-up can be interrupted and resumed.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, select

from models.database.run import Installation
from models.directives.directive import Directive
from models.errors import BadFields, BadInput, Refused
from models.i18n import _
from models.letters.letter import TEST_TOPIC, Letter, LetterKind, LetterState
from models.organization.person import Person, PersonRole, Role
from models.organization.unit import Unit, UnitKind
from workflows.access.accounts.passwords import set_password
from workflows.access.audit_log import AuditActor
from workflows.organization.register.editing import add_person, add_unit
from workflows.organization.register.roles import give_role
from workflows.organization.register.spreadsheet.register_columns import COLUMN_WORDS

CODE, BEGUN = "setup_code", "setup_begun"
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without characters that look alike
_GROUPS, _GROUP_LENGTH = 7, 4  # 140 bits: a secret of this length need not be hashed (ASVS 5.0, 6.5.2)


@dataclass(frozen=True)
class Progress:
    organisation: bool
    administrator: bool
    units: bool
    mail: bool
    directive: bool


def is_open(session: Session) -> bool:
    """Tell whether there is no active administrator yet."""
    active = exists().where(col(PersonRole.person_id) == col(Person.id), col(PersonRole.role) == Role.ADMINISTRATOR)
    return session.exec(select(Person.id).where(col(Person.is_active), active).limit(1)).first() is None


def is_untouched(session: Session) -> bool:
    """Tell whether nobody at all could sign in. Then every page leads to the first set-up."""
    return session.exec(select(Person.id).where(col(Person.is_active)).limit(1)).first() is None


def is_under_way(session: Session) -> bool:
    return session.get(Installation, BEGUN) is not None


def ensure_code(session: Session) -> str | None:
    """Return the code of the first set-up, and make it if there is none. Delete it once there is an administrator."""
    row = session.get(Installation, CODE)
    if not is_open(session):
        if row is not None:
            session.delete(row)
        return None
    if row is None:
        groups = ("".join(secrets.choice(_ALPHABET) for _char in range(_GROUP_LENGTH)) for _group in range(_GROUPS))
        row = Installation(name=CODE, value="-".join(groups))
        session.add(row)
        session.flush()
    return row.value


def is_code(session: Session, code: str) -> bool:
    """Compare a typed code, ignoring case and punctuation. No code is right once there is an administrator."""
    row = session.get(Installation, CODE)
    if row is None or not is_open(session):
        return False
    return hmac.compare_digest(_plain(code).encode(), _plain(row.value).encode())


def _plain(code: str) -> str:
    return "".join(char for char in code.upper() if char.isalnum())


def read_progress(session: Session) -> Progress:
    def has_unit(where: ColumnElement[bool]) -> bool:
        return session.exec(select(Unit.id).where(col(Unit.is_active), where).limit(1)).first() is not None

    tested = select(Letter.id).where(
        Letter.kind == LetterKind.ACCOUNT, col(Letter.topic).startswith(TEST_TOPIC), Letter.state == LetterState.SENT
    )
    return Progress(
        organisation=has_unit(col(Unit.kind) == UnitKind.MINISTRY),
        administrator=not is_open(session),
        units=has_unit(col(Unit.head_id).is_not(None)),
        mail=session.exec(tested.limit(1)).first() is not None,
        directive=session.exec(select(Directive.id).limit(1)).first() is not None,
    )


def name_organisation(session: Session, given: Mapping[str, str], audit_actor: AuditActor) -> None:
    """Add the ministry, its office and the unit that follows directives up.

    `given` has their names under `ministry`, `office` and `coordinating`, and their codes with the ending `_code`.
    Raises BadFields, and Refused if there is a ministry already.
    """
    if session.exec(select(Unit.id).where(Unit.kind == UnitKind.MINISTRY).limit(1)).first() is not None:
        raise Refused(_("the organisation is named already: change it among the units"))
    ministry, office = given.get("ministry_code", ""), given.get("office_code", "")
    _add_unit(session, given, "ministry", {"kind": UnitKind.MINISTRY.value}, audit_actor)
    _add_unit(session, given, "office", {"kind": UnitKind.DEPARTMENT.value, "parent": ministry}, audit_actor)
    cells = {"kind": UnitKind.DEPARTMENT.value, "parent": ministry, "supervising_unit": office}
    _add_unit(session, given, "coordinating", cells, audit_actor)


def _add_unit(
    session: Session, given: Mapping[str, str], field: str, cells: Mapping[str, str], audit_actor: AuditActor
) -> None:
    try:
        add_unit(session, {"code": given.get(f"{field}_code", ""), "name": given.get(field, ""), **cells}, audit_actor)
    except BadFields as error:
        labels = {"code": UNIT_CODE_WORDS[field], "name": UNIT_WORDS[field]}
        raise BadFields(
            [(column, labels.get(column, COLUMN_WORDS[column]), fault) for column, fault in error.fields.items()]
        ) from error


UNIT_WORDS = {
    "ministry": _("Name of the ministry"),
    "office": _("Office of the ministry"),
    "coordinating": _("Unit that follows directives up"),
}
UNIT_CODE_WORDS = {
    "ministry": _("Code of the ministry"),
    "office": _("Code of the office"),
    "coordinating": _("Code of that unit"),
}


def make_administrator(
    session: Session, given: Mapping[str, str], password: str, again: str, audit_actor: AuditActor, *, coordinates: bool
) -> Person:
    """Make the first administrator: a person of the register with this address, else a new one. This voids the code.

    `given` has `full_name`, `email`, `title`, `unit`. With `coordinates`, they launch and follow directives too. Raises
    BadInput, and Refused if there is an administrator already.
    """
    if not is_open(session):
        raise Refused(_("there is an administrator already: sign in"))
    if password != again:
        raise BadInput(_("password: the two are not the same"))
    if not given.get("email", "").strip():
        raise BadFields([("email", COLUMN_WORDS["email"], _("is empty; a value is needed"))])
    person = _find_person(session, given["email"]) or _add_person(session, given, audit_actor)
    audit_actor = AuditActor(audit_actor.now, person.id, audit_actor.address)
    set_password(session, person.id, password, now=audit_actor.now, by=person.id, address=audit_actor.address)
    office, coordinating = _find_role_units(session)
    give_role(session, person.code, Role.ADMINISTRATOR, office, audit_actor)
    if coordinates:
        give_role(session, person.code, Role.COORDINATOR, coordinating, audit_actor)
    ensure_code(session)  # deletes the code
    if not is_under_way(session):
        session.add(Installation(name=BEGUN, value=audit_actor.now.isoformat()))
    audit_actor.note(session, "installation_set_up", person.code)
    session.flush()
    return person


def _find_person(session: Session, email: str) -> Person | None:
    """Find the only active person with this address."""
    people = session.exec(select(Person).where(Person.email == email.strip(), Person.is_active).limit(2)).all()
    return people[0] if len(people) == 1 else None


def _add_person(session: Session, given: Mapping[str, str], audit_actor: AuditActor) -> Person:
    cells = {name: given.get(name, "") for name in ("full_name", "email", "title", "unit")}
    code = add_person(session, cells, audit_actor).code
    return session.exec(select(Person).where(Person.code == code)).one()


def _find_role_units(session: Session) -> tuple[str, str]:
    """Return the codes of the office and of the unit that follows directives up, to which the first roles belong."""
    departments = session.exec(
        select(Unit).where(Unit.kind == UnitKind.DEPARTMENT, Unit.is_active).order_by(col(Unit.id))
    ).all()
    if not departments:
        raise Refused(_("name the organisation first: roles are held for a unit"))
    office = next((unit for unit in departments if unit.supervising_unit_id is None), departments[0])
    supervised = [unit for unit in departments if unit.supervising_unit_id == office.id]
    return office.code, (supervised[0] if supervised else office).code


def finish(session: Session) -> None:
    """End the set-up, so that the administration no longer reminds of it. A repeat changes nothing."""
    row = session.get(Installation, BEGUN)
    if row is not None:
        session.delete(row)
        session.flush()
