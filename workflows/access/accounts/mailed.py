"""Codes and links by mail: issued with their letter, used once, good for a while.

A code belongs to the browser that asked for it, which keeps its id: what others ask for under the same name neither
voids it nor spends its tries. So nobody is kept out by somebody who goes on asking; and where somebody goes on guessing
at the codes of a name, or asks for some before guessing, those for strange browsers become longer, which ends the
guessing and shuts nobody out either.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, update
from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.database.rows import count_changed, insert_new, table_of
from models.errors import NotFound, Refused
from models.letters.letter import SECRET_TOPIC, TEST_TOPIC, Letter, LetterKind
from models.organization.account import MOST_ATTEMPTS, MailedPurpose, MailedSecret, Throttle
from models.organization.person import Person
from notifications.composing.facts import AccountItem
from notifications.composing.keys import mailed_code, read_mailed, sign_mailed
from notifications.outbox.grouping import queue_letters
from workflows.access.accounts.throttle import Caller, are_codes_guessed, count, count_wrong_code, find_by_name
from workflows.access.accounts.ways_in import void
from workflows.access.audit_log import AuditActor, note
from workflows.rules.throttle_policy import ASKS, LIMITS, Scope, for_strangers

CODE_LASTS, LONG_CODE_LASTS = timedelta(minutes=10), timedelta(minutes=20)
"""A code is of six digits. One of ten, for a name whose codes somebody is guessing, is good for longer: typing it takes
longer, and by that it is known for one."""
TEST_LASTS = timedelta(hours=1)
"""Whoever sent a test letter to themselves has long looked elsewhere by then."""
PAGES = {MailedPurpose.INVITATION: "invitation", MailedPurpose.RESET: "reset"}
"""The page of the site that a mailed link opens."""
LASTS = {
    MailedPurpose.SIGN_IN: CODE_LASTS,
    MailedPurpose.INVITATION: timedelta(days=7),
    MailedPurpose.RESET: timedelta(hours=1),
}
_MOST_SHORT = 2
"""So many codes of a person are open before those for strange browsers are longer: with five tries each, as many tries
as make them longer afterwards."""


@dataclass(frozen=True)
class Redeemed:
    """What came of a code: whose it is, or whether another try makes sense."""

    person: Person | None
    is_void: bool = False


def issue(
    session: Session, person: Person, purpose: MailedPurpose, *, now: datetime, lasts: timedelta | None = None
) -> MailedSecret:
    """Make a secret and queue its letter. Refused for a person without an address, or who has retired."""
    if not person.email or not person.is_active:
        raise Refused("{person} has no mail address that a letter could go to", person=person.full_name)
    until = now + (lasts or LASTS[purpose])
    secret = MailedSecret(person_id=person.id, purpose=purpose, created_at=now, expires_at=until)
    session.add(secret)
    session.flush()
    queue_secret(session, secret)
    return secret


def ask(
    session: Session,
    name: str,
    purpose: MailedPurpose,
    caller: Caller,
    *,
    now: datetime,
    letters_per_day: int | None = None,
    scopes: tuple[Scope, ...] = ASKS,
) -> UUID:
    """Mail a code, or a link to choose a new password, to whoever has this name; returns the secret's id.

    For a name that is nobody's, somebody without an address, and one who asks too often nothing is mailed, and the
    answer looks the same. `letters_per_day`: the mail server's quota, of which strangers get a part. `scopes`: what is
    counted, `LETTER_ASKS` where a letter's link says the name.
    """
    person = find_by_name(session, name)
    limits = {**LIMITS, Scope.ASK_ALL: for_strangers(letters_per_day)}
    counted = count(session, scopes, name, person, caller, now, limits)
    if isinstance(counted, datetime) or person is None or not person.email:
        return new_id()
    is_long = (
        purpose is MailedPurpose.SIGN_IN
        and person.id not in caller.known_to  # an address is not enough: colleagues are behind it too
        and (are_codes_guessed(session, person.id, now) or _open_codes(session, person.id, now) >= _MOST_SHORT)
    )
    return issue(session, person, purpose, now=now, lasts=LONG_CODE_LASTS if is_long else None).id


def _open_codes(session: Session, person_id: UUID, now: datetime) -> int:
    """Return how many codes of a person have not lapsed; one whose tries are used up counts as well."""
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
    """Mail a link to choose the first password; a link mailed earlier is void. `by`: the administrator."""
    void(session, [person.id], MailedPurpose.INVITATION, now=now)
    secret = issue(session, person, MailedPurpose.INVITATION, now=now)
    note(session, "invited", now=now, actor_id=by, about=person.code)
    return secret


def redeem_code(session: Session, link_key: str, secret_id: UUID, code: str, *, now: datetime) -> Redeemed:
    """Use a code up. Nobody's is as wrong as a mistyped one. Never raises, so that the try stays counted."""
    given = "".join(char for char in code if char.isdigit())
    tried = count_changed(
        session,
        update(MailedSecret)
        .where(*_is_open(secret_id, MailedPurpose.SIGN_IN, now))
        .values(attempts=MailedSecret.attempts + 1)
        .execution_options(synchronize_session=False),
    )
    secret = session.get(MailedSecret, secret_id, populate_existing=True)
    if not tried or secret is None:
        return Redeemed(None, is_void=secret is not None or _tried_too_often(session, secret_id, now))
    if not hmac.compare_digest(given.encode(), code_of(secret, link_key).encode()):
        if count_wrong_code(session, secret.person_id, now):
            note(session, "codes_guessed", now=now, about=session.get_one(Person, secret.person_id).code)
        return Redeemed(None, is_void=secret.attempts >= MOST_ATTEMPTS)
    person = session.get_one(Person, secret.person_id)
    void(session, [person.id], MailedPurpose.SIGN_IN, now=now)
    return Redeemed(person if person.is_active else None)


