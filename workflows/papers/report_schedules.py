"""Which reports are compiled by the calendar, as coordinators and administrators set it: make, change, pause, list.

A coordinator schedules what their own unit compiles of the directives it follows; an administrator any.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_, true, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty, find_directive
from models.directives.template import DayOffMove, DayOfPeriod, PeriodRule, TemplateState, TemplateVersion
from models.errors import BadInput, NotFound, Refused
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
    """What of a schedule may be changed later. Days as in a preset; `own_day` None: the template's."""

    to_issuer: bool = False
    language: str = "vi"
    own_day: int | None = None
    own_months_before: int = 0


@dataclass(frozen=True)
class NewSchedule:
    """`office`: a code or name; without one, the directive's coordinating unit."""

    kind: ReportKind
    directive: str
    duty: str
    office: str | None = None
    settings: ScheduleSettings = ScheduleSettings()


def make_schedule(session: Session, principal: Principal, wanted: NewSchedule, hand: AuditActor) -> ReportSchedule:
    """Make a schedule, which counts from now. BadInput, NotFound, Forbidden, Refused."""
    principal.require(Right.SCHEDULE_REPORTS)
    if wanted.kind is ReportKind.UNIT:
        raise BadInput("kind: a unit's report is the unit's own; expected directive or consolidated")
    directive = find_directive(session, wanted.directive)
    [duty] = duties_of(session, directive, [wanted.duty])
    office = (
        resolve_unit(session, wanted.office) if wanted.office else session.get_one(Unit, directive.coordinating_unit_id)
    )
    row = ReportSchedule(
        kind=wanted.kind,
        duty_id=duty.id,
        office_unit_id=office.id,
        counts_from=hand.now,
        created_at=hand.now,
        created_by=hand.actor_id,
    )
    _check_theirs(session, principal, row)
    if office.kind is UnitKind.MINISTRY or office.is_outside:
        raise BadInput("{unit}: choose the unit that compiles; what goes further up, a person sends", unit=office.name)
    rule = _rule(session, duty)
    _set(row, wanted.settings, rule)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Refused("this report of {unit} is scheduled already: change that schedule", unit=office.name) from error
    hand.note(session, "report_schedule_made", row.id.hex[-8:], {"kind": row.kind.value, "duty": duty.path})
    return row


def change_schedule(
    session: Session,
    principal: Principal,
    schedule_id: UUID,
    settings: ScheduleSettings,
    hand: AuditActor,
    *,
    seen: int,
) -> None:
    """Change it from the next period on, where it says something else by then. Refused where somebody was first."""
    row = open_schedule(session, principal, schedule_id)
    kept = _values(row)
    _set(row, settings, _rule(session, session.get_one(Duty, row.duty_id)))
    values, revision = _values(row), row.revision
    session.expire(row)
    if values == kept and seen == revision:
        return
    _guarded(session, schedule_id, seen, **values)
    hand.note(session, "report_schedule_changed", schedule_id.hex[-8:], values)


def _values(row: ReportSchedule) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("to_issuer", "language", "own_day", "own_months_before")}


def switch_schedule(session: Session, principal: Principal, schedule_id: UUID, hand: AuditActor, *, on: bool) -> None:
    """Pause a schedule or let it go on: from now, without what fell into the pause. Twice changes nothing."""
    row = open_schedule(session, principal, schedule_id)
    if row.is_paused is not on:
        return
    values = {"is_paused": False, "counts_from": hand.now} if on else {"is_paused": True}
    _guarded(session, schedule_id, row.revision, **values)
    hand.note(session, "report_schedule_resumed" if on else "report_schedule_paused", schedule_id.hex[-8:])


def open_schedule(session: Session, principal: Principal, schedule_id: UUID) -> ReportSchedule:
    """NotFound where it is none of theirs, as if there were none."""
    principal.require(Right.SCHEDULE_REPORTS)
    found = session.exec(select(ReportSchedule).where(ReportSchedule.id == schedule_id, theirs(principal))).first()
    if found is None:
        raise NotFound("there is no such report schedule")
    return found


