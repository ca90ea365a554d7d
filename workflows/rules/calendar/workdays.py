"""Count working days in Viet Nam: weekends, public holidays (library `holidays`), and edits by the yearly decision.

`count_down` says what is left until a deadline, in working days or hours. Days are local, instants are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from math import floor
from types import MappingProxyType
from typing import Any

from models.errors import BadInput
from models.organization.calendar import DayKind, OffBecause, OffDay
from models.tasks.late import has_passed
from models.text.cron import next_fire
from models.text.localtime import FIRST_YEAR, LAST_YEAR, at_local, due_date, local, local_date, write_date

SENDING_FROM, SENDING_UNTIL = time(7, 0), time(18, 0)
"""Letters leave from 07:00 (included) to 18:00 (excluded) local, on working days."""

LAST_DAY = date(LAST_YEAR, 12, 31)
_BASE = date(FIRST_YEAR, 1, 1).toordinal()
_SIZE = date(LAST_YEAR, 12, 31).toordinal() - _BASE + 1
_SATURDAY = 5


@cache
def _public_holidays() -> Mapping[date, str]:
    """Return every public holiday with its Vietnamese name, the substituted days off included."""
    return MappingProxyType(dict(_library().items()))


@cache
def _library() -> Any:
    from holidays import country_holidays  # slow to import, and few commands need it

    return country_holidays("VN", years=range(FIRST_YEAR, LAST_YEAR + 1), language="vi")


@cache
def _plain_days() -> bytes:
    """Return one byte for each day from FIRST_YEAR, before any edit: 1 for working days and make-up Saturdays."""
    holidays, make_up_days = _public_holidays(), _library().weekend_workdays
    days = (date.fromordinal(_BASE + index) for index in range(_SIZE))
    return bytes(day in make_up_days or (day.weekday() < _SATURDAY and day not in holidays) for day in days)


class WorkCalendar:
    """The working days. `edits` make a day off or working; `names` are the names of edited days.

    The counts are prefix sums over FIRST_YEAR..LAST_YEAR, so every call is a look-up. A day outside raises BadInput.
    """

    def __init__(
        self, edits: Mapping[date, DayKind] = MappingProxyType({}), names: Mapping[date, str] = MappingProxyType({})
    ) -> None:
        self.edits, self.names = MappingProxyType(dict(edits)), MappingProxyType(dict(names))
        worked = bytearray(_plain_days())
        for day, kind in self.edits.items():
            worked[_index(day)] = kind is DayKind.WORKING
        self._worked = bytes(worked)
        self._count = list(accumulate(worked))  # working days up to and including the day
        self._days = [index for index, works in enumerate(worked) if works]

    def is_working(self, day: date) -> bool:
        return bool(self._worked[_index(day)])

    def on_or_after(self, day: date) -> date:
        """Return the day itself if it is worked, else the next working day."""
        index = _index(day)
        return self._nth(self._count[index] - self._worked[index], day)

    def on_or_before(self, day: date) -> date:
        """Return the day itself if it is worked, else the working day before it."""
        return self._nth(self._count[_index(day)] - 1, day)

    def add(self, day: date, working_days: int) -> date:
        """Return the n-th working day after `day` (n > 0) or before it (n < 0). For n = 0 return `day` itself."""
        index = _index(day)
        if working_days > 0:
            return self._nth(self._count[index] + working_days - 1, day)
        if working_days < 0:
            return self._nth(self._count[index] - self._worked[index] + working_days, day)
        return day

    def between(self, start: date, end: date) -> int:
        """Return the number of working days in (start, end]; negative if `end` is the earlier day."""
        return self._count[_index(end)] - self._count[_index(start)]

    def why_off(self, day: date) -> OffDay | None:
        if self.is_working(day):
            return None
        if day in self.edits:
            return OffDay(day=day, because=OffBecause.EDIT, name=self.names.get(day, ""))
        name = _public_holidays().get(day)
        if name:
            return OffDay(day=day, because=OffBecause.HOLIDAY, name=_in_running_text(name))
        return OffDay(day=day, because=OffBecause.WEEKEND)

    def called(self, day: date) -> str:
        """Return the office's name of a day, else the holiday's name, else ""."""
        off = self.why_off(day)
        return self.names.get(day) or (off.name if off else "")

    def in_sending_hours(self, instant: datetime) -> bool:
        """Return whether letters may leave: a working day, 07:00 ≤ local < 18:00."""
        moment = local(instant)
        return SENDING_FROM <= moment.time() < SENDING_UNTIL and self.is_working(moment.date())

    def event_slot(self, now: datetime) -> datetime:
        """Return when an event's letter leaves: at once in sending hours, else with the next 08:00 of a working day."""
        if self.in_sending_hours(now):
            return now
        moment = local(now)
        return self._next_morning(moment.date(), moment.time() < SENDING_FROM)

    def digest_slot(self, now: datetime) -> datetime:
        """Return the 08:00 slot of a digest decided `now`: of today until 18:00 local, else of the next working day."""
        moment = local(now)
        return self._next_morning(moment.date(), moment.time() < SENDING_UNTIL)

    def next_digest(self, now: datetime) -> datetime:
        """Return the next 08:00 of a working day, when the digest with the news of `now` leaves."""
        moment = local(now)
        return self._next_morning(moment.date(), now < at_local(moment.date()))

    def reminder_slot(self, cron: str | None, now: datetime) -> datetime:
        """Return the slot of a template's reminders decided `now`: 08:00, or by the template's own cron expression.

        Of the expression's moments in sending hours it is the newest of today that has come, else the next one.
        """
        default = self.digest_slot(now)
        if cron is None:
            return default
        moment, slot = next_fire(cron, at_local(local_date(default), time.min)), None
        while moment is not None and local_date(moment) <= LAST_DAY and (slot is None or moment <= now):
            if self.in_sending_hours(moment):
                slot = moment
            moment = next_fire(cron, moment)
        return default if slot is None else slot.astimezone(UTC)

    def first_working_day_of_week(self, day: date) -> date | None:
        """Return the first working day of the week from Monday to Sunday; None if the whole week is off."""
        monday = day - timedelta(days=day.weekday())
        first = self.on_or_after(monday)
        return first if first - monday < timedelta(days=7) else None

    def _next_morning(self, day: date, includes_day: bool) -> datetime:
        return at_local(self.on_or_after(day) if includes_day else self.add(day, 1))

    def _nth(self, position: int, start: date) -> date:
        if not 0 <= position < len(self._days):
            raise _outside(start)
        return date.fromordinal(_BASE + self._days[position])


