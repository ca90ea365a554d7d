"""Read report schedules for lists and pages, with names, coming days of units and office, and compiled reports."""

from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.database.rows import table_of
from models.directives.directive import Directive, Duty, directive_name
from models.directives.template import PeriodRule, TemplateState, TemplateVersion
from models.operations.alert import AlertKind, open_reason
from models.organization.unit import Unit, UnitKind
from models.papers.report_schedule import Came, CompiledReport, ReportSchedule
from workflows.access.rights import Principal
from workflows.papers.compile_reports import cycle_of, rule_of
from workflows.papers.contents.collected import count_by_state
from workflows.papers.report_schedules import sending_days, visible_schedules
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.compiling import ReportPeriod, coming_periods

TURNS_SHOWN, COMPILED_SHOWN = 6, 24


@dataclass(frozen=True)
class ShownTurn:
    turn: ReportPeriod
    sends: dict[UnitKind, date]


@dataclass(frozen=True)
class ShownSchedule:
    """A schedule with its coming turns. `rule` None: the duty's template has no period any more."""

    row: ReportSchedule
    directive_code: str
    directive: str
    duty: Duty
    office: str
    issuer_office: str
    rule: PeriodRule | None
    turns: tuple[ShownTurn, ...]

    @property
    def next(self) -> ShownTurn | None:
        """Return the next turn, None where the schedule is paused or has no day."""
        return self.turns[0] if self.turns and not self.row.is_paused else None


@dataclass(frozen=True)
class ShownCompiled:
    row: CompiledReport
    counts: dict[Came, int]


def list_schedules(session: Session, principal: Principal, calendar: WorkCalendar) -> list[ShownSchedule]:
    """Read the schedules that a person sees, by directive and duty. One query."""
    return _read(session, visible_schedules(principal), calendar, 1)


def read_schedule(session: Session, row: ReportSchedule, calendar: WorkCalendar) -> ShownSchedule:
    return _read(session, col(ReportSchedule.id) == row.id, calendar, TURNS_SHOWN)[0]


def read_compiled_of(session: Session, schedule_id: UUID) -> list[ShownCompiled]:
    """Read the compiled reports of a schedule, the newest first."""
    query = select(CompiledReport).where(CompiledReport.schedule_id == schedule_id)
    rows = session.exec(query.order_by(col(CompiledReport.id).desc()).limit(COMPILED_SHOWN))
    return [ShownCompiled(row, count_by_state(row.units)) for row in rows]


def read_stuck_reason(session: Session, schedule_id: UUID) -> str | None:
    """Return why the schedule's report could not be compiled, None where it is not stuck."""
    return open_reason(session, AlertKind.REPORT_STUCK, str(schedule_id))


def _read(session: Session, condition: ColumnElement[bool], calendar: WorkCalendar, turns: int) -> list[ShownSchedule]:
    issuer: Any = table_of(Unit).alias("issuer")
    query: Any = (
        columns(ReportSchedule, Duty, Directive, Unit, issuer.c.name, TemplateVersion)
        .join(Duty, col(Duty.id) == col(ReportSchedule.duty_id))
        .join(Directive, col(Directive.id) == col(Duty.directive_id))
        .join(Unit, col(Unit.id) == col(ReportSchedule.office_unit_id))
        .join(issuer, issuer.c.id == col(Directive.issuer_office_id))
        .outerjoin(
            TemplateVersion,
            (col(TemplateVersion.duty_id) == col(Duty.id)) & (col(TemplateVersion.state) == TemplateState.PUBLISHED),
        )
        .where(condition)
        .order_by(col(Directive.code), col(Duty.position), col(ReportSchedule.id))
    )
    shown = []
    for row, duty, directive, office, above, version in session.execute(query):
        rule = rule_of(version) if version is not None else None
        name = directive_name(directive.kind, directive.number, directive.subject)
        shown.append(
            ShownSchedule(row, directive.code, name, duty, office.name, above, rule, _turns(row, rule, calendar, turns))
        )
    return shown


def _turns(row: ReportSchedule, rule: PeriodRule | None, calendar: WorkCalendar, count: int) -> tuple[ShownTurn, ...]:
    if rule is None:
        return ()
    return tuple(
        ShownTurn(turn, sending_days(rule, turn, calendar))
        for turn in islice(coming_periods(cycle_of(row, rule), calendar), count)
    )
