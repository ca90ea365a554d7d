"""A directive on a wall screen: faces to be read from five metres, which turn by themselves.

A face names the next one in the header Refresh: it turns without a script, and stands still once paused.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from models.directives.directive import Directive, directive_name
from models.errors import NotFound
from models.i18n import Labelled, _
from models.tasks.late import soon_until
from web.board.board_view import Looks
from web.request.request_context import BY_ITSELF, RequestContext, Signed
from web.request.word_filters import duty_name
from workflows.access.rights import is_run_by, open_directive
from workflows.reports.report_figures import FORMULA
from workflows.rules.rights_table import Right
from workflows.rules.tasks.classification import Bucket
from workflows.worklists.board.board import read_board
from workflows.worklists.board.board_rows import BoardFilter
from workflows.worklists.task_counts import count_due_duties, read_progress
from workflows.worklists.task_list import Shown, TaskFilter, TaskRow, read_tasks

router = APIRouter(prefix="/directives")
LATE_UNITS = 14
"""Units with overdue tasks that one face holds; the rest is on the board."""
ROWS, BARS = 5, 8
"""Rows of two lines, and of one, that a face holds."""
TURNS_AFTER, REFRESHES_AFTER = 20, 120  # seconds; the second when paused


class Face(Labelled):
    LATE = "late", _("Late: whom to call")
    UNITS = "units", _("Units with overdue tasks")
    WEEK = "week", _("Due within 7 days")
    PROGRESS = "progress", _("Progress")
    DIRECTIVES = "directives", _("Directives under way")


@router.get("/{code}/wall")
def wall_page(code: str, context: Signed, face: str = "", pause: str = "", look: str = "") -> Response:
    """One face. Units stand in the order of their names, never by merit."""
    if face not in ("", *Face) or look not in ("", "light"):
        raise NotFound("there is no such page")
    shown = Face(face) if face else Face.LATE
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        under_way = read_progress(session, context.principal, context.now, most=BARS)
        facts = _READS[shown](session, context, directive) if shown in _READS else {}
        whole = context.principal.may(Right.SEE_EVERYTHING) or is_run_by(session, context.principal, directive)

    def address(**changes: str) -> str:
        given = {"face": shown.value, "pause": "1" if pause else "", "look": look} | changes
        return f"/directives/{code}/wall?{urlencode({name: one for name, one in given.items() if one})}"

    faces = [one for one in Face if one is not Face.DIRECTIVES or len(under_way) > 1 or shown is one]
    after = faces[(faces.index(shown) + 1) % len(faces)]
    page = context.page(
        "wall.html",
        key=code,
        name=directive_name(directive.kind, directive.number, directive.subject),
        face=shown,
        faces={one: one.label for one in faces},
        directives=under_way,
        is_paused=bool(pause),
        is_light=bool(look),
        address=address,
        only_some=not whole,
        formula=FORMULA,
        **facts,
    )
    then = address(**{"face": shown.value if pause else after.value, BY_ITSELF: "1"})
    page.headers["Refresh"] = f"{REFRESHES_AFTER if pause else TURNS_AFTER};url={then}"
    return page


def _late(session: Session, context: RequestContext, directive: Directive) -> dict[str, Any]:
    """A line for each unit, the one that is late the longest first: one call for all of its tasks."""
    wanted = TaskFilter(show=Shown.LATE, directive=directive.code)
    rows, paging = read_tasks(session, context.principal, wanted, context.now)
    calendar = context.calendar(session)
    by_unit: dict[str, list[TaskRow]] = {}
    for row in rows:
        by_unit.setdefault(row.unit_code, []).append(row)
    calls = list(by_unit.values())[:ROWS]
    return {
        "calls": calls,
        "count": paging.total,
        "more": paging.total - sum(map(len, calls)),
        "days_left": lambda row: row.days_left(context.today, calendar),
    }


def _units(session: Session, context: RequestContext, directive: Directive) -> dict[str, Any]:
    late = BoardFilter(state=Bucket.OPEN_OVERDUE.value)
    board = read_board(session, context.principal, directive, late, now=context.now, per_page=LATE_UNITS)
    looks = Looks(context.language)
    units = [
        (
            row.unit.name,
            [
                (duty_name(column.path, context.language), looks.of(cell).day)
                for column, cell in zip(board.columns, row.cells, strict=True)
                if cell is not None
            ],
        )
        for row in board.rows
    ]
    return {"units": units, "count": board.paging.total, "more": board.paging.total - len(units)}


def _week(session: Session, context: RequestContext, directive: Directive) -> dict[str, Any]:
    today = context.today
    due = count_due_duties(session, context.principal, directive.id, first=today, last=soon_until(today))
    rest = due[ROWS:]
    return {"due": due[:ROWS], "count": sum(one.count for one in due), "more": sum(one.count for one in rest)}


def _progress(session: Session, context: RequestContext, directive: Directive) -> dict[str, Any]:
    board = read_board(session, context.principal, directive, BoardFilter(), now=context.now, per_page=1)
    columns = [one for one in board.columns if one.counts.figures.total]
    return {"counts": board.counts, "columns": columns[:BARS], "more": len(columns) - BARS}


_READS: dict[Face, Callable[[Session, RequestContext, Directive], dict[str, Any]]] = {
    Face.LATE: _late,
    Face.UNITS: _units,
    Face.WEEK: _week,
    Face.PROGRESS: _progress,
}
