"""Calls about launches: plan, launch, preview and take back; and about the background jobs that do long work."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field
from sqlmodel import Session

from models.database.ids import new_id
from models.errors import NotFound
from models.operations.background_job import BULK, PREVIEW, BackgroundJob, BackgroundJobState
from models.organization.register_reads import resolve_person
from notifications.composing.reasons import off_words, preview_in_words, stored_off_words
from web.api.caller import Caller, Coordinates, Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Body, Shape
from web.request.cursor_paging import LocalDay
from workflows.access.rights import open_directive
from workflows.launch.failed_launches import dismiss
from workflows.launch.launch_choices import list_launches
from workflows.launch.launch_order import LaunchOrder, ask_launch, ask_preview, plan_order
from workflows.launch.launch_plan import count_new
from workflows.launch.take_back import find_launch, take_back
from workflows.queue.background_jobs import cancel, find_background_job, list_background_jobs, read_part, resume
from workflows.rules.rights_table import Right
from workflows.worklists.board.bulk_action import read_refusals

router = APIRouter(tags=["launches"], route_class=OnceRoute)


class LaunchWanted(Body):
    """The duties to launch, and how."""

    duties: list[str] = Field(min_length=1, max_length=500, examples=[["2", "2.a"]])
    coordinator: str | None = Field(default=None, max_length=64, description="A person's code; without it, the caller")
    due: LocalDay | None = Field(default=None, description="The date for duties without their own")
    on: LocalDay | None = Field(default=None, description="The day of the launch; without it, at once")
    override: bool = Field(default=False, description="Launch in spite of gaps in the coverage")
    reason: str = Field(default="", max_length=500, description="Why it is launched in spite of gaps")


class PreviewWanted(LaunchWanted):
    """A launch to preview, and how many days ahead."""

    days: Literal[30, 60, 120, 365] = Field(default=60, description="Calendar days to look ahead")


class GapShape(Shape):
    """A gap in the coverage."""

    kind: str = Field(examples=["unit_without_head"])
    duty: str = Field(examples=["2"])
    unit: str | None
    detail: str


class DayOffShape(Shape):
    """A deadline that falls on a day off and stays there."""

    path: str = Field(description="The duty", examples=["4"])
    day: date
    why: str = Field(description="Why the day is off, in the caller's language", examples=["thứ Bảy"])
    before: date = Field(description="The working day before it")
    after: date = Field(description="The working day after it")
    by_launch: bool = Field(description="Whether this launch sets it; else the template does")


class Plan(Shape):
    """What a launch would make."""

    tasks: int = Field(description="How many tasks there are after the launch, new or not")
    new: int = Field(description="How many of these the launch makes")
    arms: list[str] = Field(description="Duties that then wait for an incident, a request or a period")
    days_off: list[DayOffShape] = Field(description="Deadlines on days off, to check before the launch")
    gaps: list[GapShape] = Field(description="Addressees without a unit, units without a head, duties without a unit")


class LaunchLine(Shape):
    """A launch, with how many tasks of it the caller oversees."""

    id: UUID
    launched_at: datetime
    taken_back_at: datetime | None = Field(description="When it was taken back, before its first letter had left")
    due_on: date | None = Field(description="The date set for duties that have none of their own")
    assigner: str = Field(examples=["Vụ Viễn thông"])
    coordinator: str
    tasks: int
    units: int


class BackgroundJobShape(Shape):
    """Long work in the background, with its progress and outcome."""

    id: UUID
    kind: str = Field(examples=["launch"])
    state: BackgroundJobState
    asked_at: datetime
    done: int
    total: int
    finished_at: datetime | None
    outcome: dict[str, Any]
    error: str


class PreviewDay(Shape):
    """What a launch would do on a day: tasks assigned, deadlines, and letters with their recipients."""

    day: date
    tasks: list[dict[str, Any]]
    due: list[dict[str, Any]]
    letters: list[dict[str, Any]]


class ToldTask(Shape):
    """A task of a background job, and why the action on it was refused."""

    task_id: UUID
    why_not: str | None


@router.get("/directives/{code}/launches")
def launches(code: str, caller: Reads) -> list[LaunchLine]:
    """Return the launches of a directive, the newest first."""
    with caller.reading() as session:
        directive = open_directive(session, caller.principal, code)
        rows = list_launches(session, caller.principal, directive.id)
        return [LaunchLine.model_validate(row) for row in rows]


@router.post("/directives/{code}/plan")
def plan(code: str, body: LaunchWanted, caller: Reads) -> Plan:
    """Work out what a launch would make, without making it."""
    with caller.reading() as session:
        open_directive(session, caller.principal, code, Right.LAUNCH)
        launch_plan = plan_order(session, _order(session, caller, code, body), **caller.moment(session))
        new = sum(count_new(session, launch_plan).values())
    language = caller.person.language
    return Plan.of(
        launch_plan,
        tasks=launch_plan.total,
        new=new,
        arms=[duty.path for duty in launch_plan.arming],
        days_off=[DayOffShape.of(day, why=off_words(day.off, language)) for day in launch_plan.days_off],
        gaps=launch_plan.coverage.gaps,
    )


@router.post("/directives/{code}/launches", status_code=201, responses={202: {"model": BackgroundJobShape}})
def launch(code: str, body: LaunchWanted, caller: Coordinates, response: Response) -> BackgroundJobShape:
    """Launch duties: make one task for each addressed unit, all or none. A second launch changes nothing.

    The answer is 202 where the launch waits for its day, or has more than 10,000 tasks and runs in the background.
    """
    with caller.transaction() as session:
        open_directive(session, caller.principal, code, Right.LAUNCH)
        job = ask_launch(caller.acting(session), _order(session, caller, code, body), job_id=new_id())
        answer = BackgroundJobShape.model_validate(job)
    if job.state is not BackgroundJobState.DONE:
        response.status_code = 202
    return answer


def _order(session: Session, caller: Caller, code: str, body: LaunchWanted) -> LaunchOrder:
    coordinator = resolve_person(session, body.coordinator) if body.coordinator else caller.person
    return LaunchOrder(
        directive=code,
        paths=tuple(body.duties),
        coordinator_id=coordinator.id,
        due_on=body.due,
        on=body.on,
        override=body.override,
        reason=body.reason,
    )


class WhyTakenBack(Body):
    """Why a launch is taken back."""

    reason: str = Field(min_length=1, max_length=4000)


class TakenBack(Shape):
    """The outcome of taking a launch back."""

    withdrawn: int = Field(description="How many tasks; nobody had been told of them")


@router.post("/directives/{code}/launches/{launch_id}/take-back")
def take_launch_back(code: str, launch_id: UUID, body: WhyTakenBack, caller: Coordinates) -> TakenBack:
    """Take a launch back before its first letter leaves; 409 afterwards. A new launch makes its tasks again."""
    with caller.transaction() as session:
        directive = open_directive(session, caller.principal, code, Right.LAUNCH)
        launch = find_launch(session, directive, launch_id.hex)
        count = take_back(caller.acting(session), launch, reason=body.reason)
    return TakenBack(withdrawn=count)


@router.post("/directives/{code}/previews", status_code=202)
def preview(code: str, body: PreviewWanted, caller: Coordinates) -> BackgroundJobShape:
    """Work out every task, date and letter by day, in the background. The outcome of the job names the days."""
    with caller.transaction() as session:
        open_directive(session, caller.principal, code, Right.LAUNCH)
        order = _order(session, caller, code, body)
        job = ask_preview(caller.acting(session), order, days=body.days)
        answer = BackgroundJobShape.model_validate(job)
    return answer


@router.get("/background-jobs/{job_id}/days/{day}")
def preview_day(job_id: UUID, day: LocalDay, caller: Reads) -> PreviewDay:
    """Return one day of a preview that the caller asked for."""
    with caller.reading() as session:
        job = find_background_job(session, caller.principal, job_id)
        part = read_part(session, job.id, day.isoformat()) if job.kind == PREVIEW else None
    if part is None:
        raise NotFound("there is no such page")
    language = caller.person.language
    return PreviewDay(
        day=day,
        tasks=[preview_in_words(task, language) for task in part["tasks"]],
        due=[preview_in_words(task, language) for task in part["due"]],
        letters=part["letters"],
    )


@router.get("/background-jobs/{job_id}/tasks")
def job_tasks(job_id: UUID, caller: Reads) -> list[ToldTask]:
    """Return the tasks that a background job has already acted on, each with its refusal if there was one."""
    with caller.reading() as session:
        job = find_background_job(session, caller.principal, job_id)
        if job.kind != BULK:
            raise NotFound("there is no such page")
        refusals = read_refusals(session, job)
    language = caller.person.language
    task_ids = [UUID(text) for text in job.given["tasks"][: job.done]]
    return [
        ToldTask(task_id=task_id, why_not=refusals[task_id][language] if task_id in refusals else None)
        for task_id in task_ids
    ]


@router.get("/background-jobs")
def background_jobs(caller: Reads) -> list[BackgroundJobShape]:
    """Return the caller's last background jobs."""
    with caller.reading() as session:
        return [_shape(job, caller) for job in list_background_jobs(session, caller.principal)]


