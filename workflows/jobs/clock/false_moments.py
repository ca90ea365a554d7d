"""Makes good what was done by a clock that was ahead, once a tick comes at the true moment.

Letters that left cannot be called back, and no line of history is taken away. What was told too early is told again
when it is due: its notices hang on a history row of their own from now on, so that they stand for no rung any more.
What was put off until the false moment is due at once. Acts of people stay as they are.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, literal, or_, select, update
from sqlmodel import Session, col

from models.database.ids import new_ids
from models.database.rows import one_of, table_of, update_where
from models.database.run import ClockJump, Run
from models.directives.ladders import RungName
from models.directives.launch import ArmedDuty
from models.directives.template import TemplateVersion
from models.letters.channel import ChannelMessage
from models.letters.letter import (
    CLOCK_AHEAD,
    IS_PENDING,
    LETTER_RUNGS,
    OF_THE_DAY,
    TO_GROUP,
    TO_SEND,
    Letter,
    LetterAttempt,
    LetterKind,
    LetterState,
    MailPace,
    Notice,
    NoticeState,
)
from models.operations.alert import Alert, AlertKind
from models.operations.background_job import BackgroundJob, JobChunk
from models.operations.logs import get_log
from models.operations.system_job import Job
from models.organization.access import WebhookCall
from models.organization.account import MailedSecret, Throttle, WebSession
from models.organization.person import Person
from models.reports.issued_report import IssuedReport
from models.reports.report_schedule import CompiledReport, ReportSchedule
from models.tasks.task import OPEN_STATUSES, Task
from models.tasks.task_check import TaskCheck
from models.text.localtime import local_date
from notifications.outbox.explain import NOTHING_TRUE
from workflows.access.audit_log import note
from workflows.delivery.compiled_letters import topic_of
from workflows.escalation.task_facts import NO_LONGER_SO
from workflows.history.record import EVENT, record_many
from workflows.queue.alerts import alert_slot, end_alert, raise_alert
from workflows.reports.report_lines import ONCE
from workflows.rules.calendar.periods import opens_at, parse
from workflows.rules.calendar.workdays import WorkCalendar

_CLOCK_EVENT = "clock_ahead"
_EARLIER = timedelta(days=10)
"""A letter that waited for its server may be as old as this when the false moment finds nothing true in it any more."""
_NAMED = 20  # so many readers of false letters the administrators are told by name
_OPENED_BY_TICKS = (*OF_THE_DAY, LetterKind.INCIDENT)
"""Letters that a tick opens by itself, for what falls due."""
_KEY = (col(Letter.id), col(Letter.slot), col(Letter.recipient_id), col(Letter.kind), col(Letter.topic))
_APART = timedelta(microseconds=1)
"""So little a letter's moment moves that its key is free again: nobody sees it."""
_log = get_log(__name__)


def make_good(session: Session, jump: ClockJump, *, now: datetime, until: datetime, calendar: WorkCalendar) -> None:
    """Undo what ticks between the landing of a jump and `until` did, at the true moment `now` (all UTC); tell of it."""
    left, landed = jump.last_tick, jump.landed
    _look_again(session, now)
    readers = _readers(session, left, landed)
    span = {"from": left.isoformat(), "to": until.isoformat()}
    notices = _set_notices_aside(session, left, landed, now, span)
    _set_letters_aside(session, jump, now)
    _bring_forward(session, landed, now, calendar)
    facts = span | {
        "sent": len(readers),
        "notices": notices,
        "recipient": _names(session, readers),
        "periods": _open_in_time(session, landed, now),
        "drafts": _take_drafts_back(session, landed),
    }
    _release_what_waits(session, landed, now)
    _change(session, delete(Run).where(col(Run.started_at) >= landed))
    told = {name: value for name, value in facts.items() if name != "recipient"}
    _log.warning("clock_was_ahead", **told)
    note(session, "clock_made_good", now=now, facts=told)
    raise_alert(session, AlertKind.CLOCK_WAS_AHEAD, str(jump.number), now=now, calendar=calendar, facts=facts)
    end_alert(session, AlertKind.CLOCK_WAS_AHEAD, str(jump.number), now=now)  # nothing is left to be mended


