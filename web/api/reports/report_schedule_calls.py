"""Reports compiled by the calendar: their schedules, the days to come, what was compiled and who was late."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from models.reports.issued_report import ReportKind
from models.reports.report_schedule import Came, ReportSchedule
from web.api.caller import Caller, Coordinates, Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Shape, StrictBody
from workflows.reports.report_schedules import (
    NewSchedule,
    Settings,
    change_schedule,
    make_schedule,
    open_schedule,
    switch_schedule,
)
from workflows.reports.schedule_view import (
    compiled_data,
    list_schedules,
    read_compiled_of,
    read_schedule,
    schedule_data,
)
from workflows.rules.rights_table import Right

router = APIRouter(tags=["reports"], route_class=OnceRoute)


class ScheduleShape(Shape):
    """One schedule. `seen` goes back with a change."""

    id: UUID
    kind: ReportKind
    directive: str = Field(examples=["ct-06-2004"])
    duty: str = Field(examples=["results"], description="The duty by which units send their reports")
    every: str | None = Field(examples=["quarter"])
    office: str = Field(examples=["VU-VT"], description="The unit that compiles")
    to_issuer: bool
    language: str
    own_day: int | None = Field(description="Our own day; null: the template's")
    own_months_before: int
    is_paused: bool
    last_period: str | None = Field(examples=["2026-Q3"])
    next_period: str | None
    next_on: date | None
    seen: int


class CollectedUnit(Shape):
    """A unit whose report of the period was waited for, as it stood that morning."""

    unit: str
    name: str
    task: UUID
    came: Came
    due_on: date | None
    came_on: date | None


class CompiledShape(Shape):
    """What was compiled of one period. `report`: the draft; null where it was thrown away."""

    period: str
    due_on: date
    compiled_at: datetime
    cutoff: date
    is_estimate: bool
    report: UUID | None
    counts: dict[Came, int]
    units: list[CollectedUnit]


class ScheduleWhole(ScheduleShape):
    """One schedule with what was compiled of it, the newest first."""

    compiled: list[CompiledShape]


class ScheduleSettings(StrictBody):
    """What may be changed later. Without an own day the template's counts."""

    to_issuer: bool = False
    language: Literal["vi", "en"] = "vi"
    own_day: int | None = Field(default=None, ge=1, le=31)
    own_months_before: int = Field(default=0, ge=-3, le=13)

    @property
    def settings(self) -> Settings:
        return Settings(self.to_issuer, self.language, self.own_day, self.own_months_before)


class ScheduleWanted(ScheduleSettings):
    """A schedule to be made."""

    kind: Literal["directive", "consolidated"] = "directive"
    directive: str = Field(max_length=64, examples=["ct-06-2004"])
    duty: str = Field(max_length=32, examples=["results"])
    office: str | None = Field(default=None, max_length=300, description="Else the directive's coordinating unit")


class ScheduleChange(ScheduleSettings):
    """All settings as they shall be; `seen` as it was read."""

    seen: int


class ScheduleSwitch(StrictBody):
    """Pauses a schedule, or lets it go on from now."""

    is_paused: bool


@router.get("/report-schedules")
def schedules(caller: Reads) -> list[ScheduleShape]:
    """Return the schedules that the caller may change."""
    caller.require(Right.SCHEDULE_REPORTS)
    with caller.reading() as session:
        found = list_schedules(session, caller.principal, caller.calendar(session))
        return [ScheduleShape.model_validate(schedule_data(one)) for one in found]


@router.get("/report-schedules/{schedule_id}")
def schedule(schedule_id: UUID, caller: Reads) -> ScheduleWhole:
    """Return one schedule, what was compiled of it, and who was late."""
    with caller.reading() as session:
        return _whole(session, caller, open_schedule(session, caller.principal, schedule_id))


@router.post("/report-schedules", status_code=201)
def make(body: ScheduleWanted, caller: Coordinates) -> ScheduleWhole:
    """Schedule a report: it counts from now. Each period is drafted once, on our own day at 08:00."""
    with caller.transaction() as session:
        wanted = NewSchedule(ReportKind(body.kind), body.directive, body.duty, body.office, body.settings)
        return _whole(session, caller, make_schedule(session, caller.principal, wanted, caller.hand))


@router.put("/report-schedules/{schedule_id}")
def change(schedule_id: UUID, body: ScheduleChange, caller: Coordinates) -> ScheduleWhole:
    """Change a schedule from the next period on."""
    with caller.transaction() as session:
        change_schedule(session, caller.principal, schedule_id, body.settings, caller.hand, seen=body.seen)
        return _whole(session, caller, open_schedule(session, caller.principal, schedule_id))


@router.patch("/report-schedules/{schedule_id}")
def switch(schedule_id: UUID, body: ScheduleSwitch, caller: Coordinates) -> ScheduleWhole:
    """Pause a schedule, or let it go on: from now, without what fell into the pause."""
    with caller.transaction() as session:
        switch_schedule(session, caller.principal, schedule_id, caller.hand, on=not body.is_paused)
        return _whole(session, caller, open_schedule(session, caller.principal, schedule_id))


def _whole(session: Session, caller: Caller, row: ReportSchedule) -> ScheduleWhole:
    session.flush()
    shown = read_schedule(session, row, caller.calendar(session))
    compiled = compiled_data(read_compiled_of(session, row.id))
    return ScheduleWhole.model_validate(schedule_data(shown) | {"compiled": compiled})
