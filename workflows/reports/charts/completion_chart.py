"""Completion by week: the rate as a line above, the official two by two as columns beneath."""

from collections.abc import Iterator

from models.i18n import _, _n, translate
from notifications.composing.wording import Words, first_up
from workflows.reports.charts.chart_figures import Pictures, WeekStand
from workflows.reports.charts.column_chart import Plot, scale, scale_room, stacks, week_labels
from workflows.reports.charts.legend import legend
from workflows.reports.charts.shapes import WIDTH, Label, Mark, Picture, Shape, Table, Trace, text_width
from workflows.reports.report_figures import FIGURE_WORDS, FORMULA, RATES, write_completion
from workflows.rules.tasks.classification import percent

_HEADS = ("total", "done_on_time", "done_late", "open_overdue", "open_in_time")


def draw_completion(pictures: Pictures, language: str) -> Picture:
    """Return the weeks up to the cut-off; the last column and the numbers in the key are the report's own."""
    write, stands = Words(language), pictures.completion
    figures = pictures.figures
    description = translate(
        _n(
            "{count} week up to {day}; at the end {tasks}, completion rate: {completion}",
            "{count} weeks up to {day}; at the end {tasks}, completion rate: {completion}",
        ),
        language,
        count=write.count(len(stands)),
        day=write.day(pictures.cutoff),
        tasks=_n("{count} task", "{count} tasks", count=write.count(figures.total)),
        completion=write_completion(figures.completion, language),
    )
    shapes: list[Shape] = [Label(0, 12, first_up(translate(FIGURE_WORDS["rate_text"], language)), "strong")]
    weeks = [stand.figures for stand in stands]
    room = max(text_width("100%") + 6, scale_room(weeks, language))
    rates = Plot(top=24, foot=104, left=room, columns=len(stands))
    shapes += scale(rates, [(0, "0%"), (0.5, "50%"), (1, "100%")])
    shapes += _rate_line(stands, rates, language)
    shapes.append(Label(0, 134, first_up(translate(_("number of tasks"), language)), "strong"))
    columns = Plot(top=146, foot=286, left=room, columns=len(stands))
    names = [write.day(stand.ends_on) for stand in stands]
    shapes += stacks(columns, weeks, names, language)
    shapes += week_labels(columns, [stand.ends_on for stand in stands], language)
    key, foot = legend(figures, 314, language)
    return Picture(
        name="completion",
        title=first_up(translate(_("completion by week"), language)),
        description=description,
        notes=(translate(FORMULA, language),),
        height=foot,
        shapes=(*shapes, *key),
        table=_table(stands, language),
    )


def _rate_line(stands: tuple[WeekStand, ...], plot: Plot, language: str) -> Iterator[Shape]:
    """Weeks without a rate break the line; the last rate stands beside its point."""
    line: list[tuple[float, float]] = []
    lines = [line]
    for column, stand in enumerate(stands):
        rate = stand.figures.rate
        if rate is None:
            line = []
            lines.append(line)
        else:
            line.append((plot.middle(column), plot.height(float(rate))))
    for points in filter(None, lines):
        yield Trace(tuple(points), "line")
    for x, y in (point for points in lines for point in points):
        yield Mark(x, y, "dot", "line")
    if lines[-1]:
        x, y = lines[-1][-1]
        text = percent(stands[-1].figures.rate, language)
        below = y < plot.top + 16
        yield Label(min(x + text_width(text) / 2, WIDTH), y + 18 if below else y - 8, text, "strong halo", "end")


def _table(stands: tuple[WeekStand, ...], language: str) -> Table:
    write = Words(language)
    heads = (_("week up to"), *(FIGURE_WORDS[name] for name in (*_HEADS, *RATES)))
    return Table(
        heads=tuple(first_up(translate(head, language)) for head in heads),
        rows=tuple(
            (
                write.day(stand.ends_on),
                *(write.count(getattr(stand.figures, name)) for name in _HEADS),
                percent(stand.figures.completion.rate, language),
                percent(stand.figures.completion.of_all, language),
            )
            for stand in stands
        ),
    )
