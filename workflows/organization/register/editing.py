"""Single edits of the register: a unit or person as a form gives it, by the very rules that an import keeps."""

import re
from collections.abc import Iterator, Mapping
from itertools import count
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
from workflows.organization.register.spreadsheet.register_columns import (
    COLUMN_WORDS,
    PersonRow,
    UnitRow,
    fault_at,
    read_row,
)
from workflows.organization.register.spreadsheet.write_register import write_register
from workflows.organization.register.turns import hold_register

_FORM = {"units": "units", "people": "people"}  # where a file has its name
_ROW = 1
_OF_PERSONS = ("full_name", "title", "email", "phone")
"""Nobody can take them out of the audit again: it says that they were changed, and not from what to what."""
NEW_HEAD = {"head_name": ("full_name", _("Name of the head")), "head_email": ("email", _("E-mail address of the head"))}
"""Fields of a new unit's form: the column of people that each is, and its label."""
TWO_HEADS = _("either choose somebody in the register or name a new person, not both")
TAKEN = _("{value} is taken already: {name}")
NAMESAKE = _("{value} is already the name of unit {other} beside or above this one; write a name that tells them apart")
MEANWHILE = _("{code} was changed by somebody else meanwhile: open it again and look at what it is now")


def add_unit(session: Session, cells: Mapping[str, str], hand: AuditActor) -> MergedEntry:
    """Add a unit, from cells as a register file has them. Raises BadFields."""
    return _save(session, "units", cells, hand, is_new=True)


def add_unit_with_head(
    session: Session, cells: Mapping[str, str], head: Mapping[str, str], hand: AuditActor
) -> MergedEntry:
    """Add a unit whose head takes office today, if one is named.

    `head`: `head` names a person of the register; `head_name` and `head_email` are of a new one, who joins the unit.
    Raises BadFields, or Refused for a person who can hold no office.
    """
    entry = add_unit(session, cells, hand)
    known = head.get("head", "").strip()
    new = {column: head.get(field, "").strip() for field, (column, _label) in NEW_HEAD.items()}
    if not known and not any(new.values()):
        return entry
    if known and any(new.values()):
        raise BadFields([("head", COLUMN_WORDS["head"], TWO_HEADS)])
    code = _known_head(session, known) if known else _new_head(session, new | {"unit": entry.code}, hand)
    today = local_date(hand.now)
    hand_over(session, unit_code=entry.code, office="head", to_code=code, effective_on=today, now=hand.now, hand=hand)
    return entry


def _known_head(session: Session, text: str) -> str:
    try:
        return resolve_person(session, text).code
    except BadInput as error:
        raise _told([_of_field("head", error)]) from error


def _new_head(session: Session, cells: Mapping[str, str], hand: AuditActor) -> str:
    try:
        return add_person(session, cells, hand).code
    except BadFields as error:
        told = {column: (field, label) for field, (column, label) in NEW_HEAD.items()}
        faults = {column: fault for column, fault in error.fields.items() if column in told} or error.fields
        name = told["full_name"]  # of which the code is made
        raise BadFields([(*told.get(column, name), fault) for column, fault in faults.items()]) from error


def change_unit(
    session: Session, code: str, cells: Mapping[str, str], hand: AuditActor, *, seen: str = ""
) -> MergedEntry:
    """Change what the cells give, and leave the rest. `seen`: the `mark` of what the change was made upon.

    Raises BadFields, NotFound, or Refused where somebody else changed it meanwhile.
    """
    return _save(session, "units", {**cells, "code": code}, hand, seen=seen)


def add_person(session: Session, cells: Mapping[str, str], hand: AuditActor) -> MergedEntry:
    """Add a person, as `add_unit`; without a code they get one made of their name."""
    if not cells.get("code", "").strip() and cells.get("full_name", "").strip():
        cells = {**cells, "code": free_code(session, cells["full_name"])}
    return _save(session, "people", cells, hand, is_new=True)


def change_person(
    session: Session, code: str, cells: Mapping[str, str], hand: AuditActor, *, seen: str = ""
) -> MergedEntry:
    """Change a person, as `change_unit`."""
    return _save(session, "people", {**cells, "code": code}, hand, seen=seen)


def free_code(session: Session, full_name: str) -> str:
    """Of the usual form, and nobody has it: "Lê Thị C" is le.thi.c, or le.thi.c2."""
    wanted = re.sub(r"[^a-z0-9]+", ".", fold(full_name)).strip(".")[:60] or "person"
    taken = set(session.exec(select(Person.code).where(col(Person.code).startswith(wanted, autoescape=True))))
    return next(code for number in count(1) if (code := wanted if number == 1 else f"{wanted}{number}") not in taken)


