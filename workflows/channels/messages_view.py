"""Reads messages with their attempts, of a letter or of a channel, and words why one was not sent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from models.channels.channel import (
    SWITCHED_OFF,
    ChannelAttempt,
    ChannelMessage,
    Gateway,
    MessageState,
    PushSubscription,
)
from models.i18n import Words, _
from models.organization.person import Person
from notifications.outbox.explain import KEPT_WORDS, MAY_HAVE_LEFT, RETIRED, ended_because
from notifications.smtp.transport import SendOutcome


@dataclass(frozen=True)
class SeenMessage:
    message: ChannelMessage
    channel: str | None  # the gateway's name, None for a browser
    device: str  # which browser
    recipient: str
    attempts: Sequence[ChannelAttempt]


def messages_of_letter(session: Session, letter_id: UUID) -> list[SeenMessage]:
    """Messages come in the order in which they were made. Two queries."""
    return _read_messages(session, col(ChannelMessage.letter_id) == letter_id, limit=100)


def last_messages(session: Session, gateway_id: UUID | None, *, limit: int = 50) -> list[SeenMessage]:
    """Return the newest first. `gateway_id` None means messages to browsers. Two queries."""
    is_of_channel = col(ChannelMessage.gateway_id) == gateway_id  # SQLAlchemy writes IS NULL for None
    return _read_messages(session, is_of_channel, limit=limit, newest_first=True)


def _read_messages(
    session: Session, condition: ColumnElement[bool], *, limit: int, newest_first: bool = False
) -> list[SeenMessage]:
    order = [col(ChannelMessage.queued_at), col(ChannelMessage.id)]
    rows = session.exec(
        select(ChannelMessage, Gateway.name, PushSubscription.device, Person.full_name)
        .join(Person, col(Person.id) == col(ChannelMessage.recipient_id))
        .outerjoin(Gateway, col(Gateway.id) == col(ChannelMessage.gateway_id))
        .outerjoin(PushSubscription, col(PushSubscription.id) == col(ChannelMessage.subscription_id))
        .where(condition)
        .order_by(*(column.desc() if newest_first else column for column in order))
        .limit(limit)
    ).all()
    ids = [message.id for message, *_names in rows]
    attempts: dict[UUID, list[ChannelAttempt]] = {}
    query = select(ChannelAttempt).where(col(ChannelAttempt.message_id).in_(ids))
    for attempt in session.exec(query.order_by(col(ChannelAttempt.lease_token))):
        attempts.setdefault(attempt.message_id, []).append(attempt)
    return [
        SeenMessage(message, name, device or "", recipient, attempts.get(message.id, []))
        for message, name, device, recipient in rows
    ]


@dataclass(frozen=True)
class PushCounts:
    browsers: int
    people: int
    messages: dict[MessageState, int]


def count_push(session: Session) -> PushCounts:
    is_open = col(PushSubscription.ended_at).is_(None)
    totals = select(func.count(), func.count(func.distinct(PushSubscription.person_id))).where(is_open)
    browsers, people = session.exec(totals).one()
    states = select(ChannelMessage.state, func.count()).where(col(ChannelMessage.gateway_id).is_(None))
    counts = session.exec(states.group_by(col(ChannelMessage.state)))
    return PushCounts(browsers, people, {MessageState(state): count for state, count in counts})


DIED, LATE = "the sender died before the answer", "too late"
NO_NUMBER, WITHDRAWN, SIGNED_OUT = "no telephone number", "no longer asked for", "signed out"
MESSAGE_REASONS = {
    DIED: _("the sending program ended before the answer came"),
    LATE: _("it waited for too long"),
    NO_NUMBER: _("the register holds no telephone number that can be dialled"),
    WITHDRAWN: _("the recipient no longer asks for it"),
    RETIRED: KEPT_WORDS[RETIRED],
    SIGNED_OUT: _("the recipient signed out of that browser"),
    SWITCHED_OFF: _("the channel was switched off"),
    MAY_HAVE_LEFT: ended_because(MAY_HAVE_LEFT),
}
"""Why a message is not sent, or not sent again, by the stored reason."""
_UNKNOWN_HOST = re.compile(r"host (\S+): cannot be found")


def attempt_words(attempt: ChannelAttempt) -> Words:
    """Say how an attempt ended. It must have ended."""
    if unknown_host := _UNKNOWN_HOST.fullmatch(attempt.reply):
        return _("The address {host} does not exist or cannot be found now. Nothing was sent.", host=unknown_host[1])
    outcome = SendOutcome(attempt.outcome or "")
    if outcome is not SendOutcome.TEMPORARY:
        return outcome.label
    if attempt.status is None:
        return _("The server cannot be reached. Nothing was sent.")
    return _("The server did not take the message this time.")


def is_explained(attempt: ChannelAttempt) -> bool:
    """Return whether `attempt_words` says all that the stored reply does."""
    return _UNKNOWN_HOST.fullmatch(attempt.reply) is not None
