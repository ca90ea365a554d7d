"""Write the register after an import or a form: rows in bulk, and the handovers that follow from them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, update
from sqlmodel import Session

from models.database.rows import table_of
from models.organization.person import Absence, Person, PersonRole, Role
from models.organization.unit import Unit, UnitAlias, UnitTag
from models.text.localtime import local_date
from models.text.vietnamese import fold, person_sort_key, sort_key
from workflows.access.accounts.ways_in import end_ways_in, void_mailed
from workflows.organization.register.handover import record_handover
from workflows.organization.register.spreadsheet.merged import OFFICES, UNIT_LINKS, MergedEntry, Register

_UNIT, _UNIT_TAG, _UNIT_ALIAS, _PERSON, _PERSON_ROLE, _ABSENCE = (
    table_of(model) for model in (Unit, UnitTag, UnitAlias, Person, PersonRole, Absence)
)
_PLAIN_UNIT = ("name", "kind", "email", "phone", "is_outside", "is_active")
_PLAIN_PERSON = (*("full_name", "address_form", "unit_address", "title"), *("email", "phone", "language", "is_active"))


def write_register(session: Session, register: Register, now: datetime) -> None:
    """Write units without their links, then people, then the links, because units and people refer to each other."""
    session.flush()
    units = [entry for entry in register.units.values() if entry.row is not None]
    people = [entry for entry in register.people.values() if entry.row is not None]
    absences = [entry for entry in register.absences.values() if entry.row is not None]
    _insert(session, _UNIT, [_unit_values(entry) for entry in units if entry.is_new])
    _update(session, _UNIT, [_unit_values(entry) for entry in units if entry.is_changed])
    _insert(session, _PERSON, [_person_values(entry, register) for entry in people if entry.is_new])
    _update(session, _PERSON, [_person_values(entry, register) for entry in people if entry.is_changed])
    moved = [entry for entry in people if entry.changed("email")]
    _update(session, _PERSON, [{"id": entry.id, "email_refused_at": None, "email_doubted_at": None} for entry in moved])
    void_mailed(session, [entry.id for entry in moved], now=now)
    end_ways_in(session, [entry.id for entry in people if entry.changed("is_active")], now=now)
    _update(session, _UNIT, [_link_values(entry, register) for entry in units if entry.before != entry.after])
    _write_details(session, register, units, people)
    _insert(session, _ABSENCE, [_absence_values(entry, register) for entry in absences if entry.is_new])
    _update(session, _ABSENCE, [_absence_values(entry, register) for entry in absences if entry.is_changed])
    session.expire_all()
    for entry in units:
        _hand_over(session, entry, register, now)


def _write_details(session: Session, register: Register, units: list[MergedEntry], people: list[MergedEntry]) -> None:
    """Replace the tags, aliases and roles of changed entries. All are deleted first, so that an alias may move."""
    with_tags = [entry for entry in units if entry.is_new or entry.changed("tags")]
    with_aliases = [entry for entry in units if entry.is_new or entry.changed("aliases")]
    with_roles = [entry for entry in people if entry.is_new or entry.changed("roles")]
    _delete(session, _UNIT_TAG, "unit_id", with_tags)
    _delete(session, _UNIT_ALIAS, "unit_id", with_aliases)
    _delete(session, _PERSON_ROLE, "person_id", with_roles)
    tags = [{"unit_id": unit.id, "tag": tag} for unit in with_tags for tag in unit.after["tags"]]
    aliases = [
        {"unit_id": unit.id, "alias": alias, "alias_folded": fold(alias)}
        for unit in with_aliases
        for alias in unit.after["aliases"]
    ]
    roles = [
        {"person_id": person.id, "role": Role(role), "unit_id": register.units[unit].id}
        for person in with_roles
        for role, unit in person.after["roles"]
    ]
    _insert(session, _UNIT_TAG, tags)
    _insert(session, _UNIT_ALIAS, aliases)
    _insert(session, _PERSON_ROLE, roles)


def _unit_values(entry: MergedEntry) -> dict[str, Any]:
    name = entry.after["name"]
    values = {column: entry.after[column] for column in _PLAIN_UNIT}
    return {"id": entry.id, "code": entry.code, "name_folded": fold(name), "sort_key": sort_key(name), **values}


def _link_values(entry: MergedEntry, register: Register) -> dict[str, Any]:
    values: dict[str, Any] = {"id": entry.id}
    for name, column in UNIT_LINKS.items():
        code = entry.after[name]
        values[column] = register.units[code].id if code else None
    for name, column in OFFICES.items():
        code = entry.after[name]
        values[column] = register.people[code].id if code else None
    return values


def _person_values(entry: MergedEntry, register: Register) -> dict[str, Any]:
    name, unit = entry.after["full_name"], entry.after["unit"]
    values = {column: entry.after[column] for column in _PLAIN_PERSON}
    keys = {"name_folded": fold(name), "sort_key": person_sort_key(name)}
    return {"id": entry.id, "code": entry.code, "unit_id": register.units[unit].id if unit else None, **keys, **values}


def _absence_values(entry: MergedEntry, register: Register) -> dict[str, Any]:
    values = {column: entry.after[column] for column in ("starts_on", "ends_on", "reason")}
    people = register.people
    named = {"person_id": people[entry.after["person"]].id, "stand_in_id": people[entry.after["stand_in"]].id}
    return {"id": entry.id, **named, **values}


def _hand_over(session: Session, entry: MergedEntry, register: Register, now: datetime) -> None:
    for office in OFFICES:
        old, new = (entry.before or {}).get(office), entry.after[office]
        if old and new and old != new:
            record_handover(
                session,
                unit_id=entry.id,
                office=office,
                from_id=register.people[old].id,
                to_id=register.people[new].id,
                effective_on=local_date(now),
                now=now,
            )


def _insert(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(insert(table), rows)


def _update(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "id"}
    statement = update(table).where(table.c.id == bindparam("old_id")).values(values)
    given = [{("old_id" if name == "id" else f"new_{name}"): row[name] for name in row} for row in rows]
    session.connection().execute(statement, given)


def _delete(session: Session, table: Table, owner: str, entries: Iterable[MergedEntry]) -> None:
    owners = [{"owner": entry.id} for entry in entries if not entry.is_new]
    if owners:
        session.connection().execute(delete(table).where(table.c[owner] == bindparam("owner")), owners)
