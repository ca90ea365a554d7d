"""Fold a task's history into its life: its official place, and its requests, decisions and obstacles.

The place comes from `classification`, so that a scorecard cannot differ from the report. Days are local. An event
belongs to the unit that led the task when it was recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from models.directives.directive import DutyKind
from models.tasks.task import TaskStatus
from models.text.localtime import local_date
from workflows.rules.tasks.classification import COUNTED_EVENTS, HistoryRow, TaskAt

LIFE_EVENTS = COUNTED_EVENTS | frozenset(
    {"accepted", "assigned_on", "progress", "cascaded", "obstacle_raised", "obstacle_answered"}
    | {"extension_asked", "extension_accepted", "extension_refused"}
)
"""The events that make up a life. No other events need to be read."""

_PROGRESS_EVENTS = frozenset({"progress", "cascaded", "submitted", "corrected", "received"})
_ACCEPTING_STATUSES = frozenset({TaskStatus.ACCEPTED, TaskStatus.SUBMITTED})
"""Every other status after the assignment follows one of these."""


class ResultDecision(NamedTuple):
    """An approval or a return of a result; `unit` led the task then."""

    unit: UUID | None
    submitted_on: date
    decided_on: date
    returned: bool


class ExtensionRequest(NamedTuple):
    """A request for more time, or the decision on one (`granted`)."""

    unit: UUID | None
    on: date
    granted: bool | None  # None: this is the request


class Moved(NamedTuple):
    """A move of an existing deadline. `on_request`: the unit had asked for more time."""

    unit: UUID | None
    on: date
    on_request: bool


@dataclass(slots=True)
class ObstacleLife:
    unit: UUID | None
    raised_on: date
    respond_on: date | None
    answered_on: date | None = None
    closed_on: date | None = None  # the task was closed, so that nobody owes an answer

    def is_unanswered(self, day: date) -> bool:
        """Return whether the authority's answer was overdue at the end of `day`."""
        ends = [end for end in (self.answered_on, self.closed_on) if end is not None]
        is_open = not ends or min(ends) > day
        return self.raised_on <= day and is_open and self.respond_on is not None and self.respond_on < day

    def was_late(self, day: date) -> bool:
        """Return whether the authority answered late, or its answer is overdue."""
        ended = self.answered_on or self.closed_on
        if ended is not None and ended <= day:
            return self.respond_on is not None and ended > self.respond_on
        return self.is_unanswered(day)


@dataclass(slots=True)
class Life(TaskAt):
    given_on: date | None = None  # to the present lead: the assignment, or the change of lead
    accepted_on: date | None = None  # by the present lead
    heard_on: date | None = None  # the last progress report, submission or cascade
    sent_on: date | None = None  # the newest submission that waits for a decision
    leads: int = 0  # the number of changes of lead
    decisions: list[ResultDecision] = field(default_factory=list)
    asked: list[ExtensionRequest] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    obstacles: list[ObstacleLife] = field(default_factory=list)
    granting: bool = False  # more time was granted, and the next row moves the deadline

    def add_row(self, row: HistoryRow) -> None:
        """Apply the task's next row. Rows come in the order of (recorded_at, id)."""
        had_date = self.due_on is not None
        TaskAt.add_row(self, row)  # a class with slots has no bare super()
        self._add_event(row.event, local_date(row.recorded_at), row.facts, had_date)
        if self.accepted_on is None and self.status in _ACCEPTING_STATUSES:
            self.accepted_on = local_date(row.recorded_at)

    def _add_event(self, event: str, on: date, facts: Mapping[str, Any], had_date: bool) -> None:
        unit = self.lead_unit
        if event in _PROGRESS_EVENTS:
            self.heard_on = on
        match event:
            case "assigned":
                self.given_on = on
            case "lead_changed":  # the new lead starts anew
                self.given_on, self.accepted_on, self.heard_on = on, None, None
                self.leads += 1
            case "submitted" | "corrected" | "received":
                self.sent_on = on
            case "taken_back":  # as if the result had not been sent
                self.sent_on = None
            case "returned" | "approved":
                self.decisions.append(ResultDecision(unit, self.sent_on or on, on, event == "returned"))
                self.sent_on = None
                self._close_obstacle(on if event == "approved" else None)
            case "approval_undone":
                self.sent_on = self.decisions.pop().submitted_on if self.decisions else on
                if self.obstacles and self.obstacles[-1].answered_on is None:
                    self.obstacles[-1].closed_on = None
            case "withdrawn" | "reopened":
                self._close_obstacle(on if event == "withdrawn" else None)
            case "extension_asked":
                self.asked.append(ExtensionRequest(unit, on, None))
            case "extension_accepted" | "extension_refused":
                self.granting = event == "extension_accepted"
                self.asked.append(ExtensionRequest(unit, on, self.granting))
            case "due_moved" | "due_set":
                if had_date:
                    self.moved.append(Moved(unit, on, self.granting))
                self.granting = False
            case "obstacle_raised":
                self.obstacles.append(ObstacleLife(unit, on, _day(facts.get("respond_on"))))
            case "obstacle_answered" if self.obstacles and self.obstacles[-1].answered_on is None:
                self.obstacles[-1].answered_on = on

    def _close_obstacle(self, on: date | None) -> None:
        obstacle = self.open_obstacle
        if obstacle is not None:
            obstacle.closed_on = on

    @property
    def open_obstacle(self) -> ObstacleLife | None:
        """Return the obstacle that waits for its answer. A task has one at a time."""
        last = self.obstacles[-1] if self.obstacles else None
        return last if last is not None and last.answered_on is None else None

    @property
    def times_returned(self) -> int:
        """Return the number of returns to the present lead."""
        return sum(decision.returned and decision.unit == self.lead_unit for decision in self.decisions)

    @property
    def times_asked(self) -> int:
        """Return the number of requests for more time by the present lead."""
        return sum(request.granted is None and request.unit == self.lead_unit for request in self.asked)

    def is_pending(self, *, on_original: bool = False) -> bool:
        """Return whether the result was submitted in time and waits for a decision, which the unit cannot give."""
        due_on = self.original_due_on if on_original else self.due_on
        in_time = due_on is not None and self.submitted_on is not None and self.submitted_on <= due_on
        return self.status is TaskStatus.SUBMITTED and in_time


class TaskRecord(NamedTuple):
    """One task with its history rows in the order of (recorded_at, id)."""

    task_id: UUID
    duty_id: UUID
    kind: DutyKind
    rows: tuple[HistoryRow, ...]

    def life(self) -> Life:
        life = Life()
        for row in self.rows:
            life.add_row(row)
        return life


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None
