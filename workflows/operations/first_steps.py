"""The first set-up on the site: while there is no administrator, and only for whoever has the code that `serve` prints.

Each step is done when what it is about is there, however it came there, so that it can be left and taken up again.
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
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that is read as something else
_GROUPS, _GROUP = 7, 4  # 140 bits: what is so long need not be hashed (ASVS 5.0, 6.5.2)


@dataclass(frozen=True)
class Progress:
    organisation: bool
    administrator: bool
    units: bool
    mail: bool
    directive: bool


def is_open(session: Session) -> bool:
    """Nobody administers the installation yet."""
    active = exists().where(col(PersonRole.person_id) == col(Person.id), col(PersonRole.role) == Role.ADMINISTRATOR)
    return session.exec(select(Person.id).where(col(Person.is_active), active).limit(1)).first() is None


def is_untouched(session: Session) -> bool:
    """Nobody at all could sign in: every page leads to the first set-up then."""
    return session.exec(select(Person.id).where(col(Person.is_active)).limit(1)).first() is None


def is_under_way(session: Session) -> bool:
    return session.get(Installation, BEGUN) is not None


def ensure_code(session: Session) -> str | None:
    """The code of the first set-up, made where there is none; None where there is an administrator."""
    row = session.get(Installation, CODE)
    if not is_open(session):
        if row is not None:
            session.delete(row)
        return None
    if row is None:
        groups = ("".join(secrets.choice(_ALPHABET) for _char in range(_GROUP)) for _group in range(_GROUPS))
        row = Installation(name=CODE, value="-".join(groups))
        session.add(row)
        session.flush()
    return row.value


def is_code(session: Session, given: str) -> bool:
    """However it is typed; never once there is an administrator."""
    row = session.get(Installation, CODE)
    if row is None or not is_open(session):
        return False
    return hmac.compare_digest(_plain(given).encode(), _plain(row.value).encode())


def _plain(code: str) -> str:
    return "".join(char for char in code.upper() if char.isalnum())


def progress(session: Session) -> Progress:
    def has(where: ColumnElement[bool]) -> bool:
        return session.exec(select(Unit.id).where(col(Unit.is_active), where).limit(1)).first() is not None

    tested = select(Letter.id).where(
        Letter.kind == LetterKind.ACCOUNT, col(Letter.topic).startswith(TEST_TOPIC), Letter.state == LetterState.SENT
    )
    return Progress(
        organisation=has(col(Unit.kind) == UnitKind.MINISTRY),
        administrator=not is_open(session),
        units=has(col(Unit.head_id).is_not(None)),
        mail=session.exec(tested.limit(1)).first() is not None,
        directive=session.exec(select(Directive.id).limit(1)).first() is not None,
    )


def name_organisation(session: Session, given: Mapping[str, str], hand: AuditActor) -> None:
    """Add the ministry, its office and the unit that follows directives up, as a form names them.

    `given` has `ministry`, `office` and `coordinating`, each with `_code`. Raises BadFields, Refused if they are there.
    """
    if session.exec(select(Unit.id).where(Unit.kind == UnitKind.MINISTRY).limit(1)).first() is not None:
        raise Refused(_("the organisation is named already: change it among the units"))
    ministry, office = given.get("ministry_code", ""), given.get("office_code", "")
    _add(session, given, "ministry", {"kind": UnitKind.MINISTRY.value}, hand)
    _add(session, given, "office", {"kind": UnitKind.DEPARTMENT.value, "parent": ministry}, hand)
    above = {"kind": UnitKind.DEPARTMENT.value, "parent": ministry, "supervising_unit": office}
    _add(session, given, "coordinating", above, hand)


def _add(session: Session, given: Mapping[str, str], which: str, cells: Mapping[str, str], hand: AuditActor) -> None:
    try:
        add_unit(session, {"code": given.get(f"{which}_code", ""), "name": given.get(which, ""), **cells}, hand)
    except BadFields as error:
        labels = {"code": UNIT_CODE_WORDS[which], "name": UNIT_WORDS[which]}
        raise BadFields(
            [(field, labels.get(field, COLUMN_WORDS[field]), fault) for field, fault in error.fields.items()]
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
    session: Session, given: Mapping[str, str], password: str, again: str, hand: AuditActor, *, coordinates: bool
) -> Person:
    """Make the first administrator: added, or found in the register by their address; the code is void from then on.

    `given` has `full_name`, `email`, `title`, `unit`. With `coordinates`, they launch and follow directives too. Raises
    BadInput, or Refused where there is an administrator already.
    """
    if not is_open(session):
        raise Refused(_("there is an administrator already: sign in"))
    if password != again:
        raise BadInput(_("password: the two are not the same"))
    if not given.get("email", "").strip():
        raise BadFields([("email", COLUMN_WORDS["email"], _("is empty; a value is needed"))])
    person = _found(session, given["email"]) or _added(session, given, hand)
    hand = AuditActor(hand.now, person.id, hand.address)
    set_password(session, person.id, password, now=hand.now, by=person.id, address=hand.address)
    office, coordinating = _units(session)
    give_role(session, person.code, Role.ADMINISTRATOR, office, hand)
    if coordinates:
        give_role(session, person.code, Role.COORDINATOR, coordinating, hand)
    ensure_code(session)  # there is an administrator: it goes
    if not is_under_way(session):
        session.add(Installation(name=BEGUN, value=hand.now.isoformat()))
    hand.note(session, "installation_set_up", person.code)
    session.flush()
    return person


def _found(session: Session, email: str) -> Person | None:
    same = select(Person).where(Person.email == email.strip(), Person.is_active)
    found = session.exec(same.limit(2)).all()
    return found[0] if len(found) == 1 else None


def _added(session: Session, given: Mapping[str, str], hand: AuditActor) -> Person:
    cells = {name: given.get(name, "") for name in ("full_name", "email", "title", "unit")}
    code = add_person(session, cells, hand).code
    return session.exec(select(Person).where(Person.code == code)).one()


def _units(session: Session) -> tuple[str, str]:
    """The first roles are held for the office, and for who follows directives up."""
    departments = session.exec(
        select(Unit).where(Unit.kind == UnitKind.DEPARTMENT, Unit.is_active).order_by(col(Unit.id))
    ).all()
    if not departments:
        raise Refused(_("name the organisation first: roles are held for a unit"))
    office = next((one for one in departments if one.supervising_unit_id is None), departments[0])
    below = [one for one in departments if one.supervising_unit_id == office.id]
    return office.code, (below[0] if below else office).code


def finish(session: Session) -> None:
    """The set-up is over: the administration reminds of it no more. A repeat changes nothing."""
    row = session.get(Installation, BEGUN)
    if row is not None:
        session.delete(row)
        session.flush()
