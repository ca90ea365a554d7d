"""What is known of a unit on a day: how often it missed its dates in the year before, and how long it usually takes.

Pure. Only what had happened by that day counts, so that a replay of the past knows no more than one did then.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import NamedTuple
from uuid import UUID

from models.directives.directive import DutyKind
from models.tasks.task import TaskStatus
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.task_life import Life

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
    """Return whether the unit missed its current date by the end of a day; None where that is not known (yet).

    A result sent in by the date and not decided on is not known; neither is a date that is still to come.
    """
    if life.due_on is None or not life.counts:
        return None
    if life.status is TaskStatus.APPROVED:
        return life.counts_on is not None and life.counts_on > life.due_on
    if life.due_on >= day or life.is_pending():
        return None
    return True


Key = tuple[UUID, DutyKind]


class _Share(NamedTuple):
    """What one task adds to what is known of a unit: a date missed or met, and how long a submission took."""

    key: Key
    late: bool | None
    days: int | None


class Experience:
    """What is known of every unit on a day, kept up task by task: a day's change costs no more than what changed."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self._calendar = calendar
        self._shares: dict[UUID, _Share] = {}
        self._dates: Counter[Key] = Counter()
        self._late: Counter[Key] = Counter()
        self._days: dict[Key, list[int]] = {}  # in order
        self._pasts: dict[Key, Past] = {}  # as they were told last

    def put(self, task_id: UUID, life: Life, kind: DutyKind, day: date) -> None:
        """Take in how a task stands at the end of a day, in place of how it stood before."""
        before, now = self._shares.get(task_id), _share(life, kind, day, self._calendar)
        if before == now:
            return
        if before is not None:
            self._add(before, -1)
        if now is None:
            del self._shares[task_id]
        else:
            self._add(now, 1)
            self._shares[task_id] = now

    def past(self, life: Life, kind: DutyKind) -> Past:
        """Return what is known of the unit that leads a task, for its kind of duty."""
        if life.lead_unit is None:
            return NOTHING
        key = (life.lead_unit, kind)
        past = self._pasts.get(key)
        if past is None:
            days = self._days.get(key, ())
            usual = float(median(days)) if len(days) >= FEWEST else None
            past = self._pasts[key] = Past(self._dates[key], self._late[key], usual)
        return past

    def _add(self, share: _Share, sign: int) -> None:
        self._pasts.pop(share.key, None)
        if share.late is not None:
            self._dates[share.key] += sign
            self._late[share.key] += sign * share.late
        if share.days is not None:
            days = self._days.setdefault(share.key, [])
            if sign > 0:
                insort(days, share.days)
            else:
                del days[bisect_left(days, share.days)]


def turns(life: Life) -> Iterator[date]:
    """Yield the days from whose end on a task may tell something else though nothing happens to it."""
    if life.due_on is not None:
        yield from (life.due_on, life.due_on + timedelta(days=1), life.due_on + YEAR)
    if life.first_sent_on is not None:
        yield life.first_sent_on + YEAR


def _share(life: Life, kind: DutyKind, day: date, calendar: WorkCalendar) -> _Share | None:
    if life.lead_unit is None or not life.counts:
        return None
    since = day - YEAR
    came = life.due_on is not None and since < life.due_on <= day
    sent, days = life.first_sent_on, None
    if sent is not None and life.given_on is not None and sent > since:
        days = calendar.between(life.given_on, sent)
    late = missed(life, day) if came else None
    return None if late is None and days is None else _Share((life.lead_unit, kind), late, days)
