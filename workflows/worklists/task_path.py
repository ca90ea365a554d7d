"""A task as a line in time: its assignment, moves, dates, waits and rungs, those to come among them, step by step."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from models.directives.ladders import RecipientRole, RungName
from models.i18n import _
from models.tasks.late import is_late
from models.tasks.task import TaskStatus
from models.text.localtime import at_local, local_date
from models.words import DECISION_WORDS, EVENT_WORDS
from workflows.escalation.why import RungLine, RungState, Why
from workflows.worklists.task_view import TaskSheet, TaskView

_DAY_ENDS = timedelta(microseconds=1)
_SHOWN = frozenset(
    {RungState.TOLD, RungState.ON_ITS_WAY, RungState.FAILED, RungState.SILENCED, RungState.SUPERSEDED}
    | {RungState.TO_COME, RungState.TOLD_BEFORE}
)
_OF_EXTENSION = {"accepted": "extension_accepted", "refused": "extension_refused", "countered": "extension_countered"}
_OF_LEAD = {"changed": "lead_changed", "kept": "lead_kept"}


class PathKind(StrEnum):
    MOVE = "move"
    DONE = "done"
    BACK = "back"
    WAIT = "wait"  # one begins
    DATE = "date"
    LATE = "late"  # a date that has passed
    FIRST = "first"  # a date before it was moved
    TOLD = "told"  # a rung whose letter has left or leaves
    SILENT = "silent"  # a rung that told nobody by itself
    TO_COME = "to_come"


@dataclass(frozen=True)
class PathPoint:
    """One thing on the line. `readers`: names of those told, or as whom they will be told (message ids)."""

    at: datetime
    kind: PathKind
    words: str
    readers: tuple[str, ...] = ()
    state: RungState | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class PathStep:
    """What lies on one day, or at one moment of a contingency. `waits`: the task waits from here to the next step."""

    at: datetime
    points: tuple[PathPoint, ...]
    is_past: bool
    is_today: bool
    waits: bool


def task_path(sheet: TaskSheet, now: datetime) -> tuple[PathStep, ...]:
    """In the order of time; rungs are there for those alone to whom they are explained."""
    if sheet.whole is None:
        return ()
    by_the_hour = sheet.task.incident_id is not None
    points = [*_own(sheet, now, by_the_hour), *_requests(sheet.whole)]
    if sheet.whole.why:
        said = {(local_date(one.at), one.due_on) for one in points if one.due_on}  # an extension moved it, and says so
        points += [one for one in _moved(sheet.whole.why) if (local_date(one.at), one.due_on) not in said]
        points += _rungs(sheet.whole.why)
    waits = list(_waits(sheet.whole, sheet.task.closed_at or now))
    return lay_out(points, waits, now, is_open=sheet.is_open, by_the_hour=by_the_hour)


def lay_out(
    points: Iterable[PathPoint],
    waits: Sequence[tuple[datetime, datetime]],
    now: datetime,
    *,
    is_open: bool,
    by_the_hour: bool = False,
) -> tuple[PathStep, ...]:
    """Gather points by day (by minute on a contingency's clock); today is a step of its own while the task is open."""

    def start(moment: datetime) -> datetime:
        return moment.replace(second=0, microsecond=0) if by_the_hour else at_local(local_date(moment), time(0, 0))

    gathered: dict[datetime, list[PathPoint]] = {}
    for point in sorted(points, key=lambda one: one.at):
        gathered.setdefault(start(point.at), []).append(point)
    if is_open:
        gathered.setdefault(start(now), [])
    order = sorted(gathered)
    return tuple(
        PathStep(
            at=at,
            points=tuple(gathered[at]),
            is_past=at <= now,
            is_today=is_open and at == start(now),
            waits=following is not None
            and any(start(since) <= at and following <= start(until) for since, until in waits),
        )
        for at, following in zip(order, [*order[1:], None], strict=True)
    )


def _own(sheet: TaskSheet, now: datetime, by_the_hour: bool) -> Iterator[PathPoint]:
    task = sheet.task
    yield PathPoint(task.assigned_at, PathKind.MOVE, EVENT_WORDS["assigned"])
    if task.accepted_at:
        yield PathPoint(task.accepted_at, PathKind.DONE, EVENT_WORDS["accepted"])
    if task.due_at and task.original_due_at:
        within = timedelta(0) if by_the_hour else _DAY_ENDS
        kind = PathKind.LATE if is_late(task.status, task.due_at, now) else PathKind.DATE
        yield PathPoint(task.due_at - within, kind, _("deadline"))
        if task.original_due_at != task.due_at:
            yield PathPoint(task.original_due_at - within, PathKind.FIRST, _("original deadline"))
    if task.status is TaskStatus.WITHDRAWN and task.closed_at:
        yield PathPoint(task.closed_at, PathKind.BACK, EVENT_WORDS["withdrawn"])


def _requests(whole: TaskView) -> Iterator[PathPoint]:
    replaced = {one.row.decided_at for one in whole.results if one.row.decision == "replaced"}
    for result in (one.row for one in whole.results):
        words = EVENT_WORDS["corrected" if result.submitted_at in replaced else "submitted"]
        yield PathPoint(result.submitted_at, PathKind.WAIT, words)
        if result.decided_at and result.decision and result.decision != "replaced":  # the one that replaces it says so
            kind = PathKind.DONE if result.decision == "approved" else PathKind.BACK
            yield PathPoint(result.decided_at, kind, DECISION_WORDS[result.decision])
    for extension in (one.row for one in whole.extensions):
        yield PathPoint(
            extension.asked_at, PathKind.WAIT, EVENT_WORDS["extension_asked"], due_on=extension.asked_due_on
        )
        if extension.decided_at and extension.state in _OF_EXTENSION:
            words = EVENT_WORDS[_OF_EXTENSION[extension.state]]
            yield PathPoint(extension.decided_at, PathKind.MOVE, words, due_on=extension.decided_due_on)
    for obstacle in (one.row for one in whole.obstacles):
        yield PathPoint(obstacle.raised_at, PathKind.WAIT, EVENT_WORDS["obstacle_raised"])
        if obstacle.answered_at:
            yield PathPoint(obstacle.answered_at, PathKind.MOVE, EVENT_WORDS["obstacle_answered"])
    for change in (one.row for one in whole.lead_changes):
        yield PathPoint(change.asked_at, PathKind.WAIT, EVENT_WORDS["lead_change_asked"])
        if change.decided_at and change.state in _OF_LEAD:
            yield PathPoint(change.decided_at, PathKind.MOVE, EVENT_WORDS[_OF_LEAD[change.state]])


def _waits(whole: TaskView, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    for result in whole.results:
        yield result.row.submitted_at, result.row.decided_at or until
    for extension in whole.extensions:
        yield extension.row.asked_at, extension.row.decided_at or until
    for obstacle in whole.obstacles:
        yield obstacle.row.raised_at, obstacle.row.answered_at or until
    for change in whole.lead_changes:
        yield change.row.asked_at, change.row.decided_at or until


def _moved(explained: Why) -> Iterator[PathPoint]:
    for step in explained.dates:
        if step.event == "due_moved":
            yield PathPoint(step.recorded_at, PathKind.MOVE, EVENT_WORDS["due_moved"], due_on=step.due_on)


def _rungs(explained: Why) -> Iterator[PathPoint]:
    for rung in explained.rungs:
        if rung.fires_at is None or rung.state not in _SHOWN:
            continue
        yield PathPoint(rung.fires_at, _kind(rung), RungName(rung.rung).label, _readers(rung), rung.state)


def _kind(rung: RungLine) -> PathKind:
    if rung.state is RungState.TO_COME:
        return PathKind.TO_COME
    return PathKind.TOLD if rung.state in (RungState.TOLD, RungState.ON_ITS_WAY) else PathKind.SILENT


def _readers(rung: RungLine) -> tuple[str, ...]:
    """Names of those told; where nobody is yet, the roles that will be."""
    told = tuple(dict.fromkeys(line.recipient for line in rung.letters))
    return told or tuple(RecipientRole(role).label for role in rung.roles)
