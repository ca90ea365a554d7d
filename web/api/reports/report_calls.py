"""Calls about the official report at a cut-off, the tasks that a number counts, and the giao ban list."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from models.database.paging import Paging
from models.directives.ladders import RungName
from models.i18n import translate
from models.organization.unit import UnitKind
from models.tasks.task import WaitKind
from web.api.caller import Caller, Reads
from web.api.shapes import Shape
from web.request.cursor_paging import LocalDay, PageNumber
from workflows.access.rights import open_directive, overseen_tasks
from workflows.reports.briefing import BriefingItem, read_briefing
from workflows.reports.counted_history import directive_of_code
from workflows.reports.counted_places import CountQuery
from workflows.reports.report_figures import Report, report, report_json
from workflows.reports.report_scope import check_cutoff, read_scope, whose_part
from workflows.reports.report_tasks import CountedTask, Figure, ReportPart, page_behind
from workflows.rules.rights_table import Right
from workflows.rules.tasks.classification import Bucket

router = APIRouter(tags=["reports"])
ON_A_PAGE = 100
Cutoff = Annotated[LocalDay | None, Query(description="To the end of this local day; without it, today")]


class Numbers(Shape):
    """The official figures. `rate` = done / (done + open and overdue); null if there is no such task."""

    total: int
    done: int
    done_on_time: int
    done_late: int
    open: int
    open_in_time: int
    open_overdue: int
    no_deadline: int
    rate: float | None = Field(examples=[0.875])
    rate_exact: str | None = Field(examples=["7/8"])
    rate_text: str = Field(examples=["87.5%"])
    of_all: float | None = Field(examples=[0.1707], description="done / total")
    of_all_exact: str | None = Field(examples=["7/41"])
    of_all_text: str = Field(examples=["17.07%"])


class NumbersOf(Numbers):
    """The figures of one line of a breakdown. `directive` is set only for a directive or a duty."""

    directive: str
    code: str = Field(
        examples=["TCT-T"], description="The code of the directive or unit, the duty's number, the kind, or the period"
    )
    name: str
    on_original: Numbers = Field(description="By the original deadlines")


class SharesOf(NumbersOf):
    """The figures of the tasks to which a unit contributes."""

    contributed: int = Field(description="For how many of them its contribution was recorded by the cut-off")


class ReportShape(Numbers):
    """The official figures as recorded by the end of the cut-off day, in total and by several breakdowns."""

    cutoff: date
    provisional: bool = Field(description="More may still be recorded before the cut-off")
    directive: str | None
    only: list[str] = Field(
        description="The units to whose tasks the figures are limited, as the caller sees no others; empty: all",
        examples=[["Vụ Viễn thông"]],
    )
    formula: str
    on_original: Numbers
    by_directive: list[NumbersOf]
    by_duty: list[NumbersOf]
    by_kind: list[NumbersOf] = Field(description="By kind of the lead unit")
    by_unit: list[NumbersOf] = Field(description="By lead unit")
    by_partner: list[SharesOf] = Field(
        description="By coordinating unit. A task of several counts with each, so the lines do not add up to the total"
    )
    by_period: list[NumbersOf] = Field(description="once, request, incident, or a period such as 2026-Q4")


class BehindShape(Shape):
    """A task that a number counts, as its history stood at the cut-off."""

    task_id: UUID
    directive: str
    duty_path: str = Field(examples=["2.a"])
    duty_title: str
    occurrence: str
    unit_code: str
    unit: str
    place: Bucket
    due_on: date | None
    original_due_on: date | None


class BehindPage(Shape):
    """The tasks behind a number, by date, duty and unit."""

    total: int
    only: list[str]
    items: list[BehindShape]
    page: int
    pages: int


class BriefingLine(BehindShape):
    """A line of the giao ban list; days are working days."""

    days_late: int
    stage: RungName | None = Field(description="The last rung that was sent")
    signed: int = Field(description="How many công văn đôn đốc were signed by the cut-off")
    waits_for: WaitKind | None
    waits_since: date | None
    next_step: str = Field(description="In the caller's language")


class BriefingShape(Shape):
    """The giao ban list of a directive: the report's figures, and the tasks to discuss."""

    report: ReportShape
    overdue: list[BriefingLine] = Field(description="The most severe rung first, then the oldest deadline")
    waiting: list[BriefingLine]
    undated: list[BriefingLine]
    soon: list[BriefingLine]


