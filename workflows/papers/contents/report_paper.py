"""Write the report of a directive, or the consolidated report to the Minister, with figures, charts and appendices."""

from collections.abc import Iterable, Mapping

from sqlmodel import Session

from models.i18n import _, _n
from workflows.papers import form
from workflows.papers.charts.chart import Chart
from workflows.papers.charts.chart_figures import read_chart_figures
from workflows.papers.charts.completion_chart import draw_completion
from workflows.papers.charts.late_charts import draw_ages
from workflows.papers.charts.render import Theme, size_of, svg
from workflows.papers.charts.unit_chart import draw_units
from workflows.papers.charts.weekly_load_chart import draw_weekly_load
from workflows.papers.contents import figures
from workflows.papers.contents.drafting import Material, PaperScope, draft_narrative, read_material
from workflows.papers.paper import (
    Appendix,
    Block,
    Cell,
    Drawing,
    Paper,
    PaperColumn,
    Paragraph,
    SectionHeading,
    Table,
    to_blocks,
)
from workflows.papers.paper_wording import Writer
from workflows.reports.report_figures import Report, report, write_completion
from workflows.reports.report_tasks import CountedTask

PARTS = {
    "general": _("GENERAL SITUATION"),
    "done": _("WHAT IS DONE"),
    "not_done": _("WHAT IS NOT DONE, AND WHY"),
    "difficulties": _("DIFFICULTIES AND OBSTACLES"),
    "asked": _("PROPOSALS"),
}
"""The sections that people may edit, in the order in which they stand."""
ROMAN = ("I", "II", "III", "IV", "V")
MAX_LISTED = 200
"""Overdue tasks in the appendix. A note says how many more are on the board."""
MAX_UNITS_DRAWN = 15
"""Units in one chart. A report of more units has them in its table alone."""
_MAX_WIDTH, _MAX_HEIGHT = 160.0, 150.0  # mm


def report_paper(
    session: Session,
    scope: PaperScope,
    office: form.Office,
    parts: Mapping[str, str] | None = None,
    *,
    mark: bool = True,
) -> Paper:
    """Write the report of the scope's directive, or of all. `office` writes it.

    `parts`: the narrative as edited, None for the proposed one; `mark`: the paper says that it is a draft.
    """
    writer, directive = Writer(scope.language), scope.directive
    totals = report(session, cutoff=scope.cutoff, directive=scope.code, among=scope.among)
    material = read_material(session, scope)
    if parts is None:
        parts = draft_narrative(material, writer)
    name = writer.cite(directive) if directive else writer.say(_("the directives of the Ministry"))
    blocks = [*_general(session, writer, scope, totals, parts["general"]), *_drawings(session, writer, scope)]
    for position, part in enumerate(list(PARTS)[1:], 1):
        blocks.append(SectionHeading(f"{ROMAN[position]}. {writer.say(PARTS[part])}"))
        blocks += to_blocks(parts[part], writer.say(_("Nothing was recorded.")))
    blocks.append(Paragraph(writer.say(_("{office} reports respectfully./."), office=office.unit)))
    blocks += _appendices(writer, totals, material)
    subject = writer.say(
        _("On how {what} is carried out (figures as of {day})"), what=name, day=writer.day(scope.cutoff)
    )
    return Paper(
        kind="directive-report" if scope.directive else "consolidated-report",
        language=scope.language,
        title=f"{writer.say(_('Report'))}: {name}, {writer.day(scope.cutoff)}",
        author=office.unit,
        head=form.own_head(writer, office, scope.cutoff.year, "BC"),
        type_name=writer.say(_("REPORT")),
        subject=subject,
        address=writer.say(_("To:")),
        to=(_receiver(writer, office),),
        blocks=tuple(blocks),
        signature=form.own_signature(office),
        copies=writer.say(_("Recipients:")),
        recipients=form.recipients(
            writer,
            writer.say(_("As above")),
            *([writer.say(_("The Ministry's Office"))] if office.in_ministry else []),
            filed=office.unit,
        ),
        mark=writer.say(form.DRAFT) if mark else "",
        facts=dict(figures.figures_of(totals)),
    )


def _receiver(writer: Writer, office: form.Office) -> str:
    if office.in_ministry:
        return writer.say(_("The Minister of {ministry}"), ministry=office.above)
    return writer.say(_("The competent authority"))


