"""The công văn đôn đốc of a unit: a draft, in Vietnamese whoever asks.

A draft states facts and asks; it does not criticise. Its number, day, signer and seal are left to people.
"""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as columns
from sqlmodel import Session, col

from models.directives.directive import Directive
from models.directives.ladders import RungName
from models.errors import BadInput, Refused
from models.i18n import _
from models.organization.unit import Unit
from models.tasks.task import SignedPress, Task, WaitKind
from models.text.localtime import end_of_day
from workflows.papers import form
from workflows.papers.contents.drafting import Material, PaperScope, not_done_lines, read_material
from workflows.papers.contents.report_paper import overdue_table
from workflows.papers.paper import Blank, Block, Paper, PaperHead, Paragraph, to_blocks
from workflows.papers.paper_wording import Writer
from workflows.reports.briefing import Briefing, BriefingItem, read_briefing
from workflows.reports.report_tasks import Behind
from workflows.rules.calendar.workdays import WorkCalendar

VI = Writer("vi")


@dataclass(frozen=True)
class PaperSubject:
    """What a letter is about: a directive's tasks at the end of a day, as far as whoever asks may see them."""

    directive: Directive
    cutoff: date
    calendar: WorkCalendar
    among: ColumnElement[bool]


def press_paper(session: Session, case: PaperSubject, unit: Unit, nth: int | None = None) -> Paper:
    """Return the draft that presses a unit: its overdue tasks that were pressed equally often, most often first.

    `nth`: the lần, signed ones plus one. Refused where nothing is overdue; BadInput for a lần that is none.
    """
    items = [one for one in items_of(session, case).overdue if one.task.unit_code == unit.code]
    # whose result is in has done their part: nobody is pressed for it
    due = [one for one in items if one.wait is None or one.wait.kind is not WaitKind.DECISION]
    if not due:
        raise Refused(
            "{unit}: on {day} no task of {directive} is overdue and waits for the unit; "
            "there is nothing to remind it of",
            unit=unit.name,
            directive=case.directive.code,
            day=VI.day(case.cutoff),
        )
    known = sorted({one.signed + 1 for one in due})
    count = known[-1] if nth is None else nth
    if count not in known:
        raise BadInput(
            "nth {value}: expected one of {allowed}, the signed letters plus one", value=count, allowed=known
        )
    chosen = [one for one in due if one.signed + 1 == count]
    office = form.read_office(
        session, session.get_one(Unit, unit.supervising_unit_id or case.directive.coordinating_unit_id)
    )
    return _press(session, case, unit, office, chosen, count)


def _press(
    session: Session, case: PaperSubject, unit: Unit, office: form.Office, chosen: list[BriefingItem], nth: int
) -> Paper:
    writer, directive = VI, case.directive
    regarding = writer.say(
        _("Reminder to carry out {directive} (No. {nth})"), directive=writer.cite(directive), nth=nth
    )
    for_minister = form.acts_for_minister(office, directive.issuer)
    sender = office.above if for_minister else office.unit
    signed = _signed_days(session, case, chosen)
    blocks: list[Block] = [
        Paragraph(
            writer.say(
                _("Carrying out {directive}, {unit} was assigned to lead:"),
                directive=writer.cite_in_full(directive),
                unit=unit.name,
            )
        )
    ]
    blocks += [Paragraph(_pressed(writer, n, one, case.cutoff)) for n, one in enumerate(chosen, 1)]
    if signed:
        blocks.append(Paragraph(writer.say(_("Previous official reminders: {letters}."), letters="; ".join(signed))))
    blocks.append(
        Paragraph(
            writer.say(
                _(
                    "{sender} asks {unit} to complete the tasks named above and to report the results to "
                    "{receiver}; in case of difficulties, or where more time is needed, please state the "
                    "reason and the deadline proposed, for consideration. Where the report has been sent, "
                    "please give its number and date."
                ),
                sender=sender,
                unit=unit.name,
                receiver=f"{sender} (qua {office.unit})" if for_minister else sender,
            )
        )
    )
    blocks.append(Paragraph(writer.say(_("Respectfully./."))))
    to_leaders = [writer.say(_("Leaders of the Ministry (for report)"))] if nth >= 2 and office.in_ministry else []
    year = case.cutoff.year
    own = form.own_head(writer, office, year)
    return Paper(
        kind="press",
        language="vi",
        title=regarding,
        author=sender,
        head=form.minister_head(writer, office, year, regarding) if for_minister else _with(own, regarding),
        type_name="",
        subject="",
        address=writer.say(_("To:")),
        to=(unit.name,),
        blocks=tuple(blocks),
        signature=form.minister_signature(office) if for_minister else form.own_signature(office),
        copies=writer.say(_("Recipients:")),
        recipients=form.recipients(
            writer, writer.say(_("As above")), *to_leaders, filed=office.unit if for_minister else ""
        ),
        mark=writer.say(form.DRAFT),
        facts={"nth": nth, "unit": unit.code, "tasks": len(chosen)},
    )


def _with(head: PaperHead, regarding: str) -> PaperHead:
    return replace(head, regarding=regarding)


def _pressed(writer: Writer, number: int, one: BriefingItem, cutoff: date) -> str:
    task = one.task
    dates = writer.say(_("no later than {day}"), day=writer.day(task.at.due_on))
    if task.at.original_due_on != task.at.due_on and task.at.original_due_on:
        dates += f" ({writer.say(_('originally {day}'), day=writer.day(task.at.original_due_on))})"
    if one.wait is not None:
        state = writer.say(
            _("Waiting for: {what}, since {day}."), what=one.wait.kind.label, day=writer.day(one.wait.since)
        )
    else:
        state = writer.say(_("By {day} no result has been recorded."), day=writer.long_day(cutoff))
    duty = writer.duty_inline(task.duty_path, task.duty_title, task.occurrence)
    return f"{number}. {writer.say(_('The task in {duty}, {dates}.'), duty=duty, dates=dates)} {state}"


def items_of(session: Session, case: PaperSubject) -> Briefing:
    """Return the giao ban list, from which every letter takes its tasks."""
    return read_briefing(session, case.directive, cutoff=case.cutoff, calendar=case.calendar, among=case.among)


def _signed_days(session: Session, case: PaperSubject, chosen: list[BriefingItem]) -> list[str]:
    """Return the letters signed before for these tasks, as their papers number them."""
    query = (
        columns(col(SignedPress.number), col(SignedPress.signed_on), func.count())
        .where(
            col(SignedPress.task_id).in_([one.task.task_id for one in chosen]),
            col(SignedPress.recorded_at) < end_of_day(case.cutoff),
        )
        .group_by(col(SignedPress.number), col(SignedPress.signed_on))
        .order_by(col(SignedPress.signed_on), col(SignedPress.number))
    )
    words = _("No. {number} of {day}")
    return [VI.say(words, number=number, day=VI.day(day)) for number, day, _count in session.execute(query)]


def submission_paper(session: Session, case: PaperSubject, task: Task | None = None) -> Paper:
    """Return the draft that puts overdue tasks, or one, before the issuer's side. Refused where there are none."""
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
    material = read_material(session, PaperScope(case.cutoff, directive, case.among))
    office = form.read_office(session, session.get_one(Unit, directive.coordinating_unit_id))
    subject = writer.say(_("On the carrying out of {directive}"), directive=writer.cite(directive))
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
                directive=writer.cite_in_full(directive),
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
