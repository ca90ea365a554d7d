"""Draft a report's narrative from what units have sent, in their own words, with unit, document and day.

The draft states and quotes, and judges nobody. Of a task whose result goes by classified mail it gives number and day
only.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session

from models.directives.directive import Directive
from models.i18n import _, _n
from models.organization.unit import Unit
from models.text.localtime import due_date
from models.words import EVENT_WORDS
from notifications.composing.wording import first_up
from workflows.papers.paper import item_line, join, quote_line
from workflows.papers.paper_wording import Writer
from workflows.papers.sources import Remark, ResultDocument, TaskFacts, read_task_facts
from workflows.reports.report_tasks import CountedTask, Figure, ReportPart, tasks_behind
from workflows.rules.tasks.classification import Bucket

MAX_QUOTED = 25
"""Quotations in one part of a report. The part says how many more there are."""
MAX_NAMED = 10
"""Units that one line names. With more, the line refers to the list of overdue tasks."""
_NO_FACTS = TaskFacts("", False)
Lines = tuple[str, ...]
"""The lines on one task: an item, and the quotation beneath it if there is one."""


@dataclass(frozen=True)
class Material:
    """The tasks at a cut-off, by date, and the facts that were recorded of each."""

    cutoff: date
    tasks: list[CountedTask]
    facts_by_task: dict[UUID, TaskFacts]
    is_of_one_unit: bool = False  # the unit reports about itself, so no line names it

    def facts_of(self, task: CountedTask) -> TaskFacts:
        return self.facts_by_task.get(task.task_id, _NO_FACTS)

    @property
    def done(self) -> list[CountedTask]:
        return [task for task in self.tasks if task.bucket in (Bucket.DONE_ON_TIME, Bucket.DONE_LATE)]

    @property
    def open(self) -> list[CountedTask]:
        return [task for task in self.tasks if task.bucket in (Bucket.OPEN_IN_TIME, Bucket.OPEN_OVERDUE)]

    @property
    def overdue(self) -> list[CountedTask]:
        return [task for task in self.tasks if task.bucket is Bucket.OPEN_OVERDUE]


@dataclass(frozen=True)
class PaperScope:
    """Which tasks a paper covers.

    `directive`: None for all directives; `unit`: only the tasks that it leads; `among`: a condition as in `report`.
    """

    cutoff: date
    directive: Directive | None = None
    among: ColumnElement[bool] | None = None
    language: str = "vi"
    unit: Unit | None = None

    @property
    def code(self) -> str | None:
        return self.directive.code if self.directive else None


def read_material(session: Session, scope: PaperScope) -> Material:
    """Read what was recorded by the end of the cut-off day."""
    tasks = tasks_behind(
        session,
        cutoff=scope.cutoff,
        figure=Figure.TOTAL,
        directive=scope.code,
        part=ReportPart(unit=scope.unit.code if scope.unit else None),
        among=scope.among,
    )
    facts = read_task_facts(session, [task.task_id for task in tasks], scope.cutoff)
    return Material(scope.cutoff, tasks, facts, is_of_one_unit=scope.unit is not None)


def draft_narrative(material: Material, writer: Writer) -> dict[str, str]:
    """Draft the narrative from what the units have sent, by the names of `report_paper.PARTS`."""
    return {
        "general": "",
        "done": _write_part(done_lines(material, writer), writer),
        "not_done": _write_part(not_done_lines(material, writer), writer),
        "difficulties": _write_part(difficulty_lines(material, writer), writer),
        "asked": _write_part(extension_lines(material, writer), writer),
    }


def _write_part(lines_by_task: list[Lines], writer: Writer) -> str:
    lines = [line for task_lines in lines_by_task[:MAX_QUOTED] for line in task_lines]
    left_out = len(lines_by_task) - MAX_QUOTED
    if left_out > 0:
        lines.append(writer.say(_("There are {count} more; all of them are on the board."), count=left_out))
    return join(lines)


def done_lines(material: Material, writer: Writer) -> list[Lines]:
    """Return the lines on the tasks that are done; the newest document comes first."""

    def sent_on(task: CountedTask) -> date:
        document = material.facts_of(task).document
        return document.sent_on if document else date.min

    return [_done_line(material, writer, task) for task in sorted(material.done, key=sent_on, reverse=True)]


def _done_line(material: Material, writer: Writer, task: CountedTask) -> Lines:
    facts = material.facts_of(task)
    name = _name_task(material, writer, task)
    if facts.document is None:
        return (item_line(name),)
    source = _cite_document(writer, facts.document)
    if facts.secret:
        return (item_line(f"{name}; {source}; {writer.say(_('sent by classified mail'))}"),)
    words = facts.document.note or facts.document.subject
    if not words:
        return (item_line(f"{name}; {source}"),)
    return (item_line(name), quote_line(words, source if material.is_of_one_unit else f"{task.unit}, {source}"))


def not_done_lines(material: Material, writer: Writer) -> list[Lines]:
    """Return the lines on the overdue tasks: first those with the unit's own words, by date; then those without."""
    lines: list[Lines] = []
    silent_units_by_duty: dict[str, list[str]] = {}
    for task in material.overdue:
        facts = material.facts_of(task)
        if facts.document is not None:
            document = writer.say(
                _("{source}; not approved by the cut-off"), source=_cite_document(writer, facts.document)
            )
            lines.append((item_line(f"{_name_overdue_task(material, writer, task)}; {document}"),))
        elif facts.reason is not None:
            name = _name_overdue_task(material, writer, task)
            lines.append(_quote(material, writer, task, name, facts.reason))
        else:
            duty = writer.duty_inline(task.duty_path, task.duty_title, task.occurrence)
            silent_units_by_duty.setdefault(duty, []).append(task.unit)
    for duty, units in silent_units_by_duty.items():
        sentence = _say_no_reason(material, writer, duty, list(dict.fromkeys(units)))
        lines.append((item_line(first_up(sentence)),))
    return lines


