"""The flat list of tasks: filters in its address, columns one chooses, and files of exactly what it shows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import xlsxwriter
from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import QueryParams

from models.errors import BadInput
from models.i18n import Labelled, _
from models.text.localtime import write_date
from web.board.board_view import period_name
from web.reports.report_files import XLSX
from web.request.address_values import choice, one_of
from web.request.having_right import MaySeeWork
from web.request.paging import page_addresses
from web.request.request_context import Posted, RequestContext, Signed, text
from web.request.word_filters import duty_name
from workflows.intake.files.turns import Turns
from workflows.organization.plain_cells import plain_line
from workflows.rules.figures.bulk_choice import BULK_ACTIONS
from workflows.rules.rights_table import Right
from workflows.worklists.board.bulk_check import TAIL
from workflows.worklists.saved_views import LONGEST_NAME, delete_view, list_views, save_view
from workflows.worklists.task_table import (
    MOST_ROWS,
    LateReason,
    Shown,
    Sort,
    TaskFilter,
    TaskRow,
    count_tasks,
    read_all_tasks,
    read_tasks,
)

router = APIRouter(prefix="/tasks")
_TURNS = Turns()
"""Of files of the list, which may have 20,000 rows."""


class Column(Labelled):
    """A column of the list. The task itself always stands first."""

    DAYS = "days", _("Days left")
    DUE = "due", _("Deadline")
    STATE = "state", _("State")
    UNIT = "unit", _("Unit")
    PERSON = "person", _("Head")
    PHONE = "phone", _("Telephone")
    OFFICER = "officer", _("Officer")
    PROGRESS = "progress", _("Last progress")
    DIRECTIVE = "directive", _("Directive")


USUAL = (Column.DAYS, Column.DUE, Column.UNIT, Column.PERSON, Column.PHONE, Column.STATE)
_SORTS = {Column.DAYS: Sort.DUE, Column.DUE: Sort.DUE, Column.UNIT: Sort.UNIT, Column.STATE: Sort.STATE} | {
    Column.PERSON: Sort.PERSON
}


@dataclass(frozen=True)
class ListQuery:
    """What an address asks for: the filter, the columns, and by what the rows stand together."""

    wanted: TaskFilter
    columns: tuple[Column, ...] = USUAL
    group: Sort | None = None

    def parameters(self, **changes: Any) -> list[tuple[str, str]]:
        """Return the address's parameters, some changed, without what is as it is anyway."""
        wanted = replace(self.wanted, **{name: one for name, one in changes.items() if hasattr(self.wanted, name)})
        columns, group = changes.get("columns", self.columns), changes.get("group", self.group)
        given = [
            ("show", wanted.shown.value if wanted.shown is not Shown.OPEN else ""),
            ("directive", wanted.directive),
            ("duty", wanted.duty),
            ("unit", wanted.unit),
            ("q", wanted.words),
            ("due", wanted.due.isoformat() if wanted.due else ""),
            ("due_from", wanted.due_from.isoformat() if wanted.due_from else ""),
            ("due_to", wanted.due_to.isoformat() if wanted.due_to else ""),
            ("own", "1" if wanted.own else ""),
            ("reason", wanted.reason.value if wanted.reason else ""),
            ("sort", wanted.sort.value if wanted.sort is not Sort.DUE else ""),
            ("desc", "1" if wanted.descending else ""),
            ("group", group.value if group else ""),
            *(("column", one.value) for one in columns if columns != USUAL),
        ]
        return [(name, value) for name, value in given if value]

    def address(self, path: str = "/tasks", **changes: Any) -> str:
        query = urlencode(self.parameters(**changes))
        return f"{path}?{query}" if query else path


def read_list_query(given: QueryParams) -> ListQuery:
    """Return what an address asks of the list. BadInput names a parameter that is not what it can be."""
    group = given.get("group", "")
    wanted = TaskFilter(
        shown=choice(Shown, "show", given.get("show", "")) or Shown.OPEN,
        directive=given.get("directive", "")[:64],
        duty=given.get("duty", "")[:64],
        unit=given.get("unit", "")[:64],
        words=given.get("q", "").strip()[:200],
        due=_day("due", given.get("due", "")),
        due_from=_day("due_from", given.get("due_from", "")),
        due_to=_day("due_to", given.get("due_to", "")),
        own=given.get("own", "") == "1",
        reason=choice(LateReason, "reason", given.get("reason", "")),
        sort=choice(Sort, "sort", group or given.get("sort", "")) or Sort.DUE,
        descending=given.get("desc", "") == "1",
    )
    columns = tuple(one_of(Column, "column", one) for one in given.getlist("column"))
    return ListQuery(wanted, columns or USUAL, choice(Sort, "group", group))


def _day(name: str, given: str) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise BadInput(
            "{name} {value}: it can be {possible}", name=name, value=given, possible=_("a day such as 2026-11-05")
        ) from error


