"""What will become of each row, before anything does: a task for whom until when, left out and why, or a fault."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select as columns
from sqlmodel import Session, col

from models.database.ids import ZERO_ID
from models.directives.directive import Directive, Duty
from models.directives.template import NoDeadline
from models.errors import BadInput
from models.i18n import Labelled, Words, _
from models.intake.intake_table import IntakeTable
from models.tasks.task import Task, TaskStatus
from models.text.localtime import write_date
from models.text.vietnamese import fold
from workflows.access.conflict import mark_of, mark_shown
from workflows.intake.review.match import How, Matched, Matcher, load_matcher
from workflows.intake.tables.row_dates import RowDeadline, last_day_of, read_deadline
from workflows.intake.tables.table_columns import TableRow, names_in, read_rows
from workflows.rules.audience import UnitFacts


class FateKind(Labelled):
    NEW = "new", _("new: duty and task")
    LEFT = "left", _("left out by you")
    DONE = "done", _("said to be done: left out")
    TAKEN = "taken", _("said to be done: duty without task")
    HERE = "here", _("there is this task already")
    REPEATED = "repeated", _("repeats a row above")
    OTHER = "other", _("belongs to another document")
    SECTION = "section", _("a heading between rows")
    FAULT = "fault", _("to be put right")


_MANY = re.compile(r"(?:cac|nhung|moi|toan the)\s")
"""A phrase for many, such as "các bộ, ngành", is no list of names."""


@dataclass(frozen=True)
class RowFate:
    """One row's fate. `unknown` are names that can be taught, `doubts` what stops nothing but wants a look."""

    row: TableRow
    kind: FateKind
    leads: tuple[UnitFacts, ...] = ()
    partners: tuple[UnitFacts, ...] = ()
    rule: RowDeadline = field(default_factory=NoDeadline)
    faults: tuple[BadInput, ...] = ()
    doubts: tuple[Words, ...] = ()
    unknown: tuple[Matched, ...] = ()

    @property
    def last_day(self) -> date | None:
        return last_day_of(self.rule)


@dataclass(frozen=True)
class TableContext:
    """What rows are judged by: `there` holds quote and unit of the tasks that are here already."""

    table: IntakeTable
    matcher: Matcher
    today: date
    there: Collection[tuple[str, UUID]]


def try_out(session: Session, table: IntakeTable, today: date) -> list[RowFate]:
    """Return what would become of each row on a local day, by the register and the tasks of now. Writes nothing."""
    rows = list(read_rows(table.cells, table.heads_to, table.mapping))
    quotes = sorted({row.duty for row in rows if row.duty})
    there = set(_tasks_there(session, table.coordinating_unit_id, quotes))
    known = TableContext(table, load_matcher(session), today, there)
    seen: dict[tuple[str, UUID], int] = {}
    return [_decide(row, known, seen) for row in rows]


def of_kind(fates: Sequence[RowFate], *kinds: FateKind) -> list[RowFate]:
    return [fate for fate in fates if fate.kind in kinds]


def _decide(row: TableRow, known: TableContext, seen: dict[tuple[str, UUID], int]) -> RowFate:
    if row.is_section:
        return RowFate(row, FateKind.SECTION)
    if known.table.number and row.document and _plain(known.table.number) not in _plain(row.document):
        return RowFate(row, FateKind.OTHER)
    fate = _read(row, known)
    if fate.faults and row.is_done and row.number not in known.table.taken:  # nobody need put right what is left out
        return replace(fate, kind=FateKind.DONE, faults=(), unknown=())
    if fate.faults:
        return fate
    again = [seen[row.duty, unit.id] for unit in fate.leads if (row.duty, unit.id) in seen]
    new = [unit for unit in fate.leads if (row.duty, unit.id) not in seen]
    if not new:
        return replace(fate, kind=FateKind.REPEATED, doubts=(Words("as row {row}", row=again[0]),))
    here = [unit for unit in new if (row.duty, unit.id) in known.there]
    new = [unit for unit in new if unit not in here]
    if not new:
        return replace(fate, kind=FateKind.HERE, doubts=())
    if here:
        names = [unit.name for unit in here]
        fate = replace(fate, doubts=(*fate.doubts, Words("there is one already for {units}", units=names)))
    if row.is_done:
        kind = FateKind.TAKEN if row.number in known.table.taken else FateKind.DONE
        return replace(fate, kind=kind, leads=tuple(new), doubts=())
    kind = FateKind.LEFT if row.number in known.table.left_out else FateKind.NEW
    if kind is FateKind.NEW:
        seen.update({(row.duty, unit.id): row.number for unit in new})
    return replace(fate, kind=kind, leads=tuple(new))


