"""The phiếu trình to the issuer's side: overdue tasks with the units' latest words, and directions to choose from."""

from sqlmodel import Session

from models.directives.template import RungName
from models.errors import Refused
from models.i18n import _
from models.organization.unit import Unit
from models.tasks.task import Task
from workflows.reports.papers import form
from workflows.reports.papers.contents.drafting import Material, not_done_lines, read_material
from workflows.reports.papers.contents.narrative import to_blocks
from workflows.reports.papers.contents.paper_letters import VI, Case, items_of
from workflows.reports.papers.contents.report_paper import overdue_table
from workflows.reports.papers.paper import Blank, Block, Paper, Paragraph
from workflows.reports.papers.paper_wording import Writer
from workflows.reports.report_tasks import Behind


def submission_paper(session: Session, case: Case, task: Task | None = None) -> Paper:
    """Return the draft that puts overdue tasks before the issuer's side: those the ladder brought that far, or one
    task.

    Refused where there are none.
    """
    writer, directive = VI, case.directive
    overdue = items_of(session, case).overdue
    chosen = [
        one for one in overdue if (one.task.task_id == task.id if task is not None else one.stage is RungName.TO_ISSUER)
    ]
    if not chosen:
        raise Refused(
            "{directive}: no overdue task has come so far by {day} that it would be put to the issuer",
            directive=directive.code,
            day=VI.day(case.cutoff),
        )
    material = read_material(session, case.cutoff, directive.code, case.among)
    office = form.read_office(session, session.get_one(Unit, directive.coordinating_unit_id))
    subject = writer.say(_("On the carrying out of {directive}"), directive=writer.directive(directive))
    tasks = [one.task for one in chosen]
    blocks: list[Block] = [
        Paragraph(
            writer.say(
                _(
                    "As recorded by the end of {day}, the following tasks of {directive} have passed "
                    "their deadlines and "
                    "are not done:"
                ),
                day=writer.long_day(case.cutoff),
                directive=writer.directive_in_full(directive),
            )
        ),
        overdue_table(writer, tasks),
        Paragraph(writer.say(_("The units' latest words:")), "strong"),
        *_latest(writer, tasks, material),
        Paragraph(writer.say(_("Put respectfully for consideration, in one of these directions:"))),
        *(
            Paragraph(f"- {writer.say(words)}", "item")
            for words in (
                _("to grant more time, and set a new deadline;"),
                _("to work with the unit, or inspect on the spot;"),
                _("to give other instructions."),
            )
        ),
        Paragraph(writer.say(_("Instructions:")), "strong"),
        Blank(3),
    ]
    return Paper(
        kind="submission",
        language="vi",
        title=f"{writer.say(_('SUBMISSION'))}: {subject}",
        author=office.unit,
        head=form.own_head(writer, office, case.cutoff.year),
        type_name=writer.say(_("SUBMISSION")),
        subject=subject,
        address=writer.say(_("Submitted to:")),
        to=(writer.say(_("The leaders of the Ministry") if office.in_ministry else _("The competent authority")),),
        blocks=tuple(blocks),
        signature=form.own_signature(office),
        copies=writer.say(_("Recipients:")),
        recipients=form.recipients(writer, writer.say(_("As above")), filed=office.unit),
        mark=writer.say(form.DRAFT),
        facts={"tasks": len(chosen)},
    )


def _latest(writer: Writer, tasks: list[Behind], material: Material) -> list[Block]:
    lines = not_done_lines(Material(material.cutoff, tasks, material.said), writer)
    return [block for one in lines for block in to_blocks("\n".join(one), "")]
