"""What is done to all secrets of an installation: looked at, sealed with another key, given up where the key is lost.

How one secret is sealed stands in models/database/sealed.py.
"""

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine
from sqlmodel import Session, col, delete, select, update

from models.channels.channel import SWITCHED_OFF, ChannelMessage, Gateway, MessageState, PushSubscription
from models.database.run import LINK_KEY, WEB_PUSH_KEY, WEB_PUSH_ON, Installation
from models.database.seal_keys import PublicKey, SealKeys, mark_next, public_of
from models.database.seal_keys import read_mark as read_seals_mark
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
    key_id: str | None
    """The key with which they were sealed last."""
    fault: DondocError | None
    """Why that key cannot be used."""
    sealed: Counter[str]
    """How many, by table."""
    locked: list[StoredSecret]
    """Opened by no key that is here."""

    @property
    def lost(self) -> Counter[str]:
        return Counter(one.table.name for one in self.locked)

    def require_loss(self) -> None:
        """Refused where everything can be opened. BadInput where the keys cannot be read: they are not lost."""
        if isinstance(self.fault, BadInput):
            raise self.fault
        if self.fault is None and not self.locked:
            raise Refused("every secret can be opened: there is nothing to give up")


def look(connection: Connection) -> SecretCheck:
    """Try to open each secret, and change nothing."""
    rows, fault = list(stored_secrets(connection)), None
    try:
        check_keys(connection)
    except (KeyMissing, BadInput) as error:  # a file that others may read, too
        fault = error
    locked = rows if isinstance(fault, BadInput) else [one for one in rows if not one.is_open(connection)]
    return SecretCheck(named_key(connection), fault, Counter(one.table.name for one in rows), locked)


def rotate(engine: Engine, *, now: datetime) -> tuple[Key, int, list[StoredSecret]]:
    """Seal everything with a new key, in one transaction; return which, how many, and those that no key opened.

    The key of before stays in the file behind the new one, for what a running program is writing just now. The next
    rotation takes it away. Killed anywhere, everything can be opened, and the next rotation goes on. Keys of the
    environment, and those of several machines, are others' to change: the one that stands first there is gone over to;
    Refused where that is the one at work.
    """
    keys = keys_in(engine)
    assert keys is not None, "whoever rotates has opened the database with its keys"
    with keys.alone():
        with reading(engine) as session:
            check_keys(session.connection())
            present = named_key(session.connection())
        found = keys.read()
        new = found[0]
        if keys.may_change:
            new = keys.fresh()
            keys.replace([new, *found])
        elif new.id == present:
            raise Refused(_PUT_FIRST, place=keys.place)
        with transaction(engine) as session:
            connection, done, left = session.connection(), 0, []
            for one in stored_secrets(connection):
                try:
                    one.write(connection, one.opened(connection))
                    done += 1
                except Locked:
                    left.append(one)
            name_key(connection, new.id)
            note(session, "secrets_rotated", now=now, facts={"from": present, "to": new.id, "sealed": done})
        if keys.may_change:
            keys.replace([new, found[0]])
    return new, done, left


def rotate_seals(engine: Engine, keys: SealKeys, *, now: datetime) -> PublicKey:
    """Sign the seals to come with another key, and return its public half; those of before stay as they were signed.

    The old public key stays in seals.pub, for its seals alone. Broken off anywhere, the next rotation goes on. A key
    that is lost is replaced in the same way. Keys of the environment, and those of several machines, are others' to
    change: a new one that stands first there is gone over to; without one, Refused.
    """
    with keys.private.alone():
        with reading(engine) as session:
            present = read_seals_mark(session.connection())
        found = keys.private.read()
        if found and (present is None or public_of(found[0]) != present.digits):
            new = found[0]
        elif keys.private.may_change:
            new = keys.private.fresh()
            keys.private.replace([new, *found])
        else:
            raise Refused(_PUT_FIRST, place=keys.private.place)
        with transaction(engine) as session:
            mark = mark_next(session.connection(), public_of(new))
            facts = {"from": present.digits if present else "", "to": mark.digits, "seal": mark.first}
            note(session, "seals_key_rotated", now=now, facts=facts)
        keys.add_public(mark)
        if keys.private.may_change:
            keys.private.replace([new])
    return mark


