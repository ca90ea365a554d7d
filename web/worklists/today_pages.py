"""The first page, "Today": what each role has to do now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from models.i18n import _
from models.rooms import Place
from web.admin.overview import OverviewCounts, count
from web.request.request_context import RequestContext, Signed
from web.request.tour import step_address, steps_of
from web.worklists.inbox_pages import COUNTED_WORDS
from web.worklists.task_list_pages import ListQuery
from workflows.access.rights import Principal
from workflows.jobs.coming_letters import Coming, find_coming
from workflows.rules.rights_table import Right
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.need import Need
from workflows.worklists.my_work import Work, read_work
from workflows.worklists.task_counts import DirectiveProgress, count_due, count_late_at, read_late_map, read_progress
from workflows.worklists.task_filter import ShownTasks, TelephoneFilter
from workflows.worklists.task_rows import TaskRow, count_tasks, list_tasks

router = APIRouter()
DAYS_AHEAD = 28
FEW = 8
WEEKS_BACK = 12


@dataclass(frozen=True)
class Tile:
    """A number in the first line of the page, with a link to the list that it counts."""

    href: str
    count: int | None  # None where it is not known yet
    words: str
    icon: str
    look: str = ""  # late, soon, waiting, done


class Onward(NamedTuple):
    href: str
    icon: str
    words: str


CALENDAR = Onward("/calendar", "calendar-days", _("Deadlines by month"))


class TodayFigures(NamedTuple):
    """The figures that the charts of this page show."""

    directives: Sequence[DirectiveProgress]
    weeks: Sequence[date]
    late_at: Sequence[int]  # late tasks at the end of each week
    due: Mapping[date, int]  # tasks due on each day


CHARTS: Place[Callable[[TodayFigures, date, str], list[tuple[Any, Onward | None]]]] = Place("today.charts")
"""Draws the charts of the figures, for a day and a language."""
SCANS: Place[Callable[[Session, Principal], Sequence[Any]]] = Place("today.scans")
"""Finds the person's own scans that need attention."""


@router.get("/")
def today_page(context: Signed) -> HTMLResponse:
    principal = context.principal
    oversees, today = principal.may(Right.SEE_BOARD), context.today
    with context.reading() as session:
        moment = context.moment(session)
        work = read_work(session, principal, **moment)
        counts = count_tasks(session, principal, context.now)
        late = list_tasks(session, principal, TelephoneFilter(), context.now, most=FEW) if oversees else None
        engine = count(session, context.now, context.settings.tick_seconds) if principal.may(Right.RUN_JOBS) else None
        watches = oversees and not principal.may(Right.SEE_INBOX) and engine is None
        late_map = read_late_map(session, principal, context.now, units=FEW, duties=FEW) if watches else None
        figures = _figures(session, context, watches) if (draw := CHARTS.only) else None
        coming = find_coming(session, principal) if principal.may(Right.SEE_LETTERS) and engine is None else None
        scans = find(session, principal) if (find := SCANS.only) and principal.may(Right.LAUNCH) else []
    charts = draw(figures, today, context.language) if draw and figures else [(None, CALENDAR)]
    return context.page(
        "today.html",
        scans=scans,
        tiles=_tiles(context, work, counts, late, engine, coming),
        work=work,
        needs=Need.labels(),
        steps=Action.labels(),
        decisions=COUNTED_WORDS,
        late=late,
        days_left=lambda row: row.days_left(today, moment["calendar"]),
        few=FEW,
        late_count=counts[ShownTasks.LATE],
        charts=charts if watches else sorted(charts, key=lambda chart: chart[1] != CALENDAR),
        late_map=late_map,
        late_tasks=lambda **filters: ListQuery(show=ShownTasks.LATE, **filters).address("/tasks"),
        records_receipts=principal.may(Right.RECORD_RECEIPTS),
        may_launch=principal.may(Right.LAUNCH),
        engine=engine,
        first_steps=_first_steps(context),
    )


def _figures(session: Session, context: RequestContext, watches: bool) -> TodayFigures:
    principal, today = context.principal, context.today
    weeks = [today - timedelta(weeks=n) for n in reversed(range(WEEKS_BACK))]
    return TodayFigures(
        directives=read_progress(session, principal, context.now, most=FEW),
        weeks=weeks,
        late_at=count_late_at(session, principal, weeks, context.now) if watches else [],
        due=count_due(session, principal, first=today, last=today + timedelta(days=DAYS_AHEAD - 1)),
    )


def _first_steps(context: RequestContext) -> list[tuple[str, str]]:
    if context.person.tour_left_at is not None or context.tour_step is not None:
        return []
    return [(step_address(step, number), step.title) for number, step in enumerate(steps_of(context.principal), 1)]


def _tiles(
    context: RequestContext,
    work: Work,
    counts: dict[ShownTasks, int],
    late: Sequence[TaskRow] | None,
    engine: OverviewCounts | None,
    coming: Coming | None,
) -> list[Tile]:
    """Return at most six tiles, the most pressing first."""
    tiles = []
    if context.to_decide:
        decisions = sum(context.to_decide.values())
        tiles.append(Tile("/inbox", decisions, _("waiting for your decision"), "inbox", "waiting"))
    tiles += _own_tiles(work) if late is None else _oversight_tiles(counts)
    if coming is not None:
        tomorrow = context.today + timedelta(days=1)
        letters = None if coming.has_changed else coming.count(tomorrow)
        words = _("tomorrow's letters: open to compute them") if letters is None else _("tomorrow's letters")
        tiles.append(Tile("/letters/coming", letters, words, "mail", ""))
    if engine is not None:
        tiles += _engine_tiles(engine)
    return tiles[:6]


def _own_tiles(work: Work) -> list[Tile]:
    return [
        Tile(f"/work?show={need.value}", work.counts[need], need.label, icon, look)
        for need, icon, look in _NEED_TILES
        if work.counts.get(need)
    ]


def _oversight_tiles(counts: dict[ShownTasks, int]) -> list[Tile]:
    late_look = "late" if counts[ShownTasks.LATE] else "done"
    return [
        Tile("/tasks?show=late", counts[ShownTasks.LATE], _("late"), "clock-alert", late_look),
        Tile("/tasks?show=soon", counts[ShownTasks.SOON], _("due within 7 days"), "calendar", "soon"),
        Tile("/tasks?show=new", counts[ShownTasks.NEW], _("not accepted yet"), "circle-dashed", ""),
        Tile("/tasks", counts[ShownTasks.OPEN], _("not completed"), "list-checks", ""),
    ]


def _engine_tiles(engine: OverviewCounts) -> list[Tile]:
    alerts_look, letters_look = ("late" if count else "done" for count in (engine.alerts, engine.letters_dead))
    letters = _("letters that need attention")
    return [
        Tile("/admin/alerts?state=open", engine.alerts, _("open alerts"), "triangle-alert", alerts_look),
        Tile("/admin/letters", engine.letters_dead, letters, "mail-warning", letters_look),
    ]


_NEED_TILES = (
    (Need.INCIDENT, "triangle-alert", "late"),
    (Need.LATE, "clock-alert", "late"),
    (Need.RETURNED, "rotate-ccw", "late"),
    (Need.DUE_SOON, "calendar", "soon"),
    (Need.ACCEPT, "circle-dashed", ""),
    (Need.WAITING, "hourglass", "waiting"),
    (Need.UNDER_WAY, "list-checks", ""),
)
