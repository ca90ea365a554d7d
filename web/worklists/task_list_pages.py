"""The list of tasks: filters and columns in its address, and CSV and Excel files of the same rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Annotated, Self
from urllib.parse import parse_qs, urlencode
from uuid import UUID

import xlsxwriter
from fastapi import APIRouter, Depends, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import Field, ValidationError, model_validator

from models.i18n import Labelled, Words, _
from models.text.localtime import write_date
from notifications.composing.wording import WrittenWords
from web.reports.report_files import XLSX
from web.request.form_input import FormInput, Posted, Ticked
from web.request.given_values import AddressQuery
from web.request.having_right import MaySeeWork
from web.request.request_context import RequestContext
from web.request.word_filters import duty_name, period_name
from workflows.bounded_process.turns import Turns
from workflows.organization.plain_cells import plain_line
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.bulk_choice import BULK_ACTIONS
from workflows.rules.rights_table import Right
from workflows.worklists.board.bulk_check import TAIL
from workflows.worklists.saved_views import LONGEST_NAME, delete_view, list_views, save_view
from workflows.worklists.task_filter import ShownTasks, Sort, TaskFilter
from workflows.worklists.task_rows import MOST_ROWS, TaskRow, count_tasks, list_tasks, read_tasks

router = APIRouter(prefix="/tasks")
_TURNS = Turns()
"""Limits how many files are written at once: a file may have 20,000 rows."""


@dataclass(frozen=True)
class _CellContext:
    words: Callable[[str], str]
    today: date
    calendar: WorkCalendar


_Cell = Callable[[TaskRow, _CellContext], object]


class TaskColumn(Labelled):
    """A column of the list, on the page and in files. `cell` returns the value of a row's cell."""

    cell: _Cell
    sort: Sort | None

    def __new__(cls, code: str, label: str = "", cell: _Cell = str, sort: Sort | None = None) -> Self:  # type: ignore[assignment]
        member = str.__new__(cls, code)
        member._value_, member.label, member.cell, member.sort = code, Words(label), cell, sort
        return member

    DAYS = "days", _("Days left"), lambda row, context: row.days_left(context.today, context.calendar), Sort.DUE
    DUE = "due", _("Deadline"), lambda row, _context: row.due_on, Sort.DUE
    STATE = "state", _("State"), lambda row, context: context.words(row.status.label), Sort.STATE
    UNIT = "unit", _("Unit"), lambda row, _context: row.unit, Sort.UNIT
    PERSON = "person", _("Head"), lambda row, _context: row.head_name, Sort.PERSON
    PHONE = "phone", _("Telephone"), lambda row, _context: row.phone
    OFFICER = "officer", _("Officer"), lambda row, _context: row.officer_name
    PROGRESS = "progress", _("Last progress"), lambda row, _context: row.last_progress
    DIRECTIVE = "directive", _("Directive"), lambda row, _context: row.directive_name


DEFAULT_COLUMNS = (
    TaskColumn.DAYS,
    TaskColumn.DUE,
    TaskColumn.UNIT,
    TaskColumn.PERSON,
    TaskColumn.PHONE,
    TaskColumn.STATE,
)


class ListQuery(AddressQuery, TaskFilter):
    """The address of a list: its filter, the column that groups the rows, and the columns that are shown."""

    group: Sort | None = None
    column: tuple[TaskColumn, ...] = DEFAULT_COLUMNS
    page: int = Field(1, exclude=True)

    @model_validator(mode="after")
    def _sort_by_group(self) -> Self:
        return self.model_copy(update={"sort": self.group}) if self.group else self


AskedList = Annotated[ListQuery, Query()]


class NamedListForm(FormInput):
    name: str = ""
    parameters: str = Field(default="", alias="query")  # of the list's address
    is_shared: Ticked = False


@router.get("")
def task_list_page(context: MaySeeWork, asked: AskedList) -> Response:
    with context.reading() as session:
        rows, paging = read_tasks(session, context.principal, asked, context.now, page=asked.page)
        cell_context = _CellContext(context.words, context.today, context.calendar(session))
        counts = count_tasks(session, context.principal, context.now)
        views = list_views(session, context.person)
    directives = {row.directive for row in rows}
    may_bulk = len(directives) == 1 and context.principal.may(Right.BULK)
    return context.page(
        "task_list.html",
        asked=asked,
        rows=rows,
        paging=paging,
        counts=counts,
        views=views,
        query=urlencode(asked.parameters()),
        longest_name=LONGEST_NAME,
        shown=ShownTasks.labels(),
        filters=_filters(context, asked),
        columns=TaskColumn.labels(),
        sorted_column=next((column for column in asked.column if column.sort is asked.sort), None),
        by_duty=Sort.DUTY,
        groups=Sort.labels(),
        group_of=lambda row: _group_name(context, asked.group, row),
        cell_context=cell_context,
        period=lambda row: period_name(row.occurrence, {}, context.language),
        bulk_code=directives.pop() if may_bulk else None,
        actions={action.value: action.label for action in BULK_ACTIONS},
        tail=TAIL,
    )


