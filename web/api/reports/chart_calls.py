"""The figures behind the pictures: completion by week, units, load by week; and a duty's ladder in time."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from models.errors import BadInput
from models.text.localtime import due_date
from web.api.caller import Reads
from web.api.shapes import Shape
from web.api.tasks.board_calls import FiguresShape
from web.request.cursor_paging import LocalDay
from workflows.access.rights import open_directive, visible_tasks
from workflows.reports.charts.chart_choices import units_to_draw
from workflows.reports.charts.chart_figures import read_pictures
from workflows.reports.charts.ladder_chart import read_ladder
from workflows.reports.report_scope import check_cutoff, check_drawable
from workflows.rules.rights_table import Right

router = APIRouter(tags=["reports"])


class WeekShape(Shape):
    """Where things stood at the end of a week, or of the cut-off day."""

    ends_on: date
    figures: FiguresShape


class UnitStandShape(Shape):
    """Where the tasks of one unit stood at the cut-off."""

    code: str = Field(examples=["TCT-T"])
    name: str
    figures: FiguresShape


class WeekLoadShape(Shape):
    """The tasks whose date falls into the week from `monday`, as they stood at the cut-off."""

    monday: date
    figures: FiguresShape


class LoadShape(Shape):
    """What falls due week by week; with what lies outside the weeks and what has no date it is every task."""

    weeks: list[WeekLoadShape]
    earlier: FiguresShape
    later: FiguresShape
    undated: FiguresShape


class PicturesShape(Shape):
    """The figures of the charts."""

    cutoff: date
    provisional: bool
    figures: FiguresShape
    completion: list[WeekShape]
    by_unit: list[UnitStandShape] = Field(description="By the Vietnamese alphabet")
    load: LoadShape
    ages: list[int] = Field(description="Not done and overdue by 1–7, 8–30, 31–90 and more than 90 days")


class RungShape(Shape):
    """One rung of a ladder with its moment."""

    rung: str = Field(examples=["overdue"])
    offset: int = Field(description="Working days or hours, as the clock says")
    roles: list[str]
    fires_at: datetime | None
    leaves_at: datetime | None = Field(description="When its letter leaves")
    is_applicable: bool


class LadderShape(Shape):
    """What a published template would do to a task given on a day and due on one, if nobody acted."""

    duty: str = Field(examples=["2.a"])
    clock: str = Field(examples=["working_days"])
    assigned_at: datetime
    due_on: date | None
    rungs: list[RungShape]


@router.get("/pictures")
def pictures(
    caller: Reads,
    directive: Annotated[str | None, Query(max_length=64, description="A directive's code")] = None,
    unit: Annotated[str, Query(max_length=32, description="A unit's code")] = "",
    cutoff: Annotated[LocalDay | None, Query(description="To the end of this local day")] = None,
    on_original: Annotated[bool, Query(description="By the original deadlines")] = False,
) -> PicturesShape:
    """Week by week, unit by unit, of the tasks that the caller sees."""
    caller.require(Right.SEE_PICTURES)
    today = caller.today
    check_cutoff(cutoff, today)
    with caller.reading() as session:
        found = open_directive(session, caller.principal, directive, Right.SEE_PICTURES) if directive else None
        if found is None:
            check_drawable(session, caller.principal)
        units = units_to_draw(session, caller.principal, found.id if found else None) if unit else []
        chosen = [one.id for one in units if one.code == unit]
        if unit and not chosen:
            raise BadInput("unit {unit}: it leads no task here that you may see; choose another", unit=unit)
        told = read_pictures(
            session,
            cutoff=cutoff or today,
            directive=directive,
            among=visible_tasks(caller.principal),
            units=chosen or None,
            on_original=on_original,
            now=caller.now,
        )
    return PicturesShape.model_validate(told)


@router.get("/directives/{code}/ladder")
def ladder(
    code: str,
    caller: Reads,
    duty: Annotated[
        str, Query(max_length=32, description="A duty's number; the first with a template where none")
    ] = "",
    assigned: Annotated[LocalDay | None, Query(description="None: the last launch, or today")] = None,
    due: Annotated[LocalDay | None, Query(description="None: as the template says")] = None,
) -> LadderShape:
    """Return a duty's ladder with real dates by the working calendar."""
    caller.require(Right.SEE_PICTURES)
    with caller.reading() as session:
        directive = open_directive(session, caller.principal, code, Right.SEE_PICTURES)
        path, found = read_ladder(session, directive, duty, assigned=assigned, due=due, **caller.moment(session))
    return LadderShape.of(found, duty=path, due_on=due_date(found.due_at) if found.due_at else None)
