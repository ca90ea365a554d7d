"""What is done to all secrets of an installation: sealed, sealed anew under another key, given up where it is lost.

How one secret is sealed stands in models/database/sealing.py.
"""

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, delete, update
from sqlmodel import Session, col, select

from models.database.run import CHECKPOINT_KEY, LINK_KEY, WEB_PUSH_KEY, WEB_PUSH_ON, Installation
from models.database.seal_keys import PublicKey, SealKeys, begin_signing, mark_next, public_of
from models.database.seal_keys import read_mark as read_seals_mark
from models.database.sealed_rows import Secret, establish, reseal, standing, write_mark
from models.database.sealing import (
    KeyMissing,
    SecretPlace,
    gateway_place,
    is_sealed,
    keys_in,
    need,
    put,
    read_mark,
    value_place,
    webhook_place,
)
from models.database.secret_keys import Key, Keys
from models.database.session import reading, transaction
from models.database.upgrade import is_finished
from models.errors import BadInput, DondocError, Refused
from models.letters.channel import SWITCHED_OFF, ChannelMessage, Gateway, MessageState, PushSubscription
from models.operations.logs import get_log
from models.organization.access import CallState, KeptAnswer, Webhook, WebhookCall
from models.organization.account import Account
from models.organization.person import Person
from notifications.channels.http_client import new_secret
from workflows.access.audit_log import note

_log = get_log(__name__)


def seal_rest(session: Session) -> int:
    """Seal what is not sealed in today's form, once no program of before may be at work; how many.

    Seals of the history are signed from then on. The first time makes the keys. KeyMissing over a database that is
    sealed with a key which is not here.
    """
    connection = session.connection()
    if not is_finished(connection):
        return 0
    done = establish(connection)
    begin_signing(connection)
    if done:
        _log.info("sealed", count=done)
    return done


@dataclass(frozen=True)
class SecretCheck:
    """How the secrets of a database stand."""

    key_id: str | None
    """None where it is not sealed."""
    fault: DondocError | None
    """Why its key cannot be used."""
    sealed: Counter[str]
    """How many, by table."""
    clear: Counter[str]
    locked: list[Secret]
    """Sealed, and opened by no key that is here."""

    @property
    def lost(self) -> Counter[str]:
        """Return how many are locked, by table."""
        return Counter(one.place.table for one in self.locked)

    def require_loss(self) -> None:
        """Refused where everything can be opened. BadInput where the keys cannot be read: they are not lost."""
        if isinstance(self.fault, BadInput):
            raise self.fault
        if self.fault is None and not self.locked:
            raise Refused("every secret can be opened: there is nothing to give up")


def look(session: Session, keys: Keys) -> SecretCheck:
    """SecretCheck only, and tries to open each."""
    connection = session.connection()
    mark = read_mark(connection)
    fault: DondocError | None = None
    usable: Keys | None = keys
    try:
        if mark is not None:
            need(mark.key_id, keys)
    except KeyMissing as error:
        fault = error
    except BadInput as error:  # a file that others may read, too
        fault, usable = error, None
    rows = list(standing(connection))
    return SecretCheck(
        mark.key_id if mark is not None else None,
        fault,
        Counter(one.place.table for one in rows if is_sealed(one.stored)),
        Counter(one.place.table for one in rows if not is_sealed(one.stored)),
        [one for one in rows if not one.is_open(usable)],
    )


def check_keys(session: Session) -> None:
    """Raise where this database is sealed and its key is not here, or may not be used."""
    connection = session.connection()
    if (mark := read_mark(connection)) is not None:
        need(mark.key_id, keys_in(connection))


def present_key(session: Session, keys: Keys) -> Key:
    """Return the key that a database is sealed with, for a rotation. Refused where it is not sealed in today's form."""
    mark = read_mark(session.connection())
    if mark is None:
        raise Refused(
            "the secrets in this database are not sealed yet: run `dondoc init`, or `dondoc upgrade --finish`"
        )
    if mark.is_old:
        raise Refused("once no older program runs on any machine: `dondoc upgrade --finish`")
    return need(mark.key_id, keys)


def rotate(engine: Engine, keys: Keys, *, now: datetime) -> tuple[Key, int, list[SecretPlace]]:
    """Seal everything under a new key, and take the old one away; which, how many, and those that no key opened.

    The file has both keys before anything is sealed anew, which happens in one transaction; only then the old one goes.
    Broken off anywhere, everything can be opened, and the next rotation goes on. Keys of the environment, and those of
    several machines, are others' to change: a new one that stands first there is gone over to; without one, Refused.
    """
    with keys.alone():
        with reading(engine) as session:
            present = present_key(session, keys)
        found = keys.read()
        new = found[0]
        if new == present:
            if not keys.may_change:
                raise Refused(
                    "put a new key first in {place} on every machine (openssl rand -hex 32), the present one after it, "
                    "start the programs again, and repeat this",
                    place=keys.place,
                )
            new = keys.fresh()
            keys.replace([new, *found])
        with transaction(engine) as session:
            connection = session.connection()
            read_mark(connection, hold="alone")
            write_mark(connection, new.id)
            rows = list(standing(connection))
            left = reseal(connection, rows, keys, new)
            done = len(rows) - len(left)
            note(session, "secrets_rotated", now=now, facts={"from": present.id, "to": new.id, "sealed": done})
        if keys.may_change:
            keys.replace([new])
    return new, done, left


