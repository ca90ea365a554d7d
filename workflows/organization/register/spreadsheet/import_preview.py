"""What an import would change, to be looked at before it is confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass

from workflows.access.conflict import mark_shown
from workflows.organization.register.spreadsheet.import_register import ImportReport, report_of
from workflows.organization.register.spreadsheet.merged import Entry, Register

MOST = 200  # changed rows that are listed; the others are counted


@dataclass(frozen=True)
class ChangedRow:
    """A row that adds or changes something: the columns with their values before (of a new one none) and after."""

    table: str
    code: str
    is_new: bool
    fields: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Preview:
    """What an import would do. `mark` is another one where it would do anything else."""

    report: ImportReport
    rows: Sequence[ChangedRow]
    more: int
    mark: str

    @property
    def is_empty(self) -> bool:
        return not self.rows


def preview(register: Register) -> Preview:
    """Preview a register as `plan_import` leaves it."""
    changed = [
        _row(table, entry)
        for table in ("units", "people", "absences")
        for entry in sorted(getattr(register, table).values(), key=lambda entry: entry.row or 0)
        if entry.row is not None and (entry.is_new or entry.is_changed)
    ]
    return Preview(report_of(register), changed[:MOST], max(0, len(changed) - MOST), mark_shown(changed))


def _row(table: str, entry: Entry) -> ChangedRow:
    fields = [(column, _written(old), _written(new)) for column, (old, new) in entry.changes.items()]
    return ChangedRow(table, entry.code, entry.is_new, fields)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join("@".join(one) if isinstance(one, tuple) else str(one) for one in value)
    return "" if value is None else str(value)
