"""The giao ban list of a directive at a cut-off: the report's figures, and the tasks to speak about."""

from collections.abc import Iterable, Sequence
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
from workflows.reports.report_tasks import CountedTask, Figure, tasks_behind
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.next_step import next_step, stage_of
from workflows.rules.tasks.classification import Bucket

_PRESSED = (RungName.PRESSED_1.value, RungName.PRESSED_2.value, RungName.TO_ISSUER.value)


@dataclass(frozen=True)
class Wait:
    """The decision that a task waited for at the cut-off, and the local day of the request."""

    kind: WaitKind
    since: date


@dataclass(frozen=True)
class BriefingItem:
    """One line of the list. `days_late` are working days; `signed` counts công văn đôn đốc signed by the cut-off."""

    task: CountedTask
    days_late: int
    stage: RungName | None
    signed: int
    wait: Wait | None
    step: Words


@dataclass(frozen=True)
class Briefing:
    """The list. Its parts are as long as the report's figures say: an overdue task that waits stands in two of them."""

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
    """Read the list at the end of the cut-off day, or at `now` before that: the most pressed first, then the oldest."""
    figures = report(session, cutoff=cutoff, directive=directive.code, among=among, now=now)
    tasks = tasks_behind(session, cutoff=cutoff, figure=Figure.OPEN, directive=directive.code, among=among, now=now)
    items = _read_items(session, tasks, cutoff, calendar)
    overdue = [item for item in items if item.task.bucket is Bucket.OPEN_OVERDUE]
    severity = [None, *RungName]
    overdue.sort(key=lambda item: -severity.index(item.stage))  # stable: within a stage by date
    in_time = [item for item in items if item.task.bucket is not Bucket.OPEN_OVERDUE]
    # a task that waits has a line under another heading as well, so it comes last
    waiting_last = sorted(in_time, key=lambda item: item.wait is not None)
    soon = soon_until(cutoff)
    return Briefing(
        report=figures,
        overdue=overdue,
        waiting=[item for item in (*in_time, *overdue) if item.wait],
        undated=[item for item in waiting_last if item.task.at.due_on is None],
        soon=[item for item in waiting_last if item.task.at.due_on is not None and item.task.at.due_on <= soon],
    )


def _read_items(
    session: Session, tasks: Sequence[CountedTask], cutoff: date, calendar: WorkCalendar
) -> list[BriefingItem]:
    ids = [task.task_id for task in tasks]
    stages, signed = _read_stages(session, ids, cutoff), _count_signed(session, ids, cutoff)
    waits = _read_waits(session, ids, cutoff)
    items = []
    for task in tasks:
        due_on, wait = task.at.due_on, waits.get(task.task_id)
        is_overdue = task.bucket is Bucket.OPEN_OVERDUE
        days_late = calendar.between(due_on, cutoff) if due_on is not None and is_overdue else 0
        stage = stages.get(task.task_id) if is_overdue else None
        count = signed.get(task.task_id, 0)
        wait_kind = wait.kind if wait else None
        step = next_step(is_overdue=is_overdue, has_date=due_on is not None, stage=stage, wait=wait_kind, signed=count)
        items.append(BriefingItem(task, days_late, stage, count, wait, step))
    return items


def _read_stages(session: Session, ids: Iterable[UUID], cutoff: date) -> dict[UUID, RungName]:
    """Return the most severe upward rung that each task had crossed by the cut-off."""
    stages: dict[UUID, RungName] = {}
    for chunk in chunks(ids):
        query = select(col(Notice.task_id), col(Notice.rung)).where(
            col(Notice.task_id).in_(chunk), col(Notice.rung).in_(_PRESSED), col(Notice.fired_at) < end_of_day(cutoff)
        )
        for task_id, rung in session.execute(query.distinct()):
            stages[task_id] = stage_of(stages.get(task_id), RungName(rung))
    return stages


def _count_signed(session: Session, ids: Iterable[UUID], cutoff: date) -> dict[UUID, int]:
    counts: dict[UUID, int] = {}
    for chunk in chunks(ids):
        query = select(col(SignedPress.task_id)).where(
            col(SignedPress.task_id).in_(chunk), col(SignedPress.recorded_at) < end_of_day(cutoff)
        )
        for task_id in session.scalars(query):
            counts[task_id] = counts.get(task_id, 0) + 1
    return counts


def _read_waits(session: Session, ids: Iterable[UUID], cutoff: date) -> dict[UUID, Wait]:
    """Return the requests made by the cut-off that had no decision by then."""
    closes_at = end_of_day(cutoff)
    kinds: tuple[tuple[WaitKind, Any, Any, Any], ...] = (
        (WaitKind.LEAD_CHANGE, LeadChange, LeadChange.asked_at, LeadChange.decided_at),
        (WaitKind.EXTENSION, Extension, Extension.asked_at, Extension.decided_at),
        (WaitKind.OBSTACLE, Obstacle, Obstacle.raised_at, Obstacle.answered_at),
        (WaitKind.DECISION, Result, Result.submitted_at, Result.decided_at),
    )
    waits: dict[UUID, Wait] = {}
    for chunk in chunks(ids):
        for kind, model, since, until in kinds:
            query: Any = select(col(model.task_id), col(since)).where(
                col(model.task_id).in_(chunk),
                col(since) < closes_at,
                or_(col(until).is_(None), col(until) >= closes_at),
            )
            for task_id, moment in session.execute(query):
                waits[task_id] = Wait(kind, local_date(moment))
    return waits