@dataclass(frozen=True)
class Countdown:
    """The time left, negative when late: in working days or in whole hours, rounded down. The other one is None."""

    due_at: datetime
    days: int | None
    hours: int | None
    is_late: bool


def count_down(due_at: datetime, *, now: datetime, calendar: WorkCalendar, by_the_hour: bool) -> Countdown:
    """Return the time left from `now` to an exclusive `due_at` (both UTC)."""
    is_late = has_passed(due_at, now)
    if by_the_hour:
        return Countdown(due_at, None, floor((due_at - now) / timedelta(hours=1)), is_late)
    return Countdown(due_at, calendar.between(local_date(now), due_date(due_at)), None, is_late)


def _index(day: date) -> int:
    index = day.toordinal() - _BASE
    if not 0 <= index < _SIZE:
        raise _outside(day)
    return index


def _outside(day: date) -> BadInput:
    return BadInput(
        "date {day}: the working calendar covers the years {first} to {last}",
        day=write_date(day),
        first=FIRST_YEAR,
        last=LAST_YEAR,
    )


def _in_running_text(name: str) -> str:
    """Return a holiday's name for use inside a sentence: common nouns lose the capital of the library."""
    common = ("Ngày ", "Mùng ", "Giao thừa ")
    return name[0].lower() + name[1:] if name.startswith(common) else name