def _look_again(session: Session, now: datetime) -> None:
    """Every open task, first of all: whoever is just deciding one holds its check, and is waited for."""
    is_open = col(Task.status).in_(OPEN_STATUSES)
    later = and_(col(TaskCheck.at) > now, col(TaskCheck.task_id).in_(select(col(Task.id)).where(is_open)))
    _change(session, update(TaskCheck).where(later).values(at=now))
    unlooked = select(col(Task.id), literal(now, table_of(TaskCheck).c.at.type)).where(
        is_open, ~exists().where(col(TaskCheck.task_id) == col(Task.id))
    )
    session.execute(table_of(TaskCheck).insert().from_select(["task_id", "at"], unlooked))


def _is_false(left: datetime, landed: datetime) -> ColumnElement[bool]:
    """Return the condition of false letters: for a moment after the last true one, or held by a false delivery."""
    tried = exists().where(col(LetterAttempt.letter_id) == col(Letter.id), col(LetterAttempt.started_at) >= landed)
    is_new = col(Letter.error) != CLOCK_AHEAD  # else of an earlier time that the clock was ahead
    return and_(is_new, col(Letter.kind).in_(_OPENED_BY_TICKS), or_(col(Letter.slot) > left, tried))


def _readers(session: Session, left: datetime, landed: datetime) -> list[UUID]:
    """Return the intended readers of each false letter that left, or may have left."""
    tried = exists().where(col(LetterAttempt.letter_id) == col(Letter.id), col(LetterAttempt.started_at) >= landed)
    left_by_mail = col(Letter.state).in_((LetterState.SENT, LetterState.UNCERTAIN, LetterState.CLAIMED))
    query = select(col(Letter.recipient_id)).where(_is_false(left, landed), tried, left_by_mail)
    return list(session.scalars(query.order_by(col(Letter.id))))


def _names(session: Session, readers: Sequence[UUID]) -> str:
    """Return the readers by name, the first of them; how many more there are says the count of letters."""
    names = session.scalars(select(col(Person.full_name)).where(one_of(session, table_of(Person).c.id, readers)))
    return ", ".join(sorted(set(names))[:_NAMED])


def _is_rung() -> ColumnElement[bool]:
    rung = col(Notice.rung)
    return and_(rung != RungName.ASSIGNED.value, rung.not_in(LETTER_RUNGS), rung.not_like(f"{EVENT}%"))


def _set_notices_aside(session: Session, left: datetime, landed: datetime, now: datetime, span: dict[str, str]) -> int:
    """Hang notices of rungs that had not come, or that a false delivery handled, on a history row; return how many."""
    waits = and_(col(Notice.state) == NoticeState.PENDING, col(Notice.letter_id).is_(None))
    in_false_letter = exists().where(col(Letter.id) == col(Notice.letter_id), _is_false(left, landed))
    seen_untrue = and_(
        col(Notice.state) == NoticeState.DROPPED, col(Notice.reason) == NO_LONGER_SO, col(Notice.slot) > left - _EARLIER
    )
    rows = session.execute(
        select(col(Notice.id), col(Notice.task_id), col(Notice.anchor_id), col(Task.directive_id))
        .join(Task, col(Task.id) == col(Notice.task_id))
        .where(
            _is_rung(),
            col(Notice.reason) != CLOCK_AHEAD,
            or_(col(Notice.fired_at) > left, and_(col(Notice.slot) > left, ~waits), in_false_letter, seen_untrue),
        )
    ).all()
    _hang(session, rows, now, span)
    return len(rows)


def _hang(session: Session, rows: Sequence[Any], now: datetime, span: dict[str, str]) -> None:
    """Hang notices on a history row for each task and former anchor: a rung told of two dates has two notices."""
    anchors: dict[tuple[UUID, UUID], UUID] = {}
    of_directive: dict[UUID, Counter[tuple[UUID, UUID]]] = {}
    for row in rows:
        of_directive.setdefault(row.directive_id, Counter())[row.task_id, row.anchor_id] += 1
    for directive_id, counts in of_directive.items():
        anchors |= dict(zip(counts, new_ids(len(counts)), strict=True))
        lines = [
            {"id": anchors[key], "task_id": key[0], "facts": span | {"notices": count}} for key, count in counts.items()
        ]
        constant = {
            "recorded_at": now,
            "occurred_on": local_date(now),
            "directive_id": directive_id,
            "event": _CLOCK_EVENT,
            "actor_id": None,
            "relation": "system",
        }
        record_many(session, lines, constant)
    notice: Any = table_of(Notice)
    change: dict[str, Sequence[Any]] = {
        "anchor_id": [anchors[row.task_id, row.anchor_id] for row in rows],
        "reason": [CLOCK_AHEAD] * len(rows),
    }
    update_where(session, notice, change, {"id": [row.id for row in rows]})
    _change(
        session, update(Notice).where(IS_PENDING, col(Notice.reason) == CLOCK_AHEAD).values(state=NoticeState.DROPPED)
    )


