"""The charts of the first page: progress of directives, late tasks by week, and coming deadlines."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from models.i18n import _, _n, translate
from models.tasks.late import soon_until
from notifications.composing.wording import WrittenWords, first_up
from web.worklists.today_pages import CALENDAR, DAYS_AHEAD, Onward, TodayFigures
from workflows.papers.charts.builders import BarPart, BarRow, stacked_bars, stacked_columns
from workflows.papers.charts.chart import Chart, ChartTable, cell
from workflows.papers.charts.completion_chart import short_day
from workflows.worklists.task_counts import DirectiveProgress


def draw_today(figures: TodayFigures, today: date, language: str) -> list[tuple[Chart, Onward | None]]:
    charts: list[tuple[Chart, Onward | None]] = []
    if figures.directives:
        charts.append((draw_progress(figures.directives, language), None))
    if any(figures.late_at):
        onward = Onward("/reports/pictures", "chart-column", _("All charts"))
        charts.append((draw_late_weeks(figures.weeks, figures.late_at, language), onward))
    if figures.due:
        charts.append((draw_due(figures.due, today, language), CALENDAR))
    return charts


def draw_due(due: Mapping[date, int], today: date, language: str) -> Chart:
    write = WrittenWords(language)
    days = [today + timedelta(days=n) for n in range(DAYS_AHEAD)]
    key = {
        "due_soon": first_up(translate(_("due within 7 days"), language)),
        "open_in_time": first_up(translate(_("later"), language)),
    }

    def href(day: date) -> str:
        return f"/tasks?due={day.isoformat()}"

    def parts(day: date) -> tuple[BarPart, ...]:
        if not due.get(day):
            return ()
        place = "due_soon" if day <= soon_until(today) else "open_in_time"
        return (BarPart(place, due[day], f"{write.long_day(day)}: {write.count(due[day])}", href(day)),)

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
            [BarRow(short_day(day, language), parts(day)) for day in days], key, language, title="", height=150
        ),
        table=ChartTable(
            heads=(first_up(translate(_("Deadline"), language)), first_up(translate(_("number of tasks"), language))),
            rows=tuple((write.long_day(day), cell(write.count(due[day]), href(day))) for day in days if due.get(day)),
        ),
    )


def draw_late_weeks(days: Sequence[date], late: Sequence[int], language: str) -> Chart:
    write = WrittenWords(language)
    key = {"open_overdue": first_up(translate(_("late"), language))}

    def href(day: date) -> str:
        return "/tasks?show=late" if day == days[-1] else ""

    rows = [
        BarRow(
            short_day(day, language),
            (BarPart("open_overdue", count, f"{write.day(day)}: {write.count(count)}", href(day)),) if count else (),
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
        table=ChartTable(
            heads=(first_up(translate(_("day"), language)), key["open_overdue"]),
            rows=tuple(
                (write.day(day), cell(write.count(count), href(day)) if href(day) else write.count(count))
                for day, count in zip(days, late, strict=True)
            ),
        ),
    )


def draw_progress(directives: Sequence[DirectiveProgress], language: str) -> Chart:
    write = WrittenWords(language)
    key = {
        "done_on_time": first_up(translate(_("completed"), language)),
        "open_overdue": first_up(translate(_("late"), language)),
        "open_in_time": first_up(translate(_("not done, on schedule"), language)),
    }

    def counts(directive: DirectiveProgress) -> tuple[tuple[str, int, str], ...]:
        return (
            ("done_on_time", directive.done, f"/tasks?show=done&directive={directive.code}"),
            ("open_overdue", directive.late, f"/tasks?show=late&directive={directive.code}"),
            ("open_in_time", directive.in_time, f"/tasks?show=in_time&directive={directive.code}"),
        )

    rows = [
        BarRow(
            write.directive(directive.name),
            tuple(
                BarPart(place, number, f"{key[place]}: {write.count(number)}", href)
                for place, number, href in counts(directive)
                if number
            ),
            f"{write.count(directive.done)}/{write.count(directive.total)}",
        )
        for directive in directives
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
        table=ChartTable(
            heads=(first_up(translate(_("directive"), language)), *key.values()),
            rows=tuple(
                (
                    write.directive(directive.name),
                    *(cell(write.count(number), href) for _place, number, href in counts(directive)),
                )
                for directive in directives
            ),
        ),
    )
