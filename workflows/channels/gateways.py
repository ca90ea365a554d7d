"""Gateways as administrators set them: their address, what is sent for which letters, and whether they are on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select, update

from models.channels.channel import SWITCHED_OFF, BodyForm, ChannelMessage, Gateway, GatewayConsent, MessageState
from models.errors import BadInput, NotFound, Refused, need
from models.letters.letter import LetterKind
from models.settings import Settings
from notifications.channels.http_client import check_url
from notifications.channels.http_gateway import check_body, read_headers
from workflows.access.audit_log import note
from workflows.access.rights import Principal
from workflows.channels.choices import telephone
from workflows.queue.switching_off import new_secret
from workflows.rules.rights_table import Right

CARRIED = tuple(kind for kind in LetterKind if kind is not LetterKind.ACCOUNT)
"""Kinds of letters that a message may tell of. Letters with a code or an invitation are not among them."""
LENGTHS = (160, 320)
LONGEST_NAME, LONGEST_BODY = 100, 4000


@dataclass(frozen=True)
class GatewayInput:
    """What an administrator typed."""

    name: str
    url: str
    body_form: str
    body: str
    headers: str | None  # lines of "Name: value"; None keeps the present ones
    kinds: Sequence[str]
    longest: int
    is_unmarked: bool
    knows_repeats: bool


@dataclass(frozen=True)
class ListedGateway:
    gateway: Gateway
    people: int
    messages: dict[MessageState, int]


def make_gateway(
    session: Session, principal: Principal, given: GatewayInput, *, settings: Settings, now: datetime
) -> Gateway:
    """Make a gateway, switched off at first. Raises BadInput for what cannot be sent."""
    principal.require(Right.EDIT_CHANNELS)
    gateway = Gateway(
        name="", url="", body="", headers="{}", secret=new_secret(), created_at=now, created_by=principal.person.id
    )
    _fill(session, gateway, given, settings)
    note(session, "gateway_made", now=now, actor_id=principal.person.id, about=gateway.name, facts={"url": gateway.url})
    return gateway


def change_gateway(
    session: Session, principal: Principal, gateway_id: UUID, given: GatewayInput, *, settings: Settings, now: datetime
) -> Gateway:
    """Change a gateway. For a new address the headers must be typed anew: else a move would reveal a password."""
    principal.require(Right.EDIT_CHANNELS)
    gateway = find_gateway(session, gateway_id)
    if given.headers is None and gateway.url != given.url.strip() and gateway_headers(gateway):
        raise BadInput("headers: type them anew for another address: they may hold its password")
    before = gateway.url
    _fill(session, gateway, given, settings)
    facts = {"url": gateway.url} | ({"url_before": before} if before != gateway.url else {})
    note(session, "gateway_changed", now=now, actor_id=principal.person.id, about=gateway.name, facts=facts)
    return gateway


def _fill(session: Session, gateway: Gateway, given: GatewayInput, settings: Settings) -> None:
    name = _check_name(session, gateway, given.name)
    _check_choices(given)
    gateway.url = check_url(given.url.strip(), private_allowed=settings.webhooks_to_private)
    gateway.body_form = BodyForm(given.body_form)
    gateway.body = check_body(gateway.body_form, given.body.strip())
    gateway.name, gateway.kinds, gateway.longest = name, list(dict.fromkeys(given.kinds)), given.longest
    gateway.is_unmarked, gateway.knows_repeats = given.is_unmarked, given.knows_repeats
    if given.headers is not None:
        gateway.headers = json.dumps(read_headers(given.headers))
    session.add(gateway)
    session.flush()


def _check_name(session: Session, gateway: Gateway, typed: str) -> str:
    name = " ".join(typed.split())
    if not name:
        raise BadInput("name: say which gateway it is")
    if len(name) > LONGEST_NAME:
        raise BadInput("name: {length} characters; at most {most}", length=len(name), most=LONGEST_NAME)
    others = select(Gateway.id).where(col(Gateway.name) == name, col(Gateway.id) != gateway.id)
    if session.exec(others).first() is not None:
        raise BadInput("name {name}: another gateway is called so already", name=name)
    return name


def _check_choices(given: GatewayInput) -> None:
    if given.body_form not in set(BodyForm):
        raise BadInput("body form {given}: expected one of {allowed}", given=given.body_form, allowed=list(BodyForm))
    if unknown := [kind for kind in given.kinds if kind not in CARRIED]:
        raise BadInput("kinds {given}: expected some of {allowed}", given=unknown, allowed=list(CARRIED))
    if given.longest not in LENGTHS:
        raise BadInput("length {given}: expected 160 or 320 characters", given=given.longest)
    if len(given.body) > LONGEST_BODY:
        raise BadInput("body: {length} characters; at most {most}", length=len(given.body), most=LONGEST_BODY)


def find_gateway(session: Session, gateway_id: UUID) -> Gateway:
    return need(session.get(Gateway, gateway_id), NotFound("there is no such channel"))


def gateway_headers(gateway: Gateway) -> dict[str, str]:
    """Raises Locked where the headers cannot be opened."""
    headers: dict[str, str] = json.loads(gateway.headers)
    return headers


def switch_gateway(session: Session, principal: Principal, gateway_id: UUID, *, on: bool, now: datetime) -> Gateway:
    """Switch a gateway on or off. Switching off gives up its waiting messages; people's choices stay."""
    principal.require(Right.EDIT_CHANNELS)
    gateway = find_gateway(session, gateway_id)
    if gateway.is_active is on:
        raise Refused("the channel is switched so already")
    gateway.is_active = on
    session.add(gateway)
    session.flush()
    if not on:
        waiting = (col(ChannelMessage.gateway_id) == gateway_id, col(ChannelMessage.state) == MessageState.QUEUED)
        given_up = {"state": MessageState.FAILED, "error": SWITCHED_OFF}
        session.execute(update(ChannelMessage).where(*waiting).values(**given_up))
    action = "gateway_switched_on" if on else "gateway_switched_off"
    note(session, action, now=now, actor_id=principal.person.id, about=gateway.name)
    return gateway


