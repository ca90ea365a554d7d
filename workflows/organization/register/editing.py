"""Edit a single unit or person of the register from a form, by the same rules as an import."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, count
from typing import Any

from sqlmodel import Session, col, select

from models.errors import BadFields, BadInput, NotFound, Refused
from models.i18n import Words, _
from models.organization.person import Person
from models.organization.register_reads import resolve_person, resolve_unit
from models.text.localtime import local_date
from models.text.vietnamese import fold
from workflows.access.audit_log import AuditActor
from workflows.access.conflict import mark_shown
from workflows.organization.register.handover import hand_over
from workflows.organization.register.spreadsheet.checks import faults_of, leaving_faults
from workflows.organization.register.spreadsheet.merged import MergedEntry, Register, overlay, stored_register
from workflows.organization.register.spreadsheet.register_columns import COLUMN_WORDS
from workflows.organization.register.spreadsheet.register_rows import PersonRow, UnitRow, fault_at, read_row
from workflows.organization.register.spreadsheet.write_register import write_register
from workflows.organization.register.turns import hold_register

_FORM = {"units": "units", "people": "people"}  # stands for the names of files
_ROW = 1
_PERSONAL_FIELDS = ("full_name", "title", "email", "phone")
"""The audit log names these fields without their values, because entries of it can never be removed."""
NEW_HEAD = {"head_name": ("full_name", _("Name of the head")), "head_email": ("email", _("E-mail address of the head"))}
"""Fields of a new unit's form, each with its column of people and its label."""
TWO_HEADS = _("either choose somebody in the register or name a new person, not both")
TAKEN = _("{value} is taken already: {name}")
NAMESAKE = _("{value} is already the name of unit {other} beside or above this one; write a name that tells them apart")
MEANWHILE = _("{code} was changed by somebody else meanwhile: open it again and look at what it is now")


def add_unit(session: Session, cells: Mapping[str, str], audit_actor: AuditActor) -> MergedEntry:
    """Add a unit from cells as in a file of the register. Raises BadFields."""
    return _save(session, "units", cells, audit_actor, is_new=True)


def add_unit_with_head(
    session: Session, cells: Mapping[str, str], head: Mapping[str, str], audit_actor: AuditActor
) -> MergedEntry:
    """Add a unit. If a head is given, they take office today.

    In `head`, the field `head` names a person of the register; `head_name` and `head_email` make a new one in the unit.
    Raises BadFields, or Refused for a person who can hold no office.
    """
    entry = add_unit(session, cells, audit_actor)
    known = head.get("head", "").strip()
    new = {column: head.get(field, "").strip() for field, (column, _label) in NEW_HEAD.items()}
    if not known and not any(new.values()):
        return entry
    if known and any(new.values()):
        raise BadFields([("head", COLUMN_WORDS["head"], TWO_HEADS)])
    code = _find_head(session, known) if known else _add_head(session, new | {"unit": entry.code}, audit_actor)
    today = local_date(audit_actor.now)
    hand_over(
        session,
        unit_code=entry.code,
        office="head",
        to_code=code,
        effective_on=today,
        now=audit_actor.now,
        audit_actor=audit_actor,
    )
    return entry


def _find_head(session: Session, text: str) -> str:
    try:
        return resolve_person(session, text).code
    except BadInput as error:
        raise _form_faults([_field_fault("head", error)]) from error


def _add_head(session: Session, cells: Mapping[str, str], audit_actor: AuditActor) -> str:
    """Add the new head, and return their code. BadFields names the fields of the unit's form."""
    try:
        return add_person(session, cells, audit_actor).code
    except BadFields as error:
        fields = {column: (field, label) for field, (column, label) in NEW_HEAD.items()}
        faults = {column: fault for column, fault in error.fields.items() if column in fields} or error.fields
        name_field = fields["full_name"]  # the code, which has no field, is made of the name
        raise BadFields([(*fields.get(column, name_field), fault) for column, fault in faults.items()]) from error


def change_unit(
    session: Session, code: str, cells: Mapping[str, str], audit_actor: AuditActor, *, seen: str = ""
) -> MergedEntry:
    """Change the columns in `cells`. `seen` is the `row_digest` of the values that the form showed.

    Raises BadFields, NotFound, or Refused where another person has changed the unit meanwhile.
    """
    return _save(session, "units", {**cells, "code": code}, audit_actor, seen=seen)


def add_person(session: Session, cells: Mapping[str, str], audit_actor: AuditActor) -> MergedEntry:
    """Add a person, as `add_unit` does. Without a code they get one that is made of their name."""
    if not cells.get("code", "").strip() and cells.get("full_name", "").strip():
        cells = {**cells, "code": free_code(session, cells["full_name"])}
    return _save(session, "people", cells, audit_actor, is_new=True)


def change_person(
    session: Session, code: str, cells: Mapping[str, str], audit_actor: AuditActor, *, seen: str = ""
) -> MergedEntry:
    """Change a person, as `change_unit` does."""
    return _save(session, "people", {**cells, "code": code}, audit_actor, seen=seen)


