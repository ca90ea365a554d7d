"""What is known of a unit on a day: how often it missed its dates in the year before, and how long it usually takes.

Pure. Only what had happened by that day counts, so that a replay of the past knows no more than one did then.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from uuid import UUID

from models.directive import DutyKind
from models.task import TaskStatus
from workflows.rules.task_life import Life
from workflows.rules.workdays import WorkCalendar

YEAR = timedelta(days=365)
"""How far back one looks: a whole round of periodic reports, Tết included, and not the people of long ago."""
FEWEST = 5
"""Dates, or submissions, from which a share or a usual time is told: fewer say more about chance than about a unit."""


@dataclass(frozen=True)
class Past:
    """One unit and one kind of duty, in the year before a day. Days are working days."""

    dates: int = 0  # that came and of which it is known whether they were met
    late: int = 0
    usual_days: float | None = None  # the median from assignment to submission

    @property
    def late_share(self) -> float | None:
        """None of too few dates."""
        return self.late / self.dates if self.dates >= FEWEST else None


NOTHING = Past()


def missed(life: Life, day: date) -> bool | None:
    """Whether the unit missed its current date by the end of a day; None where that is not known (yet).

    A result sent in by the date and not decided on is not known; neither is a date that is still to come.
    """
    if life.due_on is None or not life.counts:
        return None
    if life.status is TaskStatus.APPROVED:
        return life.counts_on is not None and life.counts_on > life.due_on
    if life.due_on >= day or life.is_pending():
        return None
    return True


def read_past(
    lives: Iterable[tuple[Life, DutyKind]], day: date, calendar: WorkCalendar
) -> dict[tuple[UUID, DutyKind], Past]:
    """By unit and kind of duty, from the lives as they stood at the end of a day."""
    since = day - YEAR
    dates: dict[tuple[UUID, DutyKind], list[bool]] = {}
    days: dict[tuple[UUID, DutyKind], list[int]] = {}
    for life, kind in lives:
        if life.lead_unit is None or not life.counts:
            continue
        key = (life.lead_unit, kind)
        if life.due_on is not None and since < life.due_on <= day and (late := missed(life, day)) is not None:
            dates.setdefault(key, []).append(late)
        if life.first_sent_on is not None and life.given_on is not None and life.first_sent_on > since:
            days.setdefault(key, []).append(calendar.between(life.given_on, life.first_sent_on))
    return {
        key: Past(len(dates.get(key, ())), sum(dates.get(key, ())), _usual(days.get(key, [])))
        for key in dates.keys() | days.keys()
    }


def _usual(days: list[int]) -> float | None:
    return float(median(days)) if len(days) >= FEWEST else None
