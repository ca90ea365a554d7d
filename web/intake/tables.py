"""Take a follow-up table in: the file, the meaning of its columns, a dry run of its rows, then directive and launch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from sqlmodel import Session
from starlette.datastructures import UploadFile

from models.directives.directive import Directive
from models.errors import BadInput, DondocError, NotFound, Refused
from models.i18n import _, _n
from models.intake.intake import IntakeState
from models.intake.intake_table import IntakeTable
from models.organization.unit import UnitKind
from models.text.localtime import local_date
from web.intake.form_fields import TableForm, teach_phrase, units_of, which_unit
from web.request.form_input import Posted
from web.request.page_frame import options
from web.request.request_context import RequestContext, Signed
from workflows.access.conflict import CHANGED, Conflict, mark_of, refuse_changed
from workflows.intake.review.match import load_matcher
from workflows.intake.tables.confirm_table import conclude_table, find_table_directive
from workflows.intake.tables.row_outcomes import OutcomeKind, RowOutcome, mark_tried, try_out
from workflows.intake.tables.store_table import (
    correct_cell,
    drop_table,
    headings_of,
    keep_table,
    list_tables,
    open_table,
    read_cells,
    set_columns,
    set_document,
    set_headings,
    still_open,
    tick,
)
from workflows.intake.tables.table_columns import TableColumn
from workflows.launch.launch_tasks import Uncovered
from workflows.rules.rights_table import Right
from workflows.templates.typed_task import KINDS

router = APIRouter(prefix="/intake/tables")
MARKS = dict.fromkeys(OutcomeKind, "calm") | {
    OutcomeKind.NEW: "done",
    OutcomeKind.TAKEN: "done",
    OutcomeKind.FAULT: "late",
}
CAN_COME = (OutcomeKind.NEW, OutcomeKind.LEFT, OutcomeKind.DONE, OutcomeKind.TAKEN)
_DOCUMENT_FIELDS = {"kind", "number", "issued_on", "issuer", "subject", "fixed"}
_CORRECTABLE = (TableColumn.DUTY, TableColumn.LEAD, TableColumn.PARTNERS, TableColumn.DUE)
"""The columns that may be corrected beside a row with faults."""
_EXAMPLES = 3  # values shown of each column
_FIRST_ROWS = 8  # rows shown below the headings
_THIS_TABLE = _("this table")
SentTable = Annotated[TableForm, Depends(TableForm.sent)]


@router.get("")
def tables_page(context: Signed) -> Response:
    context.require(Right.LAUNCH)
    return _show_list(context, "")


@router.post("")
def take_in_table(context: Signed, form: SentTable, data: Posted) -> Response:
    """Store the table, and ask for the meaning of its columns. Known headings lead straight to the rows."""
    context.require(Right.LAUNCH)
    upload = data.get("file")
    with context.again(lambda error: _show_list(context, form.unit, error)):
        if not isinstance(upload, UploadFile) or not upload.filename:
            raise BadInput("file: choose the table, as .xlsx or .csv")
        cells = read_cells(upload.filename, upload.file.read(), context.person.id)
        with context.transaction() as session:
            unit = which_unit(session, context, form.unit)
            table = keep_table(
                session, upload.filename, cells, unit_id=unit.id, person_id=context.person.id, now=context.now
            )
            is_mapped = table.is_mapped
    return context.go(f"/intake/tables/{table.id.hex}" + ("" if is_mapped else "/columns"))


@router.get("/{table_id}/columns")
def columns_page(table_id: UUID, context: Signed) -> Response:
    return _show_columns(context, table_id)


@router.post("/{table_id}/columns")
def set_meanings(table_id: UUID, context: Signed, form: SentTable) -> Response:
    """Store where the headings stand, or what the columns mean: for this table, and later ones with its headings."""
    is_headings = form.do == "headings"
    with context.submit(lambda error: _show_columns(context, table_id, error, form), but=NotFound) as session:
        table = open_table(session, context.principal, table_id, to_write=True)
        still_open(table)
        refuse_changed(form.seen, table, what=_THIS_TABLE)
        if is_headings:
            set_headings(table, *form.headings)
        else:
            set_columns(session, table, form.columns(table), person_id=context.person.id, now=context.now)
    return context.go(f"/intake/tables/{table_id.hex}" + ("/columns" if is_headings else ""))


@router.get("/{table_id}")
def rows_page(table_id: UUID, context: Signed) -> Response:
    """Show a dry run of all rows, which writes nothing."""
    return _show_rows(context, table_id)


@router.post("/{table_id}")
def change_table(table_id: UUID, context: Signed, form: SentTable) -> Response:
    """Change the table as `do` says: its document, the meaning of a name, its rows, its conclusion, or its end."""
    with context.again(lambda error: _show_rows(context, table_id, error, form), but=NotFound):
        if form.do == "conclude":
            return _conclude(context, table_id, form)
        with context.transaction() as session:
            table = open_table(session, context.principal, table_id, to_write=True)
            if form.do not in _CHANGES:
                raise NotFound("there is no such page")
            _CHANGES[form.do](session, context, table, form)
    if form.do == "drop":
        return context.go("/intake/tables", _("The table was discarded."))
    return context.go(f"/intake/tables/{table_id.hex}")


def _conclude(context: RequestContext, table_id: UUID, form: TableForm) -> Response:
    """Store the ticks in a transaction of their own, so that they stay if the conclusion is refused."""
    with context.transaction() as session:
        table = open_table(session, context.principal, table_id, to_write=True)
        _tick(session, context, table, form)
        ticked = mark_of(table)
    with context.transaction() as session:
        table = open_table(session, context.principal, table_id, to_write=True)
        if table.state is IntakeState.OPEN:
            refuse_changed(ticked, table, what=_THIS_TABLE)
        done = conclude_table(
            context.acting(session), table, leave_faults=form.leave_faults, override=form.override, reason=form.reason
        )
    return context.go(
        f"/directives/{done.directive.code}",
        _("Made of the table: {duties}, {tasks}."),
        duties=_n("{count} duty", "{count} duties", count=done.duties),
        tasks=_n("{count} task", "{count} tasks", count=done.tasks),
    )


def _name_document(_session: Session, context: RequestContext, table: IntakeTable, form: TableForm) -> None:
    still_open(table)
    refuse_changed(form.seen, table, what=_THIS_TABLE)
    set_document(table, form.model_dump(include=_DOCUMENT_FIELDS), form.issued, local_date(context.now))


def _drop(session: Session, context: RequestContext, table: IntakeTable, form: TableForm) -> None:
    still_open(table)
    refuse_changed(form.seen, table, what=_THIS_TABLE)
    drop_table(session, table, now=context.now)


def _teach(session: Session, context: RequestContext, _table: IntakeTable, form: TableForm) -> None:
    teach_phrase(session, context, form)


def _tick(session: Session, context: RequestContext, table: IntakeTable, form: TableForm) -> None:
    """Store corrected cells and ticks of rows. Conflict if the dry run comes out otherwise than the page showed."""
    if table.state is not IntakeState.OPEN:
        return
    today = local_date(context.now)
    if form.seen != mark_tried(table, try_out(session, table, today)):
        raise Conflict(CHANGED, what=_THIS_TABLE)
    for name, value in form.fixes.items():
        _prefix, row, column = name.split("-")
        correct_cell(table, int(row), column, value)
    shown, ticked = form.ticks
    rows = [fate.row for fate in try_out(session, table, today) if fate.kind in CAN_COME]
    done = {row.number for row in rows if row.is_done}
    tick(table, ticked, new={row.number for row in rows} & shown - done, done=done & shown)


_CHANGES: Mapping[str, Callable[[Session, RequestContext, IntakeTable, TableForm], None]] = {
    "document": _name_document,
    "teach": _teach,
    "ticks": _tick,
    "drop": _drop,
}


def _show_list(context: RequestContext, unit: str, error: DondocError | None = None) -> Response:
    with context.reading() as session:
        units = units_of(session, context)
        waiting = list_tables(session, context.principal.speaks_for)
    return context.page("intake/table_list.html", error=error, unit=unit, units=units, waiting=waiting)


def _show_columns(
    context: RequestContext, table_id: UUID, error: DondocError | None = None, typed: TableForm | None = None
) -> Response:
    with context.reading() as session:
        table = open_table(session, context.principal, table_id)
    meanings = {place: meaning for meaning, place in table.mapping.items()}
    seen = seen_columns = mark_of(table)
    if typed and typed.do != "headings":
        meanings, seen_columns = typed.columns(table), typed.seen
    return context.page(
        "intake/table_columns.html",
        error=error,
        table=table,
        columns=_shown_columns(table, meanings),
        is_open=table.state is IntakeState.OPEN,
        meanings=options(TableColumn.labels().items(), context),
        first_rows=list(enumerate(table.cells[: table.heads_to + _FIRST_ROWS], start=1)),
        seen=seen,
        seen_columns=seen_columns,
    )


class ShownColumn(NamedTuple):
    """A column of the table. `letters` name it as in a spreadsheet; `place` counts from 0."""

    place: int
    letters: str
    heading: str
    examples: list[str]
    meaning: str


def _shown_columns(table: IntakeTable, meanings: Mapping[int, str]) -> Iterator[ShownColumn]:
    rows = table.cells[table.heads_to :]
    for place, heading in enumerate(headings_of(table).words):
        examples = [row[place] for row in rows if row[place]][:_EXAMPLES]
        yield ShownColumn(place, _column_letters(place), heading, examples, meanings.get(place, ""))


def _show_rows(
    context: RequestContext, table_id: UUID, error: DondocError | None = None, typed: TableForm | None = None
) -> Response:
    with context.reading() as session:
        table = open_table(session, context.principal, table_id)
        fates = try_out(session, table, local_date(context.now)) if table.state is IntakeState.OPEN else []
        matcher = load_matcher(session) if fates else None
        directive = _find_directive(session, table)
    document = typed if typed and typed.do == "document" else _document_form(table)
    checked = {fate.row.number for fate in fates if fate.kind in (OutcomeKind.NEW, OutcomeKind.TAKEN)}
    fixes: dict[str, str] = {}
    if typed and isinstance(error, Conflict):  # nothing of the form was stored
        shown, ticked = typed.ticks
        checked, fixes = (checked - shown) | ticked, typed.fixes
    return context.page(
        "intake/table_rows.html",
        error=error,
        table=table,
        given=document,
        gaps=isinstance(error, Uncovered),
        typed=typed.do if typed else "",
        reason=typed.reason if typed else "",
        is_open=table.state is IntakeState.OPEN,
        fates=fates,
        counts=_count_by_kind(fates),
        unknown=_unknown_names(fates),
        marks=MARKS,
        can_come=CAN_COME,
        column_words=TableColumn.labels(),
        columns_to_fix=[column for column in _CORRECTABLE if column in table.mapping],
        taught=matcher.taught if matcher else None,
        groups=matcher.groups() if matcher else [],
        unit_kinds=options(UnitKind.labels().items(), context),
        kinds_of_document=[(kind, kind) for kind in KINDS],
        today=local_date(context.now),
        document_here=directive,
        checked=checked,
        fixes=fixes,
        seen=mark_of(table),
        seen_document=document.seen,
        seen_rows=mark_tried(table, fates),
    )


def _document_form(table: IntakeTable) -> TableForm:
    return TableForm(
        seen=mark_of(table),
        kind=table.kind,
        number=table.number or "",
        issuer=table.issuer,
        subject=table.subject,
        issued_on=table.issued_on.isoformat() if table.issued_on else "",
        fixed="on" if table.dates_are_fixed else "",
    )


def _find_directive(session: Session, table: IntakeTable) -> Directive | DondocError | None:
    """Return the directive that the rows would be added to, or the reason why its number cannot be used."""
    try:
        return find_table_directive(session, table) if table.state is IntakeState.OPEN else None
    except Refused as error:
        return error


def _count_by_kind(fates: Sequence[RowOutcome]) -> list[tuple[OutcomeKind, int]]:
    kinds = [fate.kind for fate in fates]
    return [(kind, kinds.count(kind)) for kind in OutcomeKind if kind in kinds]


class UnknownName(NamedTuple):
    """A name that stands for no known unit, the units with similar names, and the numbers of its rows."""

    phrase: str
    near: Sequence[object]
    rows: list[int]


def _unknown_names(fates: Sequence[RowOutcome]) -> list[UnknownName]:
    names: dict[str, UnknownName] = {}
    for fate in fates:
        for unknown in fate.unknown:
            name = names.setdefault(unknown.phrase, UnknownName(unknown.phrase, unknown.near, []))
            name.rows.append(fate.row.number)
    return list(names.values())


def _column_letters(place: int) -> str:
    return (_column_letters(place // 26 - 1) if place >= 26 else "") + chr(65 + place % 26)
