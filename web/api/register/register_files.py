"""The register from and to spreadsheets: what files would change, the import, and every table as a file."""

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
    """Files by table. What a dry run answered as `mark` makes sure that nothing else is done than was looked at."""

    files: dict[Table, SheetGiven] = Field(min_length=1)
    dry_run: bool = Field(default=False, description="Only say what it would change")
    mark: str = Field(default="", max_length=64, description="Of the dry run; 409 where it would do something else now")


class CountsShape(Shape):
    """What it does to one table."""

    created: int
    updated: int
    unchanged: int


class FieldChange(Shape):
    """A column before (of a new row empty) and after."""

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
    """What the files change, or would."""

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
    """Import units, people and absences: all of it or, with every fault named by row, nothing."""
    caller.require(Right.EDIT_REGISTER)
    files: dict[str, NamedFile] = {
        table: (plain_name(one.name), bounded(one.name, one.content)) for table, one in body.files.items()
    }
    given = read_register(files)
    with caller.dry_run() if body.dry_run else caller.transaction() as session:
        plan = plan_import(session, given)
        refuse_from_programs(plan.people.values(), caller.person.id)
        seen = preview(plan)
        if body.mark and body.mark != seen.mark:
            raise Refused(_("the register has changed since you looked: check again what the files would change now"))
        if not body.dry_run:
            import_register(session, given, now=caller.now, hand=caller.hand)
    return _imported(seen, caller.person.language, written=not body.dry_run)


def _imported(seen: ImportPreview, language: str, *, written: bool) -> Imported:
    report = seen.report
    rows = [
        RowChange.of(row, fields=[FieldChange(column=name, before=old, after=new) for name, old, new in row.fields])
        for row in seen.rows
    ]
    warnings = [one.tell(language) for one in report.warnings]
    return Imported.of(report, warnings=warnings, rows=rows, more=seen.more, mark=seen.mark, written=written)


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
    empty: Annotated[bool, Query(description="Only the columns, to be filled in")] = False,
) -> Response:
    """Return a table as the very spreadsheet that an import reads."""
    caller.require(Right.EDIT_REGISTER)
    rows = []
    if not empty:
        with caller.reading() as session:
            rows = read_table(session, table)
    return file_answer(write_sheet(table, rows, form, caller.person.language), _TYPES[form], f"{table}.{form}")