def _general(session: Session, writer: Writer, scope: PaperScope, totals: Report, words: str) -> Iterable[Block]:
    counts, directive = totals.figures, scope.directive
    what = writer.cite_in_full(directive) if directive else writer.say(_("the directives of the Ministry"))
    yield SectionHeading(f"I. {writer.say(PARTS['general'])}")
    yield Paragraph(
        writer.say(
            _n(
                "Carrying out {what}: as recorded by the end of {day}, {count} task had been assigned to {units}. "
                "Done: {done}, of which on time {on_time}, late {late}. Not done: {open}, of which "
                "on schedule {in_time}, overdue {overdue}; without a deadline: {undated}. "
                "Completion rate: {completion}.",
                "Carrying out {what}: as recorded by the end of {day}, {count} tasks had been assigned to {units}. "
                "Done: {done}, of which on time {on_time}, late {late}. Not done: {open}, of which "
                "on schedule {in_time}, overdue {overdue}; without a deadline: {undated}. "
                "Completion rate: {completion}.",
            ),
            what=what,
            day=writer.day(scope.cutoff),
            count=writer.count(counts.total),
            units=_n("{count} unit", "{count} units", count=writer.count(len(totals.by_unit))),
            done=writer.count(counts.done),
            on_time=writer.count(counts.done_on_time),
            late=writer.count(counts.done_late),
            open=writer.count(counts.open),
            in_time=writer.count(counts.open_in_time),
            overdue=writer.count(counts.open_overdue),
            undated=writer.count(counts.no_deadline),
            completion=write_completion(counts.completion, writer.language),
        )
    )
    if totals.provisional:
        yield Paragraph(
            writer.say(_("The figures are provisional: more may still be recorded for the time up to the cut-off.")),
            "strong",
        )
    if words.strip():
        yield from to_blocks(words, "")
    yield figures.whole_table(writer, _caption(writer, 1, _("official classification"), totals), totals)
    if directive is None:
        lines = list(totals.by_directive)
        names = [writer.directive(line.name) for line in lines]
        caption = _caption(writer, 2, _("by directive"), totals)
        yield figures.lines_table(writer, caption, writer.up(_("directive")), lines, totals, names)
    else:
        names = [writer.duty_title(line.code, line.name) for line in totals.by_duty]
        caption = _caption(writer, 2, _("by duty"), totals)
        yield figures.lines_table(writer, caption, writer.up(_("duty of the directive")), totals.by_duty, totals, names)
    yield figures.unit_kind_table(session, writer, _caption(writer, 3, _("by kind of unit"), totals), totals)


def _drawings(session: Session, writer: Writer, scope: PaperScope) -> Iterable[Drawing]:
    """Yield the charts of completion, late tasks, load by week, and of the units where there are only a few.

    A report without tasks has no charts.
    """
    chart_figures = read_chart_figures(session, cutoff=scope.cutoff, directive=scope.code, among=scope.among)
    if not chart_figures.figures.total:
        return
    charts = [draw_completion(chart_figures, writer.language), draw_weekly_load(chart_figures, writer.language)]
    if chart_figures.figures.open_overdue:
        charts.insert(1, draw_ages(chart_figures, writer.language))
    if 1 < len(chart_figures.by_unit) <= MAX_UNITS_DRAWN:
        charts.append(draw_units(chart_figures.by_unit, scope.cutoff, writer.language))
    for number, chart in enumerate(charts, 1):
        yield _drawing(writer, number, chart)


def _drawing(writer: Writer, number: int, chart: Chart) -> Drawing:
    drawn = svg(chart, Theme.PRINT, is_wide=True)
    width, height = size_of(drawn)
    return Drawing(
        svg=drawn,
        title=writer.say(_("Figure {number}. {title}"), number=number, title=chart.title),
        description=chart.description,
        width=min(_MAX_WIDTH, _MAX_HEIGHT * width / height),
    )


def _caption(writer: Writer, number: int, words: str, totals: Report) -> str:
    caption = writer.say(_("Table {number}. {title}"), number=number, title=writer.up(words))
    return f"{caption} ({writer.say(_('provisional'))})" if totals.provisional else caption


def _appendices(writer: Writer, totals: Report, material: Material) -> Iterable[Block]:
    yield Appendix(writer.say(_("APPENDIX {number}"), number="I"))
    caption = writer.say(_("Lead units in alphabetical order: this is no ranking"))
    yield figures.lines_table(writer, caption, writer.up(_("unit")), totals.by_unit, totals)
    if material.overdue:
        yield Appendix(writer.say(_("APPENDIX {number}"), number="II"))
        yield overdue_table(writer, material.overdue)


def overdue_table(writer: Writer, tasks: list[CountedTask]) -> Table:
    """Return the table of overdue tasks, with the original and the current deadline."""
    rows: list[tuple[Cell, ...]] = [
        (
            number,
            task.unit,
            writer.duty_title(task.duty_path, task.duty_title, task.occurrence),
            task.at.original_due_on.isoformat() if task.at.original_due_on else None,
            task.at.due_on.isoformat() if task.at.due_on else None,
        )
        for number, task in enumerate(tasks[:MAX_LISTED], 1)
    ]
    left_out = len(tasks) - MAX_LISTED
    return Table(
        writer.say(_("Tasks not done and overdue: {count}"), count=writer.count(len(tasks))),
        (
            PaperColumn(writer.say(_("No.")), "number", 0.7),
            PaperColumn(writer.up(_("unit")), "text", 3),
            PaperColumn(writer.up(_("duty of the directive")), "text", 4),
            PaperColumn(writer.up(_("original deadline")), "date", 1.4),
            PaperColumn(writer.up(_("current deadline")), "date", 1.4),
        ),
        tuple(rows),
        note=writer.say(_("and {count} more, on the board"), count=left_out) if left_out > 0 else "",
    )
