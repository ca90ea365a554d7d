"""What each person chose: gateways that may tell them, browsers that show their notifications. Nothing by itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import httpx
from sqlalchemy import func
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
class Offered:
    """A gateway that may tell somebody, of which letters, in how many characters, and whether they asked it to."""

    id: UUID
    name: str
    kinds: tuple[LetterKind, ...]
    longest: int
    is_unmarked: bool
    is_chosen: bool


def telephone(person: Person) -> str | None:
    """Return a person's number as a gateway dials it, such as 0909717171; None where the register has none such."""
    number = _SEPARATORS.sub("", person.phone or "")
    return number if _NUMBER.fullmatch(number) else None


def offered_gateways(session: Session, person_id: UUID) -> list[Offered]:
    """Only gateways that are on, by name. One query."""
    mine = (col(GatewayConsent.gateway_id) == col(Gateway.id)) & (col(GatewayConsent.person_id) == person_id)
    query = select(Gateway, GatewayConsent.since).outerjoin(GatewayConsent, mine)
    rows = session.exec(query.where(col(Gateway.is_active)).order_by(col(Gateway.name)))
    return [
        Offered(
            one.id,
            one.name,
            tuple(map(LetterKind, one.kinds)),
            one.longest,
            one.is_unmarked,
            is_chosen=since is not None,
        )
        for one, since in rows
    ]


def choose_gateway(session: Session, person: Person, gateway_id: UUID, *, on: bool, now: datetime) -> None:
    """Have a gateway tell a person from now on, or no more. NotFound for one that is off; Refused without a number."""
    if not on:
        mine = (col(GatewayConsent.person_id) == person.id, col(GatewayConsent.gateway_id) == gateway_id)
        session.execute(delete(GatewayConsent).where(*mine))
        return
    gateway = session.get(Gateway, gateway_id)
    if gateway is None or not gateway.is_active:
        raise NotFound("there is no such channel")
    if telephone(person) is None:
        raise Refused("the register holds no telephone number of yours that can be dialled: ask an administrator")
    row = {"person_id": person.id, "gateway_id": gateway_id, "since": now}
    insert_new(session, table_of(GatewayConsent), [row])


def list_browsers(session: Session, person_id: UUID) -> Sequence[PushSubscription]:
    mine = (col(PushSubscription.person_id) == person_id, col(PushSubscription.ended_at).is_(None))
    query = select(PushSubscription).where(*mine)
    return session.exec(query.order_by(col(PushSubscription.created_at).desc(), col(PushSubscription.id))).all()


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
    """Have a browser show somebody's notifications from now on. BadInput for keys that no browser gives.

    A browser shows those of one person: who used it before is told there no more.
    """
    if not is_push_on(session):
        raise Refused("notifications of browsers are switched off in this installation")
    keys = check_subscription(endpoint, p256dh, auth, private_allowed=settings.webhooks_to_private)
    hashed = sha256(endpoint.encode()).hexdigest()
    end_subscriptions(session, "other_person", now, col(PushSubscription.endpoint_hash) == hashed)
    mine = (col(PushSubscription.person_id) == person.id, col(PushSubscription.ended_at).is_(None))
    if session.exec(select(func.count()).where(*mine)).one() >= MOST_BROWSERS:
        raise Refused("{most} browsers show your notifications, which is the most: end one first", most=MOST_BROWSERS)
    made = PushSubscription(
        person_id=person.id,
        session_id=session_id,
        endpoint_hash=hashed,
        keys=keys,
        host=httpx.URL(endpoint).host[:255],
        device=device[:_LONGEST_DEVICE],
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def unsubscribe(session: Session, person_id: UUID, subscription_id: UUID, now: datetime) -> None:
    """Have a browser show a person's notifications no more. NotFound for one that is none of theirs."""
    mine = (col(PushSubscription.person_id) == person_id, col(PushSubscription.id) == subscription_id)
    if session.exec(select(PushSubscription.id).where(*mine)).first() is None:
        raise NotFound("there is no such browser")
    end_subscriptions(session, "person", now, *mine)


def is_push_on(session: Session) -> bool:
    return session.get(Installation, WEB_PUSH_ON) is not None


def push_key(session: Session) -> str | None:
    """None before the first switching on. Locked where the key cannot be opened."""
    return installation_secret(session, WEB_PUSH_KEY)


def browser_key(session: Session) -> str | None:
    """None while notifications of browsers are off."""
    key = push_key(session) if is_push_on(session) else None
    return None if key is None else public_key(key)


def switch_push(session: Session, principal: Principal, *, on: bool, now: datetime) -> None:
    """Switch notifications of browsers on or off. Off, what waits is given up; subscriptions stay for another time."""
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
        gone = {"state": MessageState.FAILED, "error": SWITCHED_OFF}
        session.execute(update(ChannelMessage).where(*waiting).values(**gone))
    note(session, "web_push_on" if on else "web_push_off", now=now, actor_id=principal.person.id)
