"""The giao ban list of a directive: the report's own numbers at a cut-off, and what is overdue, waits, has no date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session, col

from models.database.rows import chunks
from models.directives.directive import Directive
from models.directives.ladders import RungName
from models.i18n import Words
from models.letters.letter import Notice
from models.tasks.late import soon_until
from models.tasks.task import Extension, LeadChange, Obstacle, Result, SignedPress, WaitKind
from models.text.localtime import end_of_day, local_date
from workflows.reports.report_figures import Report, report
from workflows.reports.report_tasks import Behind, Figure, tasks_behind
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.next_step import next_step, stage_of
from workflows.rules.tasks.classification import Bucket

_PRESSED = (RungName.PRESSED_1.value, RungName.PRESSED_2.value, RungName.TO_ISSUER.value)


@dataclass(frozen=True)
class Wait:
    """What a task waited for at the cut-off, and since which local day."""

    kind: WaitKind
    since: date


@dataclass(frozen=True)
class BriefingItem:
    """One line. Days are working days; `signed` counts the công văn đôn đốc signed by then."""

    task: Behind
    days_late: int
    stage: RungName | None
    signed: int
    wait: Wait | None
    step: Words


@dataclass(frozen=True)
class Briefing:
    """The list: its figures are `report`'s, and each part holds exactly as many lines as are counted elsewhere: what is
    overdue, or due soon, and waits as well stands in two."""

    report: Report
    overdue: list[BriefingItem]
    waiting: list[BriefingItem]
    undated: list[BriefingItem]
    soon: list[BriefingItem]


def read_briefing(
    session: Session,
    directive: Directive,
    *,
    cutoff: date,
    calendar: WorkCalendar,
    among: ColumnElement[bool],
    now: datetime | None = None,
) -> Briefing:
    """At 24:00 local of a cut-off day, or `now` before that: first what was pressed most, then the oldest."""
    figures = report(session, cutoff=cutoff, directive=directive.code, among=among, now=now)
    tasks = tasks_behind(session, cutoff=cutoff, figure=Figure.OPEN, directive=directive.code, among=among, now=now)
    ids = [one.task_id for one in tasks]
    stages, signed, waits = _stages(session, ids, cutoff), _signed(session, ids, cutoff), _waits(session, ids, cutoff)
    items = []
    for one in tasks:
        due, wait = one.at.due_on, waits.get(one.task_id)
        is_overdue = one.bucket is Bucket.OPEN_OVERDUE
        late = calendar.between(due, cutoff) if due is not None and is_overdue else 0
        stage = stages.get(one.task_id) if is_overdue else None
        count = signed.get(one.task_id, 0)
        step = next_step(
            is_overdue=is_overdue, has_date=due is not None, stage=stage, wait=wait.kind if wait else None, signed=count
        )
        items.append(BriefingItem(one, late, stage, count, wait, step))
    near = soon_until(cutoff)
    overdue = [one for one in items if one.task.bucket is Bucket.OPEN_OVERDUE]
    order = [None, *RungName]
    overdue.sort(key=lambda one: -order.index(one.stage))  # stable: within a stage by date
    rest = [one for one in items if one.task.bucket is not Bucket.OPEN_OVERDUE]
    calm = sorted(rest, key=lambda one: one.wait is not None)  # what stands under another heading too comes last
    return Briefing(
        report=figures,
        overdue=overdue,
        waiting=[one for one in (*rest, *overdue) if one.wait],
        undated=[one for one in calm if one.task.at.due_on is None],
        soon=[one for one in calm if one.task.at.due_on is not None and one.task.at.due_on <= near],
    )


def _stages(session: Session, ids: Iterable[UUID], cutoff: date) -> dict[UUID, RungName]:
    """The most severe rung above the unit that was crossed by the cut-off, for whoever it was told."""
    found: dict[UUID, RungName] = {}
    for chunk in chunks(ids):
        query = select(col(Notice.task_id), col(Notice.rung)).where(
            col(Notice.task_id).in_(chunk), col(Notice.rung).in_(_PRESSED), col(Notice.fired_at) < end_of_day(cutoff)
        )
        for task_id, rung in session.execute(query.distinct()):
            found[task_id] = stage_of(found.get(task_id), RungName(rung))
    return found


def _signed(session: Session, ids: Iterable[UUID], cutoff: date) -> dict[UUID, int]:
    counts: dict[UUID, int] = {}
    for chunk in chunks(ids):
        query = select(col(SignedPress.task_id)).where(
            col(SignedPress.task_id).in_(chunk), col(SignedPress.recorded_at) < end_of_day(cutoff)
        )
        for task_id in session.scalars(query):
            counts[task_id] = counts.get(task_id, 0) + 1
    return counts


def _waits(session: Session, ids: Iterable[UUID], cutoff: date) -> dict[UUID, Wait]:
    """What was asked by the cut-off and decided only afterwards, or not yet."""
    closes_at = end_of_day(cutoff)
    kinds: tuple[tuple[WaitKind, Any, Any, Any], ...] = (
        (WaitKind.LEAD_CHANGE, LeadChange, LeadChange.asked_at, LeadChange.decided_at),
        (WaitKind.EXTENSION, Extension, Extension.asked_at, Extension.decided_at),
        (WaitKind.OBSTACLE, Obstacle, Obstacle.raised_at, Obstacle.answered_at),
        (WaitKind.DECISION, Result, Result.submitted_at, Result.decided_at),
    )
    found: dict[UUID, Wait] = {}
    for chunk in chunks(ids):
        for kind, model, since, until in kinds:
            query: Any = select(col(model.task_id), col(since)).where(
                col(model.task_id).in_(chunk),
                col(since) < closes_at,
                or_(col(until).is_(None), col(until) >= closes_at),
            )
            for task_id, moment in session.execute(query):
                found[task_id] = Wait(kind, local_date(moment))
    return found