def rotate_seals(engine: Engine, keys: SealKeys, *, now: datetime) -> PublicKey:
    """Sign the seals to come with another key, and return its public half; those of before stay as they were signed.

    The old public key stays in seals.pub, for its seals alone. Broken off anywhere, the next rotation goes on. A key
    that is lost is replaced in the same way. Keys of the environment, and those of several machines, are others' to
    change: a new one that stands first there is gone over to; without one, Refused.
    """
    with keys.private.alone():
        with reading(engine) as session:
            if not is_finished(session.connection()):
                raise Refused("once no older program runs on any machine: `dondoc upgrade --finish`")
            present = read_seals_mark(session.connection())
        found = keys.private.read()
        if found and (present is None or public_of(found[0]) != present.digits):
            new = found[0]
        elif keys.private.may_change:
            new = keys.private.fresh()
            keys.private.replace([new, *found])
        else:
            raise Refused(
                "put a new key first in {place} on every machine (openssl rand -hex 32), the present one after it, "
                "start the programs again, and repeat this",
                place=keys.private.place,
            )
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
    row.value = put(session, value_place(LINK_KEY), secrets.token_urlsafe(32))
    session.add(row)
    note(session, "link_key_renewed", now=now)


def give_up(session: Session, keys: Keys, *, now: datetime) -> dict[str, int]:
    """Go on without the secrets that cannot be opened; how many of each table. The others stay.

    Second steps go off, webhooks are switched off, gateways are off and lose their headers, browsers are
    subscribed no more, kept answers go, the installation's key is another one (as
    `renew_link_key`). Refused where everything can be opened.
    """
    connection = session.connection()
    read_mark(connection, hold="alone")
    found = look(session, keys)
    found.require_loss()
    if found.fault is not None or found.key_id is None:
        write_mark(connection, keys.make().id)
    note(session, "secrets_given_up", now=now, facts={"count": len(found.locked)})
    for one in found.locked:
        _GIVE_UP[one.place.table](session, one.ids, now)
    return {table: found.lost[table] for table in _GIVE_UP}


def _without_value(session: Session, ids: dict[str, object], now: datetime) -> None:
    if ids["name"] == LINK_KEY:
        renew_link_key(session, now=now)
    elif ids["name"] == WEB_PUSH_KEY:  # made anew when it is switched on again; browsers subscribe to the new one
        session.execute(delete(Installation).where(col(Installation.name).in_((WEB_PUSH_KEY, WEB_PUSH_ON))))
        _end_browsers(session, now)
        note(session, "web_push_off", now=now)
    else:  # made anew with the next checkpoint
        session.execute(delete(Installation).where(col(Installation.name) == CHECKPOINT_KEY))


def _without_second_step(session: Session, ids: dict[str, object], now: datetime) -> None:
    mine = col(Account.person_id) == ids["person_id"]
    session.execute(update(Account).where(mine).values(totp_secret=None, totp_confirmed_at=None, totp_last_step=0))
    code = session.exec(select(Person.code).where(col(Person.id) == ids["person_id"])).one()
    note(session, "totp_off", now=now, about=code)


def _without_webhook(session: Session, ids: dict[str, object], now: datetime) -> None:
    hook = session.get_one(Webhook, ids["id"])
    hook.is_active, hook.secret = False, put(session, webhook_place(hook.id), secrets.token_urlsafe(24))
    session.add(hook)
    session.execute(
        update(WebhookCall)
        .where(col(WebhookCall.webhook_id) == hook.id, col(WebhookCall.state) == CallState.QUEUED)
        .values(state=CallState.FAILED, error="switched off")
    )
    note(session, "webhook_switched_off", now=now, about=hook.name)


def _without_answer(session: Session, ids: dict[str, object], _now: datetime) -> None:
    mine = (col(KeptAnswer.person_id) == ids["person_id"], col(KeptAnswer.key) == ids["key"])
    session.execute(delete(KeptAnswer).where(*mine))


def _without_gateway(session: Session, ids: dict[str, object], now: datetime) -> None:
    """Both of its secrets go, and it is off: an administrator types its headers anew."""
    gateway = session.get_one(Gateway, ids["id"], populate_existing=True)
    gateway.is_active = False
    gateway.headers = put(session, gateway_place(gateway.id, "headers"), "{}")
    gateway.secret = put(session, gateway_place(gateway.id, "secret"), new_secret())
    session.add(gateway)
    session.flush()
    session.execute(
        update(ChannelMessage)
        .where(col(ChannelMessage.gateway_id) == gateway.id, col(ChannelMessage.state) == MessageState.QUEUED)
        .values(state=MessageState.FAILED, error=SWITCHED_OFF)
    )
    note(session, "gateway_switched_off", now=now, about=gateway.name)


def _without_browser(session: Session, ids: dict[str, object], now: datetime) -> None:
    _end_browsers(session, now, col(PushSubscription.id) == ids["id"])


def _end_browsers(session: Session, now: datetime, *which: ColumnElement[bool]) -> None:
    ended = update(PushSubscription).where(col(PushSubscription.ended_at).is_(None), *which)
    session.execute(ended.values(keys=None, ended_at=now, ended_because="off"))


_GIVE_UP = {
    "account": _without_second_step,
    "webhook": _without_webhook,
    "installation": _without_value,
    "kept_answer": _without_answer,
    "gateway": _without_gateway,
    "push_subscription": _without_browser,
}
