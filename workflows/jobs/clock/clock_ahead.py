"""Hold the ticks of a clock that is ahead until somebody confirms it, and alert about ticks that ran too early.

The newest tick in the database shows the time so far. `clock_belief` decides whether to believe a later moment.
"""

import ctypes
from collections.abc import Callable
from datetime import date, datetime
from ipaddress import ip_address

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from models.database.run import DEMO, Installation, newest_tick
from models.database.server_clock import server_clock
from models.database.session import reading, transaction
from models.errors import BadInput, Refused
from models.i18n import _
from models.letters.letter import LetterKind
from models.operations.alert import Alert, AlertKind
from models.operations.engine_reads import held_alert, letters_sent
from models.operations.logs import get_log
from models.operations.system_job import DELIVERY_SECONDS, Job, JobName
from models.organization.audit import Audit
from models.settings import Settings
from models.tasks.history import History
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import local, local_date, write_date
from notifications.outbox.claims import is_waiting
from notifications.smtp.transport import Sender
from workflows.access.audit_log import AuditActor
from workflows.delivery.deliver import deliver
from workflows.delivery.mail_lines import MailLines, sender_opener
from workflows.jobs.clock.clock_belief import AGREES, FAR, STEP, ClockEvidence, judge, widest_gap
from workflows.organization.working_calendar import load_calendar
from workflows.queue.alerts import end_alert, raise_alert

_UNSYNCED = 16_000_000  # microseconds: the error that the kernel reports for a clock without NTP
_CONFIRMED = "clock_confirmed"
"""The audited action of a person who confirms the clock. It releases the held ticks."""
_log = get_log(__name__)


class ClockHeld(Refused):
    """The machine's clock is far ahead of the last tick, and nothing confirms it. Nothing is done."""

    def __init__(self, now: datetime, last: datetime) -> None:
        super().__init__(
            _(
                "held: this machine's clock says {now}, but the last tick was on {last}. Nothing is done or sent until"
                " somebody confirms. If the clock is right: dondoc tick --today YYYY-MM-DD, with today's date. If it is"
                " not, set it right"
            ),
            now=_written(now),
            last=_written(last),
        )


class _Timex(ctypes.Structure):
    """`struct timex` of adjtimex(2) up to the field that is read, with room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("rest", ctypes.c_byte * 512),
    )


def kept_by_ntp() -> bool:
    """Return whether the kernel says that NTP keeps this machine's clock. No packet is sent."""
    try:
        timex = _Timex()
        state: int = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
        return state >= 0 and int(timex.maxerror) < _UNSYNCED
    except (OSError, AttributeError):  # not Linux
        return False


def check_moment(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    sender: Callable[[], Sender] | None = None,
    lines: MailLines | None = None,
    kept: Callable[[], bool] | None = None,
    writes: bool = True,
) -> None:
    """Raise ClockHeld if a moment (UTC) of the machine's clock is not credible.

    An alert tells the administrators, dated by the last tick; with `writes`, its letter is sent at once. Another alert
    tells them, once, of ticks that ran more than a day later than now: their clock was ahead, or this one is behind.
    """
    with reading(engine) as session:
        newest = newest_tick(session)
        evidence = read_evidence(session, now, kept)
        has_alert = held_alert(session) is not None
        was_ahead = newest is not None and newest > now + STEP and not _has_alert_about(session, newest)
    verdict = judge(now, evidence)
    if verdict.may_tick or evidence.reached is None:
        if verdict.witness is not None and evidence.reached is not None:
            jump = {"last_tick": evidence.reached.isoformat(), "landed": now.isoformat()}
            _log.info("clock_jump", witness=verdict.witness.value, **jump)
        if has_alert or was_ahead:
            with transaction(engine) as session:
                end_alert(session, AlertKind.CLOCK_AHEAD, now=now)
                if was_ahead and newest is not None:
                    _alert_was_ahead(session, newest, now, evidence.reached)
        return
    _alert_held(engine, settings, now, evidence.reached, sender, lines, writes=writes)
    raise ClockHeld(now, evidence.reached)


def read_evidence(session: Session, now: datetime, kept: Callable[[], bool] | None = None) -> ClockEvidence:
    """Read the evidence about a moment. Usually the newest tick is recent, and one query is enough."""
    reached = newest_tick(session, upto=now)
    if reached is None or now <= reached + STEP:
        return ClockEvidence(reached)
    between = session.scalars(
        select(col(History.recorded_at))
        .where(col(History.recorded_at) > reached, col(History.recorded_at) <= now)
        .order_by(col(History.recorded_at))
    ).all()
    return ClockEvidence(
        reached,
        confirmed=_is_confirmed(session, reached, now),
        server=server_clock(session),
        server_is_elsewhere=_is_elsewhere(session),
        kept_by_ntp=(kept or kept_by_ntp)(),
        widest_gap=widest_gap([reached, *between, now]),
    )


