"""The register after an import: the stored entries, overlaid with the rows of the files. Codes stand for ids."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from models.database.ids import new_id
from models.database.rows import table_of
from models.organization.person import Absence, Person, PersonRole
from models.organization.unit import Unit, UnitAlias, UnitTag
from workflows.organization.register.spreadsheet.register_rows import AbsenceRow, PersonRow, RegisterRow, UnitRow

UNIT_LINKS = {"parent": "parent_id", "supervising_unit": "supervising_unit_id"}
OFFICES = {"head": "head_id", "deputy": "deputy_id", "focal_point": "focal_point_id"}


@dataclass
class MergedEntry:
    """One unit, person or absence."""

    code: str
    id: UUID
    before: dict[str, Any] | None  # the stored values; None for a new entry
    after: dict[str, Any]
    row: int | None = None  # None if the file does not have it
    given: frozenset[str] = frozenset()  # the columns that the file has

    @property
    def is_new(self) -> bool:
        return self.before is None

    @property
    def is_changed(self) -> bool:
        return self.before is not None and self.before != self.after

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """The old and new values of each column that differs, or that a new entry fills."""
        before = self.before or {}
        return {
            name: (before.get(name), value)
            for name, value in self.after.items()
            if before.get(name) != value and (value not in (None, "", ()) or self.before is not None)
        }

    def changed(self, column: str) -> bool:
        """Return whether a column of a stored entry changes."""
        return self.before is not None and self.before[column] != self.after[column]


@dataclass
class Register:
    """All entries by code; absences by person and first day."""

    units: dict[str, MergedEntry] = field(default_factory=dict)
    people: dict[str, MergedEntry] = field(default_factory=dict)
    absences: dict[str, MergedEntry] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # table → the file's name
    headings: dict[str, Mapping[str, str]] = field(default_factory=dict)  # table → the file's names of the columns
    repeated: list[tuple[str, str, int, int]] = field(default_factory=list)  # table, code, row, earlier row


def stored_register(session: Session) -> Register:
    """Return the stored register. It reads plain rows, so that the session's identity map stays empty."""
    units, people = _all(session, Unit), _all(session, Person)
    unit_code = {unit["id"]: unit["code"] for unit in units}
    person_code = {person["id"]: person["code"] for person in people}
    tags, aliases, roles = defaultdict(list), defaultdict(list), defaultdict(list)
    for row in _all(session, UnitTag):
        tags[row["unit_id"]].append(row["tag"])
    for row in _all(session, UnitAlias):
        aliases[row["unit_id"]].append(row["alias"])
    for row in _all(session, PersonRole):
        roles[row["person_id"]].append((row["role"].value, unit_code[row["unit_id"]]))
    register = Register()
    for unit in units:
        values = {name: unit[name] for name in ("name", "kind", "email", "phone", "is_outside", "is_active")}
        values |= {name: unit_code.get(unit[column]) for name, column in UNIT_LINKS.items()}
        values |= {name: person_code.get(unit[column]) for name, column in OFFICES.items()}
        values |= {"tags": tuple(sorted(tags[unit["id"]])), "aliases": tuple(sorted(aliases[unit["id"]]))}
        register.units[unit["code"]] = MergedEntry(unit["code"], unit["id"], values, values)
    for person in people:
        values = {name: person[name] for name in PersonRow.model_fields if name not in ("code", "unit", "roles")}
        values |= {"unit": unit_code.get(person["unit_id"]), "roles": tuple(sorted(roles[person["id"]]))}
        register.people[person["code"]] = MergedEntry(person["code"], person["id"], values, values)
    for absence in _all(session, Absence):
        values = {name: absence[name] for name in ("starts_on", "ends_on", "reason")}
        values |= {"person": person_code[absence["person_id"]], "stand_in": person_code[absence["stand_in_id"]]}
        code = _absence_code(values)
        register.absences[code] = MergedEntry(code, absence["id"], values, values)
    return register


def overlay(
    register: Register,
    units: Mapping[int, UnitRow],
    people: Mapping[int, PersonRow],
    absences: Mapping[int, AbsenceRow],
) -> None:
    """Lay the rows of the files over the stored entries. A column that a file does not have stays as it is."""
    for number, unit in units.items():
        _overlay_row(register, "units", unit.code, number, unit)
    for number, person in people.items():
        _overlay_row(register, "people", person.code, number, person)
    for number, absence in absences.items():
        _overlay_row(register, "absences", _absence_code(dict(absence)), number, absence)


def _overlay_row(register: Register, table: str, code: str, number: int, row: RegisterRow) -> None:
    entries: dict[str, MergedEntry] = getattr(register, table)
    known = entries.get(code)
    if known is not None and known.row is not None:
        register.repeated.append((table, code, number, known.row))
        return
    given = {name: value for name, value in row if name in row.model_fields_set and name != "code"}
    before = known.before if known else None
    defaults = {name: value for name, value in row if name != "code"}
    entries[code] = MergedEntry(
        code=code,
        id=known.id if known else new_id(),
        before=before,
        after={**(before or defaults), **given},
        row=number,
        given=frozenset(given),
    )


def _absence_code(values: Mapping[str, Any]) -> str:
    return f"{values['person']} {values['starts_on'].isoformat()}"


def _all(session: Session, table: type[SQLModel]) -> list[Mapping[str, Any]]:
    return [dict(row) for row in session.execute(select(table_of(table))).mappings()]
