"""The first draft of a report's narrative: what units have sent, in their own words, with unit, document and day.

It states and quotes; it judges nobody. Of a task whose result goes by classified mail it says number and day only.
"""

from collections.abc import Iterator
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
from workflows.papers.sources import Remark, ResultDocument, TaskFacts, read_said
from workflows.reports.report_tasks import Behind, Figure, ReportPart, tasks_behind
from workflows.rules.tasks.classification import Bucket

QUOTED = 25
"""Quotations of one part; past that the part says how many more there are."""
NAMED = 10
"""Units that are named in one line; of more the list of overdue tasks speaks."""
_NOTHING = TaskFacts("", False)


@dataclass(frozen=True)
class Material:
    """The tasks at a cut-off, by their dates, and what was said of each."""

    cutoff: date
    tasks: list[Behind]
    said: dict[UUID, TaskFacts]
    alone: bool = False  # of one unit, which speaks of itself and is not named in every line

    def of(self, task: Behind) -> TaskFacts:
        return self.said.get(task.task_id, _NOTHING)

    @property
    def done(self) -> list[Behind]:
        return [one for one in self.tasks if one.bucket in (Bucket.DONE_ON_TIME, Bucket.DONE_LATE)]

    @property
    def open(self) -> list[Behind]:
        return [one for one in self.tasks if one.bucket in (Bucket.OPEN_IN_TIME, Bucket.OPEN_OVERDUE)]

    @property
    def overdue(self) -> list[Behind]:
        return [one for one in self.tasks if one.bucket is Bucket.OPEN_OVERDUE]


@dataclass(frozen=True)
class PaperScope:
    """What a paper is of. `directive` None: all; `unit`: this lead unit's part of it; `among` as in `report`."""

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
    cutoff, unit = scope.cutoff, scope.unit.code if scope.unit else None
    tasks = tasks_behind(
        session, cutoff=cutoff, figure=Figure.TOTAL, directive=scope.code, part=ReportPart(unit=unit), among=scope.among
    )
    return Material(cutoff, tasks, read_said(session, [one.task_id for one in tasks], cutoff), alone=unit is not None)


def draft_narrative(session: Session, scope: PaperScope) -> dict[str, str]:
    """Return the narrative as it is first proposed, part by part, from what the units have sent."""
    return draft_parts(read_material(session, scope), Writer(scope.language))


def draft_parts(material: Material, writer: Writer) -> dict[str, str]:
    """Draft the parts, by the names of `report_paper.PARTS`."""
    return {
        "general": "",
        "done": join(_limited(writer, done_lines(material, writer))),
        "not_done": join(_limited(writer, not_done_lines(material, writer))),
        "difficulties": join(_limited(writer, difficulty_lines(material, writer))),
        "asked": join(_limited(writer, asked_lines(material, writer))),
    }


def done_lines(material: Material, writer: Writer) -> list[tuple[str, ...]]:
    """The newest document comes first."""
    found = [(one, material.of(one)) for one in material.done]
    found.sort(key=lambda pair: pair[1].document.sent_on if pair[1].document else date.min, reverse=True)
    return [_done(material, writer, one, said) for one, said in found]


def _done(material: Material, writer: Writer, one: Behind, said: TaskFacts) -> tuple[str, ...]:
    head = _task(material, writer, one)
    document = said.document
    if document is None:
        return (item_line(head),)
    source = _document(writer, document)
    words = document.note or document.subject
    if said.secret or not words:
        told = writer.say(_("sent by classified mail")) if said.secret else ""
        return (item_line("; ".join(part for part in (head, source, told) if part)),)
    return (item_line(head), quote_line(words, source if material.alone else f"{one.unit}, {source}"))


def not_done_lines(material: Material, writer: Writer) -> list[tuple[str, ...]]:
    """Return what is overdue: first with the unit's own word, the oldest date first; then who gave none."""
    told, silent = list[tuple[str, ...]](), dict[str, list[str]]()
    for one in material.overdue:
        said = material.of(one)
        if said.document is None and said.why is None:
            duty = writer.duty_inline(one.duty_path, one.duty_title, one.occurrence)
            silent.setdefault(duty, []).append(one.unit)
        else:
            told.append(_not_done(material, writer, one, said))
    return told + [(item_line(first_up(_silent(material, writer, duty, units))),) for duty, units in silent.items()]


