"""A directive on a wall screen or one sheet of paper: the main figures and what is overdue, to be read from afar."""

from fastapi import APIRouter
from fastapi.responses import Response

from models.directives.directive import directive_name
from web.board.board_view import Looks
from web.request.request_context import Signed
from web.request.word_filters import duty_name
from workflows.access.rights import is_run_by, open_directive
from workflows.reports.report_figures import FORMULA
from workflows.rules.rights_table import Right
from workflows.rules.tasks.classification import Bucket, percent
from workflows.worklists.board.board import read_board
from workflows.worklists.board.board_rows import BoardFilter

router = APIRouter(prefix="/directives")
LATE_UNITS = 40
"""Units with overdue tasks that one screen holds; the rest is on the board."""


@router.api_route("/{code}/wall", methods=["GET", "HEAD"])
def wall_page(code: str, context: Signed) -> Response:
    """Return units in the order of their names, never by merit."""
    principal = context.principal
    late = BoardFilter(state=Bucket.OPEN_OVERDUE.value)
    with context.reading() as session:
        directive = open_directive(session, principal, code)
        whole = read_board(session, principal, directive, BoardFilter(), now=context.now, per_page=1)
        overdue = read_board(session, principal, directive, late, now=context.now, per_page=LATE_UNITS)
        only_some = not principal.may(Right.SEE_EVERYTHING) and not is_run_by(session, principal, directive)
    looks = Looks(context.language)
    units = [
        (
            row.unit.name,
            [
                (duty_name(column.path, context.language), looks.of(cell).day)
                for column, cell in zip(overdue.columns, row.cells, strict=True)
                if cell is not None
            ],
        )
        for row in overdue.rows
    ]
    return context.page(
        "wall.html",
        key=code,
        name=directive_name(directive.kind, directive.number, directive.subject),
        counts=whole.counts,
        columns=[(duty_name(one.path, context.language), one) for one in whole.columns],
        units=units,
        more=overdue.units - len(units),
        only_some=only_some,
        percent=percent,
        formula=FORMULA,
    )
