"""Importing the register: units, people and absences from files, all or nothing, and twice is the same as once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

from sqlmodel import Session

from models.errors import BadInput, BadRows, DondocError
from workflows.access.audit_log import AuditActor
from workflows.access.conflict import mark_shown
from workflows.organization.register.spreadsheet.checks import faults_of, leaving_faults, warnings_of
from workflows.organization.register.spreadsheet.merged import MergedEntry, Register, overlay, stored_register
from workflows.organization.register.spreadsheet.register_columns import (
    AbsenceRow,
    PersonRow,
    UnitRow,
    columns_called,
    find_column,
    read_rows,
)
from workflows.organization.register.spreadsheet.sheet import NamedFile, open_file, read_sheet
from workflows.organization.register.spreadsheet.write_register import write_register
from workflows.organization.register.turns import hold_register

TABLES: dict[str, tuple[type[UnitRow] | type[PersonRow] | type[AbsenceRow], tuple[str, ...]]] = {
    "units": (UnitRow, ("code",)),
    "people": (PersonRow, ("code",)),
    "absences": (AbsenceRow, ("person", "stand_in", "starts_on", "ends_on")),
}
"""The files there are: what a row of each holds, and the columns that it cannot lack."""

MAX_FAULTS = 1_000
"""Told of one file; whoever has more mends these first."""


@dataclass(frozen=True)
class ImportCounts:
    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class ImportReport:
    """What an import did; `warnings` are told like errors but stopped nothing."""

    units: ImportCounts
    people: ImportCounts
    absences: ImportCounts
    warnings: tuple[DondocError, ...] = ()


@dataclass(frozen=True)
class GivenRegister:
    """What files say, each by its table: rows by their number, names, headings; and the faults found so far."""

    rows: Mapping[str, Mapping[int, Any]]
    files: Mapping[str, str]
    headings: Mapping[str, Mapping[str, str]]
    faults: Sequence[BadInput]


def open_register(
    *, units: Path | None = None, people: Path | None = None, absences: Path | None = None
) -> GivenRegister:
    """Read files of a folder, as `read_register`. Raises NotFound or BadInput when one cannot be read."""
    given = {"units": units, "people": people, "absences": absences}
    return read_register({table: open_file(path) for table, path in given.items() if path is not None})


def read_register(given: Mapping[str, NamedFile]) -> GivenRegister:
    """Read .csv (UTF-8) or .xlsx files by their tables, which may take seconds: nothing is to be locked meanwhile.

    Raises BadInput when one cannot be read at all.
    """
    rows: dict[str, Mapping[int, Any]] = {}
    files: dict[str, str] = {}
    headings: dict[str, Mapping[str, str]] = {}
    faults: list[BadInput] = []
    for table, (model, required) in TABLES.items():
        if table not in given:
            rows[table] = {}
            continue
        sheet = read_sheet(given[table], columns_called(model), required, find_column(model))
        rows[table], found = read_rows(sheet, model)
        files[table], headings[table] = sheet.file, sheet.headings
        faults += found
    return GivenRegister(rows, files, headings, faults)


def import_register(
    session: Session, given: GivenRegister, *, now: datetime, hand: AuditActor | None = None
) -> ImportReport:
    """Import a register; rows with a known code update it, a column that a file lacks stays as it is.

    Raises BadRows with every fault found; nothing is written then.
    A changed head, deputy or focal point is recorded as a handover, effective today. Without a `hand` it is
    the command line's.
    """
    hold_register(session)
    register = plan_import(session, given)
    write_register(session, register, now)
    report = report_of(register)
    counts = {"units": report.units, "people": report.people, "absences": report.absences}
    changed = {
        name: {"added": one.created, "changed": one.updated}
        for name, one in counts.items()
        if one.created or one.updated
    }
    if changed:
        (hand or AuditActor(now)).note(session, "register_imported", ", ".join(register.files.values()), changed)
    return report


def plan_import(session: Session, given: GivenRegister) -> Register:
    """Write nothing. Raises as `import_register` does."""
    faults = list(given.faults)
    register = stored_register(session)
    register.files, register.headings = dict(given.files), dict(given.headings)
    overlay(register, given.rows["units"], given.rows["people"], given.rows["absences"])
    if not faults:  # a row that was refused would show up as a missing reference everywhere
        found = islice(chain(faults_of(register), leaving_faults(session, register)), MAX_FAULTS)
        faults += sorted(found, key=lambda fault: (fault.facts["file"], fault.facts["row"]))
    if faults:
        raise BadRows(", ".join(given.files.values()), faults)
    return register


def report_of(register: Register) -> ImportReport:
    return ImportReport(
        _count(register.units), _count(register.people), _count(register.absences), tuple(warnings_of(register))
    )


def _count(entries: dict[str, MergedEntry]) -> ImportCounts:
    told = [entry for entry in entries.values() if entry.row is not None]
    created = sum(entry.is_new for entry in told)
    updated = sum(entry.is_changed for entry in told)
    return ImportCounts(created, updated, len(told) - created - updated)


MOST = 200  # changed rows that are listed; the others are counted


@dataclass(frozen=True)
class ChangedRow:
    """A row that adds or changes something: the columns with their values before (of a new one none) and after."""

    table: str
    code: str
    is_new: bool
    fields: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class ImportPreview:
    """What an import would do. `mark` is another one where it would do anything else."""

    report: ImportReport
    rows: Sequence[ChangedRow]
    more: int
    mark: str

    @property
    def is_empty(self) -> bool:
        return not self.rows


def preview(register: Register) -> ImportPreview:
    """Preview a register as `plan_import` leaves it."""
    changed = [
        _row(table, entry)
        for table in ("units", "people", "absences")
        for entry in sorted(getattr(register, table).values(), key=lambda entry: entry.row or 0)
        if entry.row is not None and (entry.is_new or entry.is_changed)
    ]
    return ImportPreview(report_of(register), changed[:MOST], max(0, len(changed) - MOST), mark_shown(changed))


def _row(table: str, entry: MergedEntry) -> ChangedRow:
    fields = [(column, _written(old), _written(new)) for column, (old, new) in entry.changes.items()]
    return ChangedRow(table, entry.code, entry.is_new, fields)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join("@".join(one) if isinstance(one, tuple) else str(one) for one in value)
    return "" if value is None else str(value)
