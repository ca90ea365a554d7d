"""The last look before a letter leaves: is it still true, is there still someone to get it, and the mark."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, or_, select

from models.database.rows import chunks, table_of
from models.database.run import link_key
from models.letters.letter import (
    IS_PENDING,
    OF_THE_DAY,
    Letter,
    LetterContent,
    LetterKind,
    LetterState,
    Notice,
    NoticeState,
)
from models.letters.letter_reads import has_content
from models.organization.account import MailedSecret
from models.organization.person import Person
from models.settings import Settings
from models.tasks.task import Task
from models.text.localtime import local_date
from notifications.composing.compose import Composed
from notifications.outbox.attempts import (
    HELD_REASON,
    Claim,
    RecipientNow,
    claim,
    keep_uncertain,
    lease_of,
    mark_attempt,
    set_aside,
)
from notifications.outbox.explain import (
    KEPT_BY_TEST_MODE,
    NO_ADDRESS,
    NO_BYTES,
    NOTHING_TRUE,
    OF_ANOTHER_DAY,
    OTHER_ADDRESS,
    RETIRED,
)
from notifications.smtp import quota
from notifications.smtp.transport import Attempt, SendOutcome
from workflows.delivery.letters.letter_facts import LetterBuilder, PreparedLetter
from workflows.delivery.letters.letter_source import whole_rows
from workflows.organization.working_calendar import load_calendar
from workflows.tasks.conversation.read_marks import is_read, read_marks

_ID: BindParameter[Any] = bindparam("the_id")  # what each letter asks is built once: that costs more than to ask it
_WAITING = select_columns(table_of(Notice).c.id).where(table_of(Notice).c.letter_id == _ID, IS_PENDING)
_TASK = table_of(Task).c
_REVISIONS = select_columns(_TASK.id, _TASK.revision).where(_TASK.id.in_(bindparam("ids", expanding=True)))


class OverQuota(Exception):
    """The mail server takes no more letters now. The transaction is rolled back: the letter waits as it did."""


@dataclass
class WrittenLetter:
    """A letter that may leave, with what it says now, its words, or why it has none."""

    ready: PreparedLetter | None
    letter: Letter | None = None
    composed: Composed | None = None
    fault: str = ""
    held: bool = False
    kept: str = ""  # why it stays uncertain for good, though something in it is true: somebody must hear of it

    @property
    def tasks(self) -> list[str]:
        return [str(task_id) for task_id in self.ready.revisions] if self.ready else []

    def take(self, anew: "WrittenLetter") -> None:
        self.ready, self.letter, self.composed = anew.ready, anew.letter, anew.composed
        self.fault = anew.fault


Again = Callable[[Session, Claim], WrittenLetter]


def check_and_mark(
    session: Session,
    settings: Settings,
    one: Claim,
    written: WrittenLetter,
    reader: RecipientNow,
    now: datetime,
    again: Again,
) -> tuple[str, bytes] | Attempt | None:
    """Mark a locked letter, and give address and bytes. None: nothing leaves; an Attempt: it cannot, and why.

    `again` looks anew at a letter of which something has moved since it was written; a fault is left in `written`.
    Raises OverQuota.
    """
    is_active, address = reader
    if written.ready is not None and not written.fault and _moved_since(session, one, written.ready, address):
        written.take(again(session, one))
    ready, letter = written.ready, written.letter
    if written.fault or ready is None or letter is None:
        return None
    if one.was_uncertain:
        return _mark_again(session, settings, one, written, letter, now)
    drop_notices(session, ready)
    why_not = _why_no_summary(session, letter, now) if one.kind is LetterKind.SUMMARY else ""
    if ready.facts is None or why_not:
        set_aside(session, one, LetterState.EMPTY, why_not)
        return None
    if not is_active or not address or written.composed is None:
        claim(session, one, until=now + lease_of(settings.mail))
        return Attempt(SendOutcome.PERMANENT, None, NO_ADDRESS if is_active else RETIRED)
    words: dict[str, Any] = {
        "message_id": ready.facts.message_id,
        "address": address,
        "subject": written.composed.subject,
        "content": written.composed.content,
        "is_drill": ready.facts.is_drill,
    }
    if not may_go(settings, address):
        kept = words | {"content": None} if ready.secret_id else words  # nobody is to read a code
        set_aside(session, one, LetterState.HELD, HELD_REASON, **kept)
        written.held = True
        return None
    return _mark(session, settings, one, now, **words)


def _mark_again(
    session: Session, settings: Settings, one: Claim, written: WrittenLetter, letter: Letter, now: datetime
) -> tuple[str, bytes] | None:
    """Mark an uncertain letter to go out once more with the same bytes and Message-ID; or keep it, with why."""
    facts = written.ready.facts if written.ready is not None else None
    reason = why_kept(session, settings, letter, now, is_true=facts is not None)
    kept = session.get(LetterContent, one.letter_id)
    if reason or facts is None or kept is None or letter.address is None:
        keep_uncertain(session, one, reason)
        written.kept = reason if facts is not None else ""
        return None
    words = {"message_id": facts.message_id, "address": letter.address, "subject": letter.subject or ""}
    return _mark(session, settings, one, now, **words, content=kept.content, is_drill=letter.is_drill)


def _mark(session: Session, settings: Settings, one: Claim, now: datetime, **words: Any) -> tuple[str, bytes]:
    if not quota.take(session, settings.mail, now=now):
        raise OverQuota
    mark_attempt(session, one, now=now, until=now + lease_of(settings.mail), **words)
    return words["address"], words["content"]


def _why_no_summary(session: Session, letter: Letter, now: datetime) -> str:
    if local_date(letter.slot).isocalendar()[:2] != local_date(now).isocalendar()[:2]:
        return "its week is over"
    return "a digest left that morning" if _digest_that_morning(session, letter, now) else ""


def _digest_that_morning(session: Session, letter: Letter, now: datetime) -> bool:
    """A digest left, or leaves, for the person since the summary's morning.

    One of an earlier morning counts too where it left only since then, or waits still for a server that was down. All
    of the morning have their letters by now (`claims.first_unfinished`).
    """
    digest = select(Letter.id).where(
        Letter.recipient_id == letter.recipient_id,
        Letter.kind == LetterKind.DIGEST,
        col(Letter.slot) <= now,
        col(Letter.state).not_in([LetterState.EMPTY, LetterState.FAILED]),
        or_(
            col(Letter.slot) >= letter.slot,
            col(Letter.sent_at) >= letter.slot,
            col(Letter.state).in_([LetterState.QUEUED, LetterState.CLAIMED]),
        ),
    )
    return session.exec(digest).first() is not None


def _moved_since(session: Session, one: Claim, ready: PreparedLetter, address: str) -> bool:
    if ready.facts is not None and ready.facts.recipient.email != address:
        return True
    if ready.secret_id is not None and ready.facts is not None:
        used = session.exec(select(MailedSecret.used_at).where(MailedSecret.id == ready.secret_id)).first()
        return used is not None
    if ready.conversations and _read_since(session, ready):
        return True
    if ready.notices != set(session.execute(_WAITING, {"the_id": one.letter_id}).scalars()):
        return True
    for chunk in chunks(ready.revisions):
        found = session.execute(_REVISIONS, {"ids": chunk})
        if any(ready.revisions[task_id] != revision for task_id, revision in found):
            return True
    return False


def _read_since(session: Session, ready: PreparedLetter) -> bool:
    ids = {one.task_id for one in ready.conversations}
    tasks: dict[UUID, Any] = {}
    for chunk in chunks(ids):
        tasks.update((row.id, row) for row in whole_rows(session, Task, col(Task.id).in_(chunk)))
    marks = read_marks(session, ready.conversations, tasks)
    return any(is_read(one, tasks[one.task_id], marks) for one in ready.conversations)


def drop_notices(session: Session, ready: PreparedLetter) -> None:
    """Drop notices that are no longer true, with the reason, and those a more severe one stands for."""
    for notice_id, reason in ready.dropped.items():
        session.execute(
            update(Notice).where(col(Notice.id) == notice_id).values(state=NoticeState.DROPPED, reason=reason)
        )
    if ready.superseded:
        session.execute(update(Notice).where(col(Notice.id).in_(ready.superseded)).values(state=NoticeState.SUPERSEDED))


def why_kept(session: Session, settings: Settings, letter: Letter, now: datetime, *, is_true: bool) -> str:
    """As `notifications.outbox.explain` has it, or "". `is_true`: something in the letter still is."""
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
    """Test mode lets letters leave for this address; all of them where it is off."""
    only_to = settings.mail.only_to
    allowed = {one.lower() for one in only_to}
    return not allowed or address.lower() in allowed or f"@{address.lower().rpartition('@')[2]}" in allowed
