"""The giao ban list on one A4, and the biểu theo dõi in the columns that offices keep."""

from collections.abc import Sequence
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
from workflows.reports.briefing import BriefingItem, read_briefing
from workflows.reports.report_figures import report
from workflows.reports.report_tasks import Behind

SIZES = tuple((n, max(n // 3, 1), max(n // 6, 1), max(n // 5, 1)) for n in range(24, 0, -1))
"""Lines of each section, from many to few: the first that leaves one sheet is taken."""
_WORDS = 300
"""Letters of a unit's latest words in the biểu theo dõi."""


def briefing_paper(session: Session, case: PaperSubject, language: str, size: Sequence[int] = SIZES[0]) -> Paper:
    """Return the list with so many lines of each section; what does not fit is counted beneath."""
    writer = Writer(language)
    told = read_briefing(session, case.directive, cutoff=case.cutoff, calendar=case.calendar, among=case.among)
    office = form.read_office(session, session.get_one(Unit, case.directive.coordinating_unit_id))
    name = writer.cite(case.directive)
    blocks: list[Paragraph | Table] = [
        Paragraph(_as_of(writer, case.cutoff, told.report.provisional), "quiet"),
        whole_table(writer, "", told.report),
    ]
    sections = (
        (_("overdue"), told.overdue, True),
        (_("waiting for a decision"), told.waiting, False),
        (_("without a deadline"), told.undated, False),
        (_("due within 7 days"), told.soon, False),
    )
    for (words, items, is_late), most in zip(sections, size, strict=True):
        if items:
            blocks.append(_section(writer, words, items, most, is_late=is_late))
    if len(blocks) == 2:
        words = _("Nothing is overdue, nothing is waiting, and no deadline is near.")
        blocks.append(Paragraph(writer.say(words)))
    return Paper(
        kind="briefing",
        language=language,
        title=f"{writer.say(_('Briefing list'))}: {name}, {writer.day(case.cutoff)}",
        author=office.unit,
        head=_bare(form.own_head(writer, office, case.cutoff.year)),
        type_name=writer.say(_("BRIEFING LIST")),
        subject=name,
        address="",
        to=(),
        blocks=tuple(blocks),
        compact=True,
        facts=dict(figures_of(told.report)),
    )


def _as_of(writer: Writer, cutoff: date, provisional: bool) -> str:
    words = writer.up(_("as recorded by the end of {day}"), day=writer.day(cutoff))
    return f"{words} ({writer.say(_('provisional'))})" if provisional else words


def _bare(head: PaperHead) -> PaperHead:
    """Return the head without a number: a list is no issued document."""
    return replace(head, number="")


def _section(writer: Writer, words: str, items: Sequence[BriefingItem], most: int, *, is_late: bool) -> Table:
    late = (PaperColumn(writer.up(_("working days late")), "number", 1.1),) if is_late else ()
    rows: list[tuple[Cell, ...]] = []
    for one in items[:most]:
        days: tuple[Cell, ...] = (one.days_late,) if is_late else ()
        rows.append(
            (
                one.task.unit,
                _duty(writer, one.task),
                _iso(one.task.at.due_on),
                _iso(one.task.at.original_due_on),
                *days,
                _stage(writer, one),
                writer.up(one.step),
            )
        )
    rest = len(items) - most
    return Table(
        f"{writer.up(words)}: {writer.count(len(items))}",
        (
            PaperColumn(writer.up(_("unit")), "text", 2.5),
            PaperColumn(writer.up(_("duty of the directive")), "text", 1.7),
            PaperColumn(writer.up(_("current deadline")), "date", 1.5),
            PaperColumn(writer.up(_("original deadline")), "date", 1.5),
            *late,
            PaperColumn(writer.up(_("stage of reminders")), "text", 2.1),
            PaperColumn(writer.up(_("proposed next step")), "text", 2.3),
        ),
        tuple(rows),
        note=writer.say(_("and {count} more, on the board"), count=rest) if rest > 0 else "",
    )


def _duty(writer: Writer, task: Behind) -> str:
    period = writer.period(task.occurrence)
    name = writer.duty(task.duty_path)
    return writer.up(f"{name}, {period}" if period else name)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _stage(writer: Writer, one: BriefingItem) -> str:
    if one.wait is not None:
        what = one.wait.kind.label
        return writer.up(_("waiting for {what} since {day}"), what=what, day=writer.day(one.wait.since))
    return writer.up(one.stage.label) if one.stage else "–"


def tracking_paper(session: Session, scope: PaperScope, directive: Directive) -> Paper:
    """Return the biểu theo dõi of a directive at a cut-off, every task a row; of one lead unit where that is given."""
    writer, cutoff = Writer(scope.language), scope.cutoff
    material = read_material(session, scope)
    whole = report(session, cutoff=cutoff, directive=directive.code, among=scope.among)
    office = form.read_office(session, session.get_one(Unit, directive.coordinating_unit_id))
    name = writer.cite(directive)
    title = writer.say(_("FOLLOW-UP TABLE"))
    rows = tuple(_tracked(writer, n, one, material) for n, one in enumerate(material.tasks, 1))
    return Paper(
        kind="tracking",
        language=scope.language,
        title=f"{writer.say(_('Follow-up table'))}: {name}, {writer.day(cutoff)}",
        author=office.unit,
        head=_bare(form.own_head(writer, office, cutoff.year)),
        type_name=title,
        subject=name,
        address="",
        to=(),
        blocks=(Table(_as_of(writer, cutoff, whole.provisional), _tracking_columns(writer), rows),),
        landscape=True,
        facts=dict(figures_of(whole)) if scope.unit is None else {},
    )


def _tracking_columns(writer: Writer) -> tuple[PaperColumn, ...]:
    """STT, nhiệm vụ, chủ trì, phối hợp, thời hạn, sản phẩm, tình hình; the first date beside the current one."""
    date_of = writer.up(_("time limit"))
    return (
        PaperColumn(writer.say(_("No.")), "number", 0.65),
        PaperColumn(writer.up(_("task")), "text", 3.2),
        PaperColumn(writer.up(_("lead unit")), "text", 2.4),
        PaperColumn(writer.up(_("coordinating units")), "text", 1.9),
        PaperColumn(writer.up(_("original")), "date", 1.4, group=date_of),
        PaperColumn(writer.up(_("current")), "date", 1.4, group=date_of),
        PaperColumn(writer.up(_("product")), "text", 2.9),
        PaperColumn(writer.up(_("situation")), "text", 3.2),
    )


def _tracked(writer: Writer, number: int, one: Behind, material: Material) -> tuple[Cell, ...]:
    said = material.of(one)
    situation = [state_of(writer, one)]
    if said.document is not None:
        words = _("document No. {number} of {day}")
        situation.append(writer.say(words, number=said.document.number, day=writer.day(said.document.dated)))
    if said.why is not None and said.why.text:
        text = " ".join(said.why.text.split())
        short = f"{text[:_WORDS].rstrip()}…" if len(text) > _WORDS else text
        situation.append(f"“{short}” ({write_date(said.why.on)})")
    return (
        number,
        writer.duty_title(one.duty_path, one.duty_title, one.occurrence),
        one.unit,
        "; ".join(said.partners) or None,
        _iso(one.at.original_due_on),
        _iso(one.at.due_on),
        said.product,
        "; ".join(situation),
    )