def send_test(session: Session, principal: Principal, gateway_id: UUID, *, now: datetime) -> None:
    """Queue a test to the administrator's own telephone. Raises Refused while it is off, or without a number."""
    principal.require(Right.EDIT_CHANNELS)
    gateway = find_gateway(session, gateway_id)
    if not gateway.is_active:
        raise Refused("the channel is off: switch it on first")
    if telephone(principal.person) is None:
        raise Refused("the register holds no telephone number of yours that can be dialled")
    session.add(ChannelMessage(recipient_id=principal.person.id, gateway_id=gateway_id, queued_at=now, not_before=now))
    note(session, "gateway_tested", now=now, actor_id=principal.person.id, about=gateway.name)


def list_gateways(session: Session) -> list[ListedGateway]:
    """Return the gateways by name. Three queries."""
    messages: dict[UUID | None, dict[MessageState, int]] = {}
    states = (
        select(ChannelMessage.gateway_id, ChannelMessage.state, func.count())
        .where(col(ChannelMessage.gateway_id).is_not(None))
        .group_by(col(ChannelMessage.gateway_id), col(ChannelMessage.state))
    )
    for gateway_id, state, count in session.exec(states):
        messages.setdefault(gateway_id, {})[MessageState(state)] = count
    consents = select(GatewayConsent.gateway_id, func.count()).group_by(col(GatewayConsent.gateway_id))
    people = {gateway_id: count for gateway_id, count in session.exec(consents)}
    gateways = session.exec(select(Gateway).order_by(col(Gateway.name)))
    return [ListedGateway(gateway, people.get(gateway.id, 0), messages.get(gateway.id, {})) for gateway in gateways]
