"""Compile the scheduled reports whose day has come: a draft for people to edit and issue, and a letter to each head.

Each period is compiled once and in order, after downtime too, and never on a day off. Only people issue a report.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select, update
from sqlmodel import Session, col

from models.database.session import reading, transaction
from models.directives.directive import Directive, Duty
from models.directives.template import PeriodRule, TemplateState, TemplateVersion
from models.errors import Refused
from models.letters.letter import LetterKind
from models.operations.alert import AlertKind
from models.operations.logs import get_log
from models.organization.unit import Unit
from models.papers.issued_report import IssuedReport, ReportKind
from models.papers.report_schedule import CompiledReport, ReportSchedule
from models.tasks.task import Task, TaskStatus
from models.text.localtime import due_date, local_date
from notifications.outbox.grouping import queue_letters
from workflows.access.rights import read_principal
from workflows.delivery.compiled_letters import head_of, readers, topic_of
from workflows.jobs.tick import Counts, TickWork
from workflows.queue.alerts import end_alert, is_poison, open_subjects, tell_stuck
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.compiling import (
    Cycle,
    ReportPeriod,
    coming_periods,
    is_compiling_time,
    judge_unit_report,
    periods_to_compile,
)

_ACTIVE: Any = (
    select(ReportSchedule, TemplateVersion)
    .outerjoin(
        TemplateVersion,
        (col(TemplateVersion.duty_id) == col(ReportSchedule.duty_id))
        & (col(TemplateVersion.state) == TemplateState.PUBLISHED),
    )
    .where(col(ReportSchedule.is_paused).is_(False))
    .order_by(col(ReportSchedule.id))
)
_log = get_log(__name__)


@dataclass(frozen=True)
class ReportDraft:
    """A report that is about to be stored. It is read before the transaction that stores it begins."""

    schedule: ReportSchedule
    report: IssuedReport
    compiled: CompiledReport
    readers: list[UUID]


def compile_reports(engine: Engine, *, now: datetime, calendar: WorkCalendar) -> int:
    """Draft every report whose day has come, and return their number.

    A schedule that cannot be compiled raises an alert and holds up no other. Every tick tries it again.
    """
    if not is_compiling_time(now, calendar):
        return 0
    with reading(engine) as session:
        active = list(_read_active(session))
        alerted = open_subjects(session, AlertKind.REPORT_STUCK)
    count, failed = 0, set[str]()
    for schedule, version in active:
        try:
            count += _compile(engine, schedule, version, now, calendar)
        except Exception as error:
            if not is_poison(error):
                raise
            failed.add(str(schedule.id))
            with transaction(engine) as session:
                if tell_stuck(session, AlertKind.REPORT_STUCK, schedule.id, error, now=now, calendar=calendar):
                    _log.error(
                        "report_stuck", schedule=str(schedule.id), exc_info=error
                    )  # logged once, though every tick tries again
    if recovered := alerted - failed:
        with transaction(engine) as session:
            for subject in recovered:
                end_alert(session, AlertKind.REPORT_STUCK, subject, now=now)
    return count


def next_compiling(session: Session, after: datetime, calendar: WorkCalendar) -> datetime | None:
    """Return when the next report is compiled, for a clock that runs ahead of time."""
    moments = []
    for schedule, version in _read_active(session):
        rule = rule_of(version) if version is not None else None
        if rule is not None:
            periods = coming_periods(cycle_of(schedule, rule), calendar)
            moments.append(next((period.at for period in periods if period.at > after), None))
    return min((moment for moment in moments if moment is not None), default=None)


def _read_active(session: Session) -> Iterator[tuple[ReportSchedule, TemplateVersion | None]]:
    yield from session.execute(_ACTIVE)


def rule_of(version: TemplateVersion) -> PeriodRule | None:
    """Return the reporting preset of a template, None where it has none. The rest of the template is not read."""
    period = version.spec.get("period")
    return PeriodRule.model_validate(period) if period else None


def cycle_of(schedule: ReportSchedule, rule: PeriodRule) -> Cycle:
    return Cycle(rule, schedule.own, schedule.last_period, schedule.counts_from)


def _compile(
    engine: Engine, schedule: ReportSchedule, version: TemplateVersion | None, now: datetime, calendar: WorkCalendar
) -> int:
    """Return the number of periods that were compiled."""
    count = 0
    for period in _due_periods(schedule, version, now=now, calendar=calendar):
        with reading(engine) as session:
            draft = _draft(session, session.get_one(ReportSchedule, schedule.id), period, now)
        with transaction(engine) as session:
            if not _store(session, draft, period, now, calendar):
                break  # another process is compiling it, or somebody has changed it: the next tick looks again
        count += 1
    return count


def _due_periods(
    schedule: ReportSchedule, version: TemplateVersion | None, *, now: datetime, calendar: WorkCalendar
) -> list[ReportPeriod]:
    rule = rule_of(version) if version is not None else None
    if rule is None:
        raise Refused("the duty's template has no reporting period any more: publish one, or pause this schedule")
    if rule.compiled is None and schedule.own is None:
        raise Refused("neither the template nor the schedule has a day of its own: give one")
    return periods_to_compile(cycle_of(schedule, rule), now, calendar)


def _draft(session: Session, schedule: ReportSchedule, period: ReportPeriod, now: datetime) -> ReportDraft:
    # imported here: these modules write papers and draw charts, which no other tick needs
    from workflows.papers.contents.collected import collection_lines
    from workflows.papers.contents.subject import NewPaper, PaperParties
    from workflows.papers.issue import compose_draft
    from workflows.papers.paper import join
    from workflows.papers.paper_wording import Writer

    today = local_date(now)
    office, duty = session.get_one(Unit, schedule.office_unit_id), session.get_one(Duty, schedule.duty_id)
    directive = session.get_one(Directive, duty.directive_id) if schedule.kind is ReportKind.DIRECTIVE else None
    wanted = NewPaper(
        kind=schedule.kind,
        cutoff=period.cutoff(today),
        directive=directive.code if directive else None,
        language=schedule.language,
    )
    principal = read_principal(session, head_of(session, office), today)
    report = compose_draft(session, principal, wanted, PaperParties(directive, None, office), now=now)
    compiled = CompiledReport(
        schedule_id=schedule.id,
        period=period.period.key,
        due_on=period.due_on,
        data_from=period.data[0],
        data_to=period.data[1],
        cutoff=report.cutoff,
        is_estimate=period.is_estimate,
        units=collect_unit_reports(session, duty.id, period.period.key, now),
        report_id=report.id,
        compiled_at=now,
    )
    report.parts = report.parts | {"general": join(collection_lines(compiled, Writer(schedule.language)))}
    return ReportDraft(schedule, report, compiled, readers(session, schedule, today))


def _store(session: Session, draft: ReportDraft, period: ReportPeriod, now: datetime, calendar: WorkCalendar) -> bool:
    """Store the draft and queue its letters. Return False where another process was first."""
    schedule = draft.schedule
    claimed = session.connection().execute(
        update(ReportSchedule)
        .where(
            col(ReportSchedule.id) == schedule.id,
            col(ReportSchedule.revision) == schedule.revision,
            col(ReportSchedule.last_period).is_not_distinct_from(schedule.last_period),
        )
        .values(last_period=period.period.key)
    )
    if claimed.rowcount != 1:
        return False
    session.add(draft.report)
    session.flush()
    session.add(draft.compiled)
    session.flush()
    is_punctual = local_date(now) == period.due_on and calendar.in_sending_hours(now)
    slot = period.at if is_punctual else calendar.event_slot(now)
    topic = topic_of(draft.compiled.id)
    queue_letters(session, [(person, slot, LetterKind.COMPILED, topic) for person in draft.readers])
    _log.info("report_compiled", schedule=str(schedule.id), period=period.period.key, report=str(draft.report.id))
    return True


def collect_unit_reports(session: Session, duty_id: UUID, period: str, now: datetime) -> list[dict[str, Any]]:
    """Return the state of each unit's report of a period at `now`, in the register's order."""
    columns: Any = select(
        col(Unit.code), col(Unit.name), col(Task.id), col(Task.status), col(Task.submitted_on), col(Task.due_at)
    )
    query = (
        columns.join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        .where(
            col(Task.duty_id) == duty_id,
            col(Task.occurrence) == period,
            col(Task.parent_id).is_(None),
            col(Task.is_drill).is_(False),
            col(Task.status) != TaskStatus.WITHDRAWN,
        )
        .order_by(col(Unit.sort_key), col(Unit.code))
    )
    today = local_date(now)
    return [
        {
            "unit": code,
            "name": name,
            "task": task_id.hex,
            "came": judge_unit_report(status, came_on, due_at, today).value,
            "due_on": due_date(due_at).isoformat() if due_at else None,
            "came_on": came_on.isoformat() if came_on else None,
        }
        for code, name, task_id, status, came_on, due_at in session.execute(query)
    ]


def compile_due(work: TickWork, now: datetime) -> Counts:
    return {"compiled": compile_reports(work.engine, now=now, calendar=work.calendar(now))}
