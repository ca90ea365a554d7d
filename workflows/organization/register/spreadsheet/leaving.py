"""What must hold where somebody or something leaves: no open task stays with a retired unit, an administrator stays."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.database.rows import chunks
from models.errors import BadInput
from models.i18n import _, _n
from models.organization.person import Role
from models.tasks.task import OPEN_STATUSES, Task
from workflows.organization.register.spreadsheet.merged import Entry, Register
from workflows.organization.register.spreadsheet.register_rows import fault_at

STILL_LEADS = _n(
    "{unit} still leads {count} open task: withdraw it, or give it another lead unit first",
    "{unit} still leads {count} open tasks: withdraw them, or give them another lead unit first",
)
LAST_ADMINISTRATOR = _("{person} is the last administrator: give the role to somebody else first")


def leaving_faults(session: Session, register: Register) -> Iterator[BadInput]:
    """Told at the row that lets them leave."""
    leaving = {entry.id: entry for entry in register.units.values() if _leaves(entry)}
    for chunk in chunks(leaving):
        query = (
            select(col(Task.lead_unit_id), func.count())
            .where(col(Task.lead_unit_id).in_(chunk), col(Task.status).in_(OPEN_STATUSES))
            .group_by(col(Task.lead_unit_id))
        )
        for unit_id, count in session.execute(query):
            unit = leaving[unit_id]
            yield fault_at(
                register.files["units"], unit.row or 0, "is_active", "no", STILL_LEADS, unit=unit.code, count=count
            )
    before = {code for code, person in register.people.items() if person.before and _administers(person.before)}
    after = {code for code, person in register.people.items() if _administers(person.after)}
    if before and not after:
        for code in sorted(before):
            person = register.people[code]
            if person.row is not None:
                column = "is_active" if not person.after["is_active"] else "roles"
                yield fault_at(register.files["people"], person.row, column, code, LAST_ADMINISTRATOR, person=code)


def _leaves(entry: Entry) -> bool:
    return entry.row is not None and entry.changed("is_active") and not entry.after["is_active"]


def _administers(values: dict[str, object]) -> bool:
    roles = values["roles"]
    assert isinstance(roles, tuple)
    return bool(values["is_active"]) and any(role == Role.ADMINISTRATOR for role, _unit in roles)
