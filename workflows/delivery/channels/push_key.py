"""Whether browsers may be subscribed, and the key that names this installation to push services. Off until switched on.

The key is made at the first switching on, and stays: browsers are subscribed to it.
"""

from datetime import datetime

from sqlmodel import Session, col, update

from models.database.rows import insert_new, table_of
from models.database.run import WEB_PUSH_KEY, WEB_PUSH_ON, Installation
from models.database.sealing import installation_value, put, value_place
from models.errors import Refused
from models.letters.channel import SWITCHED_OFF, ChannelMessage, MessageState
from notifications.channels.web_push import new_key, public_key
from workflows.access.audit_log import note
from workflows.access.rights import Principal
from workflows.rules.rights_table import Right


def is_push_on(session: Session) -> bool:
    """Return whether people may have notifications shown by their browsers."""
    return session.get(Installation, WEB_PUSH_ON) is not None


def push_key(session: Session) -> str | None:
    """Return the private key; None before the first switching on. Locked where it cannot be opened."""
    return installation_value(session, WEB_PUSH_KEY)


def browser_key(session: Session) -> str | None:
    """Return the public key that a browser subscribes to, while this is on."""
    key = push_key(session) if is_push_on(session) else None
    return None if key is None else public_key(key)


def switch_push(session: Session, principal: Principal, *, on: bool, now: datetime) -> None:
    """Switch notifications of browsers on or off. Off, what waits is given up; subscriptions stay for another time."""
    principal.require(Right.EDIT_CHANNELS)
    if is_push_on(session) is on:
        raise Refused("notifications of browsers are switched so already")
    if on:
        if session.get(Installation, WEB_PUSH_KEY) is None:
            made = put(session, value_place(WEB_PUSH_KEY), new_key())
            insert_new(session, table_of(Installation), [{"name": WEB_PUSH_KEY, "value": made}])
        insert_new(session, table_of(Installation), [{"name": WEB_PUSH_ON, "value": now.isoformat()}])
    else:
        session.delete(session.get_one(Installation, WEB_PUSH_ON))
        session.flush()
        waiting = (col(ChannelMessage.subscription_id).is_not(None), col(ChannelMessage.state) == MessageState.QUEUED)
        gone = {"state": MessageState.FAILED, "error": SWITCHED_OFF}
        session.execute(update(ChannelMessage).where(*waiting).values(**gone))
    note(session, "web_push_on" if on else "web_push_off", now=now, actor_id=principal.person.id)
