"""Checks a letter for the last time before it leaves, and marks it: is it still true, and may it go to its reader?"""

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
    claim_letter,
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

# Queries that each letter asks are built once: building one costs more than asking it.
_ID: BindParameter[Any] = bindparam("the_id")
_WAITING = select_columns(table_of(Notice).c.id).where(table_of(Notice).c.letter_id == _ID, IS_PENDING)
_TASK = table_of(Task).c
_REVISIONS = select_columns(_TASK.id, _TASK.revision).where(_TASK.id.in_(bindparam("ids", expanding=True)))


class OverQuota(Exception):
    """The mail server takes no more letters now. The transaction is rolled back, and the letter goes on waiting."""


@dataclass
class WrittenLetter:
    """A letter that may leave: its facts, and its words or the fault that prevents them."""

    ready: PreparedLetter | None
    letter: Letter | None = None
    composed: Composed | None = None
    fault: str = ""
    held: bool = False
    kept: str = ""  # why it stays uncertain though something in it is still true: a coordinator must hear of it

    @property
    def tasks(self) -> list[str]:
        return [str(task_id) for task_id in self.ready.revisions] if self.ready else []

    def replace_by(self, newer: "WrittenLetter") -> None:
        self.ready, self.letter, self.composed = newer.ready, newer.letter, newer.composed
        self.fault = newer.fault


WriteAgain = Callable[[Session, Claim], WrittenLetter]


def check_and_mark(
    session: Session,
    settings: Settings,
    claim: Claim,
    written: WrittenLetter,
    reader: RecipientNow,
    now: datetime,
    write_again: WriteAgain,
) -> tuple[str, bytes] | Attempt | None:
    """Mark a locked letter and return its address and bytes.

    None where nothing leaves; an Attempt where the letter cannot leave, with the reason. `write_again` writes a letter
    anew where something has changed since. A fault is left in `written`. Raises OverQuota.
    """
    is_active, address = reader
    if written.ready is not None and not written.fault and _has_changed(session, claim, written.ready, address):
        written.replace_by(write_again(session, claim))
    ready, letter = written.ready, written.letter
    if written.fault or ready is None or letter is None:
        return None
    if claim.was_uncertain:
        return _mark_again(session, settings, claim, written, letter, now)
    drop_notices(session, ready)
    needless = _why_no_summary(session, letter, now) if claim.kind is LetterKind.SUMMARY else ""
    if ready.facts is None or needless:
        set_aside(session, claim, LetterState.EMPTY, needless)
        return None
    if not is_active or not address or written.composed is None:
        claim_letter(session, claim, until=now + lease_of(settings.mail))
        return Attempt(SendOutcome.PERMANENT, None, NO_ADDRESS if is_active else RETIRED)
    words: dict[str, Any] = {
        "message_id": ready.facts.message_id,
        "address": address,
        "subject": written.composed.subject,
        "content": written.composed.content,
        "is_drill": ready.facts.is_drill,
    }
    if not may_go(settings, address):
        stored = words | {"content": None} if ready.secret_id else words  # no administrator may read a code
        set_aside(session, claim, LetterState.HELD, HELD_REASON, **stored)
        written.held = True
        return None
    return _mark(session, settings, claim, now, **words)


def _mark_again(
    session: Session, settings: Settings, claim: Claim, written: WrittenLetter, letter: Letter, now: datetime
) -> tuple[str, bytes] | None:
    """Mark an uncertain letter to leave again with the same bytes and Message-ID, or keep it with the reason."""
    facts = written.ready.facts if written.ready is not None else None
    reason = why_kept(session, settings, letter, now, is_true=facts is not None)
    stored = session.get(LetterContent, claim.letter_id)
    if reason or facts is None or stored is None or letter.address is None:
        keep_uncertain(session, claim, reason)
        written.kept = reason if facts is not None else ""
        return None
    words = {"message_id": facts.message_id, "address": letter.address, "subject": letter.subject or ""}
    return _mark(session, settings, claim, now, **words, content=stored.content, is_drill=letter.is_drill)


