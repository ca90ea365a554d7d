"""Check all secrets of an installation, seal them with another key, or give them up when the key is lost.

models/database/sealed.py seals a single secret.
"""

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine
from sqlmodel import Session, col, delete, select, update

from models.channels.channel import SWITCHED_OFF, ChannelMessage, Gateway, MessageState, PushSubscription
from models.database.run import LINK_KEY, WEB_PUSH_KEY, WEB_PUSH_ON, Installation
from models.database.seal_keys import PublicKey, SealKeys, change_signing_key, public_half_of, read_signing_key
from models.database.sealed import (
    KeyMissing,
    Locked,
    StoredSecret,
    check_keys,
    keys_in,
    name_key,
    named_key,
    stored_secrets,
)
from models.database.secret_keys import Key
from models.database.session import reading, transaction
from models.errors import BadInput, DondocError, Refused
from models.i18n import _
from models.organization.access import KeptAnswer, Webhook
from models.organization.person import Person
from workflows.access.accounts.totp import remove_totp
from workflows.access.audit_log import note
from workflows.queue.switching_off import end_subscription, new_secret, switch_off

_PUT_FIRST = _(
    "put a new key first in {place} on every machine (openssl rand -hex 32), the present one after it, "
    "start the programs again, and repeat this"
)


@dataclass(frozen=True)
class SecretCheck:
    """The secrets of an installation. `fault` says why the key `key_id`, which sealed last, cannot be used.

    `sealed` counts the secrets by table. No key on this machine opens the `locked` ones.
    """

    key_id: str | None
    fault: DondocError | None
    sealed: Counter[str]
    locked: list[StoredSecret]

    @property
    def lost(self) -> Counter[str]:
        return Counter(secret.table.name for secret in self.locked)

    def require_loss(self) -> None:
        """Raise Refused if every secret can be opened, and BadInput if the keys exist but cannot be read."""
        if isinstance(self.fault, BadInput):
            raise self.fault
        if self.fault is None and not self.locked:
            raise Refused("every secret can be opened: there is nothing to give up")


def check_secrets(connection: Connection) -> SecretCheck:
    """Try to open each secret, and change nothing."""
    stored, fault = list(stored_secrets(connection)), None
    try:
        check_keys(connection)
    except (KeyMissing, BadInput) as error:  # BadInput: for example a key file that others may read
        fault = error
    keys_are_unreadable = isinstance(fault, BadInput)
    locked = [secret for secret in stored if keys_are_unreadable or not secret.is_readable(connection)]
    return SecretCheck(named_key(connection), fault, Counter(secret.table.name for secret in stored), locked)


class Rotation(NamedTuple):
    """The new key, the number of secrets sealed with it, and the secrets that no key opens."""

    key: Key
    resealed: int
    locked: list[StoredSecret]


def rotate(engine: Engine, *, now: datetime) -> Rotation:
    """Seal every secret with a new key, in one transaction.

    The former key stays in the file behind the new one, because running programs may still write with it. The next
    rotation removes it. If the process is killed, every secret can still be opened, and the next rotation completes it.

    The program does not change keys of the environment or of several machines. There it takes the first key, and raises
    Refused if that one is in use already.
    """
    keys = keys_in(engine)
    assert keys is not None, "the caller has opened the database with its keys"
    with keys.alone():
        with reading(engine) as session:
            check_keys(session.connection())
            former_id = named_key(session.connection())
        former_keys = keys.read()
        new_key = former_keys[0]
        if keys.may_change:
            new_key = keys.fresh()
            keys.replace([new_key, *former_keys])
        elif new_key.id == former_id:
            raise Refused(_PUT_FIRST, place=keys.place)
        with transaction(engine) as session:
            resealed, locked = _seal_again(session.connection())
            name_key(session.connection(), new_key.id)
            note(session, "secrets_rotated", now=now, facts={"from": former_id, "to": new_key.id, "sealed": resealed})
        if keys.may_change:
            keys.replace([new_key, former_keys[0]])
    return Rotation(new_key, resealed, locked)


def _seal_again(connection: Connection) -> tuple[int, list[StoredSecret]]:
    """Seal each secret with the first key. Return how many, and the secrets that no key opens."""
    resealed, locked = 0, []
    for secret in stored_secrets(connection):
        try:
            secret.write(connection, secret.read(connection))
            resealed += 1
        except Locked:
            locked.append(secret)
    return resealed, locked


