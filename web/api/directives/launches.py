"""Launches: what one would make, and making it; what is long goes on in the background."""

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
    """What is to be launched."""

    duties: list[str] = Field(min_length=1, max_length=500, examples=[["2", "2.a"]])
    coordinator: str | None = Field(default=None, max_length=64, description="A person's code; the caller where none")
    due: LocalDay | None = Field(default=None, description="The date of duties that have none of their own")
    on: LocalDay | None = Field(default=None, description="The day of the launch; None: at once")
    override: bool = Field(default=False, description="Launch in spite of gaps in the coverage")
    reason: str = Field(default="", max_length=500, description="Why it is launched in spite of gaps")


class PreviewWanted(LaunchWanted):
    """A launch to be looked at, and how far."""

    days: Literal[30, 60, 120, 365] = Field(default=60, description="Calendar days to look ahead")


class GapShape(Shape):
    """A hole in the coverage."""

    kind: str = Field(examples=["unit_without_head"])
    duty: str = Field(examples=["2"])
    unit: str | None
    detail: str


class DayOffShape(Shape):
    """A date that stays on a day off."""

    path: str = Field(description="The duty", examples=["4"])
    day: date
    why: str = Field(description="Why the day is off, in the caller's language", examples=["thứ Bảy"])
    before: date = Field(description="The working day before it")
    after: date = Field(description="The working day after it")
    by_launch: bool = Field(description="Whether this launch sets it; else the template does")


class Plan(Shape):
    """What a launch would make."""

    tasks: int = Field(description="How many tasks there are after it, new or not")
    new: int = Field(description="How many of these it makes")
    arms: list[str] = Field(description="Duties that then wait for an incident, a request or a period")
    days_off: list[DayOffShape] = Field(description="Dates that stay on a day off, for a look before launching")
    gaps: list[GapShape] = Field(description="Addressees without a unit, units without a head, duties without a taker")


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
    """Long work in the background: how far it is, and what came of it."""

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
    """What a launch would do on a day: the tasks given, the dates that fall on it, who gets which letter."""

    day: date
    tasks: list[dict[str, Any]]
    due: list[dict[str, Any]]
    letters: list[dict[str, Any]]


class ToldTask(Shape):
    """A task of a background job, and why it was refused where it was."""

    task_id: UUID
    why_not: str | None


@router.get("/directives/{code}/launches")
def launches(code: str, caller: Reads) -> list[LaunchLine]:
    """The launches of a directive: who launched what, when, to how many units. The newest first."""
    with caller.reading() as session:
        directive = open_directive(session, caller.principal, code)
        return [LaunchLine.model_validate(one) for one in list_launches(session, caller.principal, directive.id)]


@router.post("/directives/{code}/plan")
def plan(code: str, body: LaunchWanted, caller: Reads) -> Plan:
    """What a launch would make, without making it."""
    with caller.reading() as session:
        open_directive(session, caller.principal, code, Right.LAUNCH)
        found = plan_order(session, _order(session, caller, code, body), **caller.moment(session))
        new = sum(count_new(session, found).values())
    arms = [one.path for one in found.arming]
    days_off = [DayOffShape.of(one, why=off_words(one.off, caller.person.language)) for one in found.days_off]
    return Plan.of(found, tasks=found.total, new=new, arms=arms, days_off=days_off, gaps=found.coverage.gaps)


@router.post("/directives/{code}/launches", status_code=201, responses={202: {"model": BackgroundJobShape}})
def launch(code: str, body: LaunchWanted, caller: Coordinates, response: Response) -> BackgroundJobShape:
    """Launch duties: one task for each unit addressed, all or none. Launching again changes nothing.

    202 where it waits: for its day, or, with more than 10,000 tasks, for the background.
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
    """What came of it."""

    withdrawn: int = Field(description="How many tasks; nobody had been told of them")


@router.post("/directives/{code}/launches/{launch_id}/take-back")
def take_launch_back(code: str, launch_id: UUID, body: WhyTakenBack, caller: Coordinates) -> TakenBack:
    """Take a launch back before its first letter: 409 once one has left. A new launch gives its tasks anew."""
    with caller.transaction() as session:
        directive = open_directive(session, caller.principal, code, Right.LAUNCH)
        launch = find_launch(session, directive, launch_id.hex)
        count = take_back(caller.acting(session), launch, reason=body.reason)
    return TakenBack(withdrawn=count)


@router.post("/directives/{code}/previews", status_code=202)
def preview(code: str, body: PreviewWanted, caller: Coordinates) -> BackgroundJobShape:
    """Work out every task, date and letter by day, in the background; its outcome names the days."""
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
        found = find_background_job(session, caller.principal, job_id)
        part = read_part(session, found.id, day.isoformat()) if found.kind == PREVIEW else None
    if part is None:
        raise NotFound("there is no such page")
    language = caller.person.language
    tasks = {name: [preview_in_words(one, language) for one in part[name]] for name in ("tasks", "due")}
    return PreviewDay(day=day, letters=part["letters"], **tasks)


@router.get("/background-jobs/{job_id}/tasks")
def job_tasks(job_id: UUID, caller: Reads) -> list[ToldTask]:
    """Return what became of each task that a background job was to act on, as far as it is."""
    with caller.reading() as session:
        found = find_background_job(session, caller.principal, job_id)
        if found.kind != BULK:
            raise NotFound("there is no such page")
        refusals = read_refusals(session, found)
    language = caller.person.language
    ids = [UUID(one) for one in found.given["tasks"][: found.done]]
    return [ToldTask(task_id=one, why_not=refusals[one][language] if one in refusals else None) for one in ids]


@router.get("/background-jobs")
def background_jobs(caller: Reads) -> list[BackgroundJobShape]:
    """Return the caller's last background jobs."""
    with caller.reading() as session:
        return [_shape(one, caller) for one in list_background_jobs(session, caller.principal)]


@router.get("/background-jobs/{job_id}")
def job(job_id: UUID, caller: Reads) -> BackgroundJobShape:
    """Return how far a background job is."""
    with caller.reading() as session:
        return _shape(find_background_job(session, caller.principal, job_id), caller)


def _shape(job: BackgroundJob, caller: Caller) -> BackgroundJobShape:
    shape, language = BackgroundJobShape.model_validate(job), caller.person.language
    if "days_off" in shape.outcome:
        told = [[day, stored_off_words(off, language), count] for day, off, count in shape.outcome["days_off"]]
        shape.outcome = {**shape.outcome, "days_off": told}
    return shape


@router.post("/background-jobs/{job_id}/cancel", status_code=204)
def cancel_job(job_id: UUID, caller: Coordinates) -> None:
    """Take back a background job that has not begun."""
    with caller.transaction() as session:
        cancel(session, find_background_job(session, caller.principal, job_id), now=caller.now)


@router.post("/background-jobs/{job_id}/resume", status_code=204)
def resume_job(job_id: UUID, caller: Coordinates) -> None:
    """Do a launch that failed over again. 409 for any other job."""
    with caller.transaction() as session:
        resume(session, caller.principal, find_background_job(session, caller.principal, job_id), now=caller.now)


@router.post("/background-jobs/{job_id}/dismiss", status_code=204)
def dismiss_job(job_id: UUID, caller: Coordinates) -> None:
    """Say that a launch that failed is no longer needed: its alert ends. 409 where none was told of."""
    with caller.transaction() as session:
        dismiss(session, find_background_job(session, caller.principal, job_id), caller.hand)
