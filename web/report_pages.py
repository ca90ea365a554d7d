"""The official report at a cut-off: the two by two, whole and by its parts, each number with the tasks behind it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from models.errors import DondocError, NotFound
from models.i18n import _
from models.localtime import local_date, read_day
from notifications.wording import first_up
from web.paging import page_addresses
from web.visit import Signed, Visit
from web.words import duty_words, period_words
from workflows.picture_choices import directives_to_draw
from workflows.report import FIGURE_WORDS, FORMULA, Line, Report, report
from workflows.report_scope import Scope, read_scope, whose_part
from workflows.report_tasks import Figure, tasks_behind
from workflows.rights import overseen_tasks
from workflows.rules.classification import Figures, percent
from workflows.rules.rights import Right

router = APIRouter(prefix="/reports")
ALL = "all"
ON_A_PAGE = 100
COLUMNS = ("total", "done_on_time", "done_late", "open_in_time", "open_overdue", "no_deadline")
WORDS = {**FIGURE_WORDS, "done": _("done"), "open": _("not done")}


@dataclass
class Asked:
    """What the address asks for, as text; "" where it does not say."""

    directive: str = ""
    cutoff: str = ""
    figure: str = ""
    unit: str = ""
    duty: str = ""
    dates: str = ""  # "original", else the current ones
    page: Annotated[int, Query(ge=1, le=10_000)] = 1


@router.get("")
def report_page(visit: Signed, asked: Annotated[Asked, Depends()]) -> HTMLResponse:
    """The figures."""
    visit.require(Right.SEE_REPORT)
    error: DondocError | None = None
    with visit.reading() as session:
        directives = [(one.code, one.name) for one in directives_to_draw(session, visit.the_place)]
        try:
            scope = _scope(session, visit, asked)
        except DondocError as fault:
            error, first = fault, directives[0][0] if directives else None
            scope = Scope(first, local_date(visit.now), whose_part(session, visit.the_place, first))
        found = _count(session, visit, scope) if directives else None
    return visit.page(
        "reports/report.html", code=visit.fault(error) if error else 200, error=error, found=found, scope=scope,
        directives=directives, today=local_date(visit.now), all=ALL, **_wording(visit),
    )  # fmt: skip


@router.get("/tasks")
def tasks_page(visit: Signed, asked: Annotated[Asked, Depends()]) -> HTMLResponse:
    """The tasks that one number counts."""
    visit.require(Right.SEE_REPORT)
    with visit.reading() as session:
        scope = _scope(session, visit, asked)
        if asked.figure not in set(Figure):
            raise NotFound("there is no such page")
        found = tasks_behind(
            session, cutoff=scope.cutoff, figure=Figure(asked.figure), directive=scope.directive,
            unit=asked.unit or None, duty=asked.duty or None, among=overseen_tasks(visit.the_place),
            on_original=asked.dates == "original",
        )  # fmt: skip
    last = max(1, -(-len(found) // ON_A_PAGE))
    page = min(asked.page, last)
    before, after = page_addresses(visit.request, page, last)
    return visit.page(
        "reports/tasks.html", asked=asked, scope=scope, found=found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE],
        count=len(found), before=before, after=after, shown_page=page, last_page=last,
        words=WORDS[asked.figure], period_of=period_words, **_wording(visit),
    )  # fmt: skip


@router.get("/csv")
def csv_of_it(visit: Signed, asked: Annotated[Asked, Depends()]) -> Response:
    """The figures as CSV (UTF-8 with a mark, so that spreadsheets read it)."""
    visit.require(Right.SEE_REPORT)
    with visit.reading() as session:
        scope = _scope(session, visit, asked)
        found = _count(session, visit, scope)
    name = f"{'bao-cao' if visit.language == 'vi' else 'report'}-{scope.directive or ALL}-{scope.cutoff}.csv"
    return Response(
        "\ufeff" + "".join(_csv(visit, found)), media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def _scope(session: Session, visit: Visit, asked: Asked) -> Scope:
    """BadInput for a day that is none or is to come; NotFound for a directive that one may not open."""
    return read_scope(
        session, visit.the_place, directive=None if asked.directive in ("", ALL) else asked.directive,
        cutoff=read_day("cut-off", asked.cutoff) if asked.cutoff else None, today=local_date(visit.now),
    )  # fmt: skip


def _count(session: Session, visit: Visit, scope: Scope) -> Report:
    return report(session, cutoff=scope.cutoff, directive=scope.directive, among=overseen_tasks(visit.the_place))


def _csv(visit: Visit, found: Report) -> Iterator[str]:
    yield _line([first_up(visit.words(_("as recorded by the end of {day}"), day=found.cutoff.isoformat()))])
    if found.provisional:
        yield _line([visit.words(_("provisional"))])
    yield _line([visit.words(FORMULA)])
    heads = [_("part"), _("code"), _("name"), *(WORDS[name] for name in COLUMNS), WORDS["rate_text"]]
    originals = [visit.words(_("{what}, by the original dates"), what=WORDS[name]) for name in COLUMNS]
    yield _line([*(visit.words(head) for head in heads), *originals])
    whole = Line("", "", "", found.figures, found.on_original)
    parts = ((_("all of it"), (whole,)), (_("directive"), found.by_directive), (_("duty"), found.by_duty),
             (_("unit"), found.by_unit))  # fmt: skip
    for words, lines in parts:
        for line in lines:
            rate = percent(line.figures.rate, visit.language)
            cells = [visit.words(words), line.code, line.name, *_numbers(line.figures), rate]
            yield _line([*cells, *_numbers(line.on_original)])


def _numbers(figures: Figures) -> list[str]:
    return [str(getattr(figures, name)) for name in COLUMNS]


def _line(cells: list[str]) -> str:
    """One line; a cell that a spreadsheet would take for a formula is made plain text."""
    line = io.StringIO()
    csv.writer(line).writerow(f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell for cell in cells)
    return line.getvalue()


def _wording(visit: Visit) -> dict[str, Any]:
    return {
        "duty_name": lambda path: visit.words(duty_words(path)),
        "columns": COLUMNS,
        "figure_words": WORDS,
        "formula": FORMULA,
        "percent": percent,
        "query": lambda **fields: urlencode({name: value for name, value in fields.items() if value}),
    }
