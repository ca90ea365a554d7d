"""The flat list of tasks: filters in its address, columns one chooses, and files of exactly what it shows."""

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
from workflows.apart.turns import Turns
from workflows.organization.plain_cells import plain_line
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.bulk_choice import BULK_ACTIONS
from workflows.rules.rights_table import Right
from workflows.worklists.board.bulk_check import TAIL
from workflows.worklists.saved_views import LONGEST_NAME, delete_view, list_views, save_view
from workflows.worklists.task_list import (
    MOST_ROWS,
    Shown,
    Sort,
    TaskFilter,
    TaskRow,
    count_tasks,
    list_tasks,
    read_tasks,
)

router = APIRouter(prefix="/tasks")
_TURNS = Turns()
"""Of files of the list, which may have 20,000 rows."""


@dataclass(frozen=True)
class _CellReader:
    words: Callable[[str], str]
    today: date
    calendar: WorkCalendar


_Cell = Callable[[TaskRow, _CellReader], object]


class TaskColumn(Labelled):
    """A column of the list, for the page and its files: what a cell says, and what it sorts by."""

    cell: _Cell
    sort: Sort | None

    def __new__(cls, code: str, label: str = "", cell: _Cell = str, sort: Sort | None = None) -> Self:  # type: ignore[assignment]
        member = str.__new__(cls, code)
        member._value_, member.label, member.cell, member.sort = code, Words(label), cell, sort
        return member

    DAYS = "days", _("Days left"), lambda row, reader: row.days_left(reader.today, reader.calendar), Sort.DUE
    DUE = "due", _("Deadline"), lambda row, _reader: row.due_on, Sort.DUE
    STATE = "state", _("State"), lambda row, reader: reader.words(row.status.label), Sort.STATE
    UNIT = "unit", _("Unit"), lambda row, _reader: row.unit, Sort.UNIT
    PERSON = "person", _("Head"), lambda row, _reader: row.head_name, Sort.PERSON
    PHONE = "phone", _("Telephone"), lambda row, _reader: row.phone
    OFFICER = "officer", _("Officer"), lambda row, _reader: row.officer_name
    PROGRESS = "progress", _("Last progress"), lambda row, _reader: row.last_progress
    DIRECTIVE = "directive", _("Directive"), lambda row, _reader: row.directive_name


USUAL = (TaskColumn.DAYS, TaskColumn.DUE, TaskColumn.UNIT, TaskColumn.PERSON, TaskColumn.PHONE, TaskColumn.STATE)


class ListQuery(AddressQuery, TaskFilter):
    """What an address asks for: the filter, by what the rows stand together, and the columns."""

    group: Sort | None = None
    column: tuple[TaskColumn, ...] = USUAL
    page: int = Field(1, exclude=True)

    @model_validator(mode="after")
    def _sort_by_group(self) -> Self:
        return self.model_copy(update={"sort": self.group}) if self.group else self


AskedList = Annotated[ListQuery, Query()]


class NamedList(FormInput):
    """`parameters`: those of the list's address."""

    name: str = ""
    parameters: str = Field(default="", alias="query")
    is_shared: Ticked = False


@router.get("")
def task_list_page(context: MaySeeWork, asked: AskedList) -> Response:
    with context.reading() as session:
        rows, paging = read_tasks(session, context.principal, asked, context.now, page=asked.page)
        reader = _CellReader(context.words, context.today, context.calendar(session))
        counts = count_tasks(session, context.principal, context.now)
        views = list_views(session, context.person)
    codes = {row.directive for row in rows}
    may_bulk = len(codes) == 1 and context.principal.may(Right.BULK)
    return context.page(
        "task_list.html",
        asked=asked,
        rows=rows,
        paging=paging,
        counts=counts,
        views=views,
        query=urlencode(asked.parameters()),
        longest_name=LONGEST_NAME,
        shown=Shown.labels(),
        filters=_filters(context, asked),
        columns=TaskColumn.labels(),
        sorted_column=next((one for one in asked.column if one.sort is asked.sort), None),
        by_duty=Sort.DUTY,
        groups=Sort.labels(),
        group_of=lambda row: _group(context, asked.group, row),
        reader=reader,
        period=lambda row: period_name(row.occurrence, {}, context.language),
        bulk_code=codes.pop() if may_bulk else None,
        actions={action.value: action.label for action in BULK_ACTIONS},
        tail=TAIL,
    )


