"""Work out the outcome of each row of a table before anything is stored: a task, left out, or a fault."""

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


class OutcomeKind(Labelled):
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
class RowOutcome:
    """The outcome of a row. `unknown`: names that can be taught. `doubts` stop nothing, but a person should look."""

    row: TableRow
    kind: OutcomeKind
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
    """The facts that decide a row's outcome. `existing_tasks`: quote and unit of the tasks stored already."""

    table: IntakeTable
    matcher: Matcher
    today: date
    existing_tasks: Collection[tuple[str, UUID]]


def try_out(session: Session, table: IntakeTable, today: date) -> list[RowOutcome]:
    """Return the outcome of each row on a local day, by the current register and tasks. Writes nothing."""
    rows = list(read_rows(table.cells, table.heads_to, table.mapping))
    quotes = sorted({row.duty for row in rows if row.duty})
    existing_tasks = set(_read_existing_tasks(session, table.coordinating_unit_id, quotes))
    context = TableContext(table, load_matcher(session), today, existing_tasks)
    rows_by_task: dict[tuple[str, UUID], int] = {}
    return [_decide(row, context, rows_by_task) for row in rows]


def outcomes_of_kind(outcomes: Sequence[RowOutcome], *kinds: OutcomeKind) -> list[RowOutcome]:
    return [outcome for outcome in outcomes if outcome.kind in kinds]


def _decide(row: TableRow, context: TableContext, rows_by_task: dict[tuple[str, UUID], int]) -> RowOutcome:
    if row.is_section:
        return RowOutcome(row, OutcomeKind.SECTION)
    if context.table.number and row.document and _plain(context.table.number) not in _plain(row.document):
        return RowOutcome(row, OutcomeKind.OTHER)
    outcome = _read(row, context)
    if outcome.faults and row.is_done and row.number not in context.table.taken:  # a row left out need not be corrected
        return replace(outcome, kind=OutcomeKind.DONE, faults=(), unknown=())
    if outcome.faults:
        return outcome
    earlier_rows = [rows_by_task[row.duty, unit.id] for unit in outcome.leads if (row.duty, unit.id) in rows_by_task]
    new_units = [unit for unit in outcome.leads if (row.duty, unit.id) not in rows_by_task]
    if not new_units:
        return replace(outcome, kind=OutcomeKind.REPEATED, doubts=(Words("as row {row}", row=earlier_rows[0]),))
    served_units = [unit for unit in new_units if (row.duty, unit.id) in context.existing_tasks]
    new_units = [unit for unit in new_units if unit not in served_units]
    if not new_units:
        return replace(outcome, kind=OutcomeKind.HERE, doubts=())
    if served_units:
        names = [unit.name for unit in served_units]
        outcome = replace(outcome, doubts=(*outcome.doubts, Words("there is one already for {units}", units=names)))
    if row.is_done:
        kind = OutcomeKind.TAKEN if row.number in context.table.taken else OutcomeKind.DONE
        return replace(outcome, kind=kind, leads=tuple(new_units), doubts=())
    kind = OutcomeKind.LEFT if row.number in context.table.left_out else OutcomeKind.NEW
    if kind is OutcomeKind.NEW:
        rows_by_task.update({(row.duty, unit.id): row.number for unit in new_units})
    return replace(outcome, kind=kind, leads=tuple(new_units))


def _read(row: TableRow, context: TableContext) -> RowOutcome:
    """Return the row's units and date; a FAULT where something is wrong, NEW otherwise."""
    faults: list[BadInput] = []
    doubts: list[Words] = []
    if not row.duty:
        faults.append(BadInput("the duty: it is empty; write the work to do in each row"))
    leads, unknown_leads = _units(row.lead, context.matcher, leading=True)
    if not names_in(row.lead):
        faults.append(BadInput("lead unit: it is empty; write the unit that leads, by a name or alias of the register"))
    faults += [_unknown_unit(match) for match in unknown_leads]
    partners, unknown_partners = _units(row.partners, context.matcher, leading=False)
    doubts += [
        Words("coordinating unit “{name}”: not in the register, left out", name=match.phrase)
        for match in unknown_partners
    ]
    doubts += [_alike(match) for match in (*leads, *partners) if match.how is How.ALIKE]
    doubts += [_by_rule(match) for match in (*leads, *partners) if match.how in (How.KIND, How.TAGGED)]
    doubts += [_beyond(match) for match in (*leads, *partners) if match.beyond]
    rule: RowDeadline = NoDeadline()
    try:
        rule, is_guessed = read_deadline(row.due, context.table.issued_on)
    except BadInput as error:
        faults.append(error)
    else:
        day = last_day_of(rule)
        if is_guessed and day:
            doubts.append(Words("the year is not written: {day}?", day=write_date(day)))
        if day is not None and context.table.issued_on is not None and day < context.table.issued_on:
            doubts.append(Words("the deadline lies before the document's own date"))
        elif day is not None and day < context.today and not row.is_done:
            doubts.append(Words("the deadline has passed: the task is overdue from its first day"))
    lead_units = tuple({unit.id: unit for match in leads for unit in match.units}.values())
    ids = {unit.id for unit in lead_units}
    partner_units = {unit.id: unit for match in partners for unit in match.units if unit.id not in ids or len(ids) > 1}
    kind = OutcomeKind.FAULT if faults else OutcomeKind.NEW
    distinct_doubts = tuple(dict.fromkeys(doubts))
    return RowOutcome(
        row,
        kind,
        lead_units,
        tuple(partner_units.values()),
        rule,
        tuple(faults),
        distinct_doubts,
        (*unknown_leads, *unknown_partners),
    )


