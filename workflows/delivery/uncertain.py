"""Why a letter that may not have arrived does not go out again: its bytes are frozen, and leave as they were or not."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlmodel import Session

from models.database.rows import chunks
from models.database.sealing import link_key
from models.letters.letter import OF_THE_DAY, Letter
from models.letters.letter_reads import has_content
from models.organization.person import Person
from models.settings import Settings
from models.text.localtime import local_date
from notifications.outbox.explain import (
    KEPT_BY_TEST_MODE,
    NO_ADDRESS,
    NO_BYTES,
    NOTHING_TRUE,
    OF_ANOTHER_DAY,
    OTHER_ADDRESS,
    RETIRED,
)
from workflows.delivery.letters.letter_facts import LetterBuilder
from workflows.organization.working_calendar import load_calendar


def why_kept(session: Session, settings: Settings, letter: Letter, now: datetime, *, is_true: bool) -> str:
    """Return the reason as `notifications.outbox.explain` has it, or "". `is_true`: something in it still is."""
    if not is_true:
        return NOTHING_TRUE
    if letter.kind in OF_THE_DAY and local_date(letter.slot) != local_date(now):
        return OF_ANOTHER_DAY
    if letter.address is None or not has_content(session, letter.id):
        return NO_BYTES
    person = session.get_one(Person, letter.recipient_id, populate_existing=True)
    if not person.is_active:
        return RETIRED
    if not person.email:
        return NO_ADDRESS
    if person.email != letter.address:
        return OTHER_ADDRESS
    return "" if may_go(settings, letter.address) else KEPT_BY_TEST_MODE


def kept(
    session: Session, settings: Settings, letters: Collection[Letter], now: datetime
) -> Iterator[tuple[Letter, str]]:
    """Yield those of some uncertain letters that would not go out at `now` (UTC), each with its reason."""
    key, calendar = link_key(session), load_calendar(session)
    for chunk in chunks(letters):
        builder = LetterBuilder(session, settings, key, now, calendar, list(chunk)).load()
        for letter in chunk:
            is_true = builder.ready(letter).facts is not None
            if reason := why_kept(session, settings, letter, now, is_true=is_true):
                yield letter, reason


def may_go(settings: Settings, address: str) -> bool:
    """Return whether test mode lets a letter leave for an address: all of them where it is off."""
    only_to = settings.mail.only_to
    allowed = {one.lower() for one in only_to}
    return not allowed or address.lower() in allowed or f"@{address.lower().rpartition('@')[2]}" in allowed