@router.get("")
def task_list_page(context: MaySeeWork, page: int = 1) -> Response:
    asked = read_list_query(context.request.query_params)
    with context.reading() as session:
        found = read_tasks(session, context.principal, asked.wanted, page=page, **context.moment(session))
        counts = count_tasks(session, context.principal, context.now)
        views = list_views(session, context.person)
    before, after = page_addresses(context.request, found.page, found.pages)
    codes = {row.directive_code for row in found.rows}
    may_bulk = len(codes) == 1 and context.principal.may(Right.BULK)
    return context.page(
        "task_list.html",
        asked=asked,
        found=found,
        counts=counts,
        views=views,
        query=urlencode(asked.parameters()),
        longest_name=LONGEST_NAME,
        before=before,
        after=after,
        shown=Shown.labels(),
        columns=Column.labels(),
        sorts=_SORTS,
        by_duty=Sort.DUTY,
        groups=Sort.labels(),
        group_of=lambda row: _group(context, asked.group, row),
        period=lambda row: period_name(row.occurrence, {}, context.language),
        bulk_code=codes.pop() if may_bulk else None,
        actions={action.value: action.label for action in BULK_ACTIONS},
        tail=TAIL,
    )


def _group(context: RequestContext, group: Sort | None, row: TaskRow) -> str:
    match group:
        case Sort.UNIT:
            return row.unit
        case Sort.PERSON:
            return row.head or "–"
        case Sort.STATE:
            return context.words(row.status.label)
        case Sort.DUTY:
            return f"{duty_name(row.duty_path, context.language)}: {row.duty_title}"
        case Sort.DUE:
            return write_date(row.due_on) if row.due_on else context.words(_("no deadline set yet"))
        case None:
            return ""


@router.post("/views")
def save_list(context: MaySeeWork, form: Posted) -> Response:
    query = urlencode(read_list_query(QueryParams(text(form, "query"))).parameters())
    with context.transaction() as session:
        save_view(
            session,
            context.person,
            text(form, "name"),
            query,
            is_shared=text(form, "is_shared") == "on",
            now=context.now,
        )
    return context.go(f"/tasks?{query}", _("The list is saved."))


@router.post("/views/{view_id}/delete")
def delete_list(view_id: UUID, context: MaySeeWork, form: Posted) -> Response:
    with context.transaction() as session:
        delete_view(session, context.person, view_id)
    return context.go("/tasks", _("The named list is deleted."))


@router.get("/csv")
def csv_of_it(context: Signed) -> Response:
    """Return the whole list as CSV (UTF-8 with a mark, so that spreadsheets read it)."""
    with _TURNS.take(context.person.id):
        text = "\ufeff" + "".join(plain_line(cells) for cells in _cells(context))
    return _file(context, text.encode(), "csv", "text/csv; charset=utf-8")


@router.get("/xlsx")
def book_of_it(context: Signed) -> Response:
    """Return the whole list as a workbook; every cell is text."""
    content = BytesIO()
    with _TURNS.take(context.person.id), xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        bold, as_text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for number, cells in enumerate(_cells(context)):
            for position, cell in enumerate(cells):
                sheet.write_string(number, position, cell, as_text if number else bold)
        sheet.autofit()
    return _file(context, content.getvalue(), "xlsx", XLSX)


def _cells(context: RequestContext) -> Iterator[list[str]]:
    context.require(Right.SEE_WORK)
    asked = read_list_query(context.request.query_params)
    with context.reading() as session:
        rows = read_all_tasks(session, context.principal, asked.wanted, most=MOST_ROWS, **context.moment(session))
    yield [context.words(_("Duty")), context.words(_("Period")), *(context.words(one.label) for one in asked.columns)]
    for row in rows:
        duty = f"{duty_name(row.duty_path, context.language)}: {row.duty_title}"
        period = period_name(row.occurrence, {}, context.language)
        yield [duty, period, *(_cell(context, one, row) for one in asked.columns)]


def _cell(context: RequestContext, column: Column, row: TaskRow) -> str:
    match column:
        case Column.DAYS:
            return "" if row.days_left is None else str(row.days_left)
        case Column.DUE:
            return row.due_on.isoformat() if row.due_on else ""
        case Column.STATE:
            return context.words(row.status.label)
        case Column.UNIT:
            return row.unit
        case Column.PERSON:
            return row.head or ""
        case Column.PHONE:
            return row.phone or ""
        case Column.OFFICER:
            return row.officer or ""
        case Column.PROGRESS:
            return row.last_progress.isoformat() if row.last_progress else ""
        case Column.DIRECTIVE:
            return row.directive


def _file(context: RequestContext, content: bytes, ending: str, media_type: str) -> Response:
    name = f"{'nhiem-vu' if context.language == 'vi' else 'tasks'}-{context.today}.{ending}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