def open_link(
    session: Session, link_key: str, token: str, purpose: MailedPurpose, *, now: datetime
) -> tuple[MailedSecret, Person]:
    """Return the secret of a mailed link and its person. NotFound for no link of ours, Refused for an old one."""
    secret = session.get(MailedSecret, read_mailed(link_key, token))
    if secret is None or secret.purpose is not purpose:
        raise NotFound("this link is not valid: open it again from the letter")
    person = session.get_one(Person, secret.person_id)
    if not secret.is_open(now) or not person.is_active:
        raise Refused("this link has been used, replaced by a newer one, or is too old: ask for another")
    return secret, person


def use_link(session: Session, link_key: str, token: str, purpose: MailedPurpose, *, now: datetime) -> Person:
    """Use a mailed link up, and with it every other that could set the person's password. Raises as `open_link`."""
    secret, person = open_link(session, link_key, token, purpose, now=now)
    used = count_changed(
        session,
        update(MailedSecret)
        .where(*_is_open(secret.id, purpose, now))
        .values(used_at=now)
        .execution_options(synchronize_session=False),
    )
    if not used:  # somebody was quicker
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


def _tried_too_often(session: Session, secret_id: UUID, now: datetime) -> bool:
    """Count a try at a code that was never mailed, so that it ends as a real one does."""
    key = f"no_code:{secret_id.hex}"
    insert_new(session, table_of(Throttle), [{"key": key, "failures": 0, "last_at": now, "blocked_until": None}])
    session.execute(
        update(Throttle)
        .where(col(Throttle.key) == key)
        .values(failures=Throttle.failures + 1, last_at=now)
        .execution_options(synchronize_session=False)
    )
    return session.get_one(Throttle, key, populate_existing=True).failures >= MOST_ATTEMPTS


def queue_secret(session: Session, secret: MailedSecret) -> None:
    """Queue the letter that carries a secret; whoever commits nudges the clock."""
    topic = f"{SECRET_TOPIC}{secret.id.hex}"
    queue_letters(session, [(secret.person_id, secret.created_at, LetterKind.ACCOUNT, topic)])


def queue_test(session: Session, person_id: UUID, now: datetime) -> None:
    """Queue a test letter to a person themselves, sent as every other letter is."""
    queue_letters(session, [(person_id, now, LetterKind.ACCOUNT, f"{TEST_TOPIC}{new_id().hex}")])


def send_test(session: Session, person: Person, hand: AuditActor) -> str:
    """Queue a test letter to whoever asks for it, and return the address. Refused where they have none."""
    if not person.email:
        raise Refused("{person} has no mail address that a letter could go to", person=person.full_name)
    queue_test(session, person.id, hand.now)
    hand.note(session, "test_letter_sent", person.code)
    return person.email


def code_of(secret: MailedSecret, link_key: str) -> str:
    """Return the digits of a code."""
    is_long = secret.expires_at - secret.created_at > CODE_LASTS
    return mailed_code(link_key, secret.id, 10 if is_long else 6)


def account_item(
    letter: Letter, secret: MailedSecret | None, base_url: str, link_key: str, now: datetime
) -> AccountItem | None:
    """Return what an account letter says if it leaves at `now` (UTC); None where that would be pointless by then."""
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
