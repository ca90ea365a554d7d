"""A task's whole life, folded from its history: what the official place needs, and what was asked, said and decided.

Pure. The place among the four is `classification`'s own, so that a scorecard cannot differ from the report.
Days are local; a move belongs to the unit that led the task when it was recorded.
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
"""The events a life is told by; a reader may leave all others in the database."""

_HEARD = frozenset({"progress", "cascaded", "submitted", "corrected", "received"})
_ACCEPTING = frozenset({TaskStatus.ACCEPTED, TaskStatus.SUBMITTED})  # each other one comes after one of these


class ResultDecision(NamedTuple):
    """An approval or a return: when the result came in, when it was decided on, who led."""

    unit: UUID | None
    submitted_on: date
    decided_on: date
    returned: bool


class ExtensionRequest(NamedTuple):
    """A request for more time, or the answer to one (`granted`)."""

    unit: UUID | None
    on: date
    granted: bool | None  # None: asked


class Moved(NamedTuple):
    """A date that was there already and moved. `on_request`: more time was granted to the unit."""

    unit: UUID | None
    on: date
    on_request: bool


@dataclass(slots=True)
class ObstacleLife:
    unit: UUID | None
    raised_on: date
    respond_on: date | None
    answered_on: date | None = None
    closed_on: date | None = None  # the task was: nobody owes an answer from then on

    def is_unanswered(self, day: date) -> bool:
        """Return whether the authority let its own date pass, and had not answered by the end of `day`."""
        ended = [one for one in (self.answered_on, self.closed_on) if one is not None]
        open_still = not ended or min(ended) > day
        return self.raised_on <= day and open_still and self.respond_on is not None and self.respond_on < day

    def was_late(self, day: date) -> bool:
        """Return whether the authority answered after its date, or has not yet and the date is past."""
        ended = self.answered_on or self.closed_on
        if ended is not None and ended <= day:
            return self.respond_on is not None and ended > self.respond_on
        return self.is_unanswered(day)


@dataclass(slots=True)
class Life(TaskAt):
    given_on: date | None = None  # to the unit that leads it: the assignment, or the change of lead
    accepted_on: date | None = None  # by the unit that leads it
    heard_on: date | None = None  # the last progress, submission or handing on
    sent_on: date | None = None  # the recording of the newest submission, still undecided
    leads: int = 0  # how often the lead changed
    decisions: list[ResultDecision] = field(default_factory=list)
    asked: list[ExtensionRequest] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    obstacles: list[ObstacleLife] = field(default_factory=list)
    granting: bool = False  # more time was granted, and the date that goes with it comes next

    def happened(self, row: HistoryRow) -> None:
        """Take in the task's next row; rows come in order of (recorded_at, id)."""
        had_date = self.due_on is not None
        TaskAt.happened(self, row)  # a class with slots has no bare super()
        self._told(row.event, local_date(row.recorded_at), row.facts, had_date)
        if self.accepted_on is None and self.status in _ACCEPTING:
            self.accepted_on = local_date(row.recorded_at)

    def _told(self, event: str, on: date, facts: Mapping[str, Any], had_date: bool) -> None:
        unit = self.lead_unit
        if event in _HEARD:
            self.heard_on = on
        match event:
            case "assigned":
                self.given_on = on
            case "lead_changed":  # another unit begins afresh
                self.given_on, self.accepted_on, self.heard_on = on, None, None
                self.leads += 1
            case "submitted" | "corrected" | "received":
                self.sent_on = on
            case "taken_back":  # as if it had not been sent
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
        if (waiting := self.open_obstacle) is not None:
            waiting.closed_on = on

    @property
    def open_obstacle(self) -> ObstacleLife | None:
        """Return the difficulty that waits for its answer; one at a time can."""
        last = self.obstacles[-1] if self.obstacles else None
        return last if last is not None and last.answered_on is None else None

    @property
    def times_returned(self) -> int:
        """Return how often it was returned to the unit that leads it now."""
        return sum(one.returned and one.unit == self.lead_unit for one in self.decisions)

    @property
    def times_asked(self) -> int:
        """Return how often the unit that leads it now asked for more time."""
        return sum(one.granted is None and one.unit == self.lead_unit for one in self.asked)

    def is_pending(self, *, on_original: bool = False) -> bool:
        """Sent in by its date and not decided on: what is missing is not the unit's to give."""
        due_on = self.original_due_on if on_original else self.due_on
        in_time = due_on is not None and self.submitted_on is not None and self.submitted_on <= due_on
        return self.status is TaskStatus.SUBMITTED and in_time


class TaskRecord(NamedTuple):
    """One task and what its history says of it, by its rows in order of (recorded_at, id)."""

    task_id: UUID
    duty_id: UUID
    kind: DutyKind
    rows: tuple[HistoryRow, ...]

    def life(self) -> Life:
        life = Life()
        for row in self.rows:
            life.happened(row)
        return life


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None
