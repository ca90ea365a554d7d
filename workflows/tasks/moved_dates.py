"""Find the deadlines that a changed working calendar moves: computed ones, and those of their child tasks."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as sql
from sqlmodel import Session, col, select

from models.directives.directive import Directive
from models.directives.template import TemplateSpec, TemplateVersion
from models.organization.unit import Unit, UnitKind
from models.tasks.due_facts import CalendarChanged, DueFact
from models.tasks.history import History
from models.tasks.task import OPEN_STATUSES, DueFixedBy, Task
from models.text.localtime import due_date
from workflows.rules.calendar.due import DueDecision, compute_due, moves_with_calendar, within_parent
from workflows.rules.calendar.periods import parse
from workflows.rules.calendar.workdays import WorkCalendar

_PERIOD = re.compile(r"\d{4}(-|$)")
"""Matches the occurrences that are reporting periods. The others are `once`, `request:ID` and `incident:ID`."""


class MovedDate(NamedTuple):
    """One task's deadline before and after the change, as exclusive instants, and the reasons."""

    task_id: UUID
    old_due: datetime
    new_due: datetime
    facts: tuple[DueFact, ...]
    fixed_by: DueFixedBy


def moved_dates(session: Session, before: WorkCalendar, after: WorkCalendar, now: datetime) -> list[MovedDate]:
    """Return the open tasks whose current deadline moves from calendar `before` to `after`, parents before children.

    A deadline that a person set or extended stays, unless it still is what `before` computes. No deadline moves to a
    day that is over by `now`, as an edit of the calendar must not make a task late.
    """
    moved = _moved_by_calendar(session, before, after, now)
    children = _open_children(session) if moved else {}
    for parent in moved:  # the list grows during the loop: children are added, then their children
        dates = [_follow(parent, child, now) for child in children.get(parent.task_id, ())]
        moved += [date for date in dates if date is not None]
    return moved


def _moved_by_calendar(session: Session, before: WorkCalendar, after: WorkCalendar, now: datetime) -> list[MovedDate]:
    specs = _movable_specs(session)

    @cache  # tasks that were launched together have the same facts
    def decide(
        version_id: UUID, kind: UnitKind, issued_on: date | None, assigned_at: datetime, occurrence: str
    ) -> tuple[DueDecision, DueDecision]:
        spec = specs[version_id]
        old, new = (
            compute_due(
                spec,
                unit_kind=kind,
                issued_on=issued_on,
                assigned_at=assigned_at,
                occurrence=parse(occurrence) if spec.period and _PERIOD.match(occurrence) else None,
                launch_due_on=None,
                parent_due_at=None,
                calendar=calendar,
            )
            for calendar in (before, after)
        )
        return old, new

    moved = []
    for task_id, due_at, due_revision, *facts in _computed_rows(session, list(specs)):
        old, new = decide(*facts)
        if new.due_at is None or new.fixed_by is None or (due_revision > 0 and due_at != old.due_at):
            continue
        if _may_move(due_at, new.due_at, now):
            moved.append(MovedDate(task_id, due_at, new.due_at, _why(due_at, new), new.fixed_by))
    return moved


def _movable_specs(session: Session) -> dict[UUID, TemplateSpec]:
    """Return the specifications of open tasks by template version, where the calendar can move a deadline."""
    used = select(Task.template_version_id).where(col(Task.status).in_(OPEN_STATUSES))
    versions = session.exec(select(TemplateVersion).where(col(TemplateVersion.id).in_(used)))
    specs = {version.id: version.read_spec() for version in versions}
    return {version_id: spec for version_id, spec in specs.items() if moves_with_calendar(spec)}


def _computed_rows(session: Session, version_ids: list[UUID]) -> Iterator[Any]:
    """Yield the root tasks whose deadline the template or the directive fixed, with the facts that it came from.

    The assignment is read from history, as `Task.assigned_at` changes with the lead. The latest one counts: a task may
    be assigned again after its launch was taken back.
    """
    assigned_at = sql(func.max(col(History.recorded_at))).where(
        col(History.task_id) == col(Task.id), col(History.event) == "assigned"
    )
    statement = (
        sql(
            col(Task.id),
            col(Task.due_at),
            col(Task.due_revision),
            col(Task.template_version_id),
            col(Unit.kind),
            col(Directive.issued_on),
            func.coalesce(assigned_at.scalar_subquery(), col(Task.assigned_at)),
            col(Task.occurrence),
        )
        .join(Unit, col(Unit.id) == col(Task.assigned_unit_id))
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .where(
            col(Task.template_version_id).in_(version_ids),
            col(Task.status).in_(OPEN_STATUSES),
            col(Task.parent_id).is_(None),
            col(Task.due_at).is_not(None),
            col(Task.due_fixed_by).in_([DueFixedBy.TEMPLATE, DueFixedBy.DIRECTIVE]),
        )
        .order_by(col(Task.id))
    )
    yield from session.execute(statement.execution_options(yield_per=10_000))


def _open_children(session: Session) -> dict[UUID, list[Any]]:
    children: dict[UUID, list[Any]] = {}
    statement = (
        sql(col(Task.parent_id), col(Task.id), col(Task.due_at), col(Task.due_fixed_by))
        .where(col(Task.parent_id).is_not(None), col(Task.status).in_(OPEN_STATUSES), col(Task.due_at).is_not(None))
        .order_by(col(Task.id))
    )
    for parent_id, *child in session.execute(statement):
        children.setdefault(parent_id, []).append(child)
    return children


def _follow(parent: MovedDate, child: Sequence[Any], now: datetime) -> MovedDate | None:
    """Return the child's new deadline if it had that of its parent, or if it would be later; else None."""
    task_id, due_at, fixed_by = child
    follows = fixed_by is DueFixedBy.PARENT and due_at == parent.old_due
    if not (follows or due_at > parent.new_due) or not _may_move(due_at, parent.new_due, now):
        return None
    new = within_parent(DueDecision(None, None), parent.new_due)
    return MovedDate(task_id, due_at, parent.new_due, _why(due_at, new), DueFixedBy.PARENT)


def _may_move(old: datetime, new: datetime, now: datetime) -> bool:
    return new > old or (new < old and new > now)


def _why(old: datetime, new: DueDecision) -> tuple[DueFact, ...]:
    if new.due_at is None:
        raise ValueError("a date that moves has somewhere to go")
    return (CalendarChanged(before=due_date(old), after=due_date(new.due_at)), *new.facts)
