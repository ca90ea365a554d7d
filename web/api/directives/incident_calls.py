"""Calls about incidents and requests: the events for which armed duties wait."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from models.directives.launch import Incident
from models.errors import NotFound, need
from models.organization.register_reads import resolve_unit
from models.tasks.task import TaskStatus
from web.api.caller import Coordinates, Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Body, Shape
from web.request.cursor_paging import Cursor, Limit, LocalDay, Page, read_cursor, write_cursor
from workflows.access.rights import open_directive
from workflows.launch.incidents.declare_incident import declare, stand_down
from workflows.launch.incidents.incident_plan import addressed_units, armed_contingencies
from workflows.launch.incidents.incident_view import (
    Share,
    find_incident,
    follow_incidents,
    incident_run_by,
    read_incident,
)
from workflows.launch.launch_plan import duties_of
from workflows.launch.on_request import ask_addressed_units, askable_duties
from workflows.rules.rights_table import Right

router = APIRouter(tags=["incidents and requests"], route_class=OnceRoute)
Codes = Annotated[list[str], Field(min_length=1, max_length=5000, description="Units: code, name or alias")]


class IncidentShape(Shape):
    """A declared situation, real or a drill."""

    id: UUID
    title: str = Field(examples=["Sự cố thông tin liên lạc khu vực phía Bắc"])
    is_drill: bool
    declared_at: datetime
    stood_down_at: datetime | None


class Call(Shape):
    """A telephone call about a task."""

    at: datetime
    by: str
    answered_by: str
    note: str


class ShareShape(Shape):
    """One unit's task in an incident. A call is recorded by the task's own action `telephone`."""

    task_id: UUID
    status: TaskStatus
    due_at: datetime | None
    duty: str = Field(examples=["2.a"])
    unit_code: str
    unit: str
    head: str | None
    phone: str | None
    accepted_by: str | None = Field(description="null if nobody has accepted it")
    calls: list[Call]


class IncidentWhole(IncidentShape):
    """An incident with its tasks."""

    declared_by: str
    stood_down_by: str | None
    reason: str = Field(description="Why it was ended")
    open: int
    tasks: list[ShareShape]


class Contingency(Shape):
    """An armed duty, and the codes of the units that it addresses."""

    duty: str = Field(examples=["2.a"])
    title: str
    units: list[str]


class Declaration(Body):
    """A situation to declare. Its tasks' deadlines count in hours from now, and letters leave at any hour."""

    title: str = Field(min_length=1, max_length=300)
    units: Codes
    is_drill: bool = Field(description="DIỄN TẬP: every letter and page says so, no report counts it")
    duties: list[str] = Field(
        default=[], max_length=100, description="Contingency duties; all armed ones where none is named"
    )
    dry_run: bool = Field(default=False, description="Only count the tasks that it would make")


class Declared(IncidentShape):
    """The incident, and how many tasks it made. After a dry run: how many it would make."""

    created: int


class Ending(Body):
    """Why an incident ends."""

    reason: str = Field(min_length=1, max_length=4000)


class Withdrawn(Shape):
    """How many open tasks were withdrawn with the incident."""

    withdrawn: int


class Asking(Body):
    """A single request to units."""

    units: Codes
    note: str = Field(default="", max_length=4000, description="Request")
    due: LocalDay | None = Field(default=None, description="The last permitted local day")


class Asked(Shape):
    """How many tasks were made."""

    created: int


@router.get("/directives/{code}/incidents")
def incidents(code: str, caller: Reads, cursor: Cursor = None, limit: Limit = 50) -> Page[IncidentShape]:
    """Return the incidents of a directive, the first declared first."""
    after = read_cursor(cursor)
    with caller.reading() as session:
        directive = open_directive(session, caller.principal, code)
        rows = follow_incidents(session, caller.principal, directive.id, after=after, limit=limit + 1)
    items = [IncidentShape.model_validate(row) for row in rows[:limit]]
    return Page[IncidentShape](items=items, next=write_cursor(rows[limit - 1].id) if len(rows) > limit else None)


