"""Letters of a person's own account: one for each mailed secret, through the one outbox, at once and at any hour.

The secret is stored nowhere. It is made from the installation's key and the row's id when the letter gets its words.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from models.database.ids import new_id
from models.errors import Refused
from models.letters.letter import SECRET_TOPIC, TEST_TOPIC, Letter, LetterKind
from models.organization.account import MailedPurpose, MailedSecret
from models.organization.person import Person
from notifications.composing.facts import AccountItem
from notifications.composing.keys import mailed_code, sign_mailed
from notifications.outbox.grouping import queue_letters
from workflows.access.audit_log import AuditActor

CODE_LASTS, LONG_CODE_LASTS = timedelta(minutes=10), timedelta(minutes=20)
"""A code is of six digits. One of ten, for a name whose codes somebody is guessing, is good for longer: typing it takes
longer, and by that it is known for one."""
TEST_LASTS = timedelta(hours=1)
"""Whoever sent a test letter to themselves has long looked elsewhere by then."""
PAGES = {MailedPurpose.INVITATION: "invitation", MailedPurpose.RESET: "reset"}
"""The page of the site that a mailed link opens."""


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
