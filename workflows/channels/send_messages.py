"""Sends messages: claims one under a lease, writes the attempt down, calls the channel, settles by its answer.

An attempt without an end is a call whose answer nobody knows. A gateway that recognises repeats gets the message again
under the same key. At any other the message stays uncertain and is not repeated. Letters do not depend on any of this.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine
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
from models.letters.letter import Letter
from models.operations.logs import get_log
from models.organization.account import WebSession
from models.organization.person import Person
from models.settings import Settings
from notifications.channels.http_client import Outbound
from notifications.channels.http_gateway import HttpGateway
from notifications.channels.message_text import write_text
from notifications.channels.port import Channel, Sent, ShortMessage
from notifications.channels.web_push import WebPush
from notifications.outbox.explain import RETIRED
from notifications.smtp.transport import SendOutcome
from workflows.channels.batches import make_in_batches
from workflows.channels.choices import is_push_on, push_key, telephone
from workflows.channels.gateways import gateway_headers
from workflows.channels.message_facts import find_link, read_message_facts
from workflows.channels.messages_view import DIED, LATE, NO_NUMBER, SIGNED_OUT, WITHDRAWN
from workflows.channels.open_messages import open_messages
from workflows.jobs.tick import Counts, TickWork
from workflows.queue.send_hold import is_sending_held
from workflows.queue.switching_off import end_subscription

BATCH = 20
LEASE = timedelta(minutes=6)
"""Longer than a batch of calls that all time out."""
GIVEN_UP_AFTER = timedelta(hours=6)
"""A message that has waited for longer says nothing new."""
PUSH_LENGTH = 160  # characters
_LONGEST_REPLY = 500  # characters
_log = get_log(__name__)


@dataclass(frozen=True)
class _ClaimedMessage:
    """A claimed message with all that is needed to send it, or with `reason`: why it is not sent."""

    lease: Lease
    message_id: UUID
    attempts: int
    may_repeat: bool
    subscription_id: UUID | None = None
    open_channel: Callable[[Outbound], Channel] | None = None
    message: ShortMessage | None = None
    reason: str = ""


class _NotSent(Exception):
    """The message is given up without a call. The text is one of `MESSAGE_REASONS`."""


def send_messages(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    for_seconds: float | None = None,
    should_continue: Callable[[], bool] = lambda: True,
) -> int:
    """Make the messages of recent letters and send what is due at `now` (UTC). Return how many were tried.

    Stops after `for_seconds`, or when `should_continue()` is False; the rest waits. During a send hold nothing is sent.
    """
    if is_sending_held(engine):
        return 0
    with transaction(engine) as session:
        open_messages(session, now)
    return make_in_batches(
        engine,
        settings,
        ChannelMessage,
        MessageState.QUEUED,
        lambda: _claim(engine, settings, now),
        lambda outbound, claimed: _send(engine, outbound, claimed, now),
        now=now,
        for_seconds=for_seconds,
        should_continue=should_continue,
    )


def _claim(engine: Engine, settings: Settings, now: datetime) -> list[_ClaimedMessage]:
    """Lease the next messages that are due, or whose sender died, so that nobody else sends them meanwhile."""
    with transaction(engine) as session:
        ready = next_ready(session, ChannelMessage, MESSAGE_TO_SEND, now=now, limit=BATCH)
        due = [row for row in ready if not (row.lease_until and _is_left_in_doubt(session, row, now))]
        claim(session, ChannelMessage, [(row.id,) for row in due], until=now + LEASE, state=MessageState.CLAIMED)
        claimed = [_prepare(session, row, settings, now) for row in due]
    if ready and not claimed:  # all of them are in doubt now: the next ones may be due
        return _claim(engine, settings, now)
    return claimed


def _is_left_in_doubt(session: Session, row: ChannelMessage, now: datetime) -> bool:
    """End the attempt that a dead sender left open. Return whether the message may have arrived and is not repeated."""
    attempt = session.get(ChannelAttempt, (row.id, row.lease_token))
    if attempt is None or attempt.ended_at is not None:
        return False
    attempt.ended_at, attempt.outcome, attempt.reply = now, SendOutcome.UNCERTAIN.value, DIED
    gateway = session.get(Gateway, row.gateway_id) if row.gateway_id else None
    is_in_doubt = gateway is not None and not gateway.knows_repeats
    if is_in_doubt:
        row.state, row.lease_until, row.error = MessageState.UNCERTAIN, None, DIED
    session.flush()
    return is_in_doubt


def _prepare(session: Session, row: ChannelMessage, settings: Settings, now: datetime) -> _ClaimedMessage:
    gateway = session.get_one(Gateway, row.gateway_id) if row.gateway_id else None
    claimed = _ClaimedMessage(
        lease=Lease((row.id,), row.lease_token + 1),
        message_id=row.id,
        attempts=row.attempts + 1,
        may_repeat=gateway is None or gateway.knows_repeats,
    )
    person = session.get_one(Person, row.recipient_id)
    try:
        if now > row.queued_at + GIVEN_UP_AFTER:
            raise _NotSent(LATE)
        if not person.is_active:
            raise _NotSent(RETIRED)
        if gateway is not None:
            return _prepare_for_gateway(session, claimed, row, gateway, person, settings, now)
        return _prepare_for_browser(session, claimed, row, person, settings, now)
    except (_NotSent, Locked) as error:
        return replace(claimed, reason=str(error))


def _prepare_for_gateway(
    session: Session,
    claimed: _ClaimedMessage,
    row: ChannelMessage,
    gateway: Gateway,
    person: Person,
    settings: Settings,
    now: datetime,
) -> _ClaimedMessage:
    letter = session.get_one(Letter, row.letter_id) if row.letter_id else None
    if not gateway.is_active:
        raise _NotSent(SWITCHED_OFF)
    if letter is not None and session.get(GatewayConsent, (person.id, gateway.id)) is None:
        raise _NotSent(WITHDRAWN)
    number = telephone(person)
    if number is None:
        raise _NotSent(NO_NUMBER)
    facts = read_message_facts(session, letter, person.language, now)
    text = write_text(facts, longest=gateway.longest, is_unmarked=gateway.is_unmarked)
    message = ShortMessage(row.id, number, text, find_link(session, letter, settings.base_url))
    url, form, body = gateway.url, gateway.body_form, gateway.body
    headers, secret = gateway_headers(gateway), gateway.secret

    def open_channel(outbound: Outbound) -> Channel:
        return HttpGateway(outbound, url, form, body, headers, secret, now)

    return replace(claimed, open_channel=open_channel, message=message)


def _prepare_for_browser(
    session: Session, claimed: _ClaimedMessage, row: ChannelMessage, person: Person, settings: Settings, now: datetime
) -> _ClaimedMessage:
    letter = session.get_one(Letter, row.letter_id) if row.letter_id else None
    browser = session.get_one(PushSubscription, row.subscription_id)
    key = push_key(session)
    if browser.keys is None or key is None or not is_push_on(session):
        raise _NotSent(SWITCHED_OFF if browser.ended_at is None else WITHDRAWN)
    if _has_signed_out(session, browser):
        end_subscription(session, browser.id, "sign_out", now)
        raise _NotSent(SIGNED_OUT)
    text = write_text(read_message_facts(session, letter, person.language, now), longest=PUSH_LENGTH)
    link = find_link(session, letter, settings.base_url)
    message = ShortMessage(row.id, browser.keys, text, link, topic=letter.id.hex if letter else "")
    contact = settings.mail.sender

    def open_channel(outbound: Outbound) -> Channel:
        return WebPush(outbound, key, contact, now)

    return replace(claimed, subscription_id=browser.id, open_channel=open_channel, message=message)


def _has_signed_out(session: Session, browser: PushSubscription) -> bool:
    """Return whether somebody ended the browser's session. One that only ran out because nobody used it goes on."""
    ended = select(WebSession.id).where(
        col(WebSession.id) == browser.session_id, col(WebSession.revoked_at).is_not(None)
    )
    return session.exec(ended).first() is not None