def _silent(material: Material, writer: Writer, duty: str, units: list[str]) -> str:
    names = list(dict.fromkeys(units))
    if material.alone:
        return writer.say(_("{duty}: no reason has been recorded yet"), duty=duty)
    if len(names) > NAMED:
        words = _n(
            "{duty}: no reason given yet by {count} unit (see the list of overdue tasks)",
            "{duty}: no reason given yet by {count} units (see the list of overdue tasks)",
        )
        return writer.say(words, duty=duty, count=len(names))
    words = _n(
        "{duty}: no reason given yet by {count} unit: {units}", "{duty}: no reason given yet by {count} units: {units}"
    )
    return writer.say(words, duty=duty, count=len(names), units="; ".join(names))


def _not_done(material: Material, writer: Writer, one: Behind, said: TaskFacts) -> tuple[str, ...]:
    due = one.at.due_on
    dates = writer.say(_("deadline {day}"), day=writer.day(due))
    if one.at.original_due_on and one.at.original_due_on != due:
        dates += f" ({writer.say(_('originally {day}'), day=writer.day(one.at.original_due_on))})"
    head = f"{_task(material, writer, one)}; {dates}"
    if said.document is not None:
        waits = writer.say(_("{source}; not approved by the cut-off"), source=_document(writer, said.document))
        return (item_line(f"{head}; {waits}"),)
    assert said.why is not None  # held by not_done_lines
    return _quoted(material, writer, one, head, said.why)


def difficulty_lines(material: Material, writer: Writer) -> list[tuple[str, ...]]:
    """Difficulties that wait for an answer."""
    found = []
    for one in material.open:
        if (asked := material.of(one).difficulty) is not None:
            words = _("{task}: to be answered by {authority} no later than {day}")
            day = writer.day(due_date(asked.respond_by))
            head = writer.say(words, task=_task(material, writer, one), authority=asked.authority, day=day)
            word = Remark("obstacle_raised", asked.raised_on, asked.text)
            found.append(_quoted(material, writer, one, head, word))
    return found


def asked_lines(material: Material, writer: Writer) -> list[tuple[str, ...]]:
    """Requests for more time that wait for a decision."""
    found = []
    for one in material.open:
        if (asked := material.of(one).more_time) is not None:
            words = _("{task}: more time asked for, until {day}")
            head = writer.say(words, task=_task(material, writer, one), day=writer.day(asked.until))
            word = Remark("extension_asked", asked.asked_on, asked.reason)
            found.append(_quoted(material, writer, one, head, word))
    return found


def _quoted(material: Material, writer: Writer, one: Behind, head: str, word: Remark) -> tuple[str, ...]:
    """Return a line and the unit's words; of what goes by classified mail that there are some, and of which day."""
    source = f"{writer.say(EVENT_WORDS[word.event])}, {writer.day(word.on)}"
    if not word.text:
        return (item_line(f"{head}; {writer.say(_('{source}; not quoted here'), source=source)}"),)
    return (item_line(head), quote_line(word.text, source if material.alone else f"{one.unit}, {source}"))


def _limited(writer: Writer, found: list[tuple[str, ...]]) -> Iterator[str]:
    for lines in found[:QUOTED]:
        yield from lines
    if len(found) > QUOTED:
        yield writer.say(_("There are {count} more; all of them are on the board."), count=len(found) - QUOTED)


def _task(material: Material, writer: Writer, one: Behind) -> str:
    """ "Công ty X: mục 2 (kế hoạch …)"."""
    duty = writer.duty_inline(one.duty_path, one.duty_title, one.occurrence)
    return first_up(duty) if material.alone else f"{one.unit}: {duty}"


def _document(writer: Writer, document: ResultDocument) -> str:
    """ "văn bản số 12/BC ngày 29/06/2004"."""
    words = _("document No. {number} of {day}")
    return writer.say(words, number=document.number, day=writer.day(document.dated))
