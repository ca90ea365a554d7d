"""A directive's duties as bars over time."""

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from notifications.composing.wording import Words, first_up
from web.directives.timeline_drawing import BAR, NAMES, draw_timeline
from web.request.page_frame import directive_head
from web.request.request_context import Signed
from web.request.word_filters import period_name
from workflows.access.rights import open_directive
from workflows.rules.rights_table import Right
from workflows.worklists.board.board_rows import read_incidents
from workflows.worklists.directive_timeline import TimelineBar, read_timeline

router = APIRouter(prefix="/directives")


@router.get("/{code}/timeline")
def timeline_page(code: str, context: Signed) -> Response:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        bars = read_timeline(session, context.principal, directive, context.now)
        incidents = read_incidents(session, context.principal, directive.id)
    today, write = context.today, Words(context.language)

    def href(bar: TimelineBar) -> str:
        due = {"show": "all", "due": bar.due_on.isoformat()} if bar.due_on else {"show": "undated"}
        return "/tasks?" + urlencode({"directive": code, "duty": bar.path, **due})

    return context.page(
        "directive_timeline.html",
        head=directive_head(context, directive, "timeline"),
        drawing=draw_timeline(bars, today) if bars else None,
        href=href,
        periods=lambda bar: ", ".join(
            dict.fromkeys(first_up(period_name(one, incidents, context.language)) for one in bar.periods)
        ),
        short_month=lambda day: f"{day.month:02d}/{day.year}" if context.language == "vi" else write.day(day)[2:],
        names=NAMES,
        thick=BAR,
        may_launch=context.principal.may(Right.LAUNCH),
    )
