"""The calendar of a month, with the tasks that are due on each day and the days off."""

from datetime import date, timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from models.errors import BadInput
from models.i18n import _
from models.text.localtime import FIRST_YEAR, LAST_YEAR
from web.request.having_right import MaySeeWork
from workflows.worklists.due_calendar import read_month

router = APIRouter()


@router.get("/calendar")
def calendar_page(context: MaySeeWork, month: str = "") -> HTMLResponse:
    today = context.today
    first = _read_month(month, today)
    with context.reading() as session:
        weeks = read_month(session, context.principal, first, today=today, **context.moment(session))
    before, after = (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=31)).replace(day=1)
    return context.page(
        "due_calendar.html",
        weeks=weeks,
        month=first,
        before=before if before.year >= FIRST_YEAR else None,
        after=after if after.year <= LAST_YEAR else None,
    )


def _read_month(value: str, today: date) -> date:
    """Return the first day of the month; of the present month for ""."""
    try:
        first = date.fromisoformat(f"{value}-01") if value else today.replace(day=1)
    except ValueError:
        first = None
    if first is None or not FIRST_YEAR <= first.year <= LAST_YEAR:
        possible = _("a month such as 2026-11")
        raise BadInput("{name} {value}: it can be {possible}", name="month", value=value, possible=possible)
    return first
