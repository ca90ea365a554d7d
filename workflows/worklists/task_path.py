"""The path of a task: its assignment, actions, deadlines, waits and rungs, past and future, in the order of time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from models.directives.ladders import RecipientRole, RungName
from models.i18n import _
from models.tasks.late import is_late
from models.tasks.task import Result, TaskStatus
from models.text.localtime import at_local, local_date
from models.words import DECISION_WORDS, EVENT_WORDS
from workflows.escalation.explanation import Explanation, RungLine, RungState
from workflows.worklists.task_view import TaskSheet, TaskView

_SHOWN = frozenset(
    {RungState.TOLD, RungState.ON_ITS_WAY, RungState.FAILED, RungState.SILENCED, RungState.SUPERSEDED}
    | {RungState.TO_COME, RungState.TOLD_BEFORE}
)
_EXTENSION_EVENTS = {
    "accepted": "extension_accepted",
    "refused": "extension_refused",
    "countered": "extension_countered",
}
_LEAD_EVENTS = {"changed": "lead_changed", "kept": "lead_kept"}


class PathKind(StrEnum):
    MOVE = "move"
    DONE = "done"
    BACK = "back"
    WAIT = "wait"  # the beginning of a wait
    DATE = "date"  # the deadline
    LATE = "late"  # a deadline that has passed
    FIRST = "first"  # the deadline before it was moved
    TOLD = "told"  # a rung whose letter has left or is about to leave
    SILENT = "silent"  # a rung that sent no letter of its own
    TO_COME = "to_come"  # a rung in the future


@dataclass(frozen=True)
class PathPoint:
    at: datetime
    kind: PathKind
    words: str
    readers: tuple[str, ...] = ()  # names of recipients, or the roles of future ones (message ids)
    state: RungState | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class PathStep:
    """The points of one day, or of one minute of a contingency."""

    at: datetime
    points: tuple[PathPoint, ...]
    is_past: bool
    is_today: bool
    waits: bool  # the task waits from here to the next step


def task_path(sheet: TaskSheet, now: datetime) -> tuple[PathStep, ...]:
    """Return the steps in the order of time. Only readers to whom rungs are explained see rungs."""
    if sheet.whole is None:
        return ()
    by_the_hour = sheet.task.incident_id is not None
    points = [*_task_points(sheet, now, by_the_hour=by_the_hour), *_request_points(sheet.whole)]
    if sheet.whole.why:
        # the point of an extension already tells that it moved the deadline
        known_moves = {(local_date(point.at), point.due_on) for point in points if point.due_on}
        moves = _deadline_moves(sheet.whole.why)
        points += [point for point in moves if (local_date(point.at), point.due_on) not in known_moves]
        points += _rung_points(sheet.whole.why)
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
    """Gather points into steps by day, or by minute for a contingency. While the task is open, now is a step too."""

    def step_start(moment: datetime) -> datetime:
        return moment.replace(second=0, microsecond=0) if by_the_hour else at_local(local_date(moment), time(0, 0))

    points_by_step: dict[datetime, list[PathPoint]] = {}
    for point in sorted(points, key=lambda point: point.at):
        points_by_step.setdefault(step_start(point.at), []).append(point)
    if is_open:
        points_by_step.setdefault(step_start(now), [])
    starts = sorted(points_by_step)
    return tuple(
        PathStep(
            at=start,
            points=tuple(points_by_step[start]),
            is_past=start <= now,
            is_today=is_open and start == step_start(now),
            waits=next_start is not None
            and any(step_start(since) <= start and next_start <= step_start(until) for since, until in waits),
        )
        for start, next_start in zip(starts, [*starts[1:], None], strict=True)
    )


def _task_points(sheet: TaskSheet, now: datetime, *, by_the_hour: bool) -> Iterator[PathPoint]:
    task = sheet.task
    yield PathPoint(task.assigned_at, PathKind.MOVE, EVENT_WORDS["assigned"])
    if task.accepted_at:
        yield PathPoint(task.accepted_at, PathKind.DONE, EVENT_WORDS["accepted"])
    if task.due_at and task.original_due_at:
        # a deadline is the exclusive end of its last day: a little earlier, it stands on that day
        shift = timedelta(0) if by_the_hour else timedelta(microseconds=1)
        kind = PathKind.LATE if is_late(task.status, task.due_at, now) else PathKind.DATE
        yield PathPoint(task.due_at - shift, kind, _("deadline"))
        if task.original_due_at != task.due_at:
            yield PathPoint(task.original_due_at - shift, PathKind.FIRST, _("original deadline"))
    if task.status is TaskStatus.WITHDRAWN and task.closed_at:
        yield PathPoint(task.closed_at, PathKind.BACK, EVENT_WORDS["withdrawn"])


def _request_points(whole: TaskView) -> Iterator[PathPoint]:
    yield from _result_points([result.row for result in whole.results])
    for extension in (record.row for record in whole.extensions):
        yield PathPoint(
            extension.asked_at, PathKind.WAIT, EVENT_WORDS["extension_asked"], due_on=extension.asked_due_on
        )
        if extension.decided_at and extension.state in _EXTENSION_EVENTS:
            words = EVENT_WORDS[_EXTENSION_EVENTS[extension.state]]
            yield PathPoint(extension.decided_at, PathKind.MOVE, words, due_on=extension.decided_due_on)
    for obstacle in (record.row for record in whole.obstacles):
        yield PathPoint(obstacle.raised_at, PathKind.WAIT, EVENT_WORDS["obstacle_raised"])
        if obstacle.answered_at:
            yield PathPoint(obstacle.answered_at, PathKind.MOVE, EVENT_WORDS["obstacle_answered"])
    for change in (record.row for record in whole.lead_changes):
        yield PathPoint(change.asked_at, PathKind.WAIT, EVENT_WORDS["lead_change_asked"])
        if change.decided_at and change.state in _LEAD_EVENTS:
            yield PathPoint(change.decided_at, PathKind.MOVE, EVENT_WORDS[_LEAD_EVENTS[change.state]])


def _result_points(results: Sequence[Result]) -> Iterator[PathPoint]:
    """Yield each submission and decision. A result that replaces another is a correction, which tells of both."""
    replaced_at = {result.decided_at for result in results if result.decision == "replaced"}
    for result in results:
        words = EVENT_WORDS["corrected" if result.submitted_at in replaced_at else "submitted"]
        yield PathPoint(result.submitted_at, PathKind.WAIT, words)
        if result.decided_at and result.decision and result.decision != "replaced":
            kind = PathKind.DONE if result.decision == "approved" else PathKind.BACK
            yield PathPoint(result.decided_at, kind, DECISION_WORDS[result.decision])


def _waits(whole: TaskView, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    for result in whole.results:
        yield result.row.submitted_at, result.row.decided_at or until
    for extension in whole.extensions:
        yield extension.row.asked_at, extension.row.decided_at or until
    for obstacle in whole.obstacles:
        yield obstacle.row.raised_at, obstacle.row.answered_at or until
    for change in whole.lead_changes:
        yield change.row.asked_at, change.row.decided_at or until


def _deadline_moves(explained: Explanation) -> Iterator[PathPoint]:
    for step in explained.dates:
        if step.event == "due_moved":
            yield PathPoint(step.recorded_at, PathKind.MOVE, EVENT_WORDS["due_moved"], due_on=step.due_on)


def _rung_points(explained: Explanation) -> Iterator[PathPoint]:
    for rung in explained.rungs:
        if rung.fires_at is None or rung.state not in _SHOWN:
            continue
        yield PathPoint(rung.fires_at, _kind_of_rung(rung), RungName(rung.rung).label, _readers(rung), rung.state)


def _kind_of_rung(rung: RungLine) -> PathKind:
    if rung.state is RungState.TO_COME:
        return PathKind.TO_COME
    return PathKind.TOLD if rung.state in (RungState.TOLD, RungState.ON_ITS_WAY) else PathKind.SILENT


def _readers(rung: RungLine) -> tuple[str, ...]:
    """Return the names of the recipients; before there are any, the roles that will get a letter."""
    recipients = tuple(dict.fromkeys(line.recipient for line in rung.letters))
    return recipients or tuple(RecipientRole(role).label for role in rung.roles)
