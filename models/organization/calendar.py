"""The editable calendar: days the yearly decision adds to or takes from the public holidays the library knows."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlmodel import Field, SQLModel

from models.database.columns import UtcDateTime, enum_type
from models.database.ids import new_id
from models.i18n import Labelled, _


class DayKind(Labelled):
    OFF = "off", _("day off")  # ngày nghỉ, nghỉ bù
    WORKING = "working", _("working day")  # ngày làm bù


class OffBecause(StrEnum):
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    EDIT = "edit"  # the office's own calendar says so


class OffDay(BaseModel):
    """A day off. `name`: the holiday's, or what the office calls the day, in Vietnamese; "" where it has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: date
    because: OffBecause
    name: str = ""


def read_off_day(stored: object) -> OffDay | None:
    """Read a stored day off. Return None if a preview has none, or has words of an older version instead."""
    return OffDay.model_validate(stored) if isinstance(stored, dict) else None


class CalendarRevision(SQLModel, table=True):
    """An edit of the calendar: by whom, when, and by which decision."""

    __tablename__ = "calendar_revision"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    actor_id: UUID | None = Field(default=None, foreign_key="person.id")
    reason: str = Field(max_length=500)


class CalendarDay(SQLModel, table=True):
    """One edited day, as of a revision; the newest revision of a day counts."""

    __tablename__ = "calendar_day"

    day: date = Field(primary_key=True)
    revision_id: UUID = Field(foreign_key="calendar_revision.id", primary_key=True)
    kind: DayKind = Field(sa_type=enum_type(DayKind))
    name: str = Field(default="", max_length=200)
