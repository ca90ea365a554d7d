"""Drafts of two official papers: the reminder to a unit (công văn đôn đốc), and the submission (phiếu trình).

Both are always in Vietnamese. They state facts and ask; they do not criticise. People write the number, the day, the
signature and the seal.
"""

from collections.abc import Iterator
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
from workflows.reports.briefing import BriefingItem, read_briefing
from workflows.reports.report_tasks import CountedTask
from workflows.rules.calendar.workdays import WorkCalendar

WRITER = Writer("vi")


@dataclass(frozen=True)
class PaperSubject:
    """What a paper is about: the tasks of a directive at the end of the cut-off day.

    `among`: the condition on tasks that the person who asks for the paper may see.
    """

    directive: Directive
    cutoff: date
    calendar: WorkCalendar
    among: ColumnElement[bool]


def reminder_paper(session: Session, about: PaperSubject, unit: Unit, nth: int | None = None) -> Paper:
    """Draft the reminder to a unit, of those overdue tasks that have the same number of signed reminders.

    `nth`: which reminder it is, the signed ones plus one; None takes the highest. Refused where nothing is overdue,
    BadInput where no task has come to its nth reminder.
    """
    items = [item for item in _read_overdue(session, about) if _is_to_remind_of(item, unit)]
    if not items:
        raise Refused(
            "{unit}: on {day} no task of {directive} is overdue and waits for the unit; "
            "there is nothing to remind it of",
            unit=unit.name,
            directive=about.directive.code,
            day=WRITER.day(about.cutoff),
        )
    allowed = sorted({item.signed + 1 for item in items})
    if nth is None:
        nth = allowed[-1]
    if nth not in allowed:
        raise BadInput(
            "nth {value}: expected one of {allowed}, the signed letters plus one", value=nth, allowed=allowed
        )
    chosen = [item for item in items if item.signed + 1 == nth]
    office_unit = session.get_one(Unit, unit.supervising_unit_id or about.directive.coordinating_unit_id)
    office = form.read_office(session, office_unit)
    sender = _Sender(office, form.acts_for_minister(office, about.directive.issuer))
    return _write_reminder(about, unit, sender, chosen, nth, _read_signed_reminders(session, about, chosen))


def _read_overdue(session: Session, about: PaperSubject) -> list[BriefingItem]:
    """Read the overdue tasks of the giao ban list, so that papers and list agree."""
    briefing = read_briefing(session, about.directive, cutoff=about.cutoff, calendar=about.calendar, among=about.among)
    return briefing.overdue


def _is_to_remind_of(item: BriefingItem, unit: Unit) -> bool:
    """Return whether the unit has still to act: a task whose result waits for approval does not wait for the unit."""
    waits_for_decision = item.wait is not None and item.wait.kind is WaitKind.DECISION
    return item.task.unit_code == unit.code and not waits_for_decision


def _read_signed_reminders(session: Session, about: PaperSubject, items: list[BriefingItem]) -> list[str]:
    """Return number and day of the letters that were signed before for these tasks."""
    query = (
        columns(col(SignedPress.number), col(SignedPress.signed_on), func.count())
        .where(
            col(SignedPress.task_id).in_([item.task.task_id for item in items]),
            col(SignedPress.recorded_at) < end_of_day(about.cutoff),
        )
        .group_by(col(SignedPress.number), col(SignedPress.signed_on))
        .order_by(col(SignedPress.signed_on), col(SignedPress.number))
    )
    words = _("No. {number} of {day}")
    return [WRITER.say(words, number=number, day=WRITER.day(day)) for number, day, _count in session.execute(query)]


@dataclass(frozen=True)
class _Sender:
    """The office that writes a reminder: in its own name, or in the Minister's."""

    office: form.Office
    is_for_minister: bool

    @property
    def name(self) -> str:
        return self.office.above if self.is_for_minister else self.office.unit

    @property
    def receiver(self) -> str:
        """Return where the unit sends its report."""
        return f"{self.name} (qua {self.office.unit})" if self.is_for_minister else self.name

    def head(self, year: int, regarding: str) -> PaperHead:
        if self.is_for_minister:
            return form.minister_head(WRITER, self.office, year, regarding)
        return replace(form.own_head(WRITER, self.office, year), regarding=regarding)

    @property
    def signature(self) -> tuple[str, ...]:
        return form.minister_signature(self.office) if self.is_for_minister else form.own_signature(self.office)

    def recipients(self, nth: int) -> tuple[str, ...]:
        """Return the Nơi nhận. From the second reminder on, the leaders of the Ministry are told too."""
        lines = [WRITER.say(_("As above"))]
        if nth >= 2 and self.office.in_ministry:
            lines.append(WRITER.say(_("Leaders of the Ministry (for report)")))
        return form.recipients(WRITER, *lines, filed=self.office.unit if self.is_for_minister else "")


def _write_reminder(
    about: PaperSubject, unit: Unit, sender: _Sender, items: list[BriefingItem], nth: int, signed: list[str]
) -> Paper:
    regarding = WRITER.say(
        _("Reminder to carry out {directive} (No. {nth})"), directive=WRITER.cite(about.directive), nth=nth
    )
    return Paper(
        kind="press",
        language="vi",
        title=regarding,
        author=sender.name,
        head=sender.head(about.cutoff.year, regarding),
        type_name="",
        subject="",
        address=WRITER.say(_("To:")),
        to=(unit.name,),
        blocks=tuple(_reminder_blocks(about, unit, sender, items, signed)),
        signature=sender.signature,
        copies=WRITER.say(_("Recipients:")),
        recipients=sender.recipients(nth),
        mark=WRITER.say(form.DRAFT),
        facts={"nth": nth, "unit": unit.code, "tasks": len(items)},
    )


