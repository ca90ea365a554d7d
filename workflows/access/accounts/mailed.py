"""Mailed codes and links: issued together with their letter, used once, valid for a while.

A code belongs to the browser that asked for it and keeps its id. Requests of others under the same name neither void
the code nor use up its attempts, so nobody can lock a person out. If somebody guesses codes of a name, or asks for many
codes, new codes for unknown browsers become longer. This stops the guessing and locks nobody out either.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, literal, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.database.rows import count_changed, insert_new, table_of
from models.errors import NotFound, Refused, need
from models.letters.letter import SECRET_TOPIC, TEST_TOPIC, Letter, LetterKind
from models.organization.account import MOST_ATTEMPTS, MailedPurpose, MailedSecret, Throttle
from models.organization.person import Person
from notifications.composing.facts import AccountItem
from notifications.composing.keys import mailed_code, read_mailed, sign_mailed
from notifications.outbox.grouping import queue_letter_to, queue_letters
from workflows.access.accounts.throttle import RequestOrigin, are_codes_guessed, count, count_wrong_code, find_by_name
from workflows.access.accounts.ways_in import void
from workflows.access.audit_log import AuditActor, note
from workflows.rules.throttle_policy import ASKS, LIMITS, ThrottleScope, for_strangers

CODE_LASTS, LONG_CODE_LASTS = timedelta(minutes=10), timedelta(minutes=20)
"""Validity of codes with six and with ten digits. A long code takes longer to type, and is known by its validity."""
TEST_LASTS = timedelta(hours=1)
"""After this time nobody waits for their test letter any more."""
PAGES = {MailedPurpose.INVITATION: "invitation", MailedPurpose.RESET: "reset"}
"""The page that a mailed link opens."""
LASTS = {
    MailedPurpose.SIGN_IN: CODE_LASTS,
    MailedPurpose.INVITATION: timedelta(days=7),
    MailedPurpose.RESET: timedelta(hours=1),
}
_MOST_SHORT = 2
"""Short codes of a person that are open at once. With five attempts each, they allow as many wrong codes as it takes to
make further codes longer."""


@dataclass(frozen=True)
class Redeemed:
    """The person of a right code; otherwise whether the code is void, so that another attempt is useless."""

    person: Person | None
    is_void: bool = False


def issue(
    session: Session, person: Person, purpose: MailedPurpose, *, now: datetime, lasts: timedelta | None = None
) -> MailedSecret:
    """Make a secret and queue its letter. Raises Refused for a person without an address, and for a retired one."""
    secret = session.get(MailedSecret, _issue(session, person.id, purpose, now=now, lasts=lasts))
    refusal = Refused("{person} has no mail address that a letter could go to", person=person.full_name)
    return need(secret, refusal)


def _issue(
    session: Session, person_id: UUID, purpose: MailedPurpose, *, now: datetime, lasts: timedelta | None = None
) -> UUID:
    """Make a secret and queue its letter, if the id is that of an active person with an address.

    It runs the same two statements in any case, so that its duration does not reveal whether a name exists.
    """
    secret_id, expires_at = new_id(), now + (lasts or LASTS[purpose])
    is_reachable = (col(Person.id) == person_id, col(Person.is_active), func.coalesce(col(Person.email), "") != "")
    values = {"purpose": purpose, "created_at": now, "expires_at": expires_at, "attempts": 0}
    table = table_of(MailedSecret)
    literals = [literal(value, table.c[name].type) for name, value in values.items()]
    row = columns(literal(secret_id, table.c.id.type), col(Person.id), *literals).where(*is_reachable)
    session.execute(insert(table).from_select(["id", "person_id", *values], row))
    topic = f"{SECRET_TOPIC}{secret_id.hex}"
    queue_letter_to(session, columns(col(Person.id)).where(*is_reachable), now, LetterKind.ACCOUNT, topic)
    return secret_id


def ask(
    session: Session,
    name: str,
    purpose: MailedPurpose,
    caller: RequestOrigin,
    *,
    now: datetime,
    letters_per_day: int | None = None,
    scopes: tuple[ThrottleScope, ...] = ASKS,
) -> UUID:
    """Mail a code, or a link to choose a new password, to the person with this name. Return the secret's id.

    Nothing is mailed for an unknown name, for a person without an address, and after too many requests. The result
    looks the same, and the same queries run. Strangers may use a part of the mail server's quota `letters_per_day`.
    `scopes` are the counts that grow: `LETTER_ASKS` for a name that comes from a letter's link.
    """
    person = find_by_name(session, name)
    limits = {**LIMITS, ThrottleScope.ASK_ALL: for_strangers(letters_per_day)}
    counted = count(session, scopes, name, person, caller, now, limits)
    is_mailed = person is not None and not isinstance(counted, datetime)
    person_id = person.id if person is not None and is_mailed else new_id()  # a new id is nobody's
    lasts = None
    # a known network address does not make a browser known: colleagues share it
    if purpose is MailedPurpose.SIGN_IN and person_id not in caller.known_to:
        is_guessed, open_codes = are_codes_guessed(session, person_id, now), _count_open_codes(session, person_id, now)
        lasts = LONG_CODE_LASTS if is_guessed or open_codes >= _MOST_SHORT else None
    return _issue(session, person_id, purpose, now=now, lasts=lasts)


def _count_open_codes(session: Session, person_id: UUID, now: datetime) -> int:
    """Count the codes that have not expired, also those without attempts left."""
    query = (
        select(func.count())
        .select_from(MailedSecret)
        .where(
            MailedSecret.person_id == person_id,
            MailedSecret.purpose == MailedPurpose.SIGN_IN,
            col(MailedSecret.used_at).is_(None),
            col(MailedSecret.expires_at) > now,
        )
    )
    return session.exec(query).one()


def invite(session: Session, person: Person, *, now: datetime, by: UUID | None = None) -> MailedSecret:
    """Mail a link to choose the first password, and void earlier links. `by` is the administrator."""
    void(session, [person.id], MailedPurpose.INVITATION, now=now)
    secret = issue(session, person, MailedPurpose.INVITATION, now=now)
    note(session, "invited", now=now, actor_id=by, about=person.code)
    return secret


def redeem_code(session: Session, link_key: str, secret_id: UUID, code: str, *, now: datetime) -> Redeemed:
    """Use a code up. It raises nothing, so that the attempt stays counted.

    A code that was never mailed, has expired or was used gives the same answers as a mistyped one, so that a stranger
    learns nothing.
    """
    digits = "".join(char for char in code if char.isdigit())
    is_void = _count_attempt(session, secret_id, now) >= MOST_ATTEMPTS
    is_attempted = count_changed(
        session,
        update(MailedSecret)
        .where(*_is_open(secret_id, MailedPurpose.SIGN_IN, now))
        .values(attempts=MailedSecret.attempts + 1)
        .execution_options(synchronize_session=False),
    )
    secret = session.get(MailedSecret, secret_id, populate_existing=True)
    if not is_attempted or secret is None:
        count_wrong_code(session, secret_id, now)  # the id is nobody's
        return Redeemed(None, is_void=is_void)
    if not hmac.compare_digest(digits.encode(), code_of(secret, link_key).encode()):
        if count_wrong_code(session, secret.person_id, now):
            note(session, "codes_guessed", now=now, about=session.get_one(Person, secret.person_id).code)
        return Redeemed(None, is_void=is_void)
    person = session.get_one(Person, secret.person_id)
    void(session, [person.id], MailedPurpose.SIGN_IN, now=now)
    return Redeemed(person if person.is_active else None)


def open_link(
    session: Session, link_key: str, token: str, purpose: MailedPurpose, *, now: datetime
) -> tuple[MailedSecret, Person]:
    """Raise NotFound for a link that this installation never made, and Refused for an old one."""
    secret = session.get(MailedSecret, read_mailed(link_key, token))
    if secret is None or secret.purpose is not purpose:
        raise NotFound("this link is not valid: open it again from the letter")
    person = session.get_one(Person, secret.person_id)
    if not secret.is_open(now) or not person.is_active:
        raise Refused("this link has been used, replaced by a newer one, or is too old: ask for another")
    return secret, person


def use_link(session: Session, link_key: str, token: str, purpose: MailedPurpose, *, now: datetime) -> Person:
    """Use a mailed link up, and void all others that could set the person's password. Raises as `open_link`."""
    secret, person = open_link(session, link_key, token, purpose, now=now)
    is_used = count_changed(
        session,
        update(MailedSecret)
        .where(*_is_open(secret.id, purpose, now))
        .values(used_at=now)
        .execution_options(synchronize_session=False),
    )
    if not is_used:  # another request was quicker
        raise Refused("this link has been used, replaced by a newer one, or is too old: ask for another")
    void(session, [person.id], MailedPurpose.INVITATION, MailedPurpose.RESET, now=now)
    return person


