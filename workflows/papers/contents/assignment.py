"""Write the assignment slip (phiếu giao việc) of a task: the directive's words, units, deadline, product."""

from datetime import datetime

from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty
from models.directives.template import TemplateVersion
from models.i18n import _
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import Task
from models.text.localtime import due_date, local_date
from workflows.access.receiver import deciding_unit_name
from workflows.papers import form
from workflows.papers.paper import Paper, PaperColumn, Paragraph, Quotation, Table
from workflows.papers.paper_wording import Writer
from workflows.worklists.task_records import TaskPartner, read_records


def assignment_paper(session: Session, task: Task, *, now: datetime) -> Paper:
    """Write the slip, always in Vietnamese. Its dates are the task's own, as of `now`."""
    writer = Writer("vi")
    directive, duty = session.get_one(Directive, task.directive_id), session.get_one(Duty, task.duty_id)
    rows = session.exec(select(Unit).where(col(Unit.id).in_({task.lead_unit_id, task.assigner_unit_id})))
    units = {unit.id: unit for unit in rows}
    lead, office = units[task.lead_unit_id], form.read_office(session, units[task.assigner_unit_id])
    year = local_date(now).year
    cited = writer.cite(directive)
    if directive.issued_on:
        cited += f" {writer.long_day(directive.issued_on)}"
    source = f"{cited}, {writer.duty(duty.path)}"
    title = writer.say(_("ASSIGNMENT SLIP"))
    return Paper(
        kind="assignment",
        language="vi",
        title=f"{title}: {lead.name}, {writer.duty_inline(duty.path, duty.title, task.occurrence)}",
        author=office.unit,
        head=form.own_head(writer, office, year),
        type_name=title,
        subject=writer.say(_("On the carrying out of {directive}"), directive=writer.cite(directive)),
        address=writer.say(_("To:")),
        to=(lead.name,),
        blocks=(
            Paragraph(
                writer.say(
                    _("{office} asks {unit} to lead the following task, under {directive}:"),
                    office=office.unit,
                    unit=lead.name,
                    directive=writer.cite_in_full(directive),
                )
            ),
            Quotation(" ".join(duty.quote.split()), source),
            _facts(session, writer, task, duty, lead),
            Paragraph(
                writer.say(
                    _(
                        "In case of difficulties, or where the task is not of the unit's functions, please state so "
                        "early, for consideration."
                    )
                )
            ),
            Paragraph(writer.say(_("Respectfully./."))),
        ),
        signature=form.own_signature(office),
        copies=writer.say(_("Recipients:")),
        recipients=form.recipients(
            writer,
            writer.say(_("As above")),
            *([writer.say(_("Coordinating units"))] if read_records(session, TaskPartner, task.id) else []),
            filed=office.unit,
        ),
        mark=writer.say(form.DRAFT) + (f" – {writer.say(_('DRILL'))}" if task.is_drill else ""),
        facts={"task": str(task.id)},
    )


def _facts(session: Session, writer: Writer, task: Task, duty: Duty, lead: Unit) -> Table:
    result = session.get_one(TemplateVersion, task.template_version_id).read_spec().result
    product = result.description
    if result.classified_mail:
        product = f"{product} ({writer.say(_('sent by classified mail'))})"
    contact = session.get_one(Person, task.coordinator_id)
    contact_line = ", ".join(part for part in (contact.full_name, contact.title, contact.phone) if part)
    partners = read_records(session, TaskPartner, task.id)
    rows = (
        (_("content of the task"), writer.duty_title(duty.path, duty.title, task.occurrence)),
        (_("lead unit"), lead.name),
        (_("coordinating units"), "; ".join(partner.name for partner in partners) or "–"),
        (_("time limit"), _due(writer, task)),
        (_("product"), product),
        (_("the unit that gets the result"), deciding_unit_name(session, task.id)),
        (_("followed up by"), contact_line),
    )
    return Table(
        "",
        (PaperColumn(writer.up(_("item")), "text", 1.2), PaperColumn(writer.up(_("what is assigned")), "text", 3)),
        tuple((writer.up(name), words) for name, words in rows),
    )


def _due(writer: Writer, task: Task) -> str:
    if task.due_at is None:
        return writer.up(_("no deadline set yet"))
    if task.incident_id is not None:
        return writer.due(task.due_at, True)
    due = writer.up(_("no later than {day}"), day=writer.day(due_date(task.due_at)))
    if task.original_due_at and task.original_due_at != task.due_at:
        due += f" ({writer.say(_('originally {day}'), day=writer.day(due_date(task.original_due_at)))})"
    return due
