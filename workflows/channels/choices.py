"""What each person chose: which gateways may tell them, and which browsers show their notifications.

Nobody gets a message beside mail unless they asked for it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import httpx
from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, delete, select, update

from models.channels.channel import (
    SWITCHED_OFF,
    ChannelMessage,
    Gateway,
    GatewayConsent,
    MessageState,
    PushSubscription,
)
from models.database.rows import insert_new, table_of
from models.database.run import WEB_PUSH_KEY, WEB_PUSH_ON, Installation, installation_secret
from models.errors import NotFound, Refused
from models.letters.letter import LetterKind
from models.organization.person import Person
from models.settings import Settings
from notifications.channels.web_push import check_subscription, new_key, public_key
from workflows.access.audit_log import note
from workflows.access.rights import Principal
from workflows.queue.switching_off import end_subscriptions
from workflows.rules.rights_table import Right

MOST_BROWSERS = 10
"""Browsers of one person that show their notifications."""
_LONGEST_DEVICE = 200
_SEPARATORS = re.compile(r"[\s.\-()]+")
_NUMBER = re.compile(r"\+?\d{6,15}")


@dataclass(frozen=True)
class OfferedGateway:
    """A gateway that a person may choose."""

    id: UUID
    name: str
    kinds: tuple[LetterKind, ...]  # of the letters that it tells of
    longest: int  # characters of a message
    is_unmarked: bool  # without Vietnamese marks
    is_chosen: bool


def telephone(person: Person) -> str | None:
    """Return a person's number as a gateway dials it, such as 0909717171; None where it cannot be dialled."""
    number = _SEPARATORS.sub("", person.phone or "")
    return number if _NUMBER.fullmatch(number) else None


def offered_gateways(session: Session, person_id: UUID) -> list[OfferedGateway]:
    """Return the gateways that are on, by name. One query."""
    consent = (col(GatewayConsent.gateway_id) == col(Gateway.id)) & (col(GatewayConsent.person_id) == person_id)
    query = select(Gateway, GatewayConsent.since).outerjoin(GatewayConsent, consent)
    rows = session.exec(query.where(col(Gateway.is_active)).order_by(col(Gateway.name)))
    return [
        OfferedGateway(
            id=gateway.id,
            name=gateway.name,
            kinds=tuple(map(LetterKind, gateway.kinds)),
            longest=gateway.longest,
            is_unmarked=gateway.is_unmarked,
            is_chosen=since is not None,
        )
        for gateway, since in rows
    ]


def choose_gateway(session: Session, person: Person, gateway_id: UUID, *, on: bool, now: datetime) -> None:
    """Let a gateway tell a person from now on, or stop it.

    Raises NotFound where the gateway is off, Refused where the person has no telephone number.
    """
    if not on:
        consent = (col(GatewayConsent.person_id) == person.id, col(GatewayConsent.gateway_id) == gateway_id)
        session.execute(delete(GatewayConsent).where(*consent))
        return
    gateway = session.get(Gateway, gateway_id)
    if gateway is None or not gateway.is_active:
        raise NotFound("there is no such channel")
    if telephone(person) is None:
        raise Refused("the register holds no telephone number of yours that can be dialled: ask an administrator")
    row = {"person_id": person.id, "gateway_id": gateway_id, "since": now}
    insert_new(session, table_of(GatewayConsent), [row])


def list_browsers(session: Session, person_id: UUID) -> Sequence[PushSubscription]:
    query = select(PushSubscription).where(*_open_subscriptions(person_id))
    return session.exec(query.order_by(col(PushSubscription.created_at).desc(), col(PushSubscription.id))).all()


def _open_subscriptions(person_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return col(PushSubscription.person_id) == person_id, col(PushSubscription.ended_at).is_(None)


def subscribe(
    session: Session,
    person: Person,
    *,
    endpoint: str,
    p256dh: str,
    auth: str,
    session_id: UUID,
    device: str,
    settings: Settings,
    now: datetime,
) -> PushSubscription:
    """Let a browser show a person's notifications from now on. Raises BadInput for keys that no browser gives.

    A browser shows the notifications of one person: this ends the subscription of whoever used it before.
    """
    if not is_push_on(session):
        raise Refused("notifications of browsers are switched off in this installation")
    keys = check_subscription(endpoint, p256dh, auth, private_allowed=settings.webhooks_to_private)
    hashed = sha256(endpoint.encode()).hexdigest()
    end_subscriptions(session, "other_person", now, col(PushSubscription.endpoint_hash) == hashed)
    if session.exec(select(func.count()).where(*_open_subscriptions(person.id))).one() >= MOST_BROWSERS:
        raise Refused("{most} browsers show your notifications, which is the most: end one first", most=MOST_BROWSERS)
    subscription = PushSubscription(
        person_id=person.id,
        session_id=session_id,
        endpoint_hash=hashed,
        keys=keys,
        host=httpx.URL(endpoint).host[:255],
        device=device[:_LONGEST_DEVICE],
        created_at=now,
    )
    session.add(subscription)
    session.flush()
    return subscription


def unsubscribe(session: Session, person_id: UUID, subscription_id: UUID, now: datetime) -> None:
    """Stop a browser from showing a person's notifications. Raises NotFound for another person's browser."""
    subscription = (col(PushSubscription.person_id) == person_id, col(PushSubscription.id) == subscription_id)
    if session.exec(select(PushSubscription.id).where(*subscription)).first() is None:
        raise NotFound("there is no such browser")
    end_subscriptions(session, "person", now, *subscription)


def is_push_on(session: Session) -> bool:
    return session.get(Installation, WEB_PUSH_ON) is not None


def push_key(session: Session) -> str | None:
    """Return None until push is first switched on. Raises Locked where the key cannot be opened."""
    return installation_secret(session, WEB_PUSH_KEY)


def browser_key(session: Session) -> str | None:
    """Return the public key that browsers subscribe with, None while push is off."""
    key = push_key(session) if is_push_on(session) else None
    return None if key is None else public_key(key)


def switch_push(session: Session, principal: Principal, *, on: bool, now: datetime) -> None:
    """Switch notifications of browsers on or off.

    Switching off gives up waiting messages. Subscriptions stay, for the next switching on.
    """
    principal.require(Right.EDIT_CHANNELS)
    if is_push_on(session) is on:
        raise Refused("notifications of browsers are switched so already")
    if on:
        row = {"name": WEB_PUSH_ON, "value": now.isoformat()}
        if insert_new(session, table_of(Installation), [row]) and session.get(Installation, WEB_PUSH_KEY) is None:
            session.add(Installation(name=WEB_PUSH_KEY, secret=new_key()))
    else:
        session.delete(session.get_one(Installation, WEB_PUSH_ON))
        session.flush()
        waiting = (col(ChannelMessage.subscription_id).is_not(None), col(ChannelMessage.state) == MessageState.QUEUED)
        given_up = {"state": MessageState.FAILED, "error": SWITCHED_OFF}
        session.execute(update(ChannelMessage).where(*waiting).values(**given_up))
    note(session, "web_push_on" if on else "web_push_off", now=now, actor_id=principal.person.id)