def _is_open(secret_id: UUID, purpose: MailedPurpose, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(MailedSecret.id) == secret_id,
        col(MailedSecret.purpose) == purpose,
        col(MailedSecret.used_at).is_(None),
        col(MailedSecret.expires_at) > now,
        col(MailedSecret.attempts) < MOST_ATTEMPTS,
    )


def _count_attempt(session: Session, secret_id: UUID, now: datetime) -> int:
    """Count an attempt at a code, even if there is no such code. Return the new count."""
    key = f"code_try:{secret_id.hex}"
    insert_new(session, table_of(Throttle), [{"key": key, "failures": 0, "last_at": now, "blocked_until": None}])
    session.execute(
        update(Throttle)
        .where(col(Throttle.key) == key)
        .values(failures=Throttle.failures + 1, last_at=now)
        .execution_options(synchronize_session=False)
    )
    return session.get_one(Throttle, key, populate_existing=True).failures


def queue_test(session: Session, person_id: UUID, now: datetime) -> None:
    queue_letters(session, [(person_id, now, LetterKind.ACCOUNT, f"{TEST_TOPIC}{new_id().hex}")])


def send_test(session: Session, person: Person, audit_actor: AuditActor) -> str:
    """Queue a test letter to the person who asks for it, and return the address. Raises Refused without one."""
    if not person.email:
        raise Refused("{person} has no mail address that a letter could go to", person=person.full_name)
    queue_test(session, person.id, audit_actor.now)
    audit_actor.note(session, "test_letter_sent", person.code)
    return person.email


def code_of(secret: MailedSecret, link_key: str) -> str:
    """Return the code of a secret: ten digits if it is valid for longer, else six."""
    is_long = secret.expires_at - secret.created_at > CODE_LASTS
    return mailed_code(link_key, secret.id, 10 if is_long else 6)


def account_item(
    letter: Letter, secret: MailedSecret | None, base_url: str, link_key: str, now: datetime
) -> AccountItem | None:
    """Return what the letter says if it leaves at `now` (UTC); None if it is useless by then."""
    if letter.topic.startswith(TEST_TOPIC):
        return AccountItem("test") if now < letter.slot + TEST_LASTS else None
    if secret is None or not secret.is_open(now):
        return None
    if secret.purpose is MailedPurpose.SIGN_IN:
        code = code_of(secret, link_key)
        half = len(code) // 2
        return AccountItem(secret.purpose, secret.expires_at, code=f"{code[:half]} {code[half:]}")
    url = f"{base_url}/{PAGES[secret.purpose]}/{sign_mailed(link_key, secret.id)}"
    return AccountItem(secret.purpose, secret.expires_at, url=url)
