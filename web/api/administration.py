"""The installation: the clock's jobs, the working calendar, webhooks."""

from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from models.operations.system_job import JobState
from models.organization.access import CallState
from models.organization.calendar import DayKind
from web.api.caller import Administers, Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Body, Shape
from web.request.cursor_paging import LocalDay
from workflows.delivery.webhooks.edit import (
    call_again,
    find_webhook,
    list_webhooks,
    make_webhook,
    recent_calls,
    switch_webhook,
)
from workflows.jobs.system_jobs import ask_to_run, list_jobs, pause, read_job_name, resume, set_cron
from workflows.organization.working_calendar import EditedDay
from workflows.rules.rights_table import Right
from workflows.tasks.edit_calendar import edit_calendar, preview_edit

router = APIRouter(tags=["administration"], route_class=OnceRoute)


class JobShape(Shape):
    """A job of the clock."""

    name: str = Field(examples=["tick"])
    cron: str | None = Field(examples=["30 2 * * *"], description="None: at the pace of the settings")
    is_paused: bool
    next_run_at: datetime | None
    last_started_at: datetime | None
    last_finished_at: datetime | None
    last_state: JobState | None
    last_seconds: float | None
    last_outcome: dict[str, int]
    last_error: str


class JobChange(Body):
    """What is to be changed of a job; what is not named stays."""

    is_paused: bool | None = None
    cron: str | None = Field(default=None, max_length=100, description="Minute hour day month weekday, local time")


class Day(Body):
    """What a day becomes."""

    day: LocalDay
    kind: DayKind
    name: str = Field(default="", max_length=200, examples=["nghỉ bù"])


class CalendarChange(Body):
    """Days, and the decision that they come from."""

    days: list[Day] = Field(min_length=1, max_length=400)
    reason: str = Field(min_length=1, max_length=500, examples=["Thông báo 15/TB-BNV"])
    dry_run: bool = Field(default=False, description="Only say what it would move")


class Moved(Shape):
    """What an edit of the calendar moved, or would move."""

    days: int = Field(description="How many days really change")
    dates: int = Field(description="How many tasks' current dates move")
    rechecked: int
    written: bool


class CalendarDayShape(Shape):
    """A day that differs from the ordinary week."""

    day: date
    kind: DayKind
    name: str


class WebhookShape(Shape):
    """A webhook, without its secret."""

    id: UUID
    name: str
    url: str
    events: list[str]
    directive: str | None
    is_active: bool
    calls: dict[CallState, int] = Field(description="How many calls stand how")


class CallShape(Shape):
    """One call of a webhook."""

    id: UUID
    history_id: UUID
    state: CallState
    queued_at: datetime
    attempts: int
    status: int | None
    error: str


class WebhookMade(Shape):
    """A new webhook; `secret` checks its signatures (Standard Webhooks)."""

    id: UUID
    secret: str


class WebhookWanted(Body):
    """A webhook to be made."""

    name: str = Field(min_length=1, max_length=100)
    url: str = Field(min_length=1, max_length=1000, examples=["https://example.vn/dondoc"])
    events: list[str] = Field(default=[], max_length=100, description="Names of events; all where none is named")
    directive: str | None = Field(default=None, max_length=64, description="A directive's code; None: every one")


class Switch(Body):
    """On or off."""

    is_active: bool


@router.get("/jobs")
def jobs(caller: Reads) -> list[JobShape]:
    """Return the clock's jobs: last run, how it went, next run."""
    caller.require(Right.RUN_JOBS)
    with caller.reading() as session:
        found = list_jobs(session, caller.now, every=caller.settings.tick_seconds)
    return [JobShape.model_validate(one) for one in found]


@router.patch("/jobs/{name}")
def change_job(name: str, body: JobChange, caller: Administers) -> JobShape:
    """Pause a job, let it go on, or change when it runs. A running clock follows within seconds."""
    caller.require(Right.RUN_JOBS)
    job_name = read_job_name(name)
    with caller.transaction() as session:
        if body.cron is not None:
            set_cron(session, job_name, body.cron, caller.now, caller.hand)
        if body.is_paused is not None:
            (pause if body.is_paused else resume)(session, job_name, caller.now, caller.hand)
        found = list_jobs(session, caller.now, every=caller.settings.tick_seconds)
        return next(JobShape.model_validate(one) for one in found if one.name is job_name)


@router.post("/jobs/{name}/run", status_code=202)
def run_job(name: str, caller: Administers) -> None:
    """Ask a running clock to do the job within seconds, also a paused one; where none runs, the next one to start."""
    caller.require(Right.RUN_JOBS)
    with caller.transaction() as session:
        ask_to_run(session, read_job_name(name), caller.now, caller.hand)


@router.get("/calendar")
def calendar(caller: Reads) -> list[CalendarDayShape]:
    """Return the days that were edited: holidays, compensatory days off, make-up days."""
    with caller.reading() as session:
        known = caller.calendar(session)
    return [
        CalendarDayShape(day=day, kind=kind, name=known.names.get(day, "")) for day, kind in sorted(known.edits.items())
    ]


@router.post("/calendar")
def change_calendar(body: CalendarChange, caller: Administers) -> Moved:
    """Edit days: current dates and next checks of open tasks are computed anew, original dates stay."""
    caller.require(Right.EDIT_CALENDAR)
    days = {one.day: EditedDay(one.kind, one.name) for one in body.days}
    with caller.transaction() as session:
        if body.dry_run:
            preview = preview_edit(session, days, caller.now)
        else:
            preview = edit_calendar(session, caller.person.id, days, body.reason, caller.now).preview
    return Moved(
        days=len(preview.days), dates=len(preview.moved), rechecked=preview.rechecked, written=not body.dry_run
    )


@router.get("/webhooks")
def webhooks(caller: Reads) -> list[WebhookShape]:
    """Return the webhooks and how their calls went."""
    caller.require(Right.EDIT_WEBHOOKS)
    with caller.reading() as session:
        return [WebhookShape.of(hook, directive=code, calls=counts) for hook, code, counts in list_webhooks(session)]


@router.post("/webhooks", status_code=201)
def new_webhook(body: WebhookWanted, caller: Administers) -> WebhookMade:
    """Make a webhook, which hears of what happens from now on."""
    with caller.transaction() as session:
        hook = make_webhook(session, caller.principal, settings=caller.settings, now=caller.now, **body.model_dump())
        return WebhookMade(id=hook.id, secret=hook.secret)


@router.patch("/webhooks/{webhook_id}", status_code=204)
def switch(webhook_id: UUID, body: Switch, caller: Administers) -> None:
    """Switch a webhook off, or on again."""
    with caller.transaction() as session:
        switch_webhook(session, caller.principal, webhook_id, on=body.is_active, now=caller.now)


@router.get("/webhooks/{webhook_id}/calls")
def calls(webhook_id: UUID, caller: Reads) -> list[CallShape]:
    """Return a webhook's last calls, the newest first."""
    caller.require(Right.EDIT_WEBHOOKS)
    with caller.reading() as session:
        find_webhook(session, webhook_id)
        return [CallShape.model_validate(one) for one in recent_calls(session, webhook_id)]


@router.post("/webhooks/calls/{call_id}/again", status_code=204)
def again(call_id: UUID, caller: Administers) -> None:
    """Make a call that was given up once more."""
    with caller.transaction() as session:
        call_again(session, caller.principal, call_id, now=caller.now)