def _send(engine: Engine, outbound: Outbound, claimed: _ClaimedMessage, now: datetime) -> int:
    if claimed.open_channel is None or claimed.message is None:
        with transaction(engine) as session:
            return _settle(session, claimed, Sent(SendOutcome.PERMANENT, reply=claimed.reason), now)
    with transaction(engine) as session:
        if not _begin_attempt(session, claimed, claimed.message, now):
            return 0
    sent = claimed.open_channel(outbound).send(claimed.message)
    with transaction(engine) as session:
        return _settle(session, claimed, sent, now)


def _begin_attempt(session: Session, claimed: _ClaimedMessage, message: ShortMessage, now: datetime) -> bool:
    """Write the attempt down before its call. False where the lease was lost."""
    shown_address = message.address if claimed.subscription_id is None else None  # a browser's keys are secret
    held = update(ChannelMessage).where(is_held(ChannelMessage, claimed.lease))
    if not update_one(session, held.values(address=shown_address)):
        return False
    session.add(ChannelAttempt(message_id=claimed.message_id, lease_token=claimed.lease.token, started_at=now))
    session.flush()
    return True


def _settle(session: Session, claimed: _ClaimedMessage, sent: Sent, now: datetime) -> int:
    """Write how an attempt ended; return 0 where another process has taken the message since, else 1."""
    again = next_attempt(MESSAGE, claimed.attempts, now)
    state = _state_after(claimed, sent, has_next=again is not None)
    reply = sent.reply[:_LONGEST_REPLY]
    try:
        settle(
            session,
            ChannelMessage,
            claimed.lease,
            state=state,
            error="" if state is MessageState.SENT else reply or f"HTTP {sent.status}",
            sent_at=now if state is MessageState.SENT else None,
            not_before=again if state is MessageState.QUEUED and again else now,
        )
    except LostLease:
        return 0
    attempt = session.get(ChannelAttempt, (claimed.message_id, claimed.lease.token))
    if attempt is not None:
        attempt.ended_at, attempt.outcome, attempt.status, attempt.reply = now, sent.outcome.value, sent.status, reply
        session.add(attempt)
    if claimed.subscription_id is not None:
        _settle_browser(session, claimed.subscription_id, sent, now)
    _log.info("message_settled", message=str(claimed.message_id), outcome=sent.outcome.value, state=state.value)
    return 1


def _state_after(claimed: _ClaimedMessage, sent: Sent, *, has_next: bool) -> MessageState:
    match sent.outcome:
        case SendOutcome.ACCEPTED:
            return MessageState.SENT
        case SendOutcome.PERMANENT:
            return MessageState.FAILED
        case SendOutcome.TEMPORARY:
            return MessageState.QUEUED if has_next else MessageState.FAILED
        case SendOutcome.UNCERTAIN:
            return MessageState.QUEUED if has_next and claimed.may_repeat else MessageState.UNCERTAIN


def _settle_browser(session: Session, subscription_id: UUID, sent: Sent, now: datetime) -> None:
    if sent.is_gone:
        end_subscription(session, subscription_id, "service", now)
        return
    failed_at = None if sent.outcome is SendOutcome.ACCEPTED else now
    mine = (col(PushSubscription.id) == subscription_id, col(PushSubscription.ended_at).is_(None))
    session.execute(update(PushSubscription).where(*mine).values(failed_at=failed_at))


def send_due(work: TickWork, now: datetime) -> Counts:
    tried = send_messages(
        work.engine, work.settings, now=now, for_seconds=work.for_seconds, should_continue=work.should_continue
    )
    return {"messages": tried}
