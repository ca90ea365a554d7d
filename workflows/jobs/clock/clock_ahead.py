"""The clock that is ahead: its ticks are held until their moment is confirmed; those that were done are made good.

The newest tick is what the database last saw. Whether a later moment is believed says `clock_belief`.
"""

import ctypes
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, datetime
from ipaddress import ip_address

from sqlalchemy import Engine, func, select, update
from sqlmodel import Session, col

from models.database.rows import insert_new, table_of
from models.database.run import DEMO, ClockJump, Installation, lies_ahead, newest_tick
from models.database.session import reading, transaction
from models.errors import BadInput, Refused
from models.i18n import _
from models.letters.letter import LetterKind
from models.operations.alert import AlertKind
from models.operations.engine_reads import held_alert
from models.operations.logs import get_log
from models.operations.system_job import DELIVERY_SECONDS, Job, JobName
from models.settings import Settings
from models.tasks.history import History
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import local, local_date, write_date
from notifications.outbox.claims import is_waiting
from notifications.smtp.transport import Sender
from workflows.access.audit_log import AuditActor
from workflows.delivery.deliver import deliver
from workflows.delivery.mail_lines import open_sender
from workflows.jobs.clock.clock_belief import AGREES, FAR, STEP, Evidence, Jump, Witness, judge, was_false, widest_gap
from workflows.jobs.clock.false_moments import make_good
from workflows.organization.working_calendar import load_calendar
from workflows.queue.alerts import end_alert, raise_alert

_UNSYNCED = 16_000_000  # microseconds: what the kernel says of a clock that nothing keeps
_log = get_log(__name__)


class ClockHeld(Refused):
    """The machine's clock is far ahead of the last tick, and nothing confirms it: nothing is done."""

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
    """`struct timex` of adjtimex(2) up to what is read of it, with room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("rest", ctypes.c_byte * 512),
    )


def kept_by_ntp() -> bool:
    """Return whether the kernel says that NTP keeps this machine's clock, as timedatectl asks it; no packet is sent."""
    try:
        told = _Timex()
        state: int = ctypes.CDLL(None).adjtimex(ctypes.byref(told))
        return state >= 0 and int(told.maxerror) < _UNSYNCED
    except (OSError, AttributeError):  # not Linux
        return False


def check_moment(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    sender: Callable[[], Sender] | None = None,
    kept: Callable[[], bool] | None = None,
) -> None:
    """Raise ClockHeld where a moment (UTC) that the machine's clock gives is not to be believed.

    The administrators are told by an alert and its letter, as of the last tick; nothing else is written.
    """
    with reading(engine) as session:
        evidence = read_evidence(session, now, kept)
        is_told = held_alert(session) is not None
    verdict = judge(now, evidence)
    if verdict.may_tick or evidence.reached is None:
        if is_told or verdict.witness is not None:
            with transaction(engine) as session:
                end_alert(session, AlertKind.CLOCK_AHEAD, now=now)
                if verdict.witness is not None and evidence.reached is not None:
                    _write_jump(session, evidence.reached, now, verdict.witness)
        return
    _tell_held(engine, settings, now, evidence.reached, sender)
    raise ClockHeld(now, evidence.reached)


def read_evidence(session: Session, now: datetime, kept: Callable[[], bool] | None = None) -> Evidence:
    """Return what is known of a moment (UTC). As a rule one look is enough: the newest tick was a moment ago."""
    reached = newest_tick(session)
    if reached is None or now <= reached + STEP:
        return Evidence(reached)
    server, is_elsewhere = _server_clock(session)
    between = session.scalars(
        select(col(History.recorded_at))
        .where(col(History.recorded_at) > reached, col(History.recorded_at) <= now)
        .order_by(col(History.recorded_at))
    ).all()
    return Evidence(
        reached,
        confirmed=_written_down(session, reached, now, Witness.PERSON),
        server=server,
        server_is_elsewhere=is_elsewhere,
        kept_by_ntp=(kept or kept_by_ntp)(),
        widest_gap=widest_gap([reached, *between, now]),
        was_disproved=lies_ahead(session, now),
    )


def is_believed(engine: Engine, now: datetime) -> bool:
    """Return whether work may be done as of a moment (UTC) that the machine's clock gives. Nothing is written."""
    with reading(engine) as session:
        return judge(now, read_evidence(session, now)).may_tick


def confirm(session: Session, *, now: datetime, today: date, hand: AuditActor) -> None:
    """Write that a person says which day it is: the machine's clock is right. BadInput where it gives another day.

    Ticks that a clock did that was ahead of this moment are made good, also where something had vouched for them.
    """
    if today != local_date(now):
        raise BadInput(
            "today is {today}, but this machine's clock says {now}: set the clock right, then nothing is held",
            today=write_date(today),
            now=_written(now),
        )
    reached = newest_tick(session)
    if reached is not None and now > reached + STEP:
        _write_jump(session, reached, now, Witness.PERSON)
    elif reached is not None and now < reached:
        _come_back(session, now, reached, confirmed=True)
    end_alert(session, AlertKind.CLOCK_AHEAD, now=now)
    last = reached.isoformat() if reached is not None else None
    hand.note(session, "clock_confirmed", "", {"today": today.isoformat(), "last_tick": last})