def rotate_seals(engine: Engine, keys: SealKeys, *, now: datetime) -> PublicKey:
    """Sign future seals with another key, and return its public half. Earlier seals keep their signatures.

    The old public key stays in seals.pub for its own seals. A lost key is replaced in the same way. If the process is
    killed, the next rotation completes the work.

    The program does not change keys of the environment or of several machines. There it takes a new first key, and
    raises Refused if there is none.
    """
    with keys.private.alone():
        with reading(engine) as session:
            former = read_signing_key(session.connection())
        private_keys = keys.private.read()
        if private_keys and (former is None or public_half_of(private_keys[0]) != former.digits):
            new_key = private_keys[0]
        elif keys.private.may_change:
            new_key = keys.private.fresh()
            keys.private.replace([new_key, *private_keys])
        else:
            raise Refused(_PUT_FIRST, place=keys.private.place)
        with transaction(engine) as session:
            signing_key = change_signing_key(session.connection(), public_half_of(new_key))
            facts = {"from": former.digits if former else "", "to": signing_key.digits, "seal": signing_key.first}
            note(session, "seals_key_rotated", now=now, facts=facts)
        keys.add_public_key(signing_key)
        if keys.private.may_change:
            keys.private.replace([new_key])
    return signing_key


def renew_link_key(session: Session, *, now: datetime) -> None:
    """Replace the installation's key. It voids links in letters, calendar addresses, codes, forms and cookies.

    Running sites use the old key for at most a minute. Letters that are written but not sent contain void links.
    """
    row = session.get_one(Installation, LINK_KEY, with_for_update=True)
    row.secret = secrets.token_urlsafe(32)
    session.add(row)
    note(session, "link_key_renewed", now=now)


def give_up(session: Session, *, now: datetime) -> dict[str, int]:
    """Give up the secrets that cannot be opened, and return how many by table. The other secrets stay.

    It removes second steps and kept answers, and ends browser subscriptions. It switches off webhooks and gateways,
    which lose their headers. It replaces the installation's key as `renew_link_key` does. Raises Refused if every
    secret can be opened.
    """
    check = check_secrets(session.connection())
    check.require_loss()
    if check.fault is not None and (keys := keys_in(session.connection())) is not None:
        name_key(session.connection(), keys.make().id)
    note(session, "secrets_given_up", now=now, facts={"count": len(check.locked)})
    for secret in check.locked:
        _GIVE_UP[secret.table.name](session, secret.ids, now)
    session.flush()
    return {table: check.lost[table] for table in _GIVE_UP}


def _give_up_installation_key(session: Session, ids: dict[str, Any], now: datetime) -> None:
    if ids["name"] == LINK_KEY:
        renew_link_key(session, now=now)
        return
    # switching web push on again makes a new key, to which browsers subscribe anew
    session.execute(delete(Installation).where(col(Installation.name).in_((WEB_PUSH_KEY, WEB_PUSH_ON))))
    for browser_id in session.exec(select(PushSubscription.id).where(col(PushSubscription.ended_at).is_(None))):
        end_subscription(session, browser_id, "off", now)
    note(session, "web_push_off", now=now)


def _give_up_second_step(session: Session, ids: dict[str, Any], now: datetime) -> None:
    remove_totp(session, session.get_one(Person, ids["person_id"]), now=now, by=None)


def _give_up_webhook(session: Session, ids: dict[str, Any], now: datetime) -> None:
    hook = session.get_one(Webhook, ids["id"])
    hook.secret = new_secret()
    switch_off(session, hook)
    note(session, "webhook_switched_off", now=now, about=hook.name)


def _give_up_gateway(session: Session, ids: dict[str, Any], now: datetime) -> None:
    """Remove both secrets and switch the gateway off. An administrator must type its headers again."""
    gateway = session.get_one(Gateway, ids["id"])
    gateway.is_active, gateway.headers, gateway.secret = False, "{}", new_secret()
    session.add(gateway)
    is_waiting = (col(ChannelMessage.gateway_id) == gateway.id, col(ChannelMessage.state) == MessageState.QUEUED)
    failure = {"state": MessageState.FAILED, "error": SWITCHED_OFF}
    session.execute(update(ChannelMessage).where(*is_waiting).values(**failure))
    note(session, "gateway_switched_off", now=now, about=gateway.name)


def _give_up_browser(session: Session, ids: dict[str, Any], now: datetime) -> None:
    end_subscription(session, ids["id"], "off", now)


def _give_up_answer(session: Session, ids: dict[str, Any], _now: datetime) -> None:
    is_this_row = (col(KeptAnswer.person_id) == ids["person_id"], col(KeptAnswer.key) == ids["key"])
    session.execute(delete(KeptAnswer).where(*is_this_row))


_GIVE_UP = {
    "account": _give_up_second_step,
    "webhook": _give_up_webhook,
    "installation": _give_up_installation_key,
    "kept_answer": _give_up_answer,
    "gateway": _give_up_gateway,
    "push_subscription": _give_up_browser,
}
