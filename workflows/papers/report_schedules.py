"""Make, change, pause and list the schedules by which reports are compiled.

A coordinator schedules reports that their own unit compiles, of the directives that it follows up. An administrator
schedules any report.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_, true, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.directives.directive import Directive, Duty, find_directive
from models.directives.template import DayOffMove, PeriodRule, TemplateState, TemplateVersion
from models.errors import BadInput, NotFound, Refused, need
from models.i18n import _
from models.organization.register_reads import resolve_unit
from models.organization.unit import Unit, UnitKind
from models.papers.issued_report import ReportKind
from models.papers.report_schedule import ReportSchedule
from models.words import duty_words
from workflows.access.audit_log import AuditActor
from workflows.access.rights import Forbidden, Principal, runs_directive
from workflows.launch.launch_plan import duties_of
from workflows.papers.compile_reports import rule_of
from workflows.rules.calendar.periods import sending_date
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.compiling import ReportPeriod
from workflows.rules.rights_table import Right


@dataclass(frozen=True)
class ScheduleSettings:
    """The settings that may change later. Days are as in a preset; `own_day` None: the template's day counts."""

    to_issuer: bool = False
    language: str = "vi"
    own_day: int | None = None
    own_months_before: int = 0


@dataclass(frozen=True)
class NewSchedule:
    """`office`: a code or name; None for the directive's coordinating unit."""

    kind: ReportKind
    directive: str
    duty: str
    office: str | None = None
    settings: ScheduleSettings = ScheduleSettings()


def make_schedule(
    session: Session, principal: Principal, wanted: NewSchedule, audit_actor: AuditActor
) -> ReportSchedule:
    """Make a schedule for the periods from now on. BadInput, NotFound, Forbidden, Refused."""
    principal.require(Right.SCHEDULE_REPORTS)
    if wanted.kind is ReportKind.UNIT:
        raise BadInput("kind: a unit's report is the unit's own; expected directive or consolidated")
    directive = find_directive(session, wanted.directive)
    [duty] = duties_of(session, directive, [wanted.duty])
    if wanted.office:
        office = resolve_unit(session, wanted.office)
    else:
        office = session.get_one(Unit, directive.coordinating_unit_id)
    row = ReportSchedule(
        kind=wanted.kind,
        duty_id=duty.id,
        office_unit_id=office.id,
        counts_from=audit_actor.now,
        created_at=audit_actor.now,
        created_by=audit_actor.actor_id,
    )
    _check_may_schedule(session, principal, row)
    if office.kind is UnitKind.MINISTRY or office.is_outside:
        raise BadInput("{unit}: choose the unit that compiles; what goes further up, a person sends", unit=office.name)
    _apply(row, wanted.settings, _read_rule(session, duty))
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Refused("this report of {unit} is scheduled already: change that schedule", unit=office.name) from error
    audit_actor.note(session, "report_schedule_made", row.id.hex[-8:], {"kind": row.kind.value, "duty": duty.path})
    return row


def change_schedule(
    session: Session,
    principal: Principal,
    schedule_id: UUID,
    settings: ScheduleSettings,
    audit_actor: AuditActor,
    *,
    revision: int,
) -> None:
    """Change a schedule from its next period on. Refused where somebody has changed it since `revision`."""
    row = open_schedule(session, principal, schedule_id)
    old_values = _values(row)
    _apply(row, settings, _read_rule(session, session.get_one(Duty, row.duty_id)))
    new_values, current_revision = _values(row), row.revision
    session.expire(row)
    if new_values == old_values and revision == current_revision:
        return
    _update(session, schedule_id, revision, **new_values)
    audit_actor.note(session, "report_schedule_changed", schedule_id.hex[-8:], new_values)


def _values(row: ReportSchedule) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("to_issuer", "language", "own_day", "own_months_before")}


def switch_schedule(
    session: Session, principal: Principal, schedule_id: UUID, audit_actor: AuditActor, *, on: bool
) -> None:
    """Pause a schedule or resume it. Periods that fell into the pause are not compiled. Repeating changes nothing."""
    row = open_schedule(session, principal, schedule_id)
    if row.is_paused is not on:
        return
    values = {"is_paused": False, "counts_from": audit_actor.now} if on else {"is_paused": True}
    _update(session, schedule_id, row.revision, **values)
    audit_actor.note(session, "report_schedule_resumed" if on else "report_schedule_paused", schedule_id.hex[-8:])


def open_schedule(session: Session, principal: Principal, schedule_id: UUID) -> ReportSchedule:
    """Find a schedule. NotFound also for one that the person may not see."""
    principal.require(Right.SCHEDULE_REPORTS)
    query = select(ReportSchedule).where(ReportSchedule.id == schedule_id, visible_schedules(principal))
    return need(session.exec(query).first(), NotFound("there is no such report schedule"))