def _mark(session: Session, settings: Settings, claim: Claim, now: datetime, **words: Any) -> tuple[str, bytes]:
    if not quota.take(session, settings.mail, now=now):
        raise OverQuota
    mark_attempt(session, claim, now=now, until=now + lease_of(settings.mail), **words)
    return words["address"], words["content"]


def _why_no_summary(session: Session, letter: Letter, now: datetime) -> str:
    if local_date(letter.slot).isocalendar()[:2] != local_date(now).isocalendar()[:2]:
        return "its week is over"
    return "a digest left that morning" if _has_digest(session, letter, now) else ""


def _has_digest(session: Session, letter: Letter, now: datetime) -> bool:
    """Return whether a digest left or will leave for the person since the summary's morning.

    A digest of an earlier morning counts if it left since then, or still waits for a server that was down. The digests
    of this morning are grouped by now (`claims.first_unfinished`).
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


def _has_changed(session: Session, claim: Claim, ready: PreparedLetter, address: str) -> bool:
    if ready.facts is not None and ready.facts.recipient.email != address:
        return True
    if ready.secret_id is not None and ready.facts is not None:
        used = session.exec(select(MailedSecret.used_at).where(MailedSecret.id == ready.secret_id)).first()
        return used is not None
    if ready.conversations and _is_conversation_read(session, ready):
        return True
    if ready.notices != set(session.execute(_WAITING, {"the_id": claim.letter_id}).scalars()):
        return True
    for chunk in chunks(ready.revisions):
        revisions = session.execute(_REVISIONS, {"ids": chunk})
        if any(ready.revisions[task_id] != revision for task_id, revision in revisions):
            return True
    return False


def _is_conversation_read(session: Session, ready: PreparedLetter) -> bool:
    ids = {notice.task_id for notice in ready.conversations}
    tasks: dict[UUID, Any] = {}
    for chunk in chunks(ids):
        tasks.update((row.id, row) for row in whole_rows(session, Task, col(Task.id).in_(chunk)))
    marks = read_marks(session, ready.conversations, tasks)
    return any(is_read(notice, tasks[notice.task_id], marks) for notice in ready.conversations)


def drop_notices(session: Session, ready: PreparedLetter) -> None:
    """Drop notices that are no longer true, with the reason, and supersede those that a more severe one replaces."""
    for notice_id, reason in ready.dropped.items():
        session.execute(
            update(Notice).where(col(Notice.id) == notice_id).values(state=NoticeState.DROPPED, reason=reason)
        )
    if ready.superseded:
        session.execute(update(Notice).where(col(Notice.id).in_(ready.superseded)).values(state=NoticeState.SUPERSEDED))


def why_kept(session: Session, settings: Settings, letter: Letter, now: datetime, *, is_true: bool) -> str:
    """Return why an uncertain letter does not leave again (`notifications.outbox.explain`), "" where it may.

    `is_true`: something in the letter is still true.
    """
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
    """Yield the uncertain letters that would not leave at `now` (UTC), each with its reason."""
    key, calendar = link_key(session), load_calendar(session)
    for chunk in chunks(letters):
        builder = LetterBuilder(session, settings, key, now, calendar, list(chunk)).load()
        for letter in chunk:
            is_true = builder.ready(letter).facts is not None
            if reason := why_kept(session, settings, letter, now, is_true=is_true):
                yield letter, reason


def may_go(settings: Settings, address: str) -> bool:
    """Return whether letters may leave for this address. Test mode allows only some addresses and domains."""
    allowed = {entry.lower() for entry in settings.mail.only_to}
    if not allowed:
        return True
    domain = address.lower().rpartition("@")[2]
    return address.lower() in allowed or f"@{domain}" in allowed
