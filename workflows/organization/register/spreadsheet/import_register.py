"""Import units, people and absences from files: all rows or none. A second import of the same files changes nothing."""

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
from workflows.organization.register.spreadsheet.register_columns import column_finder, column_words
from workflows.organization.register.spreadsheet.register_rows import AbsenceRow, PersonRow, UnitRow, read_rows
from workflows.organization.register.spreadsheet.sheet import NamedFile, open_file, read_sheet
from workflows.organization.register.spreadsheet.write_register import write_register
from workflows.organization.register.turns import hold_register

TABLES: dict[str, tuple[type[UnitRow] | type[PersonRow] | type[AbsenceRow], tuple[str, ...]]] = {
    "units": (UnitRow, ("code",)),
    "people": (PersonRow, ("code",)),
    "absences": (AbsenceRow, ("person", "stand_in", "starts_on", "ends_on")),
}
"""The class of a row of each table, and its required columns."""

MAX_FAULTS = 1_000  # reported at once


@dataclass(frozen=True)
class ImportCounts:
    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class ImportReport:
    units: ImportCounts
    people: ImportCounts
    absences: ImportCounts
    warnings: tuple[DondocError, ...] = ()  # faults that do not stop the import


@dataclass(frozen=True)
class GivenRegister:
    """The contents of the files, by table."""

    rows: Mapping[str, Mapping[int, Any]]  # by row number
    files: Mapping[str, str]  # names
    headings: Mapping[str, Mapping[str, str]]
    faults: Sequence[BadInput]


def open_register(
    *, units: Path | None = None, people: Path | None = None, absences: Path | None = None
) -> GivenRegister:
    """Read files by their paths, as `read_register` does. Raises NotFound or BadInput when one cannot be read."""
    given = {"units": units, "people": people, "absences": absences}
    return read_register({table: open_file(path) for table, path in given.items() if path is not None})


def read_register(given: Mapping[str, NamedFile]) -> GivenRegister:
    """Read .csv (UTF-8) or .xlsx files by table. It may take seconds, so call it before anything is locked.

    Raises BadInput when a file cannot be read at all.
    """
    rows: dict[str, Mapping[int, Any]] = {}
    files: dict[str, str] = {}
    headings: dict[str, Mapping[str, str]] = {}
    faults: list[BadInput] = []
    for table, (model, required) in TABLES.items():
        if table not in given:
            rows[table] = {}
            continue
        sheet = read_sheet(given[table], column_words(model), required, column_finder(model))
        rows[table], table_faults = read_rows(sheet, model)
        files[table], headings[table] = sheet.file, sheet.headings
        faults += table_faults
    return GivenRegister(rows, files, headings, faults)


def import_register(
    session: Session, given: GivenRegister, *, now: datetime, audit_actor: AuditActor | None = None
) -> ImportReport:
    """Import a register. A row with a known code updates its entry; columns that a file does not have stay.

    A changed head, deputy or focal point is recorded as a handover, effective today. Without `audit_actor`, the audit
    log names the command line. Raises BadRows with the faults; nothing is written then.
    """
    hold_register(session)
    register = plan_import(session, given)
    write_register(session, register, now)
    report = report_of(register)
    counts = {"units": report.units, "people": report.people, "absences": report.absences}
    changes = {
        table: {"added": count.created, "changed": count.updated}
        for table, count in counts.items()
        if count.created or count.updated
    }
    if changes:
        (audit_actor or AuditActor(now)).note(session, "register_imported", ", ".join(register.files.values()), changes)
    return report


def plan_import(session: Session, given: GivenRegister) -> Register:
    """Return the register after an import, and write nothing. Raises as `import_register` does."""
    faults = list(given.faults)
    register = stored_register(session)
    register.files, register.headings = dict(given.files), dict(given.headings)
    overlay(register, given.rows["units"], given.rows["people"], given.rows["absences"])
    if not faults:  # otherwise a refused row would be reported again as a missing reference
        register_faults = islice(chain(faults_of(register), leaving_faults(session, register)), MAX_FAULTS)
        faults += sorted(register_faults, key=lambda fault: (fault.facts["file"], fault.facts["row"]))
    if faults:
        raise BadRows(", ".join(given.files.values()), faults)
    return register


def report_of(register: Register) -> ImportReport:
    return ImportReport(
        _count(register.units), _count(register.people), _count(register.absences), tuple(warnings_of(register))
    )


def _count(entries: dict[str, MergedEntry]) -> ImportCounts:
    imported = [entry for entry in entries.values() if entry.row is not None]
    created = sum(entry.is_new for entry in imported)
    updated = sum(entry.is_changed for entry in imported)
    return ImportCounts(created, updated, len(imported) - created - updated)


MOST = 200  # changed rows that a preview lists; it counts the others


@dataclass(frozen=True)
class ChangedRow:
    table: str
    code: str
    is_new: bool
    fields: Sequence[tuple[str, str, str]]  # column, old value ("" for a new entry), new value


@dataclass(frozen=True)
class ImportPreview:
    report: ImportReport
    rows: Sequence[ChangedRow]
    more: int  # changed rows that are not listed
    mark: str  # differs when the import would do anything else

    @property
    def is_empty(self) -> bool:
        return not self.rows


def preview(register: Register) -> ImportPreview:
    """Return the changes of a register that `plan_import` returned."""
    changed = [
        _row(table, entry)
        for table in ("units", "people", "absences")
        for entry in sorted(getattr(register, table).values(), key=lambda entry: entry.row or 0)
        if entry.row is not None and (entry.is_new or entry.is_changed)
    ]
    return ImportPreview(report_of(register), changed[:MOST], max(0, len(changed) - MOST), mark_shown(changed))


def _row(table: str, entry: MergedEntry) -> ChangedRow:
    fields = [(column, _write_value(old), _write_value(new)) for column, (old, new) in entry.changes.items()]
    return ChangedRow(table, entry.code, entry.is_new, fields)


def _write_value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join("@".join(item) if isinstance(item, tuple) else str(item) for item in value)
    return "" if value is None else str(value)
