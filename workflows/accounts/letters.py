"""Letters of a person's own account: one for each mailed secret, through the one outbox, at once and at any hour.

The secret is stored nowhere. It is made from the installation's key and the row's id when the letter gets its words.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from models.account import MailedPurpose, MailedSecret
from models.ids import new_id
from models.letter import SECRET_TOPIC, TEST_TOPIC, Letter, LetterKind
from notifications.facts import AccountItem
from notifications.keys import mailed_code, sign_mailed
from notifications.outbox import queue_letters

TEST_LASTS = timedelta(hours=1)
"""Whoever sent a test letter to themselves has long looked elsewhere by then."""
PAGES = {MailedPurpose.INVITATION: "invitation", MailedPurpose.RESET: "reset"}
"""The page of the site that a mailed link opens."""


def queue_secret(session: Session, secret: MailedSecret) -> None:
    """Queues the letter that carries a secret; whoever commits nudges the clock."""
    topic = f"{SECRET_TOPIC}{secret.id.hex}"
    queue_letters(session, [(secret.person_id, secret.created_at, LetterKind.ACCOUNT, topic)])


def queue_test(session: Session, person_id: UUID, now: datetime) -> None:
    """Queues a test letter to a person themselves, sent as every other letter is."""
    queue_letters(session, [(person_id, now, LetterKind.ACCOUNT, f"{TEST_TOPIC}{new_id().hex}")])


def account_item(
    letter: Letter, secret: MailedSecret | None, base_url: str, link_key: str, now: datetime
) -> AccountItem | None:
    """What an account letter says if it leaves at `now` (UTC); None where that would be pointless by then."""
    if letter.topic.startswith(TEST_TOPIC):
        return AccountItem("test") if now < letter.slot + TEST_LASTS else None
    if secret is None or not secret.is_open(now):
        return None
    if secret.purpose is MailedPurpose.SIGN_IN:
        return AccountItem(secret.purpose, secret.expires_at, code=mailed_code(link_key, secret.id))
    url = f"{base_url}/{PAGES[secret.purpose]}/{sign_mailed(link_key, secret.id)}"
    return AccountItem(secret.purpose, secret.expires_at, url=url)
