"""Send messages: claimed under a lease, marked before the call, settled by its answer, tried again, given up visibly.

A mark without an end is a call whose answer nobody knows. A gateway that knows repeats gets it again under the same
key; from another it stays uncertain, and is not made twice. Nothing here touches a letter: mail alone counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select, update

from models.channels.channel import (
    MESSAGE_TO_SEND,
    SWITCHED_OFF,
    ChannelAttempt,
    ChannelMessage,
    Gateway,
    GatewayConsent,
    MessageState,
    PushSubscription,
)
from models.database.back_off import MESSAGE, next_attempt
from models.database.leases import Lease, LostLease, claim, is_held, next_ready, settle
from models.database.rows import update_one
from models.database.sealed import Locked
from models.database.session import transaction
from models.directives.directive import Directive, Duty
from models.letters.letter import Letter, LetterKind, Notice, NoticeState
from models.operations.logs import get_log
from models.organization.account import WebSession
from models.organization.person import Person
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.late import is_late
from models.tasks.task import Task
from notifications.channels.http_client import Outbound
from notifications.channels.http_gateway import HttpGateway
from notifications.channels.message_text import MessageFacts, write_text
from notifications.channels.port import Channel, Sent, ShortMessage
from notifications.channels.web_push import WebPush
from notifications.outbox.explain import RETIRED
from notifications.smtp.transport import SendOutcome
from workflows.channels.batches import make_in_batches
from workflows.channels.choices import is_push_on, push_key, telephone
from workflows.channels.gateways import gateway_headers
from workflows.channels.messages_view import DIED, LATE, NO_NUMBER, SIGNED_OUT, WITHDRAWN
from workflows.channels.open_messages import open_messages
from workflows.history.record import EVENT
from workflows.jobs.tick import Counts, TickWork
from workflows.queue.send_hold import is_fenced
from workflows.queue.switching_off import end_subscription
from workflows.rules.conversation_policy import DIRECTIVE_EVENTS

BATCH = 20
LEASE = timedelta(minutes=6)
"""Longer than a batch of calls that all time out."""
GIVEN_UP_AFTER = timedelta(hours=6)
"""A message that waits for longer says nothing new any more."""
PUSH_LENGTH = 160  # characters
_log = get_log(__name__)
_TOLD = (NoticeState.PENDING, NoticeState.SENT)
_OF_TASKS = col(Notice.rung).not_in(sorted(f"{EVENT}{one}" for one in DIRECTIVE_EVENTS))
"""Not of a directive's own conversation: its notices hang on some task, which may be nobody's business."""


@dataclass(frozen=True)
class _Ready:
    """A claimed message with all that is needed to send it, or the words of why it is not sent."""

    lease: Lease
    message_id: UUID
    attempts: int
    may_repeat: bool
    subscription_id: UUID | None
    opens: Callable[[Outbound], Channel] | None
    message: ShortMessage | None
    why_not: str = ""


def send_messages(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    for_seconds: float | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> int:
    """Make messages of the letters sent of late, and send what is due at `now` (UTC); return how many were tried.

    Stop after `for_seconds`; the rest waits. Behind a fence none leaves. `goes_on`: whether to send another.
    """
    if is_fenced(engine):
        return 0
    with transaction(engine) as session:
        open_messages(session, now)
    return make_in_batches(
        engine,
        settings,
        ChannelMessage,
        MessageState.QUEUED,
        lambda: _claim(engine, settings, now),
        lambda outbound, one: _send(engine, outbound, one, now),
        now=now,
        for_seconds=for_seconds,
        goes_on=goes_on,
    )


def _send(engine: Engine, outbound: Outbound, one: _Ready, now: datetime) -> int:
    if one.opens is None or one.message is None:
        with transaction(engine) as session:
            return _settle(session, one, Sent(SendOutcome.PERMANENT, reply=one.why_not), now)
    with transaction(engine) as session:
        if not _mark(session, one, now):
            return 0
    sent = one.opens(outbound).send(one.message)
    with transaction(engine) as session:
        return _settle(session, one, sent, now)


def _claim(engine: Engine, settings: Settings, now: datetime) -> list[_Ready]:
    """Lease the next messages that are due, or whose sender died, so that nobody else sends them meanwhile."""
    with transaction(engine) as session:
        found = next_ready(session, ChannelMessage, MESSAGE_TO_SEND, now=now, limit=BATCH)
        due = [one for one in found if not (one.lease_until and _is_left_in_doubt(session, one, now))]
        claim(session, ChannelMessage, [(one.id,) for one in due], until=now + LEASE, state=MessageState.CLAIMED)
        ready = [_ready(session, one, settings, now) for one in due]
    return ready if ready or not found else _claim(engine, settings, now)


def _is_left_in_doubt(session: Session, message: ChannelMessage, now: datetime) -> bool:
    """End the mark that a dead sender left. Return whether the message is not sent again therefore."""
    mark = session.get(ChannelAttempt, (message.id, message.lease_token))
    if mark is None or mark.ended_at is not None:
        return False
    mark.ended_at, mark.outcome, mark.reply = now, SendOutcome.UNCERTAIN.value, DIED
    gateway = session.get(Gateway, message.gateway_id) if message.gateway_id else None
    in_doubt = gateway is not None and not gateway.knows_repeats
    if in_doubt:
        message.state, message.lease_until, message.error = MessageState.UNCERTAIN, None, DIED
    session.flush()
    return in_doubt


def _ready(session: Session, one: ChannelMessage, settings: Settings, now: datetime) -> _Ready:
    token, attempts = one.lease_token + 1, one.attempts + 1
    person = session.get_one(Person, one.recipient_id)
    letter = session.get_one(Letter, one.letter_id) if one.letter_id else None
    gateway = session.get_one(Gateway, one.gateway_id) if one.gateway_id else None
    browser = session.get_one(PushSubscription, one.subscription_id) if one.subscription_id else None
    may_repeat = gateway is None or gateway.knows_repeats
    lease = Lease((one.id,), token)

    def aside(why: str) -> _Ready:
        return _Ready(lease, one.id, attempts, may_repeat, None, None, None, why)

    if now > one.queued_at + GIVEN_UP_AFTER:
        return aside(LATE)
    if not person.is_active:
        return aside(RETIRED)
    facts = message_facts(session, letter, person.language, now)
    longest = gateway.longest if gateway else PUSH_LENGTH
    text = write_text(facts, longest=longest, is_unmarked=gateway is not None and gateway.is_unmarked)
    link = link_of(session, letter, settings.base_url)
    try:
        if gateway is not None:
            address = telephone(person)
            asked = letter is None or session.get(GatewayConsent, (person.id, gateway.id)) is not None
            if address is None or not asked or not gateway.is_active:
                return aside(SWITCHED_OFF if not gateway.is_active else WITHDRAWN if not asked else NO_NUMBER)
            opens = _opens_gateway(gateway, now)
            return _Ready(lease, one.id, attempts, may_repeat, None, opens, ShortMessage(one.id, address, text, link))
        assert browser is not None
        key = push_key(session)
        if browser.keys is None or key is None or not is_push_on(session):
            return aside(SWITCHED_OFF if browser.ended_at is None else WITHDRAWN)
        if _has_signed_out(session, browser):
            end_subscription(session, browser.id, "sign_out", now)
            return aside(SIGNED_OUT)
        topic = letter.id.hex if letter else ""
        message = ShortMessage(one.id, browser.keys, text, link, topic)
        contact = settings.mail.sender

        def opens_push(outbound: Outbound) -> Channel:
            return WebPush(outbound, key, contact, now)

        return _Ready(lease, one.id, attempts, may_repeat, browser.id, opens_push, message)
    except Locked as error:
        return aside(str(error))


def _opens_gateway(gateway: Gateway, now: datetime) -> Callable[[Outbound], Channel]:
    url, form, body = gateway.url, gateway.body_form, gateway.body
    headers, secret = gateway_headers(gateway), gateway.secret

    def opens(outbound: Outbound) -> Channel:
        return HttpGateway(outbound, url, form, body, headers, secret, now)

    return opens


def _has_signed_out(session: Session, browser: PushSubscription) -> bool:
    """Return whether somebody signed out of the browser, or ended its session elsewhere; a session that ran out only
    because nobody used the browser ends nothing.
    """
    ended = select(WebSession.id).where(
        col(WebSession.id) == browser.session_id, col(WebSession.revoked_at).is_not(None)
    )
    return session.exec(ended).first() is not None


def _mark(session: Session, one: _Ready, now: datetime) -> bool:
    """Commit to an attempt before it begins. False where the lease was lost."""
    assert one.message is not None
    shown = one.message.address if one.subscription_id is None else None
    held = update(ChannelMessage).where(is_held(ChannelMessage, one.lease))
    if not update_one(session, held.values(address=shown)):
        return False
    session.add(ChannelAttempt(message_id=one.message_id, lease_token=one.lease.token, started_at=now))
    session.flush()
    return True


def _settle(session: Session, one: _Ready, sent: Sent, now: datetime) -> int:
    """Write how an attempt ended, unless another has taken the message since. A gone browser is told no more."""
    again = next_attempt(MESSAGE, one.attempts, now)
    is_over = sent.outcome in (SendOutcome.ACCEPTED, SendOutcome.PERMANENT)
    may_go_on = not is_over and (sent.outcome is SendOutcome.TEMPORARY or one.may_repeat)
    if sent.outcome is SendOutcome.ACCEPTED:
        state = MessageState.SENT
    elif may_go_on and again is not None:
        state = MessageState.QUEUED
    else:
        state = MessageState.UNCERTAIN if sent.outcome is SendOutcome.UNCERTAIN else MessageState.FAILED
    reply = sent.reply[:500]
    try:
        settle(
            session,
            ChannelMessage,
            one.lease,
            state=state,
            error="" if state is MessageState.SENT else reply or f"HTTP {sent.status}",
            sent_at=now if state is MessageState.SENT else None,
            not_before=again if state is MessageState.QUEUED and again else now,
        )
    except LostLease:
        return 0
    mark = session.get(ChannelAttempt, (one.message_id, one.lease.token))
    if mark is not None:
        mark.ended_at, mark.outcome, mark.status, mark.reply = now, sent.outcome.value, sent.status, reply
        session.add(mark)
    if one.subscription_id is not None:
        _settle_browser(session, one.subscription_id, sent, now)
    _log.info("message_settled", message=str(one.message_id), outcome=sent.outcome.value, state=state.value)
    return 1


def _settle_browser(session: Session, subscription_id: UUID, sent: Sent, now: datetime) -> None:
    if sent.is_gone:
        end_subscription(session, subscription_id, "service", now)
        return
    failed_at = None if sent.outcome is SendOutcome.ACCEPTED else now
    mine = (col(PushSubscription.id) == subscription_id, col(PushSubscription.ended_at).is_(None))
    session.execute(update(PushSubscription).where(*mine).values(failed_at=failed_at))


def send_due(work: TickWork, now: datetime) -> Counts:
    seconds, goes_on = work.for_seconds, work.goes_on
    return {"messages": send_messages(work.engine, work.settings, now=now, for_seconds=seconds, goes_on=goes_on)}


def message_facts(session: Session, letter: Letter | None, language: str, now: datetime) -> MessageFacts:
    """Return how many tasks a letter tells of, and which directives; of a test, that it is one. One query."""
    if letter is None:
        return MessageFacts(LetterKind.ACCOUNT, language, is_test=True)
    query: Any = select_columns(Notice, Task, col(Duty.path), Directive, col(Unit.name))
    rows = session.execute(
        query.join(Task, col(Task.id) == col(Notice.task_id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        .where(col(Notice.letter_id) == letter.id, col(Notice.state).in_(_TOLD), _OF_TASKS)
        .order_by(col(Notice.fired_at).desc(), col(Notice.id).desc())
    ).all()
    tasks: dict[UUID, Task] = {task.id: task for _notice, task, *_facts in rows}
    named = (_name(directive) for _notice, _task, _path, directive, _unit in rows)
    single = rows[0] if len(tasks) == 1 else None
    return MessageFacts(
        kind=letter.kind,
        language=language,
        is_drill=letter.is_drill,
        tasks=len(tasks),
        late=sum(is_late(one.status, one.due_at, now) for one in tasks.values()),
        directives=tuple(dict.fromkeys(named)),
        told=f"{single[0].rung}@{single[0].offset}" if single else "",
        duty_path=single[2] if single else "",
        unit=single[4] if single else "",
    )


def _name(directive: Directive) -> str:
    """Return "Chỉ thị 06/2004/CT-BBCVT"; the kind alone without a number, for a subject does not leave the house."""
    return f"{directive.kind} {directive.number or ''}".strip()


def link_of(session: Session, letter: Letter | None, base_url: str) -> str:
    """Return the page that a message leads to: that of its only task, else the notifications. It needs a sign-in."""
    if letter is None:
        return f"{base_url}/notifications"
    told = select(Notice.task_id).where(col(Notice.letter_id) == letter.id, col(Notice.state).in_(_TOLD), _OF_TASKS)
    tasks = session.exec(told.distinct().limit(2)).all()
    return f"{base_url}/tasks/{tasks[0].hex[-12:]}" if len(tasks) == 1 else f"{base_url}/notifications"