def renew_link_key(session: Session, *, now: datetime) -> None:
    """Another key of the installation. Void from then on: links in letters, calendar addresses, codes, forms, cookies.

    Sites go by the old one for at most a minute. Letters that were written and have not left bear old links.
    """
    row = session.get_one(Installation, LINK_KEY, with_for_update=True)
    row.secret = secrets.token_urlsafe(32)
    session.add(row)
    note(session, "link_key_renewed", now=now)


def give_up(session: Session, *, now: datetime) -> dict[str, int]:
    """Go on without the secrets that cannot be opened; how many of each table. The others stay.

    Second steps go off, webhooks are switched off, gateways are off and lose their headers, browsers are subscribed no
    more, kept answers go, the installation's key is another one (as `renew_link_key`). Refused where everything can be
    opened.
    """
    found = look(session.connection())
    found.require_loss()
    if found.fault is not None and (keys := keys_in(session.connection())) is not None:
        name_key(session.connection(), keys.make().id)
    note(session, "secrets_given_up", now=now, facts={"count": len(found.locked)})
    for one in found.locked:
        _GIVE_UP[one.table.name](session, one.ids, now)
    session.flush()
    return {table: found.lost[table] for table in _GIVE_UP}


def _without_value(session: Session, ids: dict[str, Any], now: datetime) -> None:
    if ids["name"] == LINK_KEY:
        renew_link_key(session, now=now)
        return
    # the key of browsers is made anew when they are switched on again; browsers subscribe to the new one
    session.execute(delete(Installation).where(col(Installation.name).in_((WEB_PUSH_KEY, WEB_PUSH_ON))))
    for browser_id in session.exec(select(PushSubscription.id).where(col(PushSubscription.ended_at).is_(None))):
        end_subscription(session, browser_id, "off", now)
    note(session, "web_push_off", now=now)


def _without_second_step(session: Session, ids: dict[str, Any], now: datetime) -> None:
    remove_totp(session, session.get_one(Person, ids["person_id"]), now=now, by=None)


def _without_webhook(session: Session, ids: dict[str, Any], now: datetime) -> None:
    hook = session.get_one(Webhook, ids["id"])
    hook.secret = new_secret()
    switch_off(session, hook)
    note(session, "webhook_switched_off", now=now, about=hook.name)


def _without_gateway(session: Session, ids: dict[str, Any], now: datetime) -> None:
    """Both of its secrets go, and it is off: an administrator types its headers anew."""
    gateway = session.get_one(Gateway, ids["id"])
    gateway.is_active, gateway.headers, gateway.secret = False, "{}", new_secret()
    session.add(gateway)
    waiting = (col(ChannelMessage.gateway_id) == gateway.id, col(ChannelMessage.state) == MessageState.QUEUED)
    gone = {"state": MessageState.FAILED, "error": SWITCHED_OFF}
    session.execute(update(ChannelMessage).where(*waiting).values(**gone))
    note(session, "gateway_switched_off", now=now, about=gateway.name)


def _without_browser(session: Session, ids: dict[str, Any], now: datetime) -> None:
    end_subscription(session, ids["id"], "off", now)


def _without_answer(session: Session, ids: dict[str, Any], _now: datetime) -> None:
    mine = (col(KeptAnswer.person_id) == ids["person_id"], col(KeptAnswer.key) == ids["key"])
    session.execute(delete(KeptAnswer).where(*mine))


_GIVE_UP = {
    "account": _without_second_step,
    "webhook": _without_webhook,
    "installation": _without_value,
    "kept_answer": _without_answer,
    "gateway": _without_gateway,
    "push_subscription": _without_browser,
}