def _units(cell: str, matcher: Matcher, *, leading: bool) -> tuple[list[Matched], list[Matched]]:
    """Return the known and the unknown units of a cell. A list with commas is split unless it is a name as a whole."""
    known: list[Matched] = []
    unknown: list[Matched] = []
    for name in names_in(cell):
        whole_match = matcher.of(" ".join(name.split()), leading=leading)
        parts = [] if _MANY.match(fold(name)) else [part.strip() for part in name.split(",") if part.strip()]
        matches = [whole_match]
        if not whole_match.units and len(parts) > 1:
            matches = [matcher.of(" ".join(part.split()), leading=leading) for part in parts]
        if not any(match.units for match in matches):
            matches = [whole_match]
        known += [match for match in matches if match.units]
        unknown += [match for match in matches if not match.units]
    return known, unknown


def _unknown_unit(match: Matched) -> BadInput:
    if match.near:
        return BadInput(
            "lead unit “{name}”: nobody in the register has this name; expected something like {near}",
            name=match.phrase,
            near=[unit.name for unit in match.near],
        )
    return BadInput(
        "lead unit “{name}”: nobody in the register has this name; say below whom it means", name=match.phrase
    )


def _alike(match: Matched) -> Words:
    return Words("“{name}” is taken for {units}", name=match.phrase, units=[unit.name for unit in match.units])


def _by_rule(match: Matched) -> Words:
    if not match.left_out:
        return Words("“{name}” is taken for {units}", name=match.phrase, units=list(match.rules))
    return Words(
        "“{name}” is taken for {rules}; left out: {units}",
        name=match.phrase,
        rules=list(match.rules),
        units=[unit.name for unit in match.left_out],
    )


def _beyond(match: Matched) -> Words:
    return Words(
        "“{name}”: no rule looks at “{words}”; please check whom it leaves out", name=match.phrase, words=match.beyond
    )


def _plain(number: str) -> str:
    return "".join(fold(number).split())


_QUOTES_A_QUERY = 200


def mark_tried(table: IntakeTable, outcomes: Sequence[RowOutcome]) -> str:
    """Return a short mark of a table and its rows' outcomes as the dry run shows them: see `mark_of`."""
    rows = [
        (
            outcome.row.number,
            outcome.kind.value,
            [unit.code for unit in outcome.leads],
            [unit.code for unit in outcome.partners],
            outcome.last_day,
        )
        for outcome in outcomes
    ]
    return mark_shown((mark_of(table), rows))


def _read_existing_tasks(session: Session, unit_id: UUID, quotes: Sequence[str]) -> Iterator[tuple[str, UUID]]:
    """Yield quote and unit of the tasks with these quotes that the unit follows up."""
    for first in range(0, len(quotes), _QUOTES_A_QUERY):
        query = (
            columns(col(Duty.quote), col(Task.assigned_unit_id))
            .join(Task, col(Task.duty_id) == col(Duty.id))
            .join(Directive, col(Directive.id) == col(Duty.directive_id))
            .where(
                col(Directive.coordinating_unit_id) == unit_id,
                col(Duty.quote).in_(quotes[first : first + _QUOTES_A_QUERY]),
                col(Task.parent_key) == ZERO_ID,
                col(Task.status) != TaskStatus.WITHDRAWN,
            )
        )
        yield from (tuple(row) for row in session.execute(query))
