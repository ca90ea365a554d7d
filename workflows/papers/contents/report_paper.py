"""The report of a directive, and the consolidated report to the Minister: figures, narrative, pictures, appendices."""

from collections.abc import Iterable, Mapping

from sqlmodel import Session

from models.i18n import _, _n
from workflows.papers import form
from workflows.papers.charts.chart import Chart
from workflows.papers.charts.chart_figures import read_pictures
from workflows.papers.charts.completion_chart import draw_completion
from workflows.papers.charts.late_charts import draw_ages
from workflows.papers.charts.load_chart import draw_load
from workflows.papers.charts.render import Theme, size_of, svg
from workflows.papers.charts.unit_chart import draw_units
from workflows.papers.contents import figures
from workflows.papers.contents.drafting import Material, PaperScope, draft_parts, read_material
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
from workflows.reports.report_tasks import Behind

PARTS = {
    "general": _("GENERAL SITUATION"),
    "done": _("WHAT IS DONE"),
    "not_done": _("WHAT IS NOT DONE, AND WHY"),
    "difficulties": _("DIFFICULTIES AND OBSTACLES"),
    "asked": _("PROPOSALS"),
}
"""The sections that people may edit, in their order."""
ROMAN = ("I", "II", "III", "IV", "V")
LISTED = 200
"""Overdue tasks in the appendix; past that the paper says how many more stand on the board."""
UNITS_DRAWN = 15
"""Units in one picture, in alphabetical order; a paper with more says them in its table."""
_WIDTH, _HEIGHT = 160.0, 150.0  # mm, at most


def report_paper(
    session: Session,
    asked: PaperScope,
    office: form.Office,
    parts: Mapping[str, str] | None = None,
    *,
    mark: bool = True,
) -> Paper:
    """`parts`: the narrative as edited, else as drafted; `mark`: the paper says that it is a draft."""
    writer, directive = Writer(asked.language), asked.directive
    whole = report(session, cutoff=asked.cutoff, directive=asked.code, among=asked.among)
    material = read_material(session, asked)
    told = dict(draft_parts(material, writer) if parts is None else parts)
    name = writer.cite(directive) if directive else writer.say(_("the directives of the Ministry"))
    blocks = [*_general(session, writer, asked, whole, told["general"]), *_drawings(session, writer, asked)]
    for n, part in enumerate(list(PARTS)[1:], 1):
        blocks.append(SectionHeading(f"{ROMAN[n]}. {writer.say(PARTS[part])}"))
        blocks += to_blocks(told[part], writer.say(_("Nothing was recorded.")))
    blocks.append(Paragraph(writer.say(_("{office} reports respectfully./."), office=office.unit)))
    blocks += _appendices(writer, whole, material)
    subject = writer.say(
        _("On how {what} is carried out (figures as of {day})"), what=name, day=writer.day(asked.cutoff)
    )
    return Paper(
        kind="directive-report" if asked.directive else "consolidated-report",
        language=asked.language,
        title=f"{writer.say(_('Report'))}: {name}, {writer.day(asked.cutoff)}",
        author=office.unit,
        head=form.own_head(writer, office, asked.cutoff.year, "BC"),
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
        facts=dict(figures.figures_of(whole)),
    )


def _receiver(writer: Writer, office: form.Office) -> str:
    if office.in_ministry:
        return writer.say(_("The Minister of {ministry}"), ministry=office.above)
    return writer.say(_("The competent authority"))


def _general(session: Session, writer: Writer, asked: PaperScope, whole: Report, words: str) -> Iterable[Block]:
    shown, directive = whole.figures, asked.directive
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
            day=writer.day(asked.cutoff),
            count=writer.count(shown.total),
            units=_n("{count} unit", "{count} units", count=writer.count(len(whole.by_unit))),
            done=writer.count(shown.done),
            on_time=writer.count(shown.done_on_time),
            late=writer.count(shown.done_late),
            open=writer.count(shown.open),
            in_time=writer.count(shown.open_in_time),
            overdue=writer.count(shown.open_overdue),
            undated=writer.count(shown.no_deadline),
            completion=write_completion(shown.completion, writer.language),
        )
    )
    if whole.provisional:
        yield Paragraph(
            writer.say(_("The figures are provisional: more may still be recorded for the time up to the cut-off.")),
            "strong",
        )
    yield from to_blocks(words, "") if words.strip() else ()
    yield figures.whole_table(writer, _caption(writer, 1, _("official classification"), whole), whole)
    if directive is None:
        lines = list(whole.by_directive)
        names = [writer.directive(line.name) for line in lines]
        caption = _caption(writer, 2, _("by directive"), whole)
        yield figures.lines_table(writer, caption, writer.up(_("directive")), lines, whole, names)
    else:
        names = [writer.duty_title(line.code, line.name) for line in whole.by_duty]
        caption = _caption(writer, 2, _("by duty"), whole)
        yield figures.lines_table(writer, caption, writer.up(_("duty of the directive")), whole.by_duty, whole, names)
    yield figures.unit_kind_table(session, writer, _caption(writer, 3, _("by kind of unit"), whole), whole)


def _drawings(session: Session, writer: Writer, asked: PaperScope) -> Iterable[Drawing]:
    """Yield completion, lateness and load by week, and the units where they are few; nothing of no tasks."""
    told = read_pictures(session, cutoff=asked.cutoff, directive=asked.code, among=asked.among)
    if not told.figures.total:
        return
    charts = [draw_completion(told, writer.language), draw_load(told, writer.language)]
    if told.figures.open_overdue:
        charts.insert(1, draw_ages(told, writer.language))
    if 1 < len(told.by_unit) <= UNITS_DRAWN:
        charts.append(draw_units(told.by_unit, asked.cutoff, writer.language))
    for n, chart in enumerate(charts, 1):
        yield _drawing(writer, n, chart)


def _drawing(writer: Writer, number: int, chart: Chart) -> Drawing:
    drawn = svg(chart, Theme.PRINT, is_wide=True)
    width, height = size_of(drawn)
    return Drawing(
        svg=drawn,
        title=writer.say(_("Figure {number}. {title}"), number=number, title=chart.title),
        description=chart.description,
        width=min(_WIDTH, _HEIGHT * width / height),
    )


def _caption(writer: Writer, number: int, words: str, whole: Report) -> str:
    caption = writer.say(_("Table {number}. {title}"), number=number, title=writer.up(words))
    return f"{caption} ({writer.say(_('provisional'))})" if whole.provisional else caption


def _appendices(writer: Writer, whole: Report, material: Material) -> Iterable[Block]:
    yield Appendix(writer.say(_("APPENDIX {number}"), number="I"))
    caption = writer.say(_("Lead units in alphabetical order: this is no ranking"))
    yield figures.lines_table(writer, caption, writer.up(_("unit")), whole.by_unit, whole)
    if material.overdue:
        yield Appendix(writer.say(_("APPENDIX {number}"), number="II"))
        yield overdue_table(writer, material.overdue)


def overdue_table(writer: Writer, tasks: list[Behind]) -> Table:
    """Return what is overdue at the cut-off, by its date, both dates side by side."""
    rows: list[tuple[Cell, ...]] = [
        (
            n,
            one.unit,
            writer.duty_title(one.duty_path, one.duty_title, one.occurrence),
            one.at.original_due_on.isoformat() if one.at.original_due_on else None,
            one.at.due_on.isoformat() if one.at.due_on else None,
        )
        for n, one in enumerate(tasks[:LISTED], 1)
    ]
    rest = len(tasks) - LISTED
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
        note=writer.say(_("and {count} more, on the board"), count=rest) if rest > 0 else "",
    )
