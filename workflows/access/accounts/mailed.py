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
    secret = session.get(MailedSecret, _issue(session, person.id, purpose, now=now, lasts=lasts))
    refusal = Refused("{person} has no mail address that a letter could go to", person=person.full_name)
    return need(secret, refusal)


def _issue(
    session: Session, person_id: UUID, purpose: MailedPurpose, *, now: datetime, lasts: timedelta | None = None
) -> UUID:
    """Make a secret and queue its letter for whoever has this id and an address; nothing for an id that is nobody's.

    The same two statements either way: how long it takes tells no stranger whether a name is known.
    """
    secret_id, until = new_id(), now + (lasts or LASTS[purpose])
    theirs = (col(Person.id) == person_id, col(Person.is_active), func.coalesce(col(Person.email), "") != "")
    made = {"purpose": purpose, "created_at": now, "expires_at": until, "attempts": 0}
    table = table_of(MailedSecret)
    values = [literal(value, table.c[name].type) for name, value in made.items()]
    row = columns(literal(secret_id, table.c.id.type), col(Person.id), *values).where(*theirs)
    session.execute(insert(table).from_select(["id", "person_id", *made], row))
    topic = f"{SECRET_TOPIC}{secret_id.hex}"
    queue_letter_to(session, columns(col(Person.id)).where(*theirs), now, LetterKind.ACCOUNT, topic)
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
    """Mail a code, or a link to choose a new password, to whoever has this name; return the secret's id.

    For a name that is nobody's, somebody without an address, and one who asks too often nothing is mailed; the answer
    looks the same, and the same is asked of the database for it. `letters_per_day`: the mail server's quota, of which
    strangers get a part. `scopes`: what is counted, `LETTER_ASKS` where a letter's link says the name.
    """
    person = find_by_name(session, name)
    limits = {**LIMITS, ThrottleScope.ASK_ALL: for_strangers(letters_per_day)}
    counted = count(session, scopes, name, person, caller, now, limits)
    is_mailed = person is not None and not isinstance(counted, datetime)
    who = person.id if person is not None and is_mailed else new_id()  # nobody's
    lasts = None
    if purpose is MailedPurpose.SIGN_IN and who not in caller.known_to:  # an address is not enough: colleagues have it
        is_guessed, open_codes = are_codes_guessed(session, who, now), _open_codes(session, who, now)
        lasts = LONG_CODE_LASTS if is_guessed or open_codes >= _MOST_SHORT else None
    return _issue(session, who, purpose, now=now, lasts=lasts)


def _open_codes(session: Session, person_id: UUID, now: datetime) -> int:
    """Those that have not lapsed; one whose tries are used up counts as well."""
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
    """Use a code up. Never raises, so that the try stays counted.

    A code that was never mailed, has lapsed or was used is as wrong as a mistyped one, and void after as many tries:
    nothing tells a stranger which it is.
    """
    given = "".join(char for char in code if char.isdigit())
    is_void = _count_try(session, secret_id, now) >= MOST_ATTEMPTS
    tried = count_changed(
        session,
        update(MailedSecret)
        .where(*_is_open(secret_id, MailedPurpose.SIGN_IN, now))
        .values(attempts=MailedSecret.attempts + 1)
        .execution_options(synchronize_session=False),
    )
    secret = session.get(MailedSecret, secret_id, populate_existing=True)
    if not tried or secret is None:
        count_wrong_code(session, secret_id, now)  # under a name that is nobody's
        return Redeemed(None, is_void=is_void)
    if not hmac.compare_digest(given.encode(), code_of(secret, link_key).encode()):
        if count_wrong_code(session, secret.person_id, now):
            note(session, "codes_guessed", now=now, about=session.get_one(Person, secret.person_id).code)
        return Redeemed(None, is_void=is_void)
    person = session.get_one(Person, secret.person_id)
    void(session, [person.id], MailedPurpose.SIGN_IN, now=now)
    return Redeemed(person if person.is_active else None)


def open_link(
    session: Session, link_key: str, token: str, purpose: MailedPurpose, *, now: datetime
) -> tuple[MailedSecret, Person]:
    """NotFound for no link of ours, Refused for an old one."""
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


def _count_try(session: Session, secret_id: UUID, now: datetime) -> int:
    """Count a try at a code, mailed or not; return how many that makes."""
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
    """Ten digits where the code lasts for longer, else six."""
    is_long = secret.expires_at - secret.created_at > CODE_LASTS
    return mailed_code(link_key, secret.id, 10 if is_long else 6)


def account_item(
    letter: Letter, secret: MailedSecret | None, base_url: str, link_key: str, now: datetime
) -> AccountItem | None:
    """What the letter says if it leaves at `now` (UTC); None where that would be pointless by then."""
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