@router.post("/directives/{code}/incidents", status_code=201)
def declare_incident(code: str, body: Declaration, caller: Coordinates) -> Declared:
    """Declare an incident or a drill: its tasks are made at once."""
    with caller.dry_run() if body.dry_run else caller.transaction() as session:
        directive = open_directive(session, caller.principal, code, Right.DECLARE_INCIDENT)
        incident, created = declare(
            caller.acting(session),
            directive,
            title=body.title,
            unit_ids=[resolve_unit(session, unit).id for unit in body.units],
            is_drill=body.is_drill,
            paths=body.duties or None,
        )
        return Declared.of(incident, created=created.created)


@router.get("/directives/{code}/incidents/{incident_id}")
def incident(code: str, incident_id: UUID, caller: Reads) -> IncidentWhole:
    """Return one incident with the tasks that the caller oversees, their heads' telephones and the calls made."""
    with caller.reading() as session:
        directive = open_directive(session, caller.principal, code)
        row = find_incident(session, caller.principal, directive, incident_id)
        sheet = read_incident(session, caller.principal, row, **caller.moment(session))
    return IncidentWhole.of(
        sheet, **IncidentShape.model_validate(row).model_dump(), tasks=[_share(share) for share in sheet.shares]
    )


def _share(share: Share) -> ShareShape:
    task = share.task
    return ShareShape.of(share, task_id=task.id, status=task.status, due_at=task.due_at, duty=share.duty_path)


@router.get("/directives/{code}/contingencies")
def contingencies(code: str, caller: Reads) -> list[Contingency]:
    """Return the duties armed for an incident, each with the units that it addresses."""
    with caller.reading() as session:
        directive = open_directive(session, caller.principal, code, Right.DECLARE_INCIDENT)
        duties = [duty for duty, _row in armed_contingencies(session, directive)]
        units, coverage = addressed_units(session, directive)
    answer = []
    for duty in duties:
        addressed = set(coverage.audience.get(duty.path, ()))
        codes = [unit.code for unit in units if unit.id in addressed]
        answer.append(Contingency(duty=duty.path, title=duty.title, units=codes))
    return answer


@router.get("/directives/{code}/askable")
def askable(code: str, caller: Reads) -> list[Contingency]:
    """Return the duties on which units may be sent a single request, each with the units that it addresses."""
    with caller.reading() as session:
        directive = open_directive(session, caller.principal, code, Right.LAUNCH)
        choices = askable_duties(session, directive)
    return [
        Contingency(duty=choice.duty.path, title=choice.duty.title, units=[unit.code for unit in choice.units])
        for choice in choices
    ]


@router.post("/incidents/{incident_id}/stand-down")
def stand_down_incident(incident_id: UUID, body: Ending, caller: Coordinates) -> Withdrawn:
    """End an incident, and withdraw its open tasks."""
    with caller.transaction() as session:
        incident = _find_incident(session, caller, incident_id)
        count = stand_down(caller.acting(session), incident, reason=body.reason)
    return Withdrawn(withdrawn=count)


def _find_incident(session: Session, caller: Coordinates, incident_id: UUID) -> Incident:
    """Return an incident that the caller runs. NotFound for those of others too."""
    caller.require(Right.DECLARE_INCIDENT)
    incident = incident_run_by(session, caller.principal, incident_id)
    return need(incident, NotFound("there is no incident {incident}", incident=str(incident_id)))


@router.post("/directives/{code}/duties/{path}/requests", status_code=201)
def ask_units(code: str, path: str, body: Asking, caller: Coordinates) -> Asked:
    """Ask addressed units once for figures, a report or an explanation."""
    with caller.transaction() as session:
        directive = open_directive(session, caller.principal, code, Right.LAUNCH)
        created = ask_addressed_units(
            caller.acting(session),
            directive,
            duties_of(session, directive, [path])[0],
            unit_ids=[resolve_unit(session, unit).id for unit in body.units],
            note=body.note,
            due_on=body.due,
        )
    return Asked(created=created.created)