def _set_letters_aside(session: Session, jump: ClockJump, now: datetime) -> None:
    """Stop what has not left; true notices in it get another letter.

    The moment of each moves by less than anybody sees, so that its key is free again. A letter of a true moment that
    the false delivery only tried waits as before.
    """
    false = _is_false(jump.last_tick, jump.landed)
    moved = session.execute(select(*_KEY).where(false, col(Letter.slot) > jump.last_tick)).all()
    slots = _free_slots(session, moved, [row.slot for row in moved], since=jump.last_tick)
    update_where(session, table_of(Letter), {"slot": slots}, {"id": [row.id for row in moved]})
    unmarked = ~exists().where(
        col(LetterAttempt.letter_id) == col(Letter.id),
        col(LetterAttempt.lease_token) == col(Letter.lease_token),
        col(LetterAttempt.ended_at).is_(None),
    )
    waits = or_(col(Letter.state) == LetterState.QUEUED, and_(col(Letter.state) == LetterState.CLAIMED, unmarked))
    is_new = col(Letter.resent).is_(False)
    gone: dict[str, Any] = {"lease_until": None, "lease_token": Letter.lease_token + 1, "error": CLOCK_AHEAD}
    fates: tuple[tuple[ColumnElement[bool], dict[str, Any]], ...] = (
        (and_(waits, is_new, col(Letter.slot) > jump.last_tick), gone | {"state": LetterState.EMPTY}),
        (and_(waits, is_new), gone | {"state": LetterState.QUEUED, "error": ""}),
        # it may have arrived, and is not repeated: nothing in it is true
        (and_(waits, ~is_new), gone | {"state": LetterState.UNCERTAIN, "resent": True, "error": NOTHING_TRUE}),
        (col(Letter.state) == LetterState.UNCERTAIN, {"resent": True, "error": NOTHING_TRUE}),
        (col(Letter.state) == LetterState.SENT, {"error": CLOCK_AHEAD}),
    )
    for condition, values in fates:
        _change(session, update(Letter).where(false, condition).values(**values))
    emptied = select(col(Letter.id)).where(col(Letter.state) == LetterState.EMPTY, col(Letter.error) == CLOCK_AHEAD)
    _change(session, update(Notice).where(IS_PENDING, col(Notice.letter_id).in_(emptied)).values(letter_id=None))


def _free_slots(session: Session, rows: Sequence[Any], slots: Sequence[datetime], *, since: datetime) -> list[datetime]:
    """Just after these slots the first that no other letter of the same reader, kind and topic has, nor had."""
    taken = {tuple(row)[1:] for row in session.execute(select(*_KEY).where(col(Letter.slot) >= since))}
    found = []
    for row, slot in zip(rows, slots, strict=True):
        while (slot := slot + _APART, *tuple(row)[2:]) in taken:
            pass
        taken.add((slot, *tuple(row)[2:]))
        found.append(slot)
    return found


def _bring_forward(session: Session, landed: datetime, now: datetime, calendar: WorkCalendar) -> None:
    """News, assignments and alerts that were to leave at a false moment leave at the next true one."""
    slot = calendar.event_slot(now)
    news = and_(TO_SEND, col(Letter.kind).not_in(_OPENED_BY_TICKS), col(Letter.slot) >= landed)
    rows = session.execute(select(*_KEY).where(news).order_by(col(Letter.slot), col(Letter.id))).all()
    slots = _free_slots(session, rows, [slot] * len(rows), since=slot)
    ids = [row.id for row in rows]
    update_where(session, table_of(Letter), {"slot": slots, "ready_at": slots}, {"id": ids})
    _change(session, update(Letter).where(TO_SEND, col(Letter.ready_at) >= landed).values(ready_at=now))
    _change(session, update(Letter).where(col(Letter.lease_until) >= landed).values(lease_until=now))
    _change(session, update(Notice).where(TO_GROUP, col(Notice.slot) >= landed, ~_is_rung()).values(slot=slot))
    _bring_alerts_forward(session, landed, now, calendar)