def _reminder_blocks(
    about: PaperSubject, unit: Unit, sender: _Sender, items: list[BriefingItem], signed: list[str]
) -> Iterator[Block]:
    yield _paragraph(
        _("Carrying out {directive}, {unit} was assigned to lead:"),
        directive=WRITER.cite_in_full(about.directive),
        unit=unit.name,
    )
    for number, item in enumerate(items, 1):
        yield Paragraph(_say_overdue(number, item, about.cutoff))
    if signed:
        yield _paragraph(_("Previous official reminders: {letters}."), letters="; ".join(signed))
    yield _paragraph(
        _(
            "{sender} asks {unit} to complete the tasks named above and to report the results to "
            "{receiver}; in case of difficulties, or where more time is needed, please state the "
            "reason and the deadline proposed, for consideration. Where the report has been sent, "
            "please give its number and date."
        ),
        sender=sender.name,
        unit=unit.name,
        receiver=sender.receiver,
    )
    yield _paragraph(_("Respectfully./."))


def _say_overdue(number: int, item: BriefingItem, cutoff: date) -> str:
    task = item.task
    dates = WRITER.say(_("no later than {day}"), day=WRITER.day(task.at.due_on))
    if task.at.original_due_on and task.at.original_due_on != task.at.due_on:
        dates += f" ({WRITER.say(_('originally {day}'), day=WRITER.day(task.at.original_due_on))})"
    duty = WRITER.duty_inline(task.duty_path, task.duty_title, task.occurrence)
    sentence = WRITER.say(_("The task in {duty}, {dates}."), duty=duty, dates=dates)
    if item.wait is not None:
        words = _("Waiting for: {what}, since {day}.")
        state = WRITER.say(words, what=item.wait.kind.label, day=WRITER.day(item.wait.since))
    else:
        state = WRITER.say(_("By {day} no result has been recorded."), day=WRITER.long_day(cutoff))
    return f"{number}. {sentence} {state}"


def submission_paper(session: Session, about: PaperSubject, task: Task | None = None) -> Paper:
    """Draft the paper that puts one overdue task before the leaders, or all that the ladder puts to the issuer.

    Refused where there is no such task.
    """
    directive = about.directive
    overdue = _read_overdue(session, about)
    if task is not None:
        chosen = [item.task for item in overdue if item.task.task_id == task.id]
    else:
        chosen = [item.task for item in overdue if item.stage is RungName.TO_ISSUER]
    if not chosen:
        raise Refused(
            "{directive}: no overdue task has come so far by {day} that it would be put to the issuer",
            directive=directive.code,
            day=WRITER.day(about.cutoff),
        )
    material = read_material(session, PaperScope(about.cutoff, directive, about.among))
    office = form.read_office(session, session.get_one(Unit, directive.coordinating_unit_id))
    regarding = WRITER.say(_("On the carrying out of {directive}"), directive=WRITER.cite(directive))
    addressee = _("The leaders of the Ministry") if office.in_ministry else _("The competent authority")
    return Paper(
        kind="submission",
        language="vi",
        title=f"{WRITER.say(_('SUBMISSION'))}: {regarding}",
        author=office.unit,
        head=form.own_head(WRITER, office, about.cutoff.year),
        type_name=WRITER.say(_("SUBMISSION")),
        subject=regarding,
        address=WRITER.say(_("Submitted to:")),
        to=(WRITER.say(addressee),),
        blocks=tuple(_submission_blocks(about, chosen, material)),
        signature=form.own_signature(office),
        copies=WRITER.say(_("Recipients:")),
        recipients=form.recipients(WRITER, WRITER.say(_("As above")), filed=office.unit),
        mark=WRITER.say(form.DRAFT),
        facts={"tasks": len(chosen)},
    )


def _submission_blocks(about: PaperSubject, tasks: list[CountedTask], material: Material) -> Iterator[Block]:
    yield _paragraph(
        _(
            "As recorded by the end of {day}, the following tasks of {directive} have passed "
            "their deadlines and "
            "are not done:"
        ),
        day=WRITER.long_day(about.cutoff),
        directive=WRITER.cite_in_full(about.directive),
    )
    yield overdue_table(WRITER, tasks)
    yield Paragraph(WRITER.say(_("The units' latest words:")), "strong")
    for lines in not_done_lines(Material(material.cutoff, tasks, material.facts_by_task), WRITER):
        yield from to_blocks("\n".join(lines), "")
    yield _paragraph(_("Put respectfully for consideration, in one of these directions:"))
    for direction in (
        _("to grant more time, and set a new deadline;"),
        _("to work with the unit, or inspect on the spot;"),
        _("to give other instructions."),
    ):
        yield Paragraph(f"- {WRITER.say(direction)}", "item")
    yield Paragraph(WRITER.say(_("Instructions:")), "strong")
    yield Blank(3)


def _paragraph(message: str, /, **facts: object) -> Paragraph:
    return Paragraph(WRITER.say(message, **facts))
