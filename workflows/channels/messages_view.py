"""The ledger of messages: those of a letter, the last of a channel, each with its attempts."""

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
    """`channel`: the gateway's name, or None for a browser; `device`: which browser."""

    message: ChannelMessage
    channel: str | None
    device: str
    recipient: str
    attempts: Sequence[ChannelAttempt]


def messages_of_letter(session: Session, letter_id: UUID) -> list[SeenMessage]:
    """Messages come in the order in which they were made. Two queries."""
    return _seen(session, col(ChannelMessage.letter_id) == letter_id, limit=100)


def last_messages(session: Session, gateway_id: UUID | None, *, limit: int = 50) -> list[SeenMessage]:
    """The newest comes first; without a gateway, those to browsers. Two queries."""
    which = col(ChannelMessage.gateway_id)
    return _seen(session, which.is_(None) if gateway_id is None else which == gateway_id, limit=limit, newest=True)


def _seen(session: Session, *which: ColumnElement[bool], limit: int, newest: bool = False) -> list[SeenMessage]:
    order = [col(ChannelMessage.queued_at), col(ChannelMessage.id)]
    rows = session.exec(
        select(ChannelMessage, Gateway.name, PushSubscription.device, Person.full_name)
        .join(Person, col(Person.id) == col(ChannelMessage.recipient_id))
        .outerjoin(Gateway, col(Gateway.id) == col(ChannelMessage.gateway_id))
        .outerjoin(PushSubscription, col(PushSubscription.id) == col(ChannelMessage.subscription_id))
        .where(*which)
        .order_by(*(one.desc() if newest else one for one in order))
        .limit(limit)
    ).all()
    ids = [message.id for message, *_facts in rows]
    attempts: dict[UUID, list[ChannelAttempt]] = {}
    marks = select(ChannelAttempt).where(col(ChannelAttempt.message_id).in_(ids))
    for attempt in session.exec(marks.order_by(col(ChannelAttempt.lease_token))):
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
    counted = select(func.count(), func.count(func.distinct(PushSubscription.person_id))).where(is_open)
    browsers, people = session.exec(counted).one()
    states = select(ChannelMessage.state, func.count()).where(col(ChannelMessage.gateway_id).is_(None))
    grouped = session.exec(states.group_by(col(ChannelMessage.state)))
    return PushCounts(browsers, people, {MessageState(state): count for state, count in grouped})


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
"""Why a message is not sent, or not sent again, by what is stored of it."""
_UNKNOWN = re.compile(r"host (\S+): cannot be found")


def attempt_words(attempt: ChannelAttempt) -> Words:
    """The attempt must have ended."""
    if found := _UNKNOWN.fullmatch(attempt.reply):
        return _("The address {host} does not exist or cannot be found now. Nothing was sent.", host=found[1])
    outcome = SendOutcome(attempt.outcome or "")
    if outcome is not SendOutcome.TEMPORARY:
        return outcome.label
    if attempt.status is None:
        return _("The server cannot be reached. Nothing was sent.")
    return _("The server did not take the message this time.")


def is_explained(attempt: ChannelAttempt) -> bool:
    """Return whether the words say all that the stored answer does, which then needs no place."""
    return _UNKNOWN.fullmatch(attempt.reply) is not None