def visible_schedules(principal: Principal) -> ColumnElement[bool]:
    """Return the condition on the schedules that a person sees and changes."""
    if principal.may(Right.EDIT_TEMPLATES):
        return true()
    return or_(
        col(ReportSchedule.office_unit_id).in_(principal.speaks_for),
        col(ReportSchedule.duty_id).in_(_duties_run_by(principal)) & (col(ReportSchedule.kind) == ReportKind.DIRECTIVE),
    )


def _duties_run_by(principal: Principal) -> SelectOfScalar[UUID]:
    directives = select(Duty.id).join(Directive, col(Directive.id) == col(Duty.directive_id))
    return directives.where(runs_directive(principal))


def collecting_duties(session: Session, principal: Principal) -> list[tuple[Directive, Duty, PeriodRule]]:
    """Return the duties by which units send reports: those whose published template has a period."""
    query = (
        select(Directive, Duty, TemplateVersion)
        .join(Duty, col(Duty.directive_id) == col(Directive.id))
        .join(TemplateVersion, col(TemplateVersion.duty_id) == col(Duty.id))
        .where(TemplateVersion.state == TemplateState.PUBLISHED)
        .order_by(col(Directive.code), col(Duty.position))
    )
    if not principal.may(Right.EDIT_TEMPLATES):
        query = query.where(runs_directive(principal))
    rows = [(directive, duty, rule_of(version)) for directive, duty, version in session.exec(query)]
    return [(directive, duty, rule) for directive, duty, rule in rows if rule is not None]


def sending_days(rule: PeriodRule, period: ReportPeriod, calendar: WorkCalendar) -> dict[UnitKind, date]:
    """Return the day by which each kind of unit sends its report of a period."""
    days = {kind: sending_date(rule, period.period, kind) for kind in rule.sends}
    if rule.move is DayOffMove.STAYS:
        return days
    move = calendar.on_or_before if rule.move is DayOffMove.BACK else calendar.on_or_after
    return {kind: move(day) for kind, day in days.items()}


def _check_may_schedule(session: Session, principal: Principal, row: ReportSchedule) -> None:
    if principal.may(Right.EDIT_TEMPLATES):
        return
    if session.exec(_duties_run_by(principal).where(col(Duty.id) == row.duty_id)).first() is None:
        raise NotFound("there is no such report schedule")
    if row.office_unit_id not in principal.speaks_for:
        raise Forbidden(_("a person schedules reports only for a unit that they speak for"))


def _read_rule(session: Session, duty: Duty) -> PeriodRule:
    query = select(TemplateVersion).where(
        TemplateVersion.duty_id == duty.id, TemplateVersion.state == TemplateState.PUBLISHED
    )
    version = session.exec(query).first()
    rule = rule_of(version) if version else None
    if rule is None:
        raise BadInput(
            "{duty}: it collects no reports; choose one whose template has a period", duty=duty_words(duty.path)
        )
    return rule


def _apply(row: ReportSchedule, settings: ScheduleSettings, rule: PeriodRule) -> None:
    if settings.language not in ("vi", "en"):
        raise BadInput(
            "{field} {value}: expected one of {allowed}",
            field="language",
            value=settings.language,
            allowed=["vi", "en"],
        )
    _check_own_day(settings, rule)
    row.to_issuer, row.language = settings.to_issuer, settings.language
    row.own_day, row.own_months_before = settings.own_day, settings.own_months_before


def _check_own_day(settings: ScheduleSettings, rule: PeriodRule) -> None:
    if settings.own_day is None:
        if settings.own_months_before:
            raise BadInput("months before: they have no effect without a report date of our own; give it too")
        if rule.compiled is None:
            raise BadInput("own day: the template gives none; give a day of the month")
        return
    if not 1 <= settings.own_day <= 31 or not -3 <= settings.own_months_before <= 13:
        raise BadInput("own day: expected a day from 1 to 31, and −3 to 13 months before")
    # our report cannot rest on reports that units need not send yet
    last_sending = max((-day.months_before, day.day - day.before) for day in rule.sends.values())
    if (-settings.own_months_before, settings.own_day) < last_sending:
        raise BadInput("own day: it lies before the last day on which units send their reports; choose a later one")


def _update(session: Session, schedule_id: UUID, revision: int, **values: object) -> None:
    changed = session.connection().execute(
        update(ReportSchedule)
        .where(col(ReportSchedule.id) == schedule_id, col(ReportSchedule.revision) == revision)
        .values(revision=revision + 1, **values)
    )
    if changed.rowcount != 1:
        raise Refused("somebody has changed this schedule meanwhile: open it again, and look at it once more")
    session.expire_all()
