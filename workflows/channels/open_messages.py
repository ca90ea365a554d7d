"""Make messages of letters that were sent: one for each channel that their recipient asked for.

This runs after a delivery, never within one: a letter leaves and is settled as fast as if there were no channels.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, null, or_, select
from sqlmodel import Session, col

from models.channels.channel import ChannelMessage, Gateway, GatewayConsent, MessageState, PushSubscription
from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.letters.letter import Letter, LetterKind, LetterState
from workflows.channels.choices import is_push_on

MADE_WITHIN = timedelta(hours=2)
"""So long after its letter a message is still made. What a delivery that died has left is made up for by then."""
_CONSTANT: dict[str, Any] = {"state": MessageState.QUEUED, "attempts": 0, "lease_token": 0, "error": ""}


def open_messages(session: Session, now: datetime) -> int:
    """Make the messages of letters sent of late that are not made yet; return how many."""
    with_push = is_push_on(session)
    asked = exists().where(col(Gateway.is_active), col(GatewayConsent.gateway_id) == col(Gateway.id))
    subscribed = exists().where(col(PushSubscription.ended_at).is_(None)) if with_push else None
    if not session.execute(select(asked if subscribed is None else or_(asked, subscribed))).scalar_one():
        return 0
    rows = [
        {"id": new_id(), "letter_id": letter_id, "recipient_id": person_id, name: channel_id}
        for name, query in (("gateway_id", _by_gateway(now)), ("subscription_id", _by_browser(now)))
        if name == "gateway_id" or with_push
        for letter_id, person_id, channel_id, kind, kinds in session.execute(query)
        if kinds is None or kind in kinds
    ]
    made = 0
    for name in ("gateway_id", "subscription_id"):
        mine = [row for row in rows if name in row]
        made += insert_new(session, table_of(ChannelMessage), mine, _CONSTANT | {"queued_at": now, "not_before": now})
    return made


def _sent(now: datetime, since: Any) -> tuple[Any, ...]:
    recent = col(Letter.sent_at) > now - MADE_WITHIN
    may = (col(Letter.state) == LetterState.SENT, col(Letter.kind) != LetterKind.ACCOUNT)
    return recent, col(Letter.sent_at) <= now, col(Letter.sent_at) >= since, *may


def _by_gateway(now: datetime) -> Any:
    made = exists().where(
        col(ChannelMessage.letter_id) == col(Letter.id), col(ChannelMessage.gateway_id) == col(Gateway.id)
    )
    return (
        select(col(Letter.id), col(Letter.recipient_id), col(Gateway.id), col(Letter.kind), col(Gateway.kinds))
        .join(GatewayConsent, col(GatewayConsent.person_id) == col(Letter.recipient_id))
        .join(Gateway, col(Gateway.id) == col(GatewayConsent.gateway_id))
        .where(*_sent(now, col(GatewayConsent.since)), col(Gateway.is_active), ~made)
        .order_by(col(Letter.sent_at), col(Letter.id))
    )


def _by_browser(now: datetime) -> Any:
    made = exists().where(
        col(ChannelMessage.letter_id) == col(Letter.id), col(ChannelMessage.subscription_id) == col(PushSubscription.id)
    )
    return (
        select(col(Letter.id), col(Letter.recipient_id), col(PushSubscription.id), col(Letter.kind), null())
        .join(PushSubscription, col(PushSubscription.person_id) == col(Letter.recipient_id))
        .where(*_sent(now, col(PushSubscription.created_at)), col(PushSubscription.ended_at).is_(None), ~made)
        .order_by(col(Letter.sent_at), col(Letter.id))
    )
