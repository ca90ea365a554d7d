"""The wall screen of a directive: faces that can be read from five metres and change by themselves.

The header Refresh of a face names the next one, so that no script is needed. A paused face refreshes itself.
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
from workflows.worklists.task_filter import ShownTasks, TaskFilter
from workflows.worklists.task_rows import TaskRow, read_tasks

router = APIRouter(prefix="/directives")
LATE_UNITS = 14
"""Units with overdue tasks that one face holds. The board shows the others."""
ROWS, BARS = 5, 8
"""The number of rows of a face, if each has two lines (ROWS) or one (BARS)."""
SECONDS_PER_FACE, SECONDS_WHEN_PAUSED = 20, 120


class Face(Labelled):
    LATE = "late", _("Late: whom to call")
    UNITS = "units", _("Units with overdue tasks")
    WEEK = "week", _("Due within 7 days")
    PROGRESS = "progress", _("Progress")
    DIRECTIVES = "directives", _("Directives under way")


@router.get("/{code}/wall")
def wall_page(code: str, context: Signed, face: str = "", pause: str = "", look: str = "") -> Response:
    """Show one face. Units are ordered by name, never by merit."""
    if face not in ("", *Face) or look not in ("", "light"):
        raise NotFound("there is no such page")
    shown = Face(face) if face else Face.LATE
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        under_way = read_progress(session, context.principal, context.now, most=BARS)
        facts = _FACE_READERS[shown](session, context, directive) if shown in _FACE_READERS else {}
        sees_all = context.principal.may(Right.SEE_EVERYTHING) or is_run_by(session, context.principal, directive)

    def address(**changes: str) -> str:
        parameters = {"face": shown.value, "pause": "1" if pause else "", "look": look} | changes
        return f"/directives/{code}/wall?{urlencode({name: value for name, value in parameters.items() if value})}"

    has_directives = len(under_way) > 1 or shown is Face.DIRECTIVES
    faces = [face for face in Face if face is not Face.DIRECTIVES or has_directives]
    next_face = faces[(faces.index(shown) + 1) % len(faces)]
    page = context.page(
        "wall.html",
        key=code,
        name=directive_name(directive.kind, directive.number, directive.subject),
        face=shown,
        faces={face: face.label for face in faces},
        directives=under_way,
        is_paused=bool(pause),
        is_light=bool(look),
        address=address,
        only_some=not sees_all,
        formula=FORMULA,
        **facts,
    )
    next_address = address(**{"face": shown.value if pause else next_face.value, BY_ITSELF: "1"})
    page.headers["Refresh"] = f"{SECONDS_WHEN_PAUSED if pause else SECONDS_PER_FACE};url={next_address}"
    return page


def _read_late(session: Session, context: RequestContext, directive: Directive) -> dict[str, Any]:
    """Return the late tasks by unit, the unit that is late the longest first: one telephone call for each."""
    wanted = TaskFilter(show=ShownTasks.LATE, directive=directive.code)
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


def _read_units(session: Session, context: RequestContext, directive: Directive) -> dict[str, Any]:
    late = BoardFilter(state=Bucket.OPEN_OVERDUE.value)
    board = read_board(session, context.principal, directive, late, now=context.now, per_page=LATE_UNITS)
    looks = Looks(context.language)
    duty_names = [duty_name(column.path, context.language) for column in board.columns]
    units = []
    for row in board.rows:
        cells = zip(duty_names, row.cells, strict=True)
        units.append((row.unit.name, [(name, looks.of(cell).day) for name, cell in cells if cell is not None]))
    return {"units": units, "count": board.paging.total, "more": board.paging.total - len(units)}


def _read_week(session: Session, context: RequestContext, directive: Directive) -> dict[str, Any]:
    today = context.today
    duties = count_due_duties(session, context.principal, directive.id, first=today, last=soon_until(today))
    count = sum(duty.count for duty in duties)
    return {"due": duties[:ROWS], "count": count, "more": sum(duty.count for duty in duties[ROWS:])}


def _read_progress(session: Session, context: RequestContext, directive: Directive) -> dict[str, Any]:
    board = read_board(session, context.principal, directive, BoardFilter(), now=context.now, per_page=1)
    columns = [column for column in board.columns if column.counts.figures.total]
    return {"counts": board.counts, "columns": columns[:BARS], "more": len(columns) - BARS}


_FACE_READERS: dict[Face, Callable[[Session, RequestContext, Directive], dict[str, Any]]] = {
    Face.LATE: _read_late,
    Face.UNITS: _read_units,
    Face.WEEK: _read_week,
    Face.PROGRESS: _read_progress,
}
