"""Erasing a person: whatever names them, and the words they wrote beside the history. Lines, dates and states stay.

What the law on archives has an office keep is not touched: lines of the history (which hold ids), results with their
signers and files, documents, issued reports, findings of inspections; nor the audit, which nobody can change. See
docs/decisions/0030-erasing-a-person.md.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.sql.dml import UpdateBase
from sqlmodel import Session, SQLModel, col

from models.database.rows import chunks, count_changed
from models.errors import BadInput
from models.i18n import _
from models.letters.bounce import Bounce
from models.letters.channel import ChannelAttempt, ChannelMessage, GatewayConsent, PushSubscription
from models.letters.letter import IS_DEAD, Letter, LetterAttempt, LetterLink, NoticeRead, NoticesReadUntil
from models.letters.letter_preference import LetterPreference
from models.letters.reply import Reply, ReplyDraft
from models.operations.alert import Alert
from models.operations.background_job import BackgroundJob, JobChunk, JobPart
from models.organization.access import AccessToken, CalendarFeed, KeptAnswer
from models.organization.account import Account, MailedSecret, Throttle, WebSession
from models.organization.person import Person
from models.organization.saved_view import SavedView
from models.tasks.conversation import ConversationFile, ConversationMessage, ConversationRead
from models.tasks.history import History, HistoryNote
from models.tasks.task import Task, TelephoneNote
from workflows.access.audit_log import AuditActor
from workflows.delivery.resend import drop
from workflows.jobs.cleanup.retention import BATCH, let_go
from workflows.operations.personal.erase_conditions import StillNeeded, hindrances
from workflows.operations.personal.erased import ERASED, WORDS, StandIn, is_erased, write_down
from workflows.operations.personal.personal_rows import OWN_WORDS, their_tasks
from workflows.rules.tasks.lifecycle import TRANSITIONS, Action

_LONGEST = 500  # characters of a date's reason, which are the first of its line's words
_OWN: tuple[tuple[str, Any], ...] = (
    ("account", Account.person_id),
    ("sessions", WebSession.person_id),
    ("tokens", AccessToken.person_id),
    ("calendar_feed", CalendarFeed.person_id),
    ("saved_views", SavedView.owner_id),
    ("letter_preferences", LetterPreference.person_id),
    ("conversation_marks", ConversationRead.person_id),
    ("mailed_codes", MailedSecret.person_id),
    ("kept_answers", KeptAnswer.person_id),
    ("read_marks", NoticeRead.person_id),
    ("read_marks_until", NoticesReadUntil.person_id),
    ("consents", GatewayConsent.person_id),
)
"""Rows that are deleted whole."""


@dataclass
class Erased:
    """What was erased, or would be: rows by kind (`audit_words.KIND_WORDS`)."""

    person_id: UUID
    was: str
    """The code until now; said to whoever erases, kept nowhere."""
    stand_in: StandIn
    counts: dict[str, int] = field(default_factory=dict)


def erase_person(session: Session, person: Person, hand: AuditActor, *, folder: Path | None) -> Erased:
    """Erases a person in this transaction, with a line in the audit and in the list of the data folder (`folder`).

    StillNeeded where something stands in the way, all of it named; BadInput for somebody erased already. Without a
    folder, for whoever only wants to know: the transaction must be undone.
    """
    session.refresh(person, with_for_update=True)
    if is_erased(person):
        raise BadInput(_("{person} has been erased already"), person=person.code)
    if hindering := list(hindrances(session, person)):
        raise StillNeeded(person, hindering)
    if session.get_bind().dialect.name == "sqlite":  # else what is deleted stays in the file until it is overwritten
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")
    done = Erased(person.id, person.code, StandIn.of(person.id))
    done.counts = _erase(session, person, hand)
    _forget_in_alerts(session, person, done)
    done.stand_in.put_on(person)
    session.add(person)
    hand.note(session, ERASED, done.stand_in.code, {"person": str(person.id), "counts": done.counts})
    if folder is not None:
        session.flush()
        write_down(folder, person.id, hand.now)  # before the commit: one too many there does no harm
    return done


def _erase(session: Session, person: Person, hand: AuditActor) -> dict[str, int]:
    me, counts = person.id, dict[str, int]()
    counts["words"] = _words(session, person)
    mine = select(col(ConversationMessage.id)).where(col(ConversationMessage.author_id) == me)
    counts["message_files"] = _do(session, delete(ConversationFile).where(col(ConversationFile.message_id).in_(mine)))
    counts["letters"], counts["bodies"] = _letters(session, person, hand)
    for kind, whose in _OWN:
        counts[kind] = _do(session, delete(whose.class_).where(whose == me))
    counts["messages"] = _messages(session, me)
    counts["failures"] = _do(session, delete(Throttle).where(col(Throttle.key).contains(me.hex)))
    jobs = select(col(BackgroundJob.id)).where(col(BackgroundJob.asked_by) == me)
    for table in (JobPart, JobChunk):
        _do(session, delete(table).where(col(table.errand_id).in_(jobs)))
    counts["errands"] = _do(session, delete(BackgroundJob).where(col(BackgroundJob.asked_by) == me))
    return counts


def _words(session: Session, person: Person) -> int:
    """Return what they wrote: beside their lines of the history, and where a task's own tables say it again.

    And the name of whoever answered a telephone, with which the words of a call begin: where it means them.
    """
    me, count = person.id, 0
    due = col(Task.due_reason)
    theirs = (col(History.id) == col(HistoryNote.history_id), col(History.actor_id) == me)
    same = exists().where(
        *theirs, col(History.task_id) == col(Task.id), func.substr(col(HistoryNote.text), 1, _LONGEST) == due
    )
    count += _do(session, update(Task).where(due != "", same).values(due_reason=WORDS))
    count += _do(session, delete(HistoryNote).where(exists().where(*theirs)))
    for name, whose in OWN_WORDS.items():
        table, _dot, column = name.partition(".")
        of = SQLModel.metadata.tables[table]
        mine = (of.c[whose] == me, of.c[column] != "", of.c[column] != WORDS)
        count += _do(session, update(of).where(*mine).values({column: WORDS}))
    name, told = person.full_name, col(HistoryNote.text)
    named = (
        col(History.id) == col(HistoryNote.history_id),
        col(History.event) == TRANSITIONS[Action.TELEPHONE].event,
        col(History.task_id).in_(their_tasks(person)),
    )
    begins = or_(told == name, told.startswith(f"{name}:", autoescape=True))
    count += _do(session, delete(HistoryNote).where(begins, exists().where(*named)))
    answered = and_(col(TelephoneNote.answered_by) == name, col(TelephoneNote.task_id).in_(their_tasks(person)))
    return count + _do(session, update(TelephoneNote).where(answered).values(answered_by=WORDS))


def _letters(session: Session, person: Person, hand: AuditActor) -> tuple[int, int]:
    """Erase letters to them but for a line each. Addresses, servers' words and bytes go."""
    mine = select(col(Letter.id)).where(col(Letter.recipient_id) == person.id)
    if stopped := list(session.scalars(mine.where(IS_DEAD))):
        drop(session, stopped, hand.now)
    ids, bodies = list(session.scalars(mine.order_by(col(Letter.id)))), 0
    for some in chunks(ids):
        of_letters = (table.letter_id for table in (LetterAttempt, Bounce))
        attempts, bounces = (col(column).in_(some) for column in of_letters)
        _do(session, delete(LetterLink).where(col(LetterLink.letter_id).in_(some)))
        _do(session, update(Letter).where(col(Letter.id).in_(some)).values(address=None, error=""))
        _do(session, update(LetterAttempt).where(attempts).values(reply=""))
        _do(session, update(Bounce).where(bounces).values(diagnostic="", address_tag=""))
        _do(session, update(Reply).where(col(Reply.letter_id).in_(some)).values(**_NO_REPLY))
    for first in range(0, len(ids), BATCH):
        bodies += let_go(session, ids[first : first + BATCH], hand.now)
    _do(session, delete(ReplyDraft).where(col(ReplyDraft.person_id) == person.id))
    if person.email:  # what names no letter of ours: reports of mail servers, and replies
        _do(session, update(Reply).where(col(Reply.sender) == person.email.lower()).values(**_NO_REPLY))
        named = col(Bounce.diagnostic).icontains(person.email, autoescape=True)
        _do(session, update(Bounce).where(named).values(diagnostic=""))
    return len(ids), bodies