def _say_no_reason(material: Material, writer: Writer, duty: str, units: list[str]) -> str:
    if material.is_of_one_unit:
        return writer.say(_("{duty}: no reason has been recorded yet"), duty=duty)
    if len(units) > MAX_NAMED:
        words = _n(
            "{duty}: no reason given yet by {count} unit (see the list of overdue tasks)",
            "{duty}: no reason given yet by {count} units (see the list of overdue tasks)",
        )
        return writer.say(words, duty=duty, count=len(units))
    words = _n(
        "{duty}: no reason given yet by {count} unit: {units}", "{duty}: no reason given yet by {count} units: {units}"
    )
    return writer.say(words, duty=duty, count=len(units), units="; ".join(units))


def _name_overdue_task(material: Material, writer: Writer, task: CountedTask) -> str:
    due_on, original = task.at.due_on, task.at.original_due_on
    dates = writer.say(_("deadline {day}"), day=writer.day(due_on))
    if original and original != due_on:
        dates += f" ({writer.say(_('originally {day}'), day=writer.day(original))})"
    return f"{_name_task(material, writer, task)}; {dates}"


def difficulty_lines(material: Material, writer: Writer) -> list[Lines]:
    """Return the lines on difficulties that wait for an answer."""
    lines = []
    for task in material.open:
        difficulty = material.facts_of(task).difficulty
        if difficulty is None:
            continue
        item = writer.say(
            _("{task}: to be answered by {authority} no later than {day}"),
            task=_name_task(material, writer, task),
            authority=difficulty.authority,
            day=writer.day(due_date(difficulty.respond_by)),
        )
        remark = Remark("obstacle_raised", difficulty.raised_on, difficulty.text)
        lines.append(_quote(material, writer, task, item, remark))
    return lines


def extension_lines(material: Material, writer: Writer) -> list[Lines]:
    """Return the lines on requests for more time that wait for a decision."""
    lines = []
    for task in material.open:
        request = material.facts_of(task).extension
        if request is None:
            continue
        item = writer.say(
            _("{task}: more time asked for, until {day}"),
            task=_name_task(material, writer, task),
            day=writer.day(request.until),
        )
        remark = Remark("extension_asked", request.asked_on, request.reason)
        lines.append(_quote(material, writer, task, item, remark))
    return lines


def _quote(material: Material, writer: Writer, task: CountedTask, item: str, remark: Remark) -> Lines:
    """Return the item and the unit's words. A remark of a secret task has no words: the item says that it exists."""
    source = f"{writer.say(EVENT_WORDS[remark.event])}, {writer.day(remark.on)}"
    if not remark.text:
        return (item_line(f"{item}; {writer.say(_('{source}; not quoted here'), source=source)}"),)
    return (item_line(item), quote_line(remark.text, source if material.is_of_one_unit else f"{task.unit}, {source}"))


def _name_task(material: Material, writer: Writer, task: CountedTask) -> str:
    """ "Công ty X: mục 2 (kế hoạch …)"."""
    duty = writer.duty_inline(task.duty_path, task.duty_title, task.occurrence)
    return first_up(duty) if material.is_of_one_unit else f"{task.unit}: {duty}"


def _cite_document(writer: Writer, document: ResultDocument) -> str:
    """ "văn bản số 12/BC ngày 29/06/2004"."""
    words = _("document No. {number} of {day}")
    return writer.say(words, number=document.number, day=writer.day(document.dated))