def theirs(principal: Principal) -> ColumnElement[bool]:
    """Return the schedules that somebody sees and changes."""
    if principal.may(Right.EDIT_TEMPLATES):
        return true()
    run = select(Duty.id).join(Directive, col(Directive.id) == col(Duty.directive_id)).where(runs_directive(principal))
    return or_(
        col(ReportSchedule.office_unit_id).in_(principal.speaks_for),
        col(ReportSchedule.duty_id).in_(run) & (col(ReportSchedule.kind) == ReportKind.DIRECTIVE),
    )


def collecting_duties(session: Session, principal: Principal) -> list[tuple[Directive, Duty, PeriodRule]]:
    """Return the duties by which reports are collected: those whose published template has a period, in order."""
    query = (
        select(Directive, Duty, TemplateVersion)
        .join(Duty, col(Duty.directive_id) == col(Directive.id))
        .join(TemplateVersion, col(TemplateVersion.duty_id) == col(Duty.id))
        .where(TemplateVersion.state == TemplateState.PUBLISHED)
        .order_by(col(Directive.code), col(Duty.position))
    )
    if not principal.may(Right.EDIT_TEMPLATES):
        query = query.where(runs_directive(principal))
    found = [(directive, duty, rule_of(version)) for directive, duty, version in session.exec(query)]
    return [(directive, duty, rule) for directive, duty, rule in found if rule is not None]


def sending_days(rule: PeriodRule, turn: ReportPeriod, calendar: WorkCalendar) -> dict[UnitKind, date]:
    days = {kind: sending_date(rule, turn.period, kind) for kind in rule.sends}
    if rule.move is DayOffMove.STAYS:
        return days
    move = calendar.on_or_before if rule.move is DayOffMove.BACK else calendar.on_or_after
    return {kind: move(day) for kind, day in days.items()}


def _check_theirs(session: Session, principal: Principal, row: ReportSchedule) -> None:
    if principal.may(Right.EDIT_TEMPLATES):
        return
    run = select(Duty.id).join(Directive, col(Directive.id) == col(Duty.directive_id)).where(runs_directive(principal))
    if session.exec(run.where(col(Duty.id) == row.duty_id)).first() is None:
        raise NotFound("there is no such report schedule")
    if row.office_unit_id not in principal.speaks_for:
        raise Forbidden(_("a person schedules reports only for a unit that they speak for"))


def _rule(session: Session, duty: Duty) -> PeriodRule:
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


def _set(row: ReportSchedule, given: ScheduleSettings, rule: PeriodRule) -> None:
    if given.language not in ("vi", "en"):
        raise BadInput(
            "{field} {value}: expected one of {allowed}", field="language", value=given.language, allowed=["vi", "en"]
        )
    if given.own_day is None:
        if given.own_months_before:
            raise BadInput("months before: they have no effect without a report date of our own; give it too")
        if rule.compiled is None:
            raise BadInput("own day: the template gives none; give a day of the month")
    else:
        if not 1 <= given.own_day <= 31 or not -3 <= given.own_months_before <= 13:
            raise BadInput("own day: expected a day from 1 to 31, and −3 to 13 months before")
        _check_after(DayOfPeriod(day=given.own_day, months_before=given.own_months_before), rule)
    row.to_issuer, row.language = given.to_issuer, given.language
    row.own_day, row.own_months_before = given.own_day, given.own_months_before


def _check_after(own: DayOfPeriod, rule: PeriodRule) -> None:
    """Ours comes after theirs: a report cannot rest on what is not to be sent yet."""
    last = max((-day.months_before, day.day - day.before) for day in rule.sends.values())
    if (-own.months_before, own.day) < last:
        raise BadInput("own day: it lies before the last day on which units send their reports; choose a later one")


def _guarded(session: Session, schedule_id: UUID, seen: int, **values: object) -> None:
    changed = session.connection().execute(
        update(ReportSchedule)
        .where(col(ReportSchedule.id) == schedule_id, col(ReportSchedule.revision) == seen)
        .values(revision=seen + 1, **values)
    )
    if changed.rowcount != 1:
        raise Refused("somebody has changed this schedule meanwhile: open it again, and look at it once more")
    session.expire_all()
