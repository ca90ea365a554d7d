"""Check the whole register: references, units above units without circles, unambiguous names, heads and stand-ins."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import accumulate, islice, pairwise
from typing import NamedTuple

from rapidfuzz import fuzz, process
from sqlalchemy import func, select
from sqlmodel import Session, col

from models.database.rows import chunks
from models.errors import BadInput, DondocError
from models.i18n import _, _n
from models.organization.person import Role
from models.organization.unit import UnitKind, needs_head
from models.tasks.task import OPEN_STATUSES, Task
from models.text.vietnamese import fold
from models.words import OFFICE_WORDS
from workflows.organization.register.spreadsheet.merged import OFFICES, UNIT_LINKS, MergedEntry, Register
from workflows.organization.register.spreadsheet.register_rows import POLICE_INSIDE, fault_at

TWICE = _("{value} is in row {other} already")
CASE_TWIN = _("{value} differs from {other} only in capitals; codes must not")
NEW_NEEDS = _("{value} is new and needs a {column}")
NO_UNIT = _("there is no unit {value}{near}")
NO_PERSON = _("there is no person {value}{near}")
CIRCLE = _("{value} closes the circle {circle}; a unit cannot stand above itself")
SAME_NAME = _("{value} is already a name of unit {other}")
RETIRED_HEAD = _("{value} is not active and cannot head {unit}; name another head")
OWN_STAND_IN = _("{value} cannot stand in for themselves")
RETIRED_STAND_IN = _("{value} is not active and cannot stand in")
OVERLAP = _("{value} is absent already from {starts} to {ends}")
STAND_IN_AWAY = _("{value} is absent too from {starts} to {ends}; name another")
NO_HEAD = _("unit {unit} has no head: it can be given no duty")
HEAD_WITHOUT_EMAIL = _("unit {unit}: its head {person} has no e-mail address")
OFFICE_RETIRED = _("unit {unit}: its {office} {person} is not active")


_FEW = 3  # codes that a fault names


def faults_of(register: Register) -> Iterator[BadInput]:
    """Yield the faults of the register after the import, each at the row that causes it."""
    for table, code, row, other in register.repeated:
        column = "code" if table != "absences" else "person"
        yield _fault(register, table, row, column, code, TWICE, other=other)
    yield from _code_faults(register)
    yield from _reference_faults(register)
    for column in UNIT_LINKS:
        yield from _circles(register, column)
    yield from _name_faults(register)
    yield from _head_faults(register)
    yield from _absence_faults(register)


def warnings_of(register: Register) -> Iterator[DondocError]:
    """Yield faults for which a launch will later be refused."""
    for unit in register.units.values():
        values = unit.after
        if not needs_head(values["kind"], is_active=values["is_active"], is_outside=values["is_outside"]):
            continue
        if values["head"] is None:
            yield DondocError(NO_HEAD, unit=unit.code)
        elif not register.people[values["head"]].after["email"]:
            yield DondocError(HEAD_WITHOUT_EMAIL, unit=unit.code, person=values["head"])
        for office in ("deputy", "focal_point"):
            if values[office] is not None and not register.people[values[office]].after["is_active"]:
                yield DondocError(OFFICE_RETIRED, unit=unit.code, office=OFFICE_WORDS[office], person=values[office])


def _rows(entries: dict[str, MergedEntry]) -> Iterator[tuple[int, MergedEntry]]:
    return ((entry.row, entry) for entry in entries.values() if entry.row is not None)


def _fault(
    register: Register, table: str, row: int, column: str, value: object, message: str, **facts: object
) -> BadInput:
    heading = register.headings.get(table, {}).get(column, column)
    return fault_at(register.files[table], row, heading, value, message, **facts)


def _near(code: str, codes: Iterable[str]) -> str:
    """Return similar codes in brackets; "" without any."""
    matches = process.extract(code, list(codes), scorer=fuzz.ratio, limit=3, score_cutoff=60)
    return f" ({', '.join(match for match, _score, _position in matches)}?)" if matches else ""


def _code_faults(register: Register) -> Iterator[BadInput]:
    for table, needed in (("units", ("name", "kind")), ("people", ("full_name",))):
        entries: dict[str, MergedEntry] = getattr(register, table)
        first: dict[str, str] = {}
        for code in sorted(entries, key=lambda code: entries[code].row or 0):
            other = first.setdefault(code.casefold(), code)
            row = entries[code].row
            if other != code and row is not None:
                yield _fault(register, table, row, "code", code, CASE_TWIN, other=other)
        for row, entry in _rows(entries):
            for column in needed:
                if entry.is_new and column not in entry.given:
                    yield _fault(register, table, row, column, entry.code, NEW_NEEDS)


def _reference_faults(register: Register) -> Iterator[BadInput]:
    units, people = register.units, register.people
    for row, unit in _rows(units):
        for column in (*UNIT_LINKS, *OFFICES):
            code, known = unit.after[column], units if column in UNIT_LINKS else people
            if code is not None and code not in known:
                message = NO_UNIT if column in UNIT_LINKS else NO_PERSON
                yield _fault(register, "units", row, column, code, message, near=_near(code, known))
        if unit.after["kind"] is UnitKind.POLICE and not unit.after["is_outside"]:
            yield _fault(register, "units", row, "is_outside", "no", POLICE_INSIDE)
    for row, person in _rows(people):
        named = [("unit", person.after["unit"]), *(("roles", unit) for _role, unit in person.after["roles"])]
        for column, code in named:
            if code is not None and code not in units:
                yield _fault(register, "people", row, column, code, NO_UNIT, near=_near(code, units))
    for row, absence in _rows(register.absences):
        for column in ("person", "stand_in"):
            code = absence.after[column]
            if code not in people:
                yield _fault(register, "absences", row, column, code, NO_PERSON, near=_near(code, people))


def _circles(register: Register, column: str) -> Iterator[BadInput]:
    """Yield each circle once, at the first row of the file that is part of it."""
    visited: set[str] = set()
    for start in register.units:
        path: dict[str, int] = {}  # codes with their positions, as a chain may be as long as the register
        code: str | None = start
        while code in register.units and code not in visited and code not in path:
            path[code] = len(path)
            code = register.units[code].after[column]
        if code in path:
            circle = list(path)[path[code] :]
            row, unit = min((register.units[member].row or 10**9, member) for member in circle)
            value = register.units[unit].after[column]
            yield _fault(register, "units", row, column, value, CIRCLE, circle=" → ".join([*circle, circle[0]]))
        visited.update(path)


def _name_faults(register: Register) -> Iterator[BadInput]:
    """Yield each alias that is also a code, name or alias of another unit."""
    owners: dict[str, dict[str, None]] = {}
    aliased: dict[str, dict[str, None]] = {}  # owners of aliases that the file does not have
    for code, unit in sorted(register.units.items()):
        for name in (code, unit.after["name"], *unit.after["aliases"]):
            owners.setdefault(fold(name), {})[code] = None
        for alias in unit.after["aliases"] if unit.row is None else ():
            aliased.setdefault(fold(alias), {})[code] = None
    for row, unit in _rows(register.units):
        for alias in unit.after["aliases"]:
            if others := _others(owners[fold(alias)], unit.code):
                yield _fault(register, "units", row, "aliases", alias, SAME_NAME, other=others)
        if others := _others(aliased.get(fold(unit.after["name"]), {}), unit.code):
            yield _fault(register, "units", row, "name", unit.after["name"], SAME_NAME, other=others)


def _others(codes: Iterable[str], own: str) -> str:
    """Return the first few other codes, as thousands of units may share a name."""
    few = list(islice((code for code in codes if code != own), _FEW + 1))
    return ", ".join(few[:_FEW]) + (", …" if len(few) > _FEW else "")


def _head_faults(register: Register) -> Iterator[BadInput]:
    for unit in register.units.values():
        head = register.people.get(unit.after["head"] or "")
        if head is None or head.after["is_active"] or not unit.after["is_active"]:
            continue
        if unit.row is not None:
            yield _fault(register, "units", unit.row, "head", head.code, RETIRED_HEAD, unit=unit.code)
        elif head.row is not None:
            yield _fault(register, "people", head.row, "is_active", head.code, RETIRED_HEAD, unit=unit.code)


def _absence_faults(register: Register) -> Iterator[BadInput]:
    """Yield absent stand-ins, and days with two stand-ins: authority is not lent twice."""
    entries_by_person: dict[str, list[MergedEntry]] = {}
    for absence in sorted(register.absences.values(), key=_first_day):
        entries_by_person.setdefault(absence.after["person"], []).append(absence)
    absences_by_person = {
        person: _Absences(entries, list(accumulate((entry.after["ends_on"] for entry in entries), max)))
        for person, entries in entries_by_person.items()
    }
    for absence in register.absences.values():
        row, stand_in = absence.row, absence.after["stand_in"]
        if row is not None and absence.after["person"] == stand_in:
            yield _fault(register, "absences", row, "stand_in", stand_in, OWN_STAND_IN)
            continue
        person = register.people.get(stand_in)
        if row is not None and absence.before != absence.after and person and not person.after["is_active"]:
            yield _fault(register, "absences", row, "stand_in", stand_in, RETIRED_STAND_IN)
        for other in _overlapping(absence, absences_by_person.get(stand_in, _Absences([], []))):
            fault_row = row if row is not None else other.row
            if fault_row is not None:
                facts = {"starts": other.after["starts_on"], "ends": other.after["ends_on"]}
                yield _fault(register, "absences", fault_row, "stand_in", stand_in, STAND_IN_AWAY, **facts)
    for entries in entries_by_person.values():
        for earlier, later in pairwise(entries):
            wrong, other = (later, earlier) if later.row is not None else (earlier, later)
            if wrong.row is not None and _overlap(earlier, later):
                facts = {"starts": other.after["starts_on"], "ends": other.after["ends_on"]}
                yield _fault(register, "absences", wrong.row, "person", wrong.after["person"], OVERLAP, **facts)


class _Absences(NamedTuple):
    """One person's absences by first day, and beside each the last day of all absences up to it."""

    entries: list[MergedEntry]
    last_days: list[date]