def _filters(context: RequestContext, asked: ListQuery) -> list[tuple[str, str]]:
    """Return the words of each filter that is set, and the address of the list without it."""
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
    unset = {name: ListQuery.model_fields[name].default for name in words}
    return [(said, asked.address("/tasks", **{name: unset[name]})) for name, said in words.items() if said]


def _group(context: RequestContext, group: Sort | None, row: TaskRow) -> str:
    match group:
        case Sort.UNIT:
            return row.unit
        case Sort.PERSON:
            return row.head_name or "–"
        case Sort.STATE:
            return context.words(row.status.label)
        case Sort.DUTY:
            return f"{duty_name(row.duty, context.language)}: {row.title}"
        case Sort.DUE:
            return write_date(row.due_on) if row.due_on else context.words(_("no deadline set yet"))
        case None:
            return ""


@router.post("/views")
def save_list(context: MaySeeWork, given: Annotated[NamedList, Depends(NamedList.sent)]) -> Response:
    query = urlencode(_read_query(given.parameters).parameters())
    with context.transaction() as session:
        save_view(session, context.person, given.name, query, is_shared=given.is_shared, now=context.now)
    return context.go(f"/tasks?{query}", _("The list is saved."))


@router.post("/views/{view_id}/delete")
def delete_list(view_id: UUID, context: MaySeeWork, form: Posted) -> Response:
    with context.transaction() as session:
        delete_view(session, context.person, view_id)
    return context.go("/tasks", _("The named list is deleted."))


def _read_query(given: str) -> ListQuery:
    """`given`: the parameters of a list's address, as a form holds them. RequestValidationError for wrong ones."""
    values = {name: ones if name == "column" else ones[-1] for name, ones in parse_qs(given).items()}
    try:
        return ListQuery.model_validate(values)
    except ValidationError as error:
        raise RequestValidationError([one | {"loc": ("query", *one["loc"])} for one in error.errors()]) from error


@router.get("/csv")
def csv_of_it(context: MaySeeWork, asked: AskedList) -> Response:
    """UTF-8 with a mark, so that spreadsheets read it."""
    with _TURNS.take(context.person.id):
        text = "\ufeff" + "".join(plain_line(cells) for cells in _cells(context, asked))
    return _file(context, text.encode(), "csv", "text/csv; charset=utf-8")


@router.get("/xlsx")
def book_of_it(context: MaySeeWork, asked: AskedList) -> Response:
    """Every cell is text."""
    content = BytesIO()
    with _TURNS.take(context.person.id), xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        bold, as_text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for number, cells in enumerate(_cells(context, asked)):
            for position, cell in enumerate(cells):
                sheet.write_string(number, position, cell, as_text if number else bold)
        sheet.autofit()
    return _file(context, content.getvalue(), "xlsx", XLSX)


def _cells(context: RequestContext, asked: ListQuery) -> Iterator[list[str]]:
    with context.reading() as session:
        rows = list_tasks(session, context.principal, asked, context.now, most=MOST_ROWS)
        reader = _CellReader(context.words, context.today, context.calendar(session))
    yield [context.words(_("Duty")), context.words(_("Period")), *(context.words(one.label) for one in asked.column)]
    for row in rows:
        duty = f"{duty_name(row.duty, context.language)}: {row.title}"
        period = period_name(row.occurrence, {}, context.language)
        yield [
            duty,
            period,
            *("" if cell is None else str(cell) for cell in (one.cell(row, reader) for one in asked.column)),
        ]


def _file(context: RequestContext, content: bytes, ending: str, media_type: str) -> Response:
    name = f"{'nhiem-vu' if context.language == 'vi' else 'tasks'}-{context.today}.{ending}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
