"""Write the briefing list (danh mục giao ban) and the follow-up table (biểu theo dõi) of a directive."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from sqlmodel import Session

from models.directives.directive import Directive
from models.i18n import _
from models.organization.unit import Unit
from models.text.localtime import write_date
from workflows.papers import form
from workflows.papers.contents.drafting import Material, PaperScope, read_material
from workflows.papers.contents.figures import figures_of, whole_table
from workflows.papers.contents.paper_letters import PaperSubject
from workflows.papers.contents.unit_paper import state_of
from workflows.papers.paper import Cell, Paper, PaperColumn, PaperHead, Paragraph, Table
from workflows.papers.paper_wording import Writer
from workflows.papers.sources import TaskFacts
from workflows.reports.briefing import BriefingItem, read_briefing
from workflows.reports.report_figures import Report, report
from workflows.reports.report_tasks import CountedTask

SIZES = tuple((n, max(n // 3, 1), max(n // 6, 1), max(n // 5, 1)) for n in range(24, 0, -1))
"""The most rows of each section of the briefing list, from many to few: the first that fits on one sheet is taken."""
_MAX_QUOTED = 300
"""Characters of a unit's latest words in the follow-up table."""


def briefing_paper(session: Session, about: PaperSubject, language: str, size: Sequence[int] = SIZES[0]) -> Paper:
    """Return the briefing list with at most `size` rows in each section. A note counts the tasks left out."""
    writer = Writer(language)
    briefing = read_briefing(session, about.directive, cutoff=about.cutoff, calendar=about.calendar, among=about.among)
    office = form.read_office(session, session.get_one(Unit, about.directive.coordinating_unit_id))
    name = writer.cite(about.directive)
    blocks: list[Paragraph | Table] = [
        Paragraph(_as_of(writer, about.cutoff, briefing.report), "quiet"),
        whole_table(writer, "", briefing.report),
    ]
    sections = (
        (_("overdue"), briefing.overdue),
        (_("waiting for a decision"), briefing.waiting),
        (_("without a deadline"), briefing.undated),
        (_("due within 7 days"), briefing.soon),
    )
    for (heading, items), max_rows in zip(sections, size, strict=True):
        if items:
            blocks.append(_section(writer, heading, items, max_rows, shows_days_late=items is briefing.overdue))
    if not any(items for _heading, items in sections):
        words = _("Nothing is overdue, nothing is waiting, and no deadline is near.")
        blocks.append(Paragraph(writer.say(words)))
    return Paper(
        kind="briefing",
        language=language,
        title=f"{writer.say(_('Briefing list'))}: {name}, {writer.day(about.cutoff)}",
        author=office.unit,
        head=_without_number(form.own_head(writer, office, about.cutoff.year)),
        type_name=writer.say(_("BRIEFING LIST")),
        subject=name,
        blocks=tuple(blocks),
        compact=True,
        facts=dict(figures_of(briefing.report)),
    )


def _as_of(writer: Writer, cutoff: date, report: Report) -> str:
    words = writer.up(_("as recorded by the end of {day}"), day=writer.day(cutoff))
    return f"{words} ({writer.say(_('provisional'))})" if report.provisional else words


def _without_number(head: PaperHead) -> PaperHead:
    """Return the head without a number, since a list is no issued document."""
    return replace(head, number="")


def _section(
    writer: Writer, heading: str, items: Sequence[BriefingItem], max_rows: int, *, shows_days_late: bool
) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for item in items[:max_rows]:
        days_late: tuple[Cell, ...] = (item.days_late,) if shows_days_late else ()
        rows.append(
            (
                item.task.unit,
                _name_duty(writer, item.task),
                _iso(item.task.at.due_on),
                _iso(item.task.at.original_due_on),
                *days_late,
                _stage(writer, item),
                writer.up(item.step),
            )
        )
    left_out = len(items) - max_rows
    return Table(
        f"{writer.up(heading)}: {writer.count(len(items))}",
        (
            PaperColumn(writer.up(_("unit")), "text", 2.5),
            PaperColumn(writer.up(_("duty of the directive")), "text", 1.7),
            PaperColumn(writer.up(_("current deadline")), "date", 1.5),
            PaperColumn(writer.up(_("original deadline")), "date", 1.5),
            *((PaperColumn(writer.up(_("working days late")), "number", 1.1),) if shows_days_late else ()),
            PaperColumn(writer.up(_("stage of reminders")), "text", 2.1),
            PaperColumn(writer.up(_("proposed next step")), "text", 2.3),
        ),
        tuple(rows),
        note=writer.say(_("and {count} more, on the board"), count=left_out) if left_out > 0 else "",
    )