def _read(row: TableRow, known: TableContext) -> RowFate:
    """Return the row's units and date; a FAULT where something is wrong, NEW otherwise."""
    faults: list[BadInput] = []
    doubts: list[Words] = []
    if not row.duty:
        faults.append(BadInput("the duty: it is empty; write the work to do in each row"))
    leads, unknown = _units(row.lead, known.matcher, leading=True)
    if not names_in(row.lead):
        faults.append(BadInput("lead unit: it is empty; write the unit that leads, by a name or alias of the register"))
    faults += [_unknown_unit(one) for one in unknown]
    partners, strange = _units(row.partners, known.matcher, leading=False)
    doubts += [Words("coordinating unit “{name}”: not in the register, left out", name=one.phrase) for one in strange]
    doubts += [_alike(one) for one in (*leads, *partners) if one.how is How.ALIKE]
    doubts += [_by_rule(one) for one in (*leads, *partners) if one.how in (How.KIND, How.TAGGED)]
    doubts += [_beyond(one) for one in (*leads, *partners) if one.beyond]
    rule: RowDeadline = NoDeadline()
    try:
        rule, guessed = read_deadline(row.due, known.table.issued_on)
    except BadInput as error:
        faults.append(error)
    else:
        day = last_day_of(rule)
        if guessed and day:
            doubts.append(Words("the year is not written: {day}?", day=write_date(day)))
        if day is not None and known.table.issued_on is not None and day < known.table.issued_on:
            doubts.append(Words("the deadline lies before the document's own date"))
        elif day is not None and day < known.today and not row.is_done:
            doubts.append(Words("the deadline has passed: the task is overdue from its first day"))
    leading = tuple({unit.id: unit for one in leads for unit in one.units}.values())
    ids = {unit.id for unit in leading}
    taking_part = {unit.id: unit for one in partners for unit in one.units if unit.id not in ids or len(ids) > 1}
    kind = FateKind.FAULT if faults else FateKind.NEW
    told = tuple(dict.fromkeys(doubts))
    return RowFate(row, kind, leading, tuple(taking_part.values()), rule, tuple(faults), told, (*unknown, *strange))


def _units(cell: str, matcher: Matcher, *, leading: bool) -> tuple[list[Matched], list[Matched]]:
    """Return those that the register knows, and the others. A list with commas not wholly known is taken apart."""
    known: list[Matched] = []
    unknown: list[Matched] = []
    for name in names_in(cell):
        whole = matcher.of(" ".join(name.split()), leading=leading)
        parts = [] if _MANY.match(fold(name)) else [part.strip() for part in name.split(",") if part.strip()]
        each = [whole]
        if not whole.units and len(parts) > 1:
            each = [matcher.of(" ".join(part.split()), leading=leading) for part in parts]
        if not any(one.units for one in each):
            each = [whole]
        known += [one for one in each if one.units]
        unknown += [one for one in each if not one.units]
    return known, unknown


def _unknown_unit(one: Matched) -> BadInput:
    if one.near:
        return BadInput(
            "lead unit “{name}”: nobody in the register has this name; expected something like {near}",
            name=one.phrase,
            near=[unit.name for unit in one.near],
        )
    return BadInput(
        "lead unit “{name}”: nobody in the register has this name; say below whom it means", name=one.phrase
    )


def _alike(one: Matched) -> Words:
    return Words("“{name}” is taken for {units}", name=one.phrase, units=[unit.name for unit in one.units])


def _by_rule(one: Matched) -> Words:
    if not one.left_out:
        return Words("“{name}” is taken for {units}", name=one.phrase, units=list(one.rules))
    return Words(
        "“{name}” is taken for {rules}; left out: {units}",
        name=one.phrase,
        rules=list(one.rules),
        units=[unit.name for unit in one.left_out],
    )


def _beyond(one: Matched) -> Words:
    return Words(
        "“{name}”: no rule looks at “{words}”; please check whom it leaves out", name=one.phrase, words=one.beyond
    )


def _plain(number: str) -> str:
    return "".join(fold(number).split())


_AT_ONCE = 200


def mark_tried(table: IntakeTable, fates: Sequence[RowFate]) -> str:
    """Return a short mark of a table and of what would become of each row, as the dry run shows it: see `mark_of`."""
    told = [
        (
            fate.row.number,
            fate.kind.value,
            [one.code for one in fate.leads],
            [one.code for one in fate.partners],
            fate.last_day,
        )
        for fate in fates
    ]
    return mark_shown((mark_of(table), told))


def _tasks_there(session: Session, unit_id: UUID, quotes: Sequence[str]) -> Iterator[tuple[str, UUID]]:
    """Quote and unit of the tasks that this unit follows up and that bind by the same words."""
    for first in range(0, len(quotes), _AT_ONCE):
        query = (
            columns(col(Duty.quote), col(Task.assigned_unit_id))
            .join(Task, col(Task.duty_id) == col(Duty.id))
            .join(Directive, col(Directive.id) == col(Duty.directive_id))
            .where(
                col(Directive.coordinating_unit_id) == unit_id,
                col(Duty.quote).in_(quotes[first : first + _AT_ONCE]),
                col(Task.parent_key) == ZERO_ID,
                col(Task.status) != TaskStatus.WITHDRAWN,
            )
        )
        yield from (tuple(row) for row in session.execute(query))
