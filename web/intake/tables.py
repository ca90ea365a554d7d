"""A follow-up table comes in: the file, which column holds what, every row's fate, then directive and launch."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated
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
from web.intake.form_fields import TableForm, say_whom, units_of, which_unit
from web.request.form_input import Posted
from web.request.page_frame import options
from web.request.request_context import RequestContext, Signed
from workflows.access.conflict import CHANGED, Conflict, mark_of, refuse_changed
from workflows.intake.review.match import load_matcher
from workflows.intake.tables.confirm_table import conclude_table, document_here
from workflows.intake.tables.fates import FateKind, RowFate, mark_tried, try_out
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
MARKS = dict.fromkeys(FateKind, "calm") | {FateKind.NEW: "done", FateKind.TAKEN: "done", FateKind.FAULT: "late"}
CAN_COME = (FateKind.NEW, FateKind.LEFT, FateKind.DONE, FateKind.TAKEN)
_DOCUMENT = {"kind", "number", "issued_on", "issuer", "subject", "fixed"}
_TO_FIX = (TableColumn.DUTY, TableColumn.LEAD, TableColumn.PARTNERS, TableColumn.DUE)
"""What may be corrected beside a row that has faults."""
_EXAMPLES, _SHOWN = 3, 8
_THIS = _("this table")


SentTable = Annotated[TableForm, Depends(TableForm.sent)]


@router.get("")
def tables_page(context: Signed) -> Response:
    context.require(Right.LAUNCH)
    return _list(context, "")


@router.post("")
def take_in_table(context: Signed, given: SentTable, form: Posted) -> Response:
    """Read and keep it, and ask about its columns; straight to its rows where the headings are known."""
    context.require(Right.LAUNCH)
    sent = form.get("file")
    with context.again(lambda error: _list(context, given.unit, error)):
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise BadInput("file: choose the table, as .xlsx or .csv")
        cells = read_cells(sent.filename, sent.file.read(), context.person.id)
        with context.transaction() as session:
            unit = which_unit(session, context, given.unit)
            table = keep_table(
                session, sent.filename, cells, unit_id=unit.id, person_id=context.person.id, now=context.now
            )
            is_mapped = table.is_mapped
    return context.go(f"/intake/tables/{table.id.hex}" + ("" if is_mapped else "/columns"))


@router.get("/{table_id}/columns")
def columns_page(table_id: UUID, context: Signed) -> Response:
    return _columns(context, table_id)


@router.post("/{table_id}/columns")
def say_columns(table_id: UUID, context: Signed, given: SentTable) -> Response:
    """Keep it for this table, and for the next one with these headings."""
    is_headings = given.do == "headings"
    with context.submit(lambda error: _columns(context, table_id, error, given), but=NotFound) as session:
        table = open_table(session, context.principal, table_id, to_write=True)
        still_open(table)
        refuse_changed(given.seen, table, what=_THIS)
        if is_headings:
            set_headings(table, *given.headings)
        else:
            set_columns(session, table, given.columns(table), person_id=context.person.id, now=context.now)
    return context.go(f"/intake/tables/{table_id.hex}" + ("/columns" if is_headings else ""))


@router.get("/{table_id}")
def rows_page(table_id: UUID, context: Signed) -> Response:
    """A dry run: nothing is written by looking."""
    return _rows(context, table_id)


@router.post("/{table_id}")
def change_table(table_id: UUID, context: Signed, given: SentTable) -> Response:
    """Do one thing to the table: its document, whom a name means, which rows come along, concluded, put aside."""
    with context.again(lambda error: _rows(context, table_id, error, given), but=NotFound):
        if given.do == "conclude":
            return _conclude(context, table_id, given)
        with context.transaction() as session:
            table = open_table(session, context.principal, table_id, to_write=True)
            if given.do not in _BUTTONS:
                raise NotFound("there is no such page")
            _BUTTONS[given.do](session, context, table, given)
    if given.do == "drop":
        return context.go("/intake/tables", _("The table was discarded."))
    return context.go(f"/intake/tables/{table_id.hex}")


def _conclude(context: RequestContext, table_id: UUID, given: TableForm) -> Response:
    """Keep what was ticked, whatever comes of the rest; then make duties and tasks of it."""
    with context.transaction() as session:
        table = open_table(session, context.principal, table_id, to_write=True)
        _tick(session, context, table, given)
        ticked = mark_of(table)
    with context.transaction() as session:
        table = open_table(session, context.principal, table_id, to_write=True)
        if table.state is IntakeState.OPEN:
            refuse_changed(ticked, table, what=_THIS)
        done = conclude_table(
            context.acting(session),
            table,
            leave_faults=given.leave_faults,
            override=given.override,
            reason=given.reason,
        )
    return context.go(
        f"/directives/{done.directive.code}",
        _("Made of the table: {duties}, {tasks}."),
        duties=_n("{count} duty", "{count} duties", count=done.duties),
        tasks=_n("{count} task", "{count} tasks", count=done.tasks),
    )


def _name_document(_session: Session, context: RequestContext, table: IntakeTable, given: TableForm) -> None:
    still_open(table)
    refuse_changed(given.seen, table, what=_THIS)
    set_document(table, given.model_dump(include=_DOCUMENT), given.issued, local_date(context.now))


def _drop(session: Session, context: RequestContext, table: IntakeTable, given: TableForm) -> None:
    still_open(table)
    refuse_changed(given.seen, table, what=_THIS)
    drop_table(session, table, now=context.now)


def _teach(session: Session, context: RequestContext, _table: IntakeTable, given: TableForm) -> None:
    say_whom(session, context, given)


def _tick(session: Session, context: RequestContext, table: IntakeTable, given: TableForm) -> None:
    """Store what the form says of its rows: cells put right, and ticks. Conflict where other fates were shown."""
    if table.state is not IntakeState.OPEN:
        return
    today = local_date(context.now)
    if given.seen != mark_tried(table, try_out(session, table, today)):
        raise Conflict(CHANGED, what=_THIS)
    for name, value in given.fixes.items():
        _prefix, row, column = name.split("-")
        correct_cell(table, int(row), column, value)
    shown, ticked = given.ticks
    rows = [fate.row for fate in try_out(session, table, today) if fate.kind in CAN_COME]
    done = {row.number for row in rows if row.is_done}
    tick(table, ticked, new={row.number for row in rows} & shown - done, done=done & shown)


_BUTTONS: Mapping[str, Callable[[Session, RequestContext, IntakeTable, TableForm], None]] = {
    "document": _name_document,
    "teach": _teach,
    "ticks": _tick,
    "drop": _drop,
}


def _list(context: RequestContext, unit: str, error: DondocError | None = None) -> Response:
    with context.reading() as session:
        units = units_of(session, context)
        waiting = list_tables(session, context.principal.speaks_for)
    return context.page("intake/table_list.html", error=error, unit=unit, units=units, waiting=waiting)


def _columns(
    context: RequestContext, table_id: UUID, error: DondocError | None = None, typed: TableForm | None = None
) -> Response:
    with context.reading() as session:
        table = open_table(session, context.principal, table_id)
    places = {place: name for name, place in table.mapping.items()}
    seen = seen_columns = mark_of(table)
    if typed and typed.do != "headings":
        places, seen_columns = typed.columns(table), typed.seen
    below = table.cells[table.heads_to :]
    columns = [
        (place, _letter(place), words, [row[place] for row in below if row[place]][:_EXAMPLES], places.get(place, ""))
        for place, words in enumerate(headings_of(table).words)
    ]
    return context.page(
        "intake/table_columns.html",
        error=error,
        table=table,
        columns=columns,
        is_open=table.state is IntakeState.OPEN,
        holds=options(TableColumn.labels().items(), context),
        first_rows=list(enumerate(table.cells[: table.heads_to + _SHOWN], start=1)),
        seen=seen,
        seen_columns=seen_columns,
    )


def _rows(
    context: RequestContext, table_id: UUID, error: DondocError | None = None, typed: TableForm | None = None
) -> Response:
    with context.reading() as session:
        table = open_table(session, context.principal, table_id)
        fates = try_out(session, table, local_date(context.now)) if table.state is IntakeState.OPEN else []
        matcher = load_matcher(session) if fates else None
        here = _document_here(session, table)
    document = typed if typed and typed.do == "document" else _of_document(table)
    checked = {fate.row.number for fate in fates if fate.kind in (FateKind.NEW, FateKind.TAKEN)}
    fixes: dict[str, str] = {}
    if typed and isinstance(error, Conflict):  # nothing of it was kept
        shown, ticked = typed.ticks
        checked, fixes = checked - shown | ticked, typed.fixes
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
        counts=_counts(fates),
        unknown=_unknown(fates),
        marks=MARKS,
        can_come=CAN_COME,
        column_words=TableColumn.labels(),
        columns_to_fix=[one for one in _TO_FIX if one in table.mapping],
        taught=matcher.taught if matcher else None,
        groups=matcher.groups() if matcher else [],
        unit_kinds=options(UnitKind.labels().items(), context),
        kinds_of_document=[(one, one) for one in KINDS],
        today=local_date(context.now),
        document_here=here,
        checked=checked,
        fixes=fixes,
        seen=mark_of(table),
        seen_document=document.seen,
        seen_rows=mark_tried(table, fates),
    )


def _of_document(table: IntakeTable) -> TableForm:
    return TableForm(
        seen=mark_of(table),
        kind=table.kind,
        number=table.number or "",
        issuer=table.issuer,
        subject=table.subject,
        issued_on=table.issued_on.isoformat() if table.issued_on else "",
        fixed="on" if table.dates_are_fixed else "",
    )


def _document_here(session: Session, table: IntakeTable) -> Directive | DondocError | None:
    """Return the document that rows would be added to, or why there may be none of this number."""
    try:
        return document_here(session, table) if table.state is IntakeState.OPEN else None
    except Refused as error:
        return error


def _counts(fates: Sequence[RowFate]) -> list[tuple[FateKind, int]]:
    kinds = [fate.kind for fate in fates]
    return [(kind, kinds.count(kind)) for kind in FateKind if kind in kinds]


def _unknown(fates: Sequence[RowFate]) -> list[tuple[str, Sequence[object], list[int]]]:
    """Return each name that is unknown, what is near it, and the rows where it stands."""
    found: dict[str, tuple[Sequence[object], list[int]]] = {}
    for fate in fates:
        for one in fate.unknown:
            found.setdefault(one.phrase, (one.near, []))[1].append(fate.row.number)
    return [(phrase, near, rows) for phrase, (near, rows) in found.items()]


def _letter(place: int) -> str:
    """A, B … Z, AA: as a spreadsheet names its columns."""
    return (_letter(place // 26 - 1) if place >= 26 else "") + chr(65 + place % 26)