@router.get("/report")
def figures(
    caller: Reads,
    cutoff: Cutoff = None,
    directive: Annotated[str | None, Query(max_length=64, description="A directive's code")] = None,
) -> ReportShape:
    """Return the official figures of the tasks that the caller sees. `only` names their units if it is a part."""
    caller.require(Right.SEE_REPORT)
    with caller.reading() as session:
        scope = read_scope(session, caller.principal, directive=directive, cutoff=cutoff, today=caller.today)
        among = overseen_tasks(caller.principal)
        figures = report(session, cutoff=scope.cutoff, directive=directive, among=among, now=caller.now)
    return _report(figures, scope.only)


class BehindAsked(BaseModel):
    """A number of the report, and the line of a breakdown that holds it."""

    figure: Figure = Field(description="The number whose tasks are asked for")
    cutoff: LocalDay | None = Field(None, description="To the end of this local day; without it, today")
    directive: str | None = Field(None, max_length=64)
    duty: str | None = Field(None, max_length=32, description="A duty's number")
    unit: str | None = Field(None, max_length=64, description="A lead unit's code")
    kind: UnitKind | None = Field(None, description="The kind of the lead unit")
    partner: str | None = Field(None, max_length=64, description="A coordinating unit's code")
    contributed: bool | None = Field(None, description="Whether the partner's contribution is recorded")
    period: str | None = Field(None, max_length=64, description="As in `by_period`")
    on_original: bool = Field(False, description="By the original deadlines")
    page: PageNumber = 1

    @property
    def part(self) -> ReportPart:
        return ReportPart(self.duty, self.unit, self.kind, self.partner, self.contributed, self.period)


@router.get("/report/tasks")
def behind(caller: Reads, asked: Annotated[BehindAsked, Query()]) -> BehindPage:
    """Return the tasks that one number of the report counts."""
    caller.require(Right.SEE_REPORT)
    with caller.reading() as session:
        scope = read_scope(
            session, caller.principal, directive=asked.directive, cutoff=asked.cutoff, today=caller.today
        )
        directive_id = directive_of_code(session, asked.directive) if asked.directive is not None else None
        counted, total = page_behind(
            session,
            CountQuery(scope.cutoff, directive_id, overseen_tasks(caller.principal), caller.now),
            asked.figure,
            asked.part,
            on_original=asked.on_original,
            skip=(asked.page - 1) * ON_A_PAGE,
            at_most=ON_A_PAGE,
        )
    return BehindPage(
        total=total,
        only=scope.only,
        items=[BehindShape.of(task, **_state_at_cutoff(task)) for task in counted],
        page=asked.page,
        pages=Paging(asked.page, total, ON_A_PAGE).pages,
    )


@router.get("/directives/{code}/briefing")
def briefing(code: str, caller: Reads, cutoff: Cutoff = None) -> BriefingShape:
    """Return the giao ban list of a directive at a cut-off, with the tasks that the caller oversees."""
    caller.require(Right.SEE_REPORT)
    today = caller.today
    check_cutoff(cutoff, today)
    with caller.reading() as session:
        directive = open_directive(session, caller.principal, code, Right.SEE_REPORT)
        listed = read_briefing(
            session,
            directive,
            cutoff=cutoff or today,
            calendar=caller.calendar(session),
            among=overseen_tasks(caller.principal),
            now=caller.now,
        )
        only = whose_part(session, caller.principal, code)
    return BriefingShape(
        report=_report(listed.report, only),
        overdue=[_line(item, caller) for item in listed.overdue],
        waiting=[_line(item, caller) for item in listed.waiting],
        undated=[_line(item, caller) for item in listed.undated],
        soon=[_line(item, caller) for item in listed.soon],
    )


def _report(figures: Report, only: list[str]) -> ReportShape:
    return ReportShape(**report_json(figures, "en"), only=only)


def _state_at_cutoff(task: CountedTask) -> dict[str, Any]:
    return {"place": task.bucket, "due_on": task.at.due_on, "original_due_on": task.at.original_due_on}


def _line(item: BriefingItem, caller: Caller) -> BriefingLine:
    return BriefingLine.of(
        item.task,
        **_state_at_cutoff(item.task),
        days_late=item.days_late,
        stage=item.stage,
        signed=item.signed,
        waits_for=item.wait.kind if item.wait else None,
        waits_since=item.wait.since if item.wait else None,
        next_step=translate(item.step, caller.person.language),
    )