_NO_REPLY = {"sender": "", "subject": "", "message_id": "", "text": "", "told": "", "original_sha256": ""}


def _messages(session: Session, me: UUID) -> int:
    """Erase messages of other channels whole, and the browsers that showed them."""
    mine = select(col(ChannelMessage.id)).where(col(ChannelMessage.recipient_id) == me)
    _do(session, delete(ChannelAttempt).where(col(ChannelAttempt.message_id).in_(mine)))
    count = _do(session, delete(ChannelMessage).where(col(ChannelMessage.recipient_id) == me))
    return count + _do(session, delete(PushSubscription).where(col(PushSubscription.person_id) == me))


def _forget_in_alerts(session: Session, person: Person, done: Erased) -> None:
    """Forget people in alerts, which quote mail servers and name the undeliverable."""
    named = [one for one in (person.email, person.phone, person.full_name) if one]
    pattern = re.compile("|".join(map(re.escape, named)), re.IGNORECASE)

    def without(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return done.stand_in.code if value == person.code else pattern.sub(done.stand_in.code, value)

    changed = 0
    for alert in session.scalars(select(Alert).execution_options(yield_per=BATCH)):
        facts = {name: without(value) for name, value in alert.facts.items()}
        if facts != alert.facts:
            alert.facts, changed = facts, changed + 1
    session.flush()
    done.counts["alerts"] = changed


def _do(session: Session, change: UpdateBase) -> int:
    done = count_changed(session, change.execution_options(synchronize_session=False))
    return int(done)