def free_code(session: Session, full_name: str) -> str:
    """Return a code that nobody has: for "Lê Thị C" le.thi.c, or le.thi.c2 if that is taken."""
    base = re.sub(r"[^a-z0-9]+", ".", fold(full_name)).strip(".")[:60] or "person"
    taken = set(session.exec(select(Person.code).where(col(Person.code).startswith(base, autoescape=True))))
    candidates = chain([base], (f"{base}{number}" for number in count(2)))
    return next(code for code in candidates if code not in taken)


def row_digest(values: Mapping[str, Any]) -> str:
    """Return a digest that changes with any value of the unit or person."""
    return mark_shown(sorted(values.items()))


def _save(
    session: Session,
    table: str,
    cells: Mapping[str, str],
    audit_actor: AuditActor,
    *,
    is_new: bool = False,
    seen: str = "",
) -> MergedEntry:
    model: type[UnitRow] | type[PersonRow] = UnitRow if table == "units" else PersonRow
    hold_register(session)
    coded_cells, faults = _resolve_units(session, cells)
    row = read_row(model, coded_cells, table, _ROW)
    if isinstance(row, list):
        raise _form_faults([*faults, *row])
    if faults:
        raise _form_faults(faults)
    register = stored_register(session)
    register.files = dict(_FORM)
    entries: dict[str, MergedEntry] = getattr(register, table)
    _check_stored(entries, row.code, is_new=is_new, seen=seen)
    if isinstance(row, UnitRow):
        overlay(register, {_ROW: row}, {}, {})
    else:
        overlay(register, {}, {_ROW: row}, {})
    faults = [*faults_of(register), *leaving_faults(session, register), *_namesakes(register, entries[row.code])]
    if faults:
        raise _form_faults(faults)
    return _write(session, register, table, entries[row.code], audit_actor)


def _namesakes(register: Register, entry: MergedEntry) -> Iterator[BadInput]:
    """Yield a fault for a name that the unit above, or another unit under that one, has too.

    It is checked for forms only, because the registers that offices import may have such names.
    """
    unit = register.units.get(entry.code)
    if unit is not entry or not unit.after["is_active"] or not {"name", "parent", "is_active"} & set(unit.changes):
        return
    name, parent = unit.after["name"], unit.after["parent"]
    for other in register.units.values():
        is_near = parent in (other.code, other.after["parent"])  # without a parent both stand at the top
        if other is not unit and is_near and other.after["is_active"] and _is_same_name(other.after["name"], name):
            yield fault_at(_FORM["units"], _ROW, "name", name, NAMESAKE, other=other.code)
            return


def _is_same_name(first: str, second: str) -> bool:
    return first.casefold().split() == second.casefold().split()


def _check_stored(entries: Mapping[str, MergedEntry], code: str, *, is_new: bool, seen: str) -> None:
    known = entries.get(code)
    if is_new and known is not None:
        name = known.after.get("name") or known.after.get("full_name")
        raise BadFields([("code", COLUMN_WORDS["code"], Words(TAKEN, value=code, name=name))])
    if not is_new and known is None:
        raise NotFound("there is no such entry")
    if seen and known is not None and row_digest(known.after) != seen:
        raise Refused(MEANWHILE, code=code)


def _write(
    session: Session, register: Register, table: str, entry: MergedEntry, audit_actor: AuditActor
) -> MergedEntry:
    changes = {name: [_plain_value(old), _plain_value(new)] for name, (old, new) in entry.changes.items()}
    if changes or entry.is_new:
        write_register(session, register, audit_actor.now)
        noun = "unit" if table == "units" else "person"
        if noun == "person":
            changes = _without_personal_values(changes)
        audit_actor.note(session, f"{noun}_added" if entry.is_new else f"{noun}_changed", entry.code, changes)
    return entry


def _without_personal_values(changes: dict[str, Any]) -> dict[str, Any]:
    personal = [name for name in changes if name in _PERSONAL_FIELDS]
    others = {name: values for name, values in changes.items() if name not in personal}
    return others | ({"fields": personal} if personal else {})


def _resolve_units(session: Session, cells: Mapping[str, str]) -> tuple[dict[str, str], list[BadInput]]:
    """Replace the names and aliases of units by their codes. Return the cells and the faults."""
    coded_cells, faults = dict(cells), []
    for column in ("parent", "supervising_unit", "unit"):
        if text := cells.get(column, "").strip():
            try:
                coded_cells[column] = resolve_unit(session, text).code
            except BadInput as error:
                faults.append(_field_fault(column, error))
    return coded_cells, faults


def _field_fault(column: str, error: BadInput) -> BadInput:
    return BadInput("{column}: {fault}", column=column, fault=Words(error.message, **error.facts))


def _form_faults(faults: list[BadInput]) -> BadFields:
    """Return faults of rows as faults of a form, with the field's label and without file and row."""
    fields = [(str(fault.facts["column"]), fault.facts["fault"]) for fault in faults]
    return BadFields([(column, COLUMN_WORDS.get(column, Words(column)), words) for column, words in fields])


def _plain_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return ["@".join(item) if isinstance(item, tuple) else str(item) for item in value]
    return value if value is None or isinstance(value, (bool, int)) else str(value)
