"""Record a reply and act on it, in one transaction, once however often the message is delivered.

A process that is killed leaves the message where it was, and takes it again. A reply that was committed is known by
its key, and does nothing a second time.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dkim.dnsplug import get_txt
from sqlalchemy import Engine, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col

from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.database.session import reading, transactions
from models.operations.logs import get_log
from models.organization.person import Person
from models.replies.reply import Reply, ReplyDraft, ReplyState, ReplyWhy
from models.settings import Settings
from notifications.replies.authentic import LookUp, is_trusted
from notifications.replies.reply_message import OwnNames, read_reply_message
from workflows.access.actor_context import ActorContext
from workflows.replies.carry_out import carry_out, try_out
from workflows.replies.mail_sources import message_key
from workflows.replies.received_replies import ReceivedReply, ReplyReader
from workflows.replies.reply_answers import ReplyRequest, queue_answer
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.reply_policy import is_done_at_once, why_waits

DRAFT_LASTS = timedelta(days=7)
"""How long the link in an answer confirms what its reply asks for."""
_NOT_BY_READER = frozenset({ReplyWhy.OTHER_SENDER, ReplyWhy.RETIRED})
_LONGEST_TOLD = 1000  # characters
_log = get_log(__name__)


@dataclass(frozen=True)
class _Outcome:
    state: ReplyState
    why: ReplyWhy = ReplyWhy.NONE
    told: str = ""
    draft: ReplyRequest | None = None  # what waits for its sender's confirmation
    history_id: UUID | None = None


@dataclass
class ReplyTaker:
    """Takes replies at `now` (UTC). `look_up` asks DNS for a text record."""

    engine: Engine
    settings: Settings
    secret: str
    now: datetime
    calendar: WorkCalendar
    look_up: LookUp = get_txt

    def keep(self, content: bytes) -> None:
        """Take one message; a second time it changes nothing. When it returns, the outcome has reached the disk."""
        message = read_reply_message(content, _own_names(self.settings))
        reader = ReplyReader(self.settings, self.secret, self.now, self.look_up)
        with reading(self.engine) as session:
            letter = reader.find_letter(session, message)
            key = message_key(message.message_id, content, letter.letter_id.hex if letter.letter_id else "")
            if session.scalars(select(col(Reply.id)).where(col(Reply.key) == key)).first() is not None:
                return
        replies = reader.read(content, message, letter, key)
        try:
            self._write(replies)
        except (OperationalError, InterfaceError):
            raise  # not this message's fault: it is taken again
        except Exception:
            _log.exception("reply_unkept")
            first = replies[0]
            self._write([ReceivedReply(message, letter, ReplyWhy.BROKEN, key, first.size, first.original)])

    def _write(self, replies: Sequence[ReceivedReply]) -> None:
        with transactions(self.engine) as begin, begin() as session:
            for position, received in enumerate(replies):
                reply = self._insert(session, received)
                if reply is None:
                    continue
                if reply.state is not ReplyState.ASIDE:
                    self._act(session, received, reply, [earlier.request for earlier in replies[:position]])
                _log.info("reply_taken", reply=str(reply.id), state=reply.state.value, why=reply.why.value)
                if received.letter.person is not None:
                    queue_answer(session, self.settings, reply, received.letter.person.id, self.now)

    def _insert(self, session: Session, received: ReceivedReply) -> Reply | None:
        """Insert the row of a reply; None where it exists. The same words in another message are set aside."""
        letter, message = received.letter, received.message
        row: dict[str, Any] = {
            "id": new_id(),
            "key": received.key,
            "fingerprint": received.fingerprint,
            "letter_id": letter.letter_id,
            "person_id": letter.person.id if letter.person and received.why not in _NOT_BY_READER else None,
            "task_id": None,
            "history_id": None,
            "read_at": self.now,
            "state": ReplyState.WAITS if received.why is ReplyWhy.NONE else ReplyState.ASIDE,
            "why": received.why,
            "proof": received.proof,
            "sender": message.sender,
            "subject": message.subject,
            "message_id": message.message_id,
            "text": received.text,
            "told": "",
            "is_answered": False,
            "original_sha256": received.original,
            "original_size": received.size,
        }
        if not insert_new(session, table_of(Reply), [row]):
            row |= {"state": ReplyState.ASIDE, "why": ReplyWhy.REPEATED, "fingerprint": ""}
            if not insert_new(session, table_of(Reply), [row]):
                return None
        return session.get_one(Reply, row["id"])

    def _act(self, session: Session, received: ReceivedReply, reply: Reply, earlier: Sequence[ReplyRequest]) -> None:
        """Do what the reply asks for, keep it for its sender's confirmation, or refuse it."""
        person = session.get_one(Person, reply.person_id)
        context = ActorContext(session, person, self.now, self.calendar, self.settings)
        task_ids = _tasks_named(received)
        if len(task_ids) == 1:
            reply.task_id = task_ids[0]
        outcome = self._decide(context, received, task_ids, earlier)
        reply.state, reply.why, reply.told = outcome.state, outcome.why, outcome.told[:_LONGEST_TOLD]
        reply.history_id = outcome.history_id
        session.add(reply)
        if outcome.draft is not None:
            session.add(
                ReplyDraft(
                    reply_id=reply.id,
                    person_id=person.id,
                    action=outcome.draft.action,
                    given=dict(outcome.draft.given),
                    files=[asdict(file) for file in outcome.draft.files],
                    task_ids=[task_id.hex for task_id in task_ids],
                    made_at=self.now,
                    expires_at=self.now + DRAFT_LASTS,
                )
            )
        session.flush()

    def _decide(
        self, context: ActorContext, received: ReceivedReply, task_ids: Sequence[UUID], earlier: Sequence[ReplyRequest]
    ) -> _Outcome:
        """Return what becomes of a reply, and carry it out where it needs no confirmation.

        `earlier` are the requests before it in the message. A comment that may have asked for an action is posted if
        that needs no confirmation, and the action waits. Otherwise the action alone waits, and its page offers the
        comment.
        """
        language, request = context.actor.language, received.request
        rejected = "\n".join(fault.tell(language) for fault in received.rejected_files)
        possible = received.possible_action
        if len(task_ids) > 1:
            return _Outcome(ReplyState.WAITS, ReplyWhy.WHICH_TASK, rejected, draft=possible or request)
        (task_id,) = task_ids
        trial = try_out(context, task_id, request, before=earlier)
        if trial.refusal is not None:
            return _Outcome(ReplyState.REFUSED, ReplyWhy.NO_RIGHT, trial.refusal.tell(language))
        if possible is not None and try_out(context, task_id, possible).refusal is not None:
            possible = None
        is_clear = not received.is_unclear and trial.missing is None
        needs_no_confirmation = received.is_alone and is_done_at_once(
            is_message=request.is_message,
            is_clear=is_clear and not received.rejected_files,
            proof=received.proof,
            is_trusted=is_trusted(received.message.sender, self.settings.replies),
        )
        if needs_no_confirmation:
            return _Outcome(
                ReplyState.POSTED if request.is_message else ReplyState.DONE,
                ReplyWhy.NOT_CLEAR if possible is not None else ReplyWhy.NONE,
                request.where_files_are(language),
                draft=possible,
                history_id=carry_out(context, task_id, request),
            )
        if possible is not None:
            return _Outcome(ReplyState.WAITS, ReplyWhy.NOT_CLEAR, rejected, draft=possible)
        why = why_waits(is_message=request.is_message, is_clear=is_clear)
        return _Outcome(ReplyState.WAITS, why, rejected, draft=request)


def _own_names(settings: Settings) -> OwnNames:
    """Return the addresses and the list id by which a letter of ours is recognised where it comes back."""
    mail = settings.mail
    addresses = (mail.sender, mail.reply_address, mail.bounce_address)
    domain = mail.sender.rpartition("@")[2]
    return OwnNames(frozenset(address.lower() for address in addresses if address), f"<dondoc.{domain}>")


def _tasks_named(received: ReceivedReply) -> list[UUID]:
    """Return the task whose number the reply names, or all tasks of the letter in their order.

    A letter with one task may name it several times; it is then one task.
    """
    task_ids, number = list(received.letter.task_ids), received.task_number
    if number is not None and 1 <= number <= len(task_ids):
        return [task_ids[number - 1]]
    return task_ids if len(set(task_ids)) > 1 else task_ids[:1]
