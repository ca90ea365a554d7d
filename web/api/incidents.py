"""Incidents and requests: what arms duties wait for."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from models.directive import Directive
from models.errors import NotFound
from models.launch import Incident
from models.register_reads import resolve_unit
from web.api.caller import Coordinates, Reads
from web.api.paging import Cursor, Limit, Page, read_cursor, write_cursor
from web.api.repeats import OnceRoute
from web.api.shapes import Shape
from workflows.incidents import declare, stand_down
from workflows.launch import duties_of
from workflows.request import request
from workflows.rights import open_directive, runs_directive
from workflows.rules.rights import Right

router = APIRouter(tags=["incidents and requests"], route_class=OnceRoute)
Codes = Annotated[list[str], Field(min_length=1, max_length=5000, description="Units: code, name or alias")]


class IncidentShape(Shape):
    """A situation declared, in earnest or as a drill."""

    id: UUID
    title: str = Field(examples=["Sự cố thông tin liên lạc khu vực phía Bắc"])
    is_drill: bool
    declared_at: datetime
    stood_down_at: datetime | None


class Declaration(BaseModel):
    """A situation to be declared: the clock of its tasks counts in hours from now, and letters leave at any hour."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    title: str = Field(min_length=1, max_length=300)
    units: Codes
    is_drill: bool = Field(description="DIỄN TẬP: every letter and page says so, no report counts it")
    duties: list[str] = Field(
        default=[], max_length=100, description="Contingency duties; all armed ones where none is named"
    )


class Declared(IncidentShape):
    """The incident, and how many tasks it made."""

    created: int


class Ending(BaseModel):
    """Why an incident ends."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    reason: str = Field(min_length=1, max_length=4000)


class Withdrawn(Shape):
    """How many open tasks went with the incident."""

    withdrawn: int


class Asking(BaseModel):
    """What units are asked for once."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    units: Codes
    note: str = Field(default="", max_length=4000, description="What is asked for")
    due: date | None = Field(default=None, description="The last permitted local day")


class Asked(Shape):
    """How many tasks were made."""

    created: int


@router.get("/directives/{code}/incidents")
def incidents(code: str, caller: Reads, cursor: Cursor = None, limit: Limit = 50) -> Page[IncidentShape]:
    """The incidents of a directive, in the order of their declaration."""
    after = read_cursor(cursor)
    with caller.reading() as session:
        found = open_directive(session, caller.place, code)
        query = select(Incident).where(Incident.directive_id == found.id).order_by(col(Incident.id)).limit(limit + 1)
        rows = session.exec(query.where(col(Incident.id) > after) if after else query).all()
    items = [IncidentShape.model_validate(one) for one in rows[:limit]]
    return Page[IncidentShape](items=items, next=write_cursor(rows[limit - 1].id) if len(rows) > limit else None)


@router.post("/directives/{code}/incidents", status_code=201)
def declare_incident(code: str, body: Declaration, caller: Coordinates) -> Declared:
    """Declares an incident or a drill: its tasks are made at once."""
    with caller.transaction() as session:
        directive = open_directive(session, caller.place, code, Right.DECLARE_INCIDENT)
        incident, created = declare(
            session,
            directive,
            title=body.title,
            unit_ids=[resolve_unit(session, unit).id for unit in body.units],
            is_drill=body.is_drill,
            actor=caller.person,
            now=caller.now,
            calendar=caller.calendar(session),
            paths=body.duties or None,
        )
    return Declared(**IncidentShape.model_validate(incident).model_dump(), created=created.created)


@router.post("/incidents/{incident_id}/stand-down")
def stand_down_incident(incident_id: UUID, body: Ending, caller: Coordinates) -> Withdrawn:
    """Ends an incident, and withdraws what is open of it."""
    with caller.transaction() as session:
        count = stand_down(
            session,
            _incident(session, caller, incident_id),
            actor=caller.person,
            reason=body.reason,
            now=caller.now,
            calendar=caller.calendar(session),
            settings=caller.settings,
        )
    return Withdrawn(withdrawn=count)


def _incident(session: Session, caller: Coordinates, incident_id: UUID) -> Incident:
    """An incident of a directive that the caller runs; any other is as if it were not there."""
    caller.require(Right.DECLARE_INCIDENT)
    found = session.exec(
        select(Incident)
        .join(Directive, col(Directive.id) == col(Incident.directive_id))
        .where(Incident.id == incident_id, runs_directive(caller.place))
    ).first()
    if found is None:
        raise NotFound("there is no incident {incident}", incident=str(incident_id))
    return found


@router.post("/directives/{code}/duties/{path}/requests", status_code=201)
def ask_units(code: str, path: str, body: Asking, caller: Coordinates) -> Asked:
    """Asks addressed units for something once: figures, a report, an explanation."""
    with caller.transaction() as session:
        directive = open_directive(session, caller.place, code, Right.LAUNCH)
        created = request(
            session,
            directive,
            duties_of(session, directive, [path])[0],
            unit_ids=[resolve_unit(session, unit).id for unit in body.units],
            note=body.note,
            due_on=body.due,
            actor=caller.person,
            now=caller.now,
            calendar=caller.calendar(session),
        )
    return Asked(created=created.created)
