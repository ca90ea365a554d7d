"""Writes tasks with their histories into a database: exactly so many of each fate, in bulk."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from random import Random
from typing import NamedTuple

from sqlalchemy import Engine, text
from sqlmodel import Session

from bench.bulk import Row, bulk, unindexed, write_text
from bench.reporting.histories import HISTORY, Fate, Given, Histories, Told
from bench.web.register import NOW, WIDE_UNITS, Issued, Maker, Office, Register
from bench.web.values import day_text, end_text, make_id, moment_text
from workflows.operations.setup import set_up

_SEED = 2016
_BATCH = 5_000  # tasks written at a time
TASK = (
    "id directive_id duty_id launch_id template_version_id is_drill assigned_unit_id lead_unit_id occurrence parent_key"
    " parent_id assigner_unit_id coordinator_id status assigned_at assigned_anchor_id original_due_at due_at"
    " due_set_at due_revision due_reason submitted_on closed_at revision"
).split()
SHARE = "task_id unit_id contributed_at contributed_by note".split()
_SHARED = (3, 6)
"""Places of the duties to which other units contribute."""
_MONTHS = 5
"""For how many months, up to the cut-off's, the last duty of a directive is reported on."""


class Place(NamedTuple):
    """What a task is of; at most one task stands in each."""

    issued: Issued
    duty: int
    unit: Office
    occurrence: str


def fill(engine: Engine, fates: Mapping[Fate, int], cutoff: int, *, length: int = 0, directives: int = 500) -> None:
    """So many tasks of each fate at the cut-off (an ordinal), spread over units, duties and directives.

    The first directive is the wide one, to a thousand units; the others share what is left alike.
    """
    set_up(engine, now=NOW)
    random = Random(_SEED)
    with bulk(engine) as session:
        if engine.dialect.name == "postgresql":
            session.execute(text("SET LOCAL TIME ZONE 'UTC'"))
        register = Maker(random).write(session)
        order = [fate for fate, count in fates.items() for _one in range(count)]
        random.shuffle(order)
        places = _places(register, directives, len(order), months_until(cutoff))
        with unindexed(session, "task", "history", "contribution"):
            _write(session, register, zip(order, places, strict=True), Histories(random, cutoff, length), random)


def months_until(cutoff: int) -> list[str]:
    """The last months up to the cut-off's, oldest first: the periods of a monthly duty."""
    day = date.fromordinal(cutoff)
    months = [day.year * 12 + day.month - 1 - before for before in reversed(range(_MONTHS))]
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in months]


def _places(register: Register, directives: int, tasks: int, months: Sequence[str]) -> Iterator[Place]:
    """Duty by duty, month by month, unit by unit; a share of each directive before the next begins."""
    issued = sorted(register.directives, key=lambda one: not one.is_wide)[:directives]
    units = [*register.departments, *register.units]
    left = tasks
    for number, one in enumerate(issued):
        share = -(-left // (directives - number))
        mine = min(WIDE_UNITS * len(one.duties), max(share, tasks // 10)) if one.is_wide else share
        yield from islice(_of(one, units[: WIDE_UNITS if one.is_wide else len(units)], mine, months), mine)
        left -= mine


def _of(issued: Issued, units: list[Office], tasks: int, months: Sequence[str]) -> Iterator[Place]:
    """The last duty is reported on month by month, the others once."""
    last = len(issued.duties) - 1
    wanted = [(duty, "once") for duty in range(last)] + [(last, month) for month in months]
    audience = units[: max(1, -(-tasks // len(wanted)))] if tasks <= len(wanted) * len(units) else units
    for duty, occurrence in wanted:
        for unit in audience:
            yield Place(issued, duty, unit, occurrence)


def _write(
    session: Session, register: Register, wanted: Iterator[tuple[Fate, Place]], histories: Histories, random: Random
) -> None:
    others = [office.id.hex for office in register.units]
    tasks, rows, shares = list[Row](), list[Row](), list[Row]()

    def flush() -> None:
        """A batch, in the order in which it would have been recorded."""
        rows.sort(key=lambda row: row[1] or "")
        for table, columns, batch in (
            ("task", TASK, tasks),
            ("history", HISTORY, rows),
            ("contribution", SHARE, shares),
        ):
            write_text(session, table, columns, batch)
            batch.clear()

    for fate, place in wanted:
        task, coordinator = make_id(random, histories.cutoff), place.issued.coordinator.hex
        other, *partners = random.sample(others, 3)
        with_partners = tuple(partners) if place.duty in _SHARED else ()
        given = Given(task, place.issued.id.hex, place.unit.id.hex, other, coordinator, with_partners)
        told = histories.of(given, fate)
        tasks.append(_task(place, given, told, fate))
        rows += told.rows
        for partner in given.partners:
            at = told.shares.get(partner)
            shares.append((task, partner, at, coordinator if at else None, ""))
        if len(tasks) == _BATCH:
            flush()
    flush()


def _task(place: Place, given: Given, told: Told, fate: Fate) -> Row:
    """The task as it stands at the end of its story; a child's parent is named, and need not be there."""
    duty, version = place.issued.duties[place.duty]
    closed = moment_text(told.day) if told.status in ("approved", "withdrawn") else None
    original, due = (end_text(day) if day else None for day in (told.original, told.due))
    return (
        given.task,
        given.directive,
        duty.hex,
        place.issued.launch.hex,
        version.hex,
        "1" if fate is Fate.DRILL else "0",
        given.unit,
        told.lead,
        place.occurrence,
        "0" * 32,
        None,
        place.issued.department.id.hex,
        given.coordinator,
        told.status,
        moment_text(told.assigned),
        told.rows[0][0],
        original,
        due,
        moment_text(told.assigned) if due else None,
        "1",
        "",
        day_text(told.submitted) if told.submitted else None,
        closed,
        str(len(told.rows)),
    )