def _name_duty(writer: Writer, task: CountedTask) -> str:
    period = writer.period(task.occurrence)
    name = writer.duty(task.duty_path)
    return writer.up(f"{name}, {period}" if period else name)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _stage(writer: Writer, item: BriefingItem) -> str:
    if item.wait is not None:
        what = item.wait.kind.label
        return writer.up(_("waiting for {what} since {day}"), what=what, day=writer.day(item.wait.since))
    return writer.up(item.stage.label) if item.stage else "–"


def tracking_paper(session: Session, scope: PaperScope, directive: Directive) -> Paper:
    """Return the follow-up table of a directive at a cut-off, with a row for each task that the scope covers."""
    writer, cutoff = Writer(scope.language), scope.cutoff
    material = read_material(session, scope)
    totals = report(session, cutoff=cutoff, directive=directive.code, among=scope.among)
    office = form.read_office(session, session.get_one(Unit, directive.coordinating_unit_id))
    name = writer.cite(directive)
    title = writer.say(_("FOLLOW-UP TABLE"))
    rows = tuple(_tracking_row(writer, number, task, material) for number, task in enumerate(material.tasks, 1))
    return Paper(
        kind="tracking",
        language=scope.language,
        title=f"{writer.say(_('Follow-up table'))}: {name}, {writer.day(cutoff)}",
        author=office.unit,
        head=_without_number(form.own_head(writer, office, cutoff.year)),
        type_name=title,
        subject=name,
        blocks=(Table(_as_of(writer, cutoff, totals), _tracking_columns(writer), rows),),
        landscape=True,
        facts=dict(figures_of(totals)) if scope.unit is None else {},
    )


def _tracking_columns(writer: Writer) -> tuple[PaperColumn, ...]:
    """Return the columns that offices keep, with the original date beside the current one."""
    time_limit = writer.up(_("time limit"))
    return (
        PaperColumn(writer.say(_("No.")), "number", 0.65),
        PaperColumn(writer.up(_("task")), "text", 3.2),
        PaperColumn(writer.up(_("lead unit")), "text", 2.4),
        PaperColumn(writer.up(_("coordinating units")), "text", 1.9),
        PaperColumn(writer.up(_("original")), "date", 1.4, group=time_limit),
        PaperColumn(writer.up(_("current")), "date", 1.4, group=time_limit),
        PaperColumn(writer.up(_("product")), "text", 2.9),
        PaperColumn(writer.up(_("situation")), "text", 3.2),
    )


def _tracking_row(writer: Writer, number: int, task: CountedTask, material: Material) -> tuple[Cell, ...]:
    facts = material.facts_of(task)
    return (
        number,
        writer.duty_title(task.duty_path, task.duty_title, task.occurrence),
        task.unit,
        "; ".join(facts.partners) or None,
        _iso(task.at.original_due_on),
        _iso(task.at.due_on),
        facts.product,
        "; ".join(_situation(writer, task, facts)),
    )


def _situation(writer: Writer, task: CountedTask, facts: TaskFacts) -> Iterator[str]:
    yield state_of(writer, task)
    if facts.document is not None:
        words = _("document No. {number} of {day}")
        yield writer.say(words, number=facts.document.number, day=writer.day(facts.document.dated))
    if facts.reason is not None and facts.reason.text:
        text = " ".join(facts.reason.text.split())
        short = f"{text[:_MAX_QUOTED].rstrip()}…" if len(text) > _MAX_QUOTED else text
        yield f"“{short}” ({write_date(facts.reason.on)})"
