"""Write the report of a unit on its tasks, or an outline of that report for the unit to fill in."""

from collections.abc import Iterable, Mapping

from sqlmodel import Session, col

from models.directives.directive import Directive
from models.i18n import _, _n
from models.organization.unit import Unit
from models.tasks.task import Task
from workflows.papers import form
from workflows.papers.contents.drafting import Material, PaperScope, draft_narrative, read_material
from workflows.papers.contents.figures import figures_of, whole_table
from workflows.papers.contents.report_paper import PARTS, ROMAN
from workflows.papers.paper import Blank, Block, Cell, Paper, PaperColumn, Paragraph, SectionHeading, Table, to_blocks
from workflows.papers.paper_wording import Writer
from workflows.reports.report_figures import FIGURE_WORDS, Report, report, write_completion
from workflows.reports.report_tasks import CountedTask

_BLANK_LINES = 4


def unit_report_paper(
    session: Session,
    scope: PaperScope,
    unit: Unit,
    parts: Mapping[str, str] | None = None,
    *,
    is_outline: bool = False,
    mark: bool = True,
) -> Paper:
    """Write the report of a unit. An outline has blank lines for what the unit must say, beneath what is known.

    `parts`: the narrative as edited, None for the proposed one; `mark`: the paper says that it is a draft.
    """
    writer, office = Writer(scope.language), form.read_office(session, unit)
    material = read_material(session, scope)
    own = col(Task.lead_unit_id) == unit.id
    among = own if scope.among is None else own & scope.among
    totals = report(session, cutoff=scope.cutoff, directive=scope.code, among=among)
    if parts is None:
        parts = draft_narrative(material, writer)
    name = writer.cite(scope.directive) if scope.directive else writer.say(_("the directives of the Ministry"))
    subject = writer.say(
        _("Results of carrying out {what} (figures as of {day})"), what=name, day=writer.day(scope.cutoff)
    )
    blocks = [
        *_assigned(writer, scope, unit, totals, material, parts["general"]),
        *_sections(writer, parts, is_outline),
        Paragraph(writer.say(_("{office} reports respectfully./."), office=office.unit)),
    ]
    return Paper(
        kind="unit-outline" if is_outline else "unit-report",
        language=scope.language,
        title=f"{writer.say(_('Report'))}: {unit.name}, {name}, {writer.day(scope.cutoff)}",
        author=office.unit,
        head=form.own_head(writer, office, scope.cutoff.year, "BC"),
        type_name=writer.say(_("REPORT")),
        subject=subject,
        address=writer.say(_("To:")),
        to=(_receiver(session, scope.directive, unit),),
        blocks=tuple(blocks),
        signature=form.own_signature(office),
        copies=writer.say(_("Recipients:")),
        recipients=form.recipients(writer, writer.say(_("As above")), filed=""),
        mark=writer.say(form.DRAFT) if mark else "",
        facts=dict(figures_of(totals)),
    )


def _receiver(session: Session, directive: Directive | None, unit: Unit) -> str:
    """Return the office that follows the directive up, or without one the unit's supervisor.

    It reads "Bộ Bưu chính, Viễn thông (Vụ Viễn thông)".
    """
    office_id = directive.coordinating_unit_id if directive else unit.supervising_unit_id
    office = session.get(Unit, office_id) if office_id else None
    if office is None:
        return "…………"
    above = session.get(Unit, office.parent_id) if office.parent_id else None
    return f"{above.name} ({office.name})" if above else office.name


def _assigned(
    writer: Writer, scope: PaperScope, unit: Unit, totals: Report, material: Material, words: str
) -> Iterable[Block]:
    figures = totals.figures
    what = writer.cite_in_full(scope.directive) if scope.directive else writer.say(_("the directives of the Ministry"))
    yield SectionHeading(f"I. {writer.say(_('WHAT WAS ASSIGNED'))}")
    yield Paragraph(
        writer.say(
            _n(
                "Carrying out {what}: as recorded by the end of {day}, {unit} leads {count} task; done {done}, not "
                "done {open}, of which overdue {overdue}; completion rate: {completion}.",
                "Carrying out {what}: as recorded by the end of {day}, {unit} leads {count} tasks; done {done}, not "
                "done {open}, of which overdue {overdue}; completion rate: {completion}.",
            ),
            what=what,
            day=writer.day(scope.cutoff),
            unit=unit.name,
            count=writer.count(figures.total),
            done=writer.count(figures.done),
            open=writer.count(figures.open),
            overdue=writer.count(figures.open_overdue),
            completion=write_completion(figures.completion, writer.language),
        )
    )
    if words.strip():
        yield from to_blocks(words, "")
    caption = writer.say(_("Table {number}. {title}"), number=1, title=writer.up(_("official classification")))
    yield whole_table(writer, caption, totals)
    if material.tasks:
        yield _tasks(writer, material)


def _tasks(writer: Writer, material: Material) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            number,
            writer.duty_title(task.duty_path, task.duty_title, task.occurrence),
            task.at.original_due_on.isoformat() if task.at.original_due_on else None,
            task.at.due_on.isoformat() if task.at.due_on else None,
            material.facts_of(task).product,
            state_of(writer, task),
        )
        for number, task in enumerate(material.tasks, 1)
    ]
    return Table(
        writer.say(_("Table {number}. {title}"), number=2, title=writer.up(_("tasks led by the unit"))),
        (
            PaperColumn(writer.say(_("No.")), "number", 0.7),
            PaperColumn(writer.up(_("duty of the directive")), "text", 3.6),
            PaperColumn(writer.up(_("original deadline")), "date", 1.55),
            PaperColumn(writer.up(_("current deadline")), "date", 1.55),
            PaperColumn(writer.up(_("product")), "text", 2.2),
            PaperColumn(writer.up(_("state")), "text", 2),
        ),
        tuple(rows),
    )


def state_of(writer: Writer, task: CountedTask) -> str:
    return writer.up(FIGURE_WORDS[task.bucket.value])


def _sections(writer: Writer, parts: Mapping[str, str], is_outline: bool) -> Iterable[Block]:
    for position, name in enumerate(list(PARTS)[1:], 1):
        yield SectionHeading(f"{ROMAN[position]}. {writer.say(PARTS[name])}")
        if parts[name].strip() or not is_outline:
            yield from to_blocks(parts[name], writer.say(_("Nothing was recorded.")))
        if is_outline:
            yield Blank(_BLANK_LINES)
