"""Today: the first page, with what each role must do now, above all else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from models.i18n import _, _n, translate
from notifications.composing.wording import Words, first_up
from web.admin.overview import Counts, count
from web.request.request_context import RequestContext, Signed
from web.request.tour import address, steps_of
from web.worklists.inbox_pages import COUNTED_WORDS
from workflows.intake.read_scans import scans_to_see
from workflows.jobs.coming_letters import Coming, find_coming
from workflows.papers.charts.builders import Part, Row, stacked_bars, stacked_columns
from workflows.papers.charts.chart import Chart, Table, cell
from workflows.papers.charts.completion_chart import short_day
from workflows.rules.figures.board_cells import soon_until
from workflows.rules.rights_table import Right
from workflows.rules.tasks.lifecycle import Action
from workflows.rules.tasks.need import Need
from workflows.worklists.task_counts import DirectiveProgress, count_due, count_late_at, read_late_map, read_progress
from workflows.worklists.task_list import Shown, TaskRow, ToCall, count_tasks, list_tasks
from workflows.worklists.work_list import Work, read_work

router = APIRouter()
DAYS_AHEAD = 28
FEW = 8
WEEKS_BACK = 12


@dataclass(frozen=True)
class Tile:
    """One number of the first line: where its tasks stand, and how much it presses."""

    href: str
    count: int | None  # not known yet
    words: str
    icon: str
    look: str = ""  # late, soon, waiting, done


class Onward(NamedTuple):
    href: str
    icon: str
    words: str


@router.get("/")
def today_page(context: Signed) -> HTMLResponse:
    principal = context.principal
    oversees, today = principal.may(Right.SEE_BOARD), context.today
    with context.reading() as session:
        given = context.moment(session)
        work = read_work(session, principal, **given)
        counts = count_tasks(session, principal, context.now)
        late = list_tasks(session, principal, ToCall(), context.now, most=FEW) if oversees else None
        due = count_due(session, principal, first=today, last=today + timedelta(days=DAYS_AHEAD - 1))
        directives = read_progress(session, principal, context.now, most=FEW)
        engine = count(session, context.now, context.settings.tick_seconds) if principal.may(Right.RUN_JOBS) else None
        watches = oversees and not principal.may(Right.SEE_INBOX) and engine is None
        late_map = read_late_map(session, principal, context.now, units=FEW, duties=FEW) if watches else None
        weeks = [today - timedelta(weeks=n) for n in reversed(range(WEEKS_BACK))]
        late_at = count_late_at(session, principal, weeks, context.now) if watches else []
        coming = find_coming(session, principal) if principal.may(Right.SEE_LETTERS) and engine is None else None
        scans = scans_to_see(session, principal) if principal.may(Right.LAUNCH) else []
    language = context.language
    charts: list[tuple[Chart, Onward | None]] = []
    if directives:
        charts.append((draw_progress(directives, language), None))
    if any(late_at):
        charts.append(
            (draw_late_weeks(weeks, late_at, language), Onward("/reports/pictures", "chart-column", _("All charts")))
        )
    if due:
        charts.append((draw_due(due, today, language), Onward("/calendar", "calendar-days", _("Deadlines by month"))))
    return context.page(
        "today.html",
        scans=scans,
        tiles=_tiles(context, work, counts, late, engine, coming),
        work=work,
        needs=Need.labels(),
        steps=Action.labels(),
        decisions=COUNTED_WORDS,
        late=late,
        days_left=lambda row: row.days_left(today, given["calendar"]),
        few=FEW,
        late_count=counts[Shown.LATE],
        charts=charts if watches else sorted(charts, key=lambda one: one[0].name != "due"),
        late_map=late_map,
        records_receipts=principal.may(Right.RECORD_RECEIPTS),
        may_launch=principal.may(Right.LAUNCH),
        engine=engine,
        first_steps=_first_steps(context),
    )


def _first_steps(context: RequestContext) -> list[tuple[str, str]]:
    if context.person.tour_left_at is not None or context.tour_step is not None:
        return []
    return [(address(step, number), step.title) for number, step in enumerate(steps_of(context.principal), 1)]


def _tiles(
    context: RequestContext,
    work: Work,
    counts: dict[Shown, int],
    late: Sequence[TaskRow] | None,
    engine: Counts | None,
    coming: Coming | None,
) -> list[Tile]:
    """Return the numbers of the first line, at most six: what is pressing stands first."""
    tiles = []
    if context.to_decide:
        tiles.append(
            Tile("/inbox", sum(context.to_decide.values()), _("waiting for your decision"), "inbox", "waiting")
        )
    if late is None:
        mine = work.counts
        for need, icon, look in _NEED_TILES:
            if mine.get(need):
                tiles.append(Tile(f"/work?show={need.value}", mine[need], need.label, icon, look))
    else:
        look = "late" if counts[Shown.LATE] else "done"
        tiles += [
            Tile("/tasks?show=late", counts[Shown.LATE], _("late"), "clock-alert", look),
            Tile("/tasks?show=soon", counts[Shown.SOON], _("due within 7 days"), "calendar", "soon"),
            Tile("/tasks?show=new", counts[Shown.NEW], _("not accepted yet"), "circle-dashed", ""),
            Tile("/tasks", counts[Shown.OPEN], _("not completed"), "list-checks", ""),
        ]
    if coming is not None:
        tomorrow = context.today + timedelta(days=1)
        letters = None if coming.has_changed else coming.count(tomorrow)  # a stale number is none
        words = _("tomorrow's letters: open to compute them") if letters is None else _("tomorrow's letters")
        tiles.append(Tile("/letters/coming", letters, words, "mail", ""))
    if engine is not None:
        look = "late" if engine.alerts else "done"
        tiles.append(Tile("/admin/alerts?state=open", engine.alerts, _("open alerts"), "triangle-alert", look))
        look = "late" if engine.letters_dead else "done"
        tiles.append(
            Tile("/admin/letters", engine.letters_dead, _("letters that need attention"), "mail-warning", look)
        )
    return tiles[:6]


_NEED_TILES = (
    (Need.INCIDENT, "triangle-alert", "late"),
    (Need.LATE, "clock-alert", "late"),
    (Need.RETURNED, "rotate-ccw", "late"),
    (Need.DUE_SOON, "calendar", "soon"),
    (Need.ACCEPT, "circle-dashed", ""),
    (Need.WAITING, "hourglass", "waiting"),
    (Need.UNDER_WAY, "list-checks", ""),
)


def draw_due(due: Mapping[date, int], today: date, language: str) -> Chart:
    write = Words(language)
    days = [today + timedelta(days=n) for n in range(DAYS_AHEAD)]
    key = {
        "due_soon": first_up(translate(_("due within 7 days"), language)),
        "open_in_time": first_up(translate(_("later"), language)),
    }

    def href(day: date) -> str:
        return f"/tasks?due={day.isoformat()}"

    def parts(day: date) -> tuple[Part, ...]:
        if not due.get(day):
            return ()
        place = "due_soon" if day <= soon_until(today) else "open_in_time"
        return (Part(place, due[day], f"{write.long_day(day)}: {write.count(due[day])}", href(day)),)

    title = first_up(translate(_("due in the next four weeks"), language))
    total = sum(due.values())
    return Chart(
        name="due",
        title=title,
        description=translate(
            _n("{count} task is due in the next four weeks", "{count} tasks are due in the next four weeks"),
            language,
            count=write.count(total),
        ),
        notes=(),
        spec=stacked_columns(
            [Row(short_day(day, language), parts(day)) for day in days], key, language, title="", height=150
        ),
        table=Table(
            heads=(first_up(translate(_("Deadline"), language)), first_up(translate(_("number of tasks"), language))),
            rows=tuple((write.long_day(day), cell(write.count(due[day]), href(day))) for day in days if due.get(day)),
        ),
    )


def draw_late_weeks(days: Sequence[date], late: Sequence[int], language: str) -> Chart:
    write = Words(language)
    key = {"open_overdue": first_up(translate(_("late"), language))}

    def href(day: date) -> str:
        return "/tasks?show=late" if day == days[-1] else ""

    rows = [
        Row(
            short_day(day, language),
            (Part("open_overdue", count, f"{write.day(day)}: {write.count(count)}", href(day)),) if count else (),
        )
        for day, count in zip(days, late, strict=True)
    ]
    title = first_up(translate(_("late tasks week by week"), language))
    return Chart(
        name="lateness",
        title=title,
        description=translate(
            _("{before} tasks were late on {day}; {now} are late today"),
            language,
            before=write.count(late[0]),
            day=write.day(days[0]),
            now=write.count(late[-1]),
        ),
        notes=(translate(_("By the deadlines as they stand today."), language),),
        spec=stacked_columns(rows, key, language, title="", height=110),
        table=Table(
            heads=(first_up(translate(_("day"), language)), key["open_overdue"]),
            rows=tuple(
                (write.day(day), cell(write.count(count), href(day)) if href(day) else write.count(count))
                for day, count in zip(days, late, strict=True)
            ),
        ),
    )


def draw_progress(directives: Sequence[DirectiveProgress], language: str) -> Chart:
    write = Words(language)
    key = {
        "done_on_time": first_up(translate(_("completed"), language)),
        "open_overdue": first_up(translate(_("late"), language)),
        "open_in_time": first_up(translate(_("not done, on schedule"), language)),
    }

    def counts(one: DirectiveProgress) -> tuple[tuple[str, int, str], ...]:
        return (
            ("done_on_time", one.done, f"/tasks?show=done&directive={one.code}"),
            ("open_overdue", one.late, f"/tasks?show=late&directive={one.code}"),
            ("open_in_time", one.in_time, f"/tasks?show=in_time&directive={one.code}"),
        )

    rows = [
        Row(
            write.directive(one.name),
            tuple(
                Part(place, number, f"{key[place]}: {write.count(number)}", href)
                for place, number, href in counts(one)
                if number
            ),
            f"{write.count(one.done)}/{write.count(one.total)}",
        )
        for one in directives
    ]
    return Chart(
        name="directives",
        title=first_up(translate(_("directives under way"), language)),
        description=translate(
            _n("{count} directive has open tasks", "{count} directives have open tasks"),
            language,
            count=write.count(len(directives)),
        ),
        notes=(),
        spec=stacked_bars(rows, key, note_head=translate(_("done / total"), language)),
        table=Table(
            heads=(first_up(translate(_("directive"), language)), *key.values()),
            rows=tuple(
                (write.directive(one.name), *(cell(write.count(number), href) for _place, number, href in counts(one)))
                for one in directives
            ),
        ),
    )