def tasks_ahead_of(session: Session, moment: datetime, real: datetime) -> int:
    """Return how many open tasks a tick at a moment of somebody's choice would run ahead of; 0 where it lies not ahead.

    Ahead of the real time or, where data of another time is played with, far ahead of the last tick. A demonstration's
    tasks do not count.
    """
    reached = newest_tick(session)
    if moment <= real + AGREES and (reached is None or moment <= reached + FAR):
        return 0
    if session.get(Installation, DEMO) is not None:
        return 0
    query = select(func.count()).select_from(Task).where(col(Task.status).in_(OPEN_STATUSES))
    return session.scalar(query) or 0


def meet_moment(session: Session, now: datetime) -> None:
    """Write down a tick that comes far after the last one (UTC); make good what was done by a clock that was ahead.

    Whoever ticks by the machine's clock has asked `check_moment` before, which writes down who vouches for it.
    """
    reached = newest_tick(session)
    if reached is None:
        return
    if now > reached + STEP:
        _write_jump(session, reached, now, None)
    elif now < reached - STEP:
        _come_back(session, now, reached, confirmed=False)


def _write_jump(session: Session, reached: datetime, now: datetime, witness: Witness | None) -> None:
    if _written_down(session, reached, now):  # by whoever vouched for it, perhaps some seconds later
        same = (col(ClockJump.last_tick) == reached, col(ClockJump.landed) > now)
        session.execute(update(ClockJump).where(*same).values(landed=now))
        return
    number = (session.scalar(select(func.max(col(ClockJump.number)))) or 0) + 1
    row = {"number": number, "last_tick": reached, "landed": now, "witness": witness.value if witness else None}
    insert_new(session, table_of(ClockJump), [row])
    _log.info("clock_jump", last_tick=reached.isoformat(), landed=now.isoformat(), witness=row["witness"])


def _come_back(session: Session, now: datetime, reached: datetime, *, confirmed: bool) -> None:
    found = session.scalars(
        select(ClockJump)
        .where(col(ClockJump.back_at).is_(None), col(ClockJump.last_tick) <= now, col(ClockJump.landed) > now + STEP)
        .order_by(col(ClockJump.landed))
        .limit(1)
        .with_for_update()
    ).first()
    if found is None:
        return
    witness = Witness(found.witness) if found.witness else None
    if not was_false(Jump(found.last_tick, found.landed, witness), now=now, reached=reached, confirmed=confirmed):
        return
    session.execute(
        update(ClockJump)
        .where(col(ClockJump.back_at).is_(None), col(ClockJump.landed) >= found.landed)
        .values(back_at=now)
    )
    make_good(session, found, now=now, until=reached, calendar=load_calendar(session))


def _written_down(session: Session, reached: datetime, now: datetime, *witnesses: Witness) -> bool:
    """Return whether this very step stands there already; with witnesses, whether one of these vouched for it."""
    query = select(col(ClockJump.number)).where(
        col(ClockJump.last_tick) == reached,
        col(ClockJump.back_at).is_(None),
        col(ClockJump.landed) <= now + AGREES,
        col(ClockJump.landed) > now - STEP,
    )
    query = query.where(col(ClockJump.witness).in_(witnesses)) if witnesses else query
    return session.scalars(query).first() is not None


def _server_clock(session: Session) -> tuple[datetime | None, bool]:
    """Return the database server's clock, and whether it is another machine's; None on SQLite, whose clock is ours."""
    if session.connection().dialect.name != "postgresql":
        return None, False
    there, server, client = session.execute(
        select(func.clock_timestamp(), func.host(func.inet_server_addr()), func.host(func.inet_client_addr()))
    ).one()
    return there, server is not None and server != client and not ip_address(server).is_loopback


def _tell_held(
    engine: Engine, settings: Settings, now: datetime, reached: datetime, sender: Callable[[], Sender] | None
) -> None:
    """Raise the alert as of the last tick, and let its letters leave as of their own slot: the time is unknown."""
    _log.warning("clock_held", now=now.isoformat(), last_tick=reached.isoformat())
    with transaction(engine) as session:
        calendar = load_calendar(session)
        facts = {"from": reached.isoformat(), "to": now.isoformat()}
        raise_alert(session, AlertKind.CLOCK_AHEAD, now=reached, calendar=calendar, facts=facts)
        alert = held_alert(session)
        job = session.get(Job, JobName.DELIVER)
        if alert is None or (job is not None and job.is_paused):
            return
        slot = alert.slot
        if not is_waiting(session, now=slot, kinds=[LetterKind.ALERT]):
            return
    with nullcontext(sender()) if sender is not None else open_sender(settings) as opened:
        deliver(
            engine,
            settings,
            opened,
            now=slot,
            calendar=calendar,
            for_seconds=DELIVERY_SECONDS,
            only=(LetterKind.ALERT,),
        )


def _written(moment: datetime) -> str:
    return f"{write_date(local_date(moment))} {local(moment):%H:%M}"