@router.get("/background-jobs/{job_id}")
def job(job_id: UUID, caller: Reads) -> BackgroundJobShape:
    """Return one background job with its progress."""
    with caller.reading() as session:
        return _shape(find_background_job(session, caller.principal, job_id), caller)


def _shape(job: BackgroundJob, caller: Caller) -> BackgroundJobShape:
    shape, language = BackgroundJobShape.model_validate(job), caller.person.language
    if "days_off" in shape.outcome:
        days_off = [[day, stored_off_words(off, language), count] for day, off, count in shape.outcome["days_off"]]
        shape.outcome = {**shape.outcome, "days_off": days_off}
    return shape


@router.post("/background-jobs/{job_id}/cancel", status_code=204)
def cancel_job(job_id: UUID, caller: Coordinates) -> None:
    """Cancel a background job that has not begun."""
    with caller.transaction() as session:
        cancel(session, find_background_job(session, caller.principal, job_id), now=caller.now)


@router.post("/background-jobs/{job_id}/resume", status_code=204)
def resume_job(job_id: UUID, caller: Coordinates) -> None:
    """Repeat a launch that failed. 409 for any other job."""
    with caller.transaction() as session:
        resume(session, caller.principal, find_background_job(session, caller.principal, job_id), now=caller.now)


@router.post("/background-jobs/{job_id}/dismiss", status_code=204)
def dismiss_job(job_id: UUID, caller: Coordinates) -> None:
    """Dismiss a failed launch that is no longer needed, and end its alert. 409 where there is no alert."""
    with caller.transaction() as session:
        dismiss(session, find_background_job(session, caller.principal, job_id), caller.audit_actor)
