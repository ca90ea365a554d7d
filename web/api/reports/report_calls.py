"""The official report at a cut-off, the tasks behind each number, and the giao ban list with the same numbers."""

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
from workflows.reports.report_tasks import Behind, Figure, ReportPart, page_behind
from workflows.rules.rights_table import Right
from workflows.rules.tasks.classification import Bucket

router = APIRouter(tags=["reports"])
ON_A_PAGE = 100
Cutoff = Annotated[LocalDay | None, Query(description="To the end of this local day; today where none is given")]


class Numbers(Shape):
    """The official figures. `rate` = done / (done + not done and overdue), None where nothing counts."""

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
    """The figures of one line of a breakdown; `directive` is empty but for a directive and a duty."""

    directive: str
    code: str = Field(
        examples=["TCT-T"], description="Of the directive or unit, the duty's number, the kind, the period"
    )
    name: str
    on_original: Numbers = Field(description="By the original deadlines")


class SharesOf(NumbersOf):
    """The figures of the tasks to which a unit contributes."""

    contributed: int = Field(description="For how many of them its share was recorded by the cut-off")


class ReportShape(Numbers):
    """The two by two as recorded by the end of the cut-off day, whole and by its parts."""

    cutoff: date
    provisional: bool = Field(description="More may still be recorded before the cut-off")
    directive: str | None
    only: list[str] = Field(
        description="The units through whose part the caller sees only that, and it alone is counted; empty: all",
        examples=[["Vụ Viễn thông"]],
    )
    formula: str
    on_original: Numbers
    by_directive: list[NumbersOf]
    by_duty: list[NumbersOf]
    by_kind: list[NumbersOf] = Field(description="By kind of the lead unit")
    by_unit: list[NumbersOf] = Field(description="By lead unit")
    by_partner: list[SharesOf] = Field(
        description="By coordinating unit: a task of several stands with each, so these do not add up to the whole"
    )
    by_period: list[NumbersOf] = Field(description="once, request, incident, or a period such as 2026-Q4")


class BehindShape(Shape):
    """A task that a number counts, as its history knew it at the cut-off."""

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
    stage: RungName | None = Field(description="How far it was pressed")
    signed: int = Field(description="Công văn đôn đốc signed by then")
    waits_for: WaitKind | None
    waits_since: date | None
    next_step: str = Field(description="In the language of the caller's person")


class BriefingShape(Shape):
    """The giao ban list of a directive: the report's numbers, and what needs a word."""

    report: ReportShape
    overdue: list[BriefingLine] = Field(description="First what was pressed most, then the oldest")
    waiting: list[BriefingLine]
    undated: list[BriefingLine]
    soon: list[BriefingLine]


@router.get("/report")
def figures(
    caller: Reads,
    cutoff: Cutoff = None,
    directive: Annotated[str | None, Query(max_length=64, description="A directive's code")] = None,
) -> ReportShape:
    """The official figures, of all tasks or of the part that the caller sees: `only` names its units."""
    caller.require(Right.SEE_REPORT)
    with caller.reading() as session:
        scope = read_scope(session, caller.principal, directive=directive, cutoff=cutoff, today=caller.today)
        among = overseen_tasks(caller.principal)
        found = report(session, cutoff=scope.cutoff, directive=directive, among=among, now=caller.now)
    return _report(found, scope.only)


class BehindAsked(BaseModel):
    """Which number of the report, of which line of a breakdown."""

    figure: Figure = Field(description="The number whose tasks are asked for")
    cutoff: LocalDay | None = Field(None, description="To the end of this local day; today where none is given")
    directive: str | None = Field(None, max_length=64)
    duty: str | None = Field(None, max_length=32, description="A duty's number")
    unit: str | None = Field(None, max_length=64, description="A lead unit's code")
    kind: UnitKind | None = Field(None, description="Of the lead unit")
    partner: str | None = Field(None, max_length=64, description="A coordinating unit's code")
    contributed: bool | None = Field(None, description="Whether the partner's share is recorded")
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
        found, in_all = page_behind(
            session,
            CountQuery(scope.cutoff, directive_id, overseen_tasks(caller.principal), caller.now),
            asked.figure,
            asked.part,
            on_original=asked.on_original,
            skip=(asked.page - 1) * ON_A_PAGE,
            at_most=ON_A_PAGE,
        )
    return BehindPage(
        total=in_all,
        only=scope.only,
        items=[BehindShape.of(one, **_then(one)) for one in found],
        page=asked.page,
        pages=Paging(asked.page, in_all, ON_A_PAGE).pages,
    )


@router.get("/directives/{code}/briefing")
def briefing(code: str, caller: Reads, cutoff: Cutoff = None) -> BriefingShape:
    """Return the giao ban list of a directive at a cut-off, of what the caller oversees."""
    caller.require(Right.SEE_REPORT)
    today = caller.today
    check_cutoff(cutoff, today)
    with caller.reading() as session:
        directive = open_directive(session, caller.principal, code, Right.SEE_REPORT)
        found = read_briefing(
            session,
            directive,
            cutoff=cutoff or today,
            calendar=caller.calendar(session),
            among=overseen_tasks(caller.principal),
            now=caller.now,
        )
        only = whose_part(session, caller.principal, code)
    parts = {name: getattr(found, name) for name in ("overdue", "waiting", "undated", "soon")}
    lines = {name: [_line(one, caller) for one in items] for name, items in parts.items()}
    return BriefingShape(report=_report(found.report, only), **lines)


def _report(found: Report, only: list[str]) -> ReportShape:
    return ReportShape(**report_json(found, "en"), only=only)


def _then(one: Behind) -> dict[str, Any]:
    return {"place": one.bucket, "due_on": one.at.due_on, "original_due_on": one.at.original_due_on}


def _line(item: BriefingItem, caller: Caller) -> BriefingLine:
    return BriefingLine.of(
        item.task,
        **_then(item.task),
        days_late=item.days_late,
        stage=item.stage,
        signed=item.signed,
        waits_for=item.wait.kind if item.wait else None,
        waits_since=item.wait.since if item.wait else None,
        next_step=translate(item.step, caller.person.language),
    )