def _bring_alerts_forward(session: Session, landed: datetime, now: datetime, calendar: WorkCalendar) -> None:
    """An alert begins now at the latest: else it would not end before the false moment, and hide a new one."""
    untold = ~exists().where(
        col(Letter.kind) == LetterKind.ALERT, col(Letter.slot) == col(Alert.slot), col(Letter.state) == LetterState.SENT
    )
    _change(session, update(Alert).where(col(Alert.slot) >= landed, untold).values(slot=alert_slot(now, calendar)))
    late = col(Alert.raised_at) >= landed
    _change(session, update(Alert).where(late, col(Alert.ended_at).is_not(None)).values(raised_at=now, ended_at=now))
    _change(session, update(Alert).where(late).values(raised_at=now))
    _change(session, update(Alert).where(col(Alert.ended_at) >= landed).values(ended_at=now))
    _change(session, update(Alert).where(col(Alert.last_seen_at) >= landed).values(last_seen_at=now))


def _open_in_time(session: Session, landed: datetime, now: datetime) -> int:
    """Assign tasks of periods that opened too early when their period opens; return how many."""
    rows = session.execute(
        select(Task, TemplateVersion)
        .join(TemplateVersion, col(TemplateVersion.id) == col(Task.template_version_id))
        .join(ArmedDuty, col(ArmedDuty.duty_id) == col(Task.duty_id))
        .where(
            col(Task.assigned_at) >= landed,
            col(Task.parent_id).is_(None),
            col(Task.incident_id).is_(None),
            col(Task.status).in_(OPEN_STATUSES),
        )
    ).all()
    count = 0
    for task, version in rows:
        rule = version.read_spec().period
        if rule is None or task.occurrence == ONCE:
            continue
        moment = max(now, opens_at(rule, parse(task.occurrence)))
        if moment < task.assigned_at:
            due_set_at = moment if task.due_set_at == task.assigned_at else task.due_set_at
            _change(
                session, update(Task).where(col(Task.id) == task.id).values(assigned_at=moment, due_set_at=due_set_at)
            )
            count += 1
    return count


def _take_drafts_back(session: Session, landed: datetime) -> int:
    """Compile reports that were compiled too early and that nobody has touched anew on their day."""
    drafts = session.execute(
        select(CompiledReport, IssuedReport)
        .join(IssuedReport, col(IssuedReport.id) == col(CompiledReport.report_id))
        .where(
            col(CompiledReport.compiled_at) >= landed,
            col(IssuedReport.issued_at).is_(None),
            col(IssuedReport.revision) == 0,
        )
    ).all()
    for compiled, report in drafts:
        letter = and_(col(Letter.kind) == LetterKind.COMPILED, col(Letter.topic) == topic_of(compiled.id))
        _change(
            session,
            update(Letter)
            .where(TO_SEND, letter, col(Letter.state) == LetterState.QUEUED)
            .values(state=LetterState.EMPTY, error=CLOCK_AHEAD),
        )
        schedule = session.get_one(ReportSchedule, compiled.schedule_id)
        session.delete(compiled)
        session.flush()
        session.delete(report)
        session.flush()
        schedule.last_period = session.scalars(
            select(col(CompiledReport.period))
            .where(col(CompiledReport.schedule_id) == schedule.id)
            .order_by(col(CompiledReport.data_to).desc())
            .limit(1)
        ).first()
        session.add(schedule)
        session.flush()
    return len(drafts)


def _release_what_waits(session: Session, landed: datetime, now: datetime) -> None:
    """Lease, back-offs, blocks and next runs until a false moment end now; who signed in there signs in again."""
    _change(session, delete(MailPace).where(col(MailPace.second) >= int(landed.timestamp())))
    _change(session, update(WebSession).where(col(WebSession.created_at) >= landed).values(revoked_at=now))
    _change(session, update(MailedSecret).where(col(MailedSecret.created_at) >= landed).values(used_at=now))
    columns: tuple[Any, ...] = (
        WebhookCall.ready_at,
        WebhookCall.lease_until,
        ChannelMessage.ready_at,
        ChannelMessage.lease_until,
        BackgroundJob.lease_until,
        JobChunk.ready_at,
        JobChunk.lease_until,
        Throttle.blocked_until,
        Throttle.last_at,
        WebSession.last_seen_at,
        Job.last_started_at,
        Job.last_finished_at,
        Job.last_done_at,
        Job.watched_since,
    )
    is_held = col(BackgroundJob.lease_until).is_not(None)
    _change(session, update(BackgroundJob).where(is_held, col(BackgroundJob.ready_at) >= landed).values(ready_at=now))
    for column in columns:
        _change(session, update(column.class_).where(column >= landed).values({column.key: now}))
    _change(session, update(Job).values(next_run_at=None))


def _change(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))
