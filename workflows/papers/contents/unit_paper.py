"""The report of a unit: what it was given, did, did not, why, what it asks; or an outline to be filled in."""

from collections.abc import Iterable, Mapping

from sqlmodel import Session, col, select

from models.directives.directive import Directive
from models.i18n import _, _n
from models.organization.unit import Unit
from models.tasks.task import Task
from workflows.papers import form
from workflows.papers.contents.drafting import Material, PaperScope, draft_parts, read_material
from workflows.papers.contents.figures import figures_of, whole_table
from workflows.papers.contents.report_paper import PARTS, ROMAN
from workflows.papers.paper import Blank, Block, Cell, Paper, PaperColumn, Paragraph, SectionHeading, Table, to_blocks
from workflows.papers.paper_wording import Writer
from workflows.reports.report_figures import FIGURE_WORDS, Report, report, write_completion
from workflows.reports.report_tasks import Behind

_LINES = 4


def unit_report_paper(
    session: Session,
    of: PaperScope,
    unit: Unit,
    parts: Mapping[str, str] | None = None,
    *,
    outline: bool = False,
    mark: bool = True,
) -> Paper:
    """`outline` leaves what the unit must say open, beneath what is known."""
    writer, office = Writer(of.language), form.read_office(session, unit)
    material = read_material(session, of)
    own = col(Task.lead_unit_id) == unit.id
    among = own if of.among is None else own & of.among
    whole = report(session, cutoff=of.cutoff, directive=of.code, among=among)
    told = dict(draft_parts(material, writer) if parts is None else parts)
    name = writer.cite(of.directive) if of.directive else writer.say(_("the directives of the Ministry"))
    subject = writer.say(
        _("Results of carrying out {what} (figures as of {day})"), what=name, day=writer.day(of.cutoff)
    )
    blocks = [
        *_given(writer, of, unit, whole, material, told["general"]),
        *_sections(writer, told, outline),
        Paragraph(writer.say(_("{office} reports respectfully./."), office=office.unit)),
    ]
    return Paper(
        kind="unit-outline" if outline else "unit-report",
        language=of.language,
        title=f"{writer.say(_('Report'))}: {unit.name}, {name}, {writer.day(of.cutoff)}",
        author=office.unit,
        head=form.own_head(writer, office, of.cutoff.year, "BC"),
        type_name=writer.say(_("REPORT")),
        subject=subject,
        address=writer.say(_("To:")),
        to=(_receiver(session, of.directive, unit),),
        blocks=tuple(blocks),
        signature=form.own_signature(office),
        copies=writer.say(_("Recipients:")),
        recipients=form.recipients(writer, writer.say(_("As above")), filed=""),
        mark=writer.say(form.DRAFT) if mark else "",
        facts=dict(figures_of(whole)),
    )


def _receiver(session: Session, directive: Directive | None, unit: Unit) -> str:
    """ "Bộ Bưu chính, Viễn thông (Vụ Viễn thông)"; of all directives, whoever supervises the unit."""
    to = directive.coordinating_unit_id if directive else unit.supervising_unit_id
    office = session.get(Unit, to) if to else None
    if office is None:
        return "…………"
    above = session.get(Unit, office.parent_id) if office.parent_id else None
    return f"{above.name} ({office.name})" if above else office.name


def _given(
    writer: Writer, of: PaperScope, unit: Unit, whole: Report, material: Material, words: str
) -> Iterable[Block]:
    shown = whole.figures
    what = writer.cite_in_full(of.directive) if of.directive else writer.say(_("the directives of the Ministry"))
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
            day=writer.day(of.cutoff),
            unit=unit.name,
            count=writer.count(shown.total),
            done=writer.count(shown.done),
            open=writer.count(shown.open),
            overdue=writer.count(shown.open_overdue),
            completion=write_completion(shown.completion, writer.language),
        )
    )
    yield from to_blocks(words, "") if words.strip() else ()
    caption = writer.say(_("Table {number}. {title}"), number=1, title=writer.up(_("official classification")))
    yield whole_table(writer, caption, whole)
    if material.tasks:
        yield _tasks(writer, material)


def _tasks(writer: Writer, material: Material) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            n,
            writer.duty_title(one.duty_path, one.duty_title, one.occurrence),
            one.at.original_due_on.isoformat() if one.at.original_due_on else None,
            one.at.due_on.isoformat() if one.at.due_on else None,
            material.of(one).product,
            state_of(writer, one),
        )
        for n, one in enumerate(material.tasks, 1)
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


def state_of(writer: Writer, one: Behind) -> str:
    return writer.up(FIGURE_WORDS[one.bucket.value])


def _sections(writer: Writer, told: Mapping[str, str], outline: bool) -> Iterable[Block]:
    for n, part in enumerate(list(PARTS)[1:], 1):
        yield SectionHeading(f"{ROMAN[n]}. {writer.say(PARTS[part])}")
        if told[part].strip() or not outline:
            yield from to_blocks(told[part], writer.say(_("Nothing was recorded.")))
        if outline:
            yield Blank(_LINES)


def units_of(session: Session, directive: Directive) -> list[Unit]:
    """Return the units that lead a task of a directive: those an outline is made for, in alphabetical order."""
    leads = select(Task.lead_unit_id).where(col(Task.directive_id) == directive.id, col(Task.parent_id).is_(None))
    return list(session.exec(select(Unit).where(col(Unit.id).in_(leads)).order_by(col(Unit.sort_key))))