def _filters(context: RequestContext, asked: ListQuery) -> list[tuple[str, str]]:
    """Return the words of each filter that is set, with the address of the list without that filter."""
    day = WrittenWords(context.language).day
    words = {
        "directive": asked.directive,
        "unit": asked.unit,
        "duty": asked.duty and duty_name(asked.duty, context.language),
        "due": asked.due and day(asked.due),
        "due_from": asked.due_from and context.words(_("due from {day}"), day=day(asked.due_from)),
        "due_to": asked.due_to and context.words(_("due until {day}"), day=day(asked.due_to)),
        "own": asked.own and context.words(_("your own")),
        "reason": asked.reason and context.words(asked.reason.label),
        "q": asked.q and f"“{asked.q}”",
    }
    defaults = {name: ListQuery.model_fields[name].default for name in words}
    return [(label, asked.address("/tasks", **{name: defaults[name]})) for name, label in words.items() if label]


def _group_name(context: RequestContext, group: Sort | None, row: TaskRow) -> str:
    match group:
        case Sort.UNIT:
            return row.unit
        case Sort.PERSON:
            return row.head_name or "–"
        case Sort.STATE:
            return context.words(row.status.label)
        case Sort.DUTY:
            return _duty_label(context, row)
        case Sort.DUE:
            return write_date(row.due_on) if row.due_on else context.words(_("no deadline set yet"))
        case None:
            return ""


def _duty_label(context: RequestContext, row: TaskRow) -> str:
    return f"{duty_name(row.duty, context.language)}: {row.title}"


@router.post("/views")
def save_list(context: MaySeeWork, form: Annotated[NamedListForm, Depends(NamedListForm.sent)]) -> Response:
    query = urlencode(_read_query(form.parameters).parameters())
    with context.transaction() as session:
        save_view(session, context.person, form.name, query, is_shared=form.is_shared, now=context.now)
    return context.go(f"/tasks?{query}", _("The list is saved."))


@router.post("/views/{view_id}/delete")
def delete_list(view_id: UUID, context: MaySeeWork, form: Posted) -> Response:
    with context.transaction() as session:
        delete_view(session, context.person, view_id)
    return context.go("/tasks", _("The named list is deleted."))


def _read_query(parameters: str) -> ListQuery:
    """Read the parameters of a list's address. RequestValidationError for wrong ones."""
    values = {name: items if name == "column" else items[-1] for name, items in parse_qs(parameters).items()}
    try:
        return ListQuery.model_validate(values)
    except ValidationError as error:
        faults = [fault | {"loc": ("query", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from error


@router.get("/csv")
def csv_file(context: MaySeeWork, asked: AskedList) -> Response:
    """Return UTF-8 with a byte order mark, by which spreadsheets recognise it."""
    with _TURNS.take(context.person.id):
        text = "\ufeff" + "".join(plain_line(cells) for cells in _read_cells(context, asked))
    return _file_response(context, text.encode(), "csv", "text/csv; charset=utf-8")


@router.get("/xlsx")
def excel_file(context: MaySeeWork, asked: AskedList) -> Response:
    """Return a workbook in which every cell is text."""
    content = BytesIO()
    with _TURNS.take(context.person.id), xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        bold, as_text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for line, cells in enumerate(_read_cells(context, asked)):
            for position, cell in enumerate(cells):
                sheet.write_string(line, position, cell, as_text if line else bold)
        sheet.autofit()
    return _file_response(context, content.getvalue(), "xlsx", XLSX)


def _read_cells(context: RequestContext, asked: ListQuery) -> Iterator[list[str]]:
    """Yield the lines of a file, the headings first."""
    with context.reading() as session:
        rows = list_tasks(session, context.principal, asked, context.now, most=MOST_ROWS)
        cell_context = _CellContext(context.words, context.today, context.calendar(session))
    headings = [_("Duty"), _("Period"), *(column.label for column in asked.column)]
    yield [context.words(heading) for heading in headings]
    for row in rows:
        values = (column.cell(row, cell_context) for column in asked.column)
        period = period_name(row.occurrence, {}, context.language)
        yield [_duty_label(context, row), period, *("" if value is None else str(value) for value in values)]


def _file_response(context: RequestContext, content: bytes, ending: str, media_type: str) -> Response:
    name = f"{'nhiem-vu' if context.language == 'vi' else 'tasks'}-{context.today}.{ending}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