def is_believed(engine: Engine, now: datetime) -> bool:
    """Return whether a moment (UTC) of the machine's clock is credible. Nothing is written."""
    with reading(engine) as session:
        return judge(now, read_evidence(session, now)).may_tick


def confirm(session: Session, *, now: datetime, today: date, audit_actor: AuditActor) -> None:
    """Record that a person confirms the machine's clock by naming today's date. Raise BadInput for another day."""
    if today != local_date(now):
        raise BadInput(
            "today is {today}, but this machine's clock says {now}: set the clock right, then nothing is held",
            today=write_date(today),
            now=_written(now),
        )
    end_alert(session, AlertKind.CLOCK_AHEAD, now=now)
    reached = newest_tick(session, upto=now)
    last = reached.isoformat() if reached is not None else None
    audit_actor.note(session, _CONFIRMED, "", {"today": today.isoformat(), "last_tick": last})


def tasks_ahead_of(session: Session, moment: datetime, real: datetime) -> int:
    """Return the number of open tasks that a tick at a chosen moment would run ahead of; 0 if it is not ahead.

    A moment is ahead if it is after the real time, or far after the last tick of data from another time. The tasks of a
    demonstration do not count.
    """
    reached = newest_tick(session, upto=moment)
    if moment <= real + AGREES and (reached is None or moment <= reached + FAR):
        return 0
    if session.get(Installation, DEMO) is not None:
        return 0
    query = select(func.count()).select_from(Task).where(col(Task.status).in_(OPEN_STATUSES))
    return session.scalar(query) or 0


def _is_confirmed(session: Session, reached: datetime, now: datetime) -> bool:
    """Return whether a person has confirmed this step of the clock within the last day."""
    lines = select(col(Audit.facts)).where(
        col(Audit.action) == _CONFIRMED, col(Audit.recorded_at) > now - STEP, col(Audit.recorded_at) <= now + AGREES
    )
    return any(facts.get("last_tick") == reached.isoformat() for facts in session.scalars(lines))


def _has_alert_about(session: Session, newest: datetime) -> bool:
    alert = select(col(Alert.id)).where(
        col(Alert.kind) == AlertKind.CLOCK_WAS_AHEAD, col(Alert.subject) == _day_of(newest)
    )
    return session.scalars(alert.limit(1)).first() is not None


def _alert_was_ahead(session: Session, newest: datetime, now: datetime, reached: datetime | None) -> None:
    """Raise and end the alert about ticks later than now, once for each day that they have reached."""
    facts = {"to": newest.isoformat(), "sent": letters_sent(session, now, newest + STEP).letters}
    if reached is not None:
        facts["from"] = reached.isoformat()
    subject, calendar = _day_of(newest), load_calendar(session)
    raise_alert(session, AlertKind.CLOCK_WAS_AHEAD, subject, now=now, calendar=calendar, facts=facts)
    end_alert(session, AlertKind.CLOCK_WAS_AHEAD, subject, now=now)  # it is news, not a lasting trouble


def _day_of(newest: datetime) -> str:
    return local_date(newest).isoformat()


def _is_elsewhere(session: Session) -> bool:
    """Return whether the database runs on another machine, with a clock of its own."""
    if session.connection().dialect.name != "postgresql":
        return False
    server, client = session.execute(
        select(func.host(func.inet_server_addr()), func.host(func.inet_client_addr()))
    ).one()
    return server is not None and server != client and not ip_address(server).is_loopback


def _alert_held(
    engine: Engine,
    settings: Settings,
    now: datetime,
    reached: datetime,
    sender: Callable[[], Sender] | None,
    lines: MailLines | None,
    *,
    writes: bool,
) -> None:
    """Raise the alert as of the last tick, and send its letters as of their own slot, as the time is unknown."""
    _log.warning("clock_held", now=now.isoformat(), last_tick=reached.isoformat())
    with transaction(engine) as session:
        calendar = load_calendar(session)
        facts = {"from": reached.isoformat(), "to": now.isoformat()}
        raise_alert(session, AlertKind.CLOCK_AHEAD, now=reached, calendar=calendar, facts=facts)
        alert = held_alert(session)
        job = session.get(Job, JobName.DELIVER)
        if not writes or alert is None or (job is not None and job.is_paused):
            return
        slot = alert.slot
        if not is_waiting(session, now=slot, kinds=[LetterKind.ALERT]):
            return
    open_sender, kinds = sender_opener(settings, sender), (LetterKind.ALERT,)
    if lines is not None:
        lines.deliver(engine, settings, open_sender, now=slot, calendar=calendar, only=kinds)
        return
    with open_sender() as opened:
        deliver(engine, settings, opened, now=slot, calendar=calendar, for_seconds=DELIVERY_SECONDS, only=kinds)


def _written(moment: datetime) -> str:
    return f"{write_date(local_date(moment))} {local(moment):%H:%M}"
