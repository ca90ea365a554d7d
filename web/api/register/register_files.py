"""Calls that import the register from spreadsheets, and export its tables as spreadsheets."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Base64Bytes, Field

from models.errors import Refused
from models.i18n import _
from web.api.caller import Administers, Reads
from web.api.files import BYTES, file_answer
from web.api.repeats import OnceRoute
from web.api.shapes import Shape, StrictBody
from workflows.organization.register.roles import refuse_from_programs
from workflows.organization.register.spreadsheet.export_register import columns_of, read_table, write_sheet
from workflows.organization.register.spreadsheet.import_register import (
    ImportPreview,
    import_register,
    plan_import,
    preview,
    read_register,
)
from workflows.organization.register.spreadsheet.sheet import MAX_BYTES, NamedFile, bounded
from workflows.organization.uploads import plain_name
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/register", tags=["register"], route_class=OnceRoute)
Table = Literal["units", "people", "absences"]
_TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class SheetGiven(StrictBody):
    """A spreadsheet, .csv (UTF-8) or .xlsx, as base64."""

    name: str = Field(min_length=1, max_length=255, examples=["don-vi.csv"])
    content: Base64Bytes = Field(max_length=2 * MAX_BYTES)


class ImportWanted(StrictBody):
    """Files by table. With the `mark` of a dry run, the import does exactly what the dry run showed, or nothing."""

    files: dict[Table, SheetGiven] = Field(min_length=1)
    dry_run: bool = Field(default=False, description="Only show the changes")
    mark: str = Field(default="", max_length=64, description="The dry run's; 409 if the changes would differ now")


class CountsShape(Shape):
    """Counts of the rows of one table."""

    created: int
    updated: int
    unchanged: int


class FieldChange(Shape):
    """A column before and after the import; `before` of a new row is empty."""

    column: str
    before: str
    after: str


class RowChange(Shape):
    """A row that is added or changed."""

    table: str = Field(examples=["units"])
    code: str
    is_new: bool
    fields: list[FieldChange]


class Imported(Shape):
    """The changes of an import; after a dry run, those that it would make."""

    units: CountsShape
    people: CountsShape
    absences: CountsShape
    warnings: list[str]
    rows: list[RowChange]
    more: int = Field(description="Changed rows beyond those listed")
    mark: str
    written: bool


@router.post("/import")
def import_files(body: ImportWanted, caller: Administers) -> Imported:
    """Import units, people and absences. Files with faults change nothing; each fault is named with its row."""
    caller.require(Right.EDIT_REGISTER)
    files: dict[str, NamedFile] = {
        table: (plain_name(sheet.name), bounded(sheet.name, sheet.content)) for table, sheet in body.files.items()
    }
    register = read_register(files)
    with caller.dry_run() if body.dry_run else caller.transaction() as session:
        plan = plan_import(session, register)
        refuse_from_programs(plan.people.values(), caller.person.id)
        changes = preview(plan)
        if body.mark and body.mark != changes.mark:
            raise Refused(_("the register has changed since you looked: check again what the files would change now"))
        if not body.dry_run:
            import_register(session, register, now=caller.now, audit_actor=caller.audit_actor)
    return _imported(changes, caller.person.language, written=not body.dry_run)


def _imported(changes: ImportPreview, language: str, *, written: bool) -> Imported:
    report = changes.report
    rows = [
        RowChange.of(row, fields=[FieldChange(column=name, before=old, after=new) for name, old, new in row.fields])
        for row in changes.rows
    ]
    warnings = [warning.tell(language) for warning in report.warnings]
    return Imported.of(report, warnings=warnings, rows=rows, more=changes.more, mark=changes.mark, written=written)


@router.get("/columns")
def columns(caller: Reads) -> dict[str, list[str]]:
    """Return the columns of units, people and absences."""
    caller.require(Right.EDIT_REGISTER)
    return {table: list(columns_of(table)) for table in ("units", "people", "absences")}


@router.get("/files/{table}", response_class=Response, responses=BYTES)
def export(
    table: Table,
    caller: Reads,
    form: Literal["csv", "xlsx"] = "csv",
    empty: Annotated[bool, Query(description="Only the columns, to fill in")] = False,
) -> Response:
    """Return a table as a spreadsheet that the import reads again."""
    caller.require(Right.EDIT_REGISTER)
    rows = []
    if not empty:
        with caller.reading() as session:
            rows = read_table(session, table)
    return file_answer(write_sheet(table, rows, form, caller.person.language), _TYPES[form], f"{table}.{form}")