def mark(values: Mapping[str, Any]) -> str:
    """Another one once anything of the unit or person is changed."""
    return mark_shown(sorted(values.items()))


def _save(
    session: Session, table: str, cells: Mapping[str, str], hand: AuditActor, *, is_new: bool = False, seen: str = ""
) -> MergedEntry:
    model: type[UnitRow] | type[PersonRow] = UnitRow if table == "units" else PersonRow
    hold_register(session)
    named, faults = _codes_of(session, cells)
    row = read_row(model, named, table, _ROW)
    if isinstance(row, list):
        raise _told([*faults, *row])
    if faults:
        raise _told(faults)
    register = stored_register(session)
    register.files = dict(_FORM)
    entries: dict[str, MergedEntry] = getattr(register, table)
    _check_known(entries, row.code, is_new=is_new, seen=seen)
    if isinstance(row, UnitRow):
        overlay(register, {_ROW: row}, {}, {})
    else:
        overlay(register, {}, {_ROW: row}, {})
    found = [*faults_of(register), *leaving_faults(session, register), *_namesakes(register, entries[row.code])]
    if found:
        raise _told(found)
    return _write(session, register, table, entries[row.code], hand)


def _namesakes(register: Register, entry: MergedEntry) -> Iterator[BadInput]:
    """A unit's name that the unit above it, or another one under it, has already.

    Of forms alone: files bring what an office has, and old registers may hold such names.
    """
    unit = register.units.get(entry.code)
    if unit is not entry or not unit.after["is_active"] or not {"name", "parent", "is_active"} & set(unit.changes):
        return
    name, parent = unit.after["name"], unit.after["parent"]
    for other in register.units.values():
        is_near = parent in (other.code, other.after["parent"])  # both without one stand side by side at the top
        if other is not unit and is_near and other.after["is_active"] and _same(other.after["name"], name):
            yield fault_at(_FORM["units"], _ROW, "name", name, NAMESAKE, other=other.code)
            return


def _same(one: str, other: str) -> bool:
    return one.casefold().split() == other.casefold().split()


def _check_known(entries: Mapping[str, MergedEntry], code: str, *, is_new: bool, seen: str) -> None:
    known = entries.get(code)
    if is_new and known is not None:
        name = known.after.get("name") or known.after.get("full_name")
        raise BadFields([("code", COLUMN_WORDS["code"], Words(TAKEN, value=code, name=name))])
    if not is_new and known is None:
        raise NotFound("there is no such entry")
    if seen and known is not None and mark(known.after) != seen:
        raise Refused(MEANWHILE, code=code)


def _write(session: Session, register: Register, table: str, entry: MergedEntry, hand: AuditActor) -> MergedEntry:
    changes = {name: [_plain(old), _plain(new)] for name, (old, new) in entry.changes.items()}
    if changes or entry.is_new:
        write_register(session, register, hand.now)
        noun = "unit" if table == "units" else "person"
        if noun == "person":
            changes = _without_names(changes)
        hand.note(session, f"{noun}_added" if entry.is_new else f"{noun}_changed", entry.code, changes)
    return entry


def _without_names(changes: dict[str, Any]) -> dict[str, Any]:
    fields = [name for name in changes if name in _OF_PERSONS]
    kept = {name: values for name, values in changes.items() if name not in fields}
    return kept | ({"fields": fields} if fields else {})


def _codes_of(session: Session, cells: Mapping[str, str]) -> tuple[dict[str, str], list[BadInput]]:
    """Put codes for units, which may be typed by name or alias."""
    named, faults = dict(cells), []
    for column in ("parent", "supervising_unit", "unit"):
        if text := cells.get(column, "").strip():
            try:
                named[column] = resolve_unit(session, text).code
            except BadInput as error:
                faults.append(_of_field(column, error))
    return named, faults


def _of_field(column: str, error: BadInput) -> BadInput:
    return BadInput("{column}: {fault}", column=column, fault=Words(error.message, **error.facts))


def _told(faults: list[BadInput]) -> BadFields:
    """Faults of rows as those of a form: by the field's label, without file and row."""
    told = [(str(one.facts["column"]), one.facts["fault"]) for one in faults]
    return BadFields([(column, COLUMN_WORDS.get(column, Words(column)), fault) for column, fault in told])


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return ["@".join(one) if isinstance(one, tuple) else str(one) for one in value]
    return value if value is None or isinstance(value, (bool, int)) else str(value)