def _first_day(entry: MergedEntry) -> date:
    day: date = entry.after["starts_on"]
    return day


def _overlapping(absence: MergedEntry, others: _Absences) -> Iterator[MergedEntry]:
    """Yield those of a person's absences that share a day with this one. Only those near its days are looked at."""
    end = bisect_right(others.entries, absence.after["ends_on"], key=_first_day)
    for position in range(end - 1, -1, -1):
        if others.last_days[position] < absence.after["starts_on"]:
            return
        if _overlap(absence, others.entries[position]):
            yield others.entries[position]


def _overlap(one: MergedEntry, other: MergedEntry) -> bool:
    first, second = one.after, other.after
    return bool(first["starts_on"] <= second["ends_on"] and second["starts_on"] <= first["ends_on"])


STILL_LEADS = _n(
    "{unit} still leads {count} open task: withdraw it, or give it another lead unit first",
    "{unit} still leads {count} open tasks: withdraw them, or give them another lead unit first",
)
LAST_ADMINISTRATOR = _("{person} is the last administrator: give the role to somebody else first")


def leaving_faults(session: Session, register: Register) -> Iterator[BadInput]:
    """Yield units that retire with open tasks, and the loss of the last administrator, at the rows that cause them."""
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


def _leaves(entry: MergedEntry) -> bool:
    return entry.row is not None and entry.changed("is_active") and not entry.after["is_active"]


def _administers(values: dict[str, object]) -> bool:
    roles = values["roles"]
    assert isinstance(roles, tuple)
    return bool(values["is_active"]) and any(role == Role.ADMINISTRATOR for role, _unit in roles)
