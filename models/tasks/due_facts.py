"""Why a task's date is what it is: facts by a code, as they are stored. Notifications put them in words."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from models.organization.calendar import OffDay


class _Fact(BaseModel):
    """Days are local; instants are exclusive ends, or moments, in UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class HoursFromAssignment(_Fact):
    code: Literal["hours"] = "hours"
    hours: int
    assigned_at: AwareDatetime


class BeforeDay(_Fact):
    """The directive says "before": the day that it names does not count."""

    code: Literal["before"] = "before"
    day: date


class CountedFrom(_Fact):
    code: Literal["counted"] = "counted"
    amount: int
    unit: Literal["days", "working_days", "months"]
    since: Literal["signed", "assigned"]
    day: date


class WithinPeriod(_Fact):
    """The directive names a month, a quarter, a half year or a year: "2004-Q2"."""

    code: Literal["within"] = "within"
    period: str


class DateMovedTo(StrEnum):
    """The direction in which a date moves that falls on a day off."""

    BACK = "back"
    FORWARD = "forward"
    FORWARD_AFTER_ALL = "forward_after_all"  # the working day before had passed at assignment


class OnDayOff(_Fact):
    """The date would fall on a day off, and moved."""

    code: Literal["day_off"] = "day_off"
    off: OffDay
    moved: DateMovedTo
    is_report: bool = False


class DateOfWhole(_Fact):
    """A part without a date of its own has that of the task above."""

    code: Literal["whole"] = "whole"
    due_at: AwareDatetime


class CutToWhole(_Fact):
    """A part's own date would pass that of the task above."""

    code: Literal["cut"] = "cut"
    own_due_at: AwareDatetime
    due_at: AwareDatetime


class CalendarChanged(_Fact):
    code: Literal["calendar"] = "calendar"
    before: date
    after: date


class WholeMovedUp(_Fact):
    """The task above moved to an earlier day, and its part with it."""

    code: Literal["whole_moved_up"] = "whole_moved_up"


class WholeDated(_Fact):
    """The task above was given its date, and its part with it."""

    code: Literal["whole_dated"] = "whole_dated"


DueFact = Annotated[
    HoursFromAssignment
    | BeforeDay
    | CountedFrom
    | WithinPeriod
    | OnDayOff
    | DateOfWhole
    | CutToWhole
    | CalendarChanged
    | WholeMovedUp
    | WholeDated,
    Field(discriminator="code"),
]
_FACTS: TypeAdapter[tuple[DueFact, ...]] = TypeAdapter(tuple[DueFact, ...])


def store_due_facts(facts: Iterable[DueFact]) -> list[dict[str, Any]]:
    return [fact.model_dump(mode="json") for fact in facts]


def read_due_facts(stored: Sequence[Any]) -> tuple[DueFact, ...]:
    return _FACTS.validate_python(stored) if stored else ()
