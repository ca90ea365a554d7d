"""Open the next periods of standing and recurring duties, in order and without gaps, also after downtime."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from models.database.rows import update_one
from models.directives.directive import Directive, Duty
from models.directives.launch import ArmedDuty, Launch
from models.directives.template import TemplateVersion
from models.operations.alert import AlertKind
from models.operations.logs import get_log
from models.organization.person import Person
from workflows.launch.coverage import load_register, prove_coverage
from workflows.launch.launch_plan import first_coordinator, published, shares_for
from workflows.launch.launch_tasks import lock_launches
from workflows.queue.alerts import end_alert, is_poison, open_subjects, tell_stuck
from workflows.rules.calendar.periods import next_opening, opens_at, periods_to_open
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.tasks.assign import Created, LaunchContext, create_tasks

_DUE_DUTIES = (
    select(ArmedDuty.duty_id)
    .where(col(ArmedDuty.next_opens_at) <= bindparam("now"), col(ArmedDuty.stood_down_at).is_(None))
    .order_by(col(ArmedDuty.next_opens_at), col(ArmedDuty.duty_id))
)
_log = get_log(__name__)


def open_periods(session: Session, *, now: datetime, calendar: WorkCalendar) -> Created:
    """Open each period whose day has come. A duty that fails raises an alert, and is tried again at each tick."""
    created, failed = Created(), set()
    duty_ids = session.exec(_DUE_DUTIES, params={"now": now}).all()
    for duty_id in duty_ids:
        try:
            with session.begin_nested():
                created += _open_duty(session, duty_id, now, calendar)
        except Exception as error:
            if not is_poison(error):
                raise
            failed.add(str(duty_id))
            if tell_stuck(session, AlertKind.PERIOD_STUCK, duty_id, error, now=now, calendar=calendar):
                _log.error("period_stuck", duty=str(duty_id), exc_info=error)  # once, though each tick tries again
    # the other duties with an alert have been opened, or do not wait any more
    for subject in open_subjects(session, AlertKind.PERIOD_STUCK) - failed:
        end_alert(session, AlertKind.PERIOD_STUCK, subject, now=now)
    return created


def _open_duty(session: Session, duty_id: UUID, now: datetime, calendar: WorkCalendar) -> Created:
    version = published(session, [duty_id]).get(duty_id)
    if version is None:
        return Created()
    return _open(session, session.get_one(ArmedDuty, duty_id), version, now, calendar)


def _open(
    session: Session, armed: ArmedDuty, version: TemplateVersion, now: datetime, calendar: WorkCalendar
) -> Created:
    spec = version.read_spec()
    launch = session.get_one(Launch, armed.launch_id)
    if spec.period is None:
        return Created()
    # wait for a launch of the same directive, which may be opening this period
    directive = session.get_one(Directive, launch.directive_id)
    lock_launches(session, directive)
    periods = periods_to_open(spec.period, armed.last_period, launch.launched_at, now)
    last = periods[-1].key if periods else armed.last_period
    claimed = update_one(
        session,
        update(ArmedDuty)
        .where(col(ArmedDuty.duty_id) == armed.duty_id, col(ArmedDuty.next_opens_at) == armed.next_opens_at)
        .values(last_period=last, next_opens_at=next_opening(spec.period, last, launch.launched_at)),
    )
    if not claimed:
        return Created()  # another process is opening it
    duty = session.get_one(Duty, armed.duty_id)
    register = load_register(session)
    coverage = prove_coverage(session, directive, [version], duties=[duty], register=register)
    coordinator_id = _find_coordinator(session, launch)
    created = Created()
    for period in periods:
        scheduled = opens_at(spec.period, period)
        # an opening that downtime delayed counts from now, any other from its own moment
        is_on_time = calendar.event_slot(scheduled).date() >= calendar.event_slot(now).date()
        assigned_at = scheduled if is_on_time else now
        launch_context = LaunchContext(
            directive=directive,
            launch=launch,
            duty_id=duty.id,
            version_id=version.id,
            spec=spec,
            occurrence=period.key,
            assigned_at=assigned_at,
            assigner_unit_id=launch.assigner_unit_id,
            coordinator_id=coordinator_id,
            actor_id=None,
            relation="system",
        )
        shares = shares_for(
            spec,
            coverage.audience.get(duty.path, []),
            register,
            directive=directive,
            assigned_at=assigned_at,
            calendar=calendar,
            period=period,
        )
        partners = coverage.coordinating.get(duty.path, [])
        created += create_tasks(session, launch_context, shares, partners=partners, calendar=calendar)
    return created


def _find_coordinator(session: Session, launch: Launch) -> UUID:
    """Return the launch's coordinator, or a colleague if that person has left. Letters name them for questions."""
    if session.get_one(Person, launch.coordinator_id).is_active:
        return launch.coordinator_id
    return first_coordinator(session, launch.assigner_unit_id) or launch.coordinator_id
