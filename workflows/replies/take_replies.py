"""Take one reply: written down with what came of it, in one transaction, however often it is delivered.

Its files lie in the store before. Killed anywhere, a reader finds the message where it was and takes it again; what was
committed is known by its key, and acts no second time.
"""

import hashlib
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Any
from uuid import UUID

from dkim.dnsplug import get_txt
from sqlalchemy import Engine, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col

from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.database.session import reading, transactions
from models.errors import BadInput, NotFound
from models.letters.letter import Letter
from models.operations.logs import get_log
from models.organization.person import Person
from models.replies.reply import MESSAGE, Reply, ReplyDraft, ReplyProof, ReplyState, ReplyWhy
from models.settings import Settings
from models.tasks.evidence_files import MOST_FILES, GivenFile, StoredFile, store_bytes, store_file
from models.text.localtime import local_date
from notifications.composing.keys import read_reply, reply_tag
from notifications.replies.authentic import LookUp, is_trusted, prove
from notifications.replies.grammar import Wish, read_wishes
from notifications.replies.own_words import own_words
from notifications.replies.reply_message import WINMAIL, OwnNames, ReplyMessage, read_reply_message
from workflows.access.actor_context import ActorContext
from workflows.apart.apart import ask_apart, check_size, named
from workflows.apart.turns import TURNS
from workflows.replies.carry_out import carry_out, try_out
from workflows.replies.mail_sources import message_key
from workflows.replies.reply_answers import ReplyRequest, queue_answer
from workflows.replies.reply_tasks import has_classified, tasks_of
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.reply_policy import ReplyFacts, is_done_at_once, why_not, why_waits
from workflows.rules.tasks.lifecycle import Action

DRAFT_LASTS = timedelta(days=7)
"""So long the link in an answer confirms what its reply asks for."""
_log = get_log(__name__)


@dataclass(frozen=True)
class _KnownLetter:
    """What the database knows of the letter that a token names."""

    token: str = ""
    letter_id: UUID | None = None
    address_tag: str = ""
    person: Person | None = None
    is_in_time: bool = False
    task_ids: tuple[UUID, ...] = ()
    of_classified_work: bool = False


_KEPT_ASIDE = frozenset({ReplyWhy.OTHER_SENDER, ReplyWhy.EXPIRED, ReplyWhy.EMPTY, ReplyWhy.CHARSET})
"""Of what changed nothing, the replies whose bytes are kept: they may be somebody's words. Strangers fill no disk."""
_NOT_THE_READERS = frozenset({ReplyWhy.OTHER_SENDER, ReplyWhy.RETIRED})
_LONGEST_TOLD = 1000


@dataclass(frozen=True)
class _TakenReply:
    """A reply, or one act of several in it, with everything that is found out before anything is written.

    `number`: of the task that it names. `meant`: the act that a message may have meant.
    """

    message: ReplyMessage
    known: _KnownLetter
    why: ReplyWhy
    key: str
    size: int
    original: str = ""
    fingerprint: str = ""
    proof: ReplyProof = ReplyProof.NONE
    text: str = ""
    asked: ReplyRequest = field(default_factory=lambda: ReplyRequest(MESSAGE, {}))
    meant: ReplyRequest | None = None
    is_unclear: bool = False
    is_alone: bool = True
    number: int | None = None
    left_out: tuple[BadInput, ...] = ()


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
        """Take one message. A second time it changes nothing. At its end what came of it is on the disk itself."""
        message = read_reply_message(content, own_names(self.settings))
        with reading(self.engine) as session:
            known = self._known(session, message)
            key = message_key(message.message_id, content, known.letter_id.hex if known.letter_id else "")
            if session.scalars(select(col(Reply.id)).where(col(Reply.key) == key)).first() is not None:
                return
        taken = self._find_out(content, message, known, key)
        try:
            self._write(taken)
        except (OperationalError, InterfaceError):
            raise  # not this message's fault: it is taken again
        except Exception:
            _log.exception("reply_unkept")
            self._write([_TakenReply(message, known, ReplyWhy.BROKEN, key, taken[0].size, taken[0].original)])

    def _known(self, session: Session, message: ReplyMessage) -> _KnownLetter:
        """Return what is known of the letter that a token names, by the first that was made here."""
        for token in message.tokens:
            try:
                named = read_reply(self.secret, token)
            except NotFound:
                continue
            letter = session.get(Letter, named.letter_id)
            if letter is None:
                return _KnownLetter(token)
            tasks = tasks_of(session, letter)
            until = (letter.sent_at or letter.slot) + timedelta(days=self.settings.replies.last_days)
            return _KnownLetter(
                token,
                letter.id,
                named.address_tag,
                session.get_one(Person, letter.recipient_id),
                self.now < until,
                tuple(tasks),
                has_classified(session, tasks),
            )
        return _KnownLetter()

    def _find_out(self, content: bytes, message: ReplyMessage, known: _KnownLetter, key: str) -> list[_TakenReply]:
        if known.letter_id is not None:  # no stranger has a file opened
            message = replace(message, files=tuple(_unpacked(message.files)))
        text = own_words(message.text)
        why = why_not(self._facts(message, known, text))
        if why is not ReplyWhy.NONE:
            keeps = known.letter_id is not None and why in _KEPT_ASIDE
            original = store_bytes(self.settings.evidence, content) if keeps else ""
            return [_TakenReply(message, known, why, key, len(content), original)]
        wishes = read_wishes(text, local_date(self.now))
        files, left_out = self._store_files(message.files)
        original = store_bytes(self.settings.evidence, content)
        proof = prove(content, message.sender, known.token, self.settings.replies, self.look_up)
        is_alone = len(wishes) == 1
        with_files = next((number for number, one in enumerate(wishes) if one.action == Action.SUBMIT), 0)
        return [
            _TakenReply(
                message,
                known,
                why,
                _part_key(key, number),
                len(content),
                original,
                _fingerprint(known, message, text if is_alone else wish.text, files),
                proof,
                text if is_alone else wish.text,
                _asked(wish, files if number == with_files else ()),
                _asked(wish.meant, files) if wish.meant is not None else None,
                wish.unclear or message.is_garbled,
                is_alone,
                wish.number,
                left_out if number == with_files else (),
            )
            for number, wish in enumerate(wishes)
        ]

    def _facts(self, message: ReplyMessage, known: _KnownLetter, text: str) -> ReplyFacts:
        person = known.person
        return ReplyFacts(
            message.why,
            has_token=bool(message.tokens),
            has_true_token=bool(known.token),
            has_letter=known.letter_id is not None and bool(known.task_ids),
            is_in_time=known.is_in_time,
            is_from_reader=person is not None
            and (person.email or "").lower() == message.sender
            and reply_tag(self.secret, message.sender) == known.address_tag,
            is_reader_active=person is not None and person.is_active,
            has_words=bool(text),
            has_files=bool(message.files),
            of_classified_work=known.of_classified_work,
        )

    def _store_files(self, given: Sequence[GivenFile]) -> tuple[tuple[StoredFile, ...], tuple[BadInput, ...]]:
        """Return the files that were taken, and why each other one was not."""
        taken: dict[str, StoredFile] = {}
        faults: list[BadInput] = []
        for file in given[:MOST_FILES]:
            try:
                stored = store_file(self.settings.evidence, file, max_bytes=self.settings.file_max_bytes)
                taken.setdefault(stored.sha256, stored)
            except BadInput as error:
                faults.append(error)
        if len(given) > MOST_FILES:
            faults.append(BadInput("at most {most} files belong to one result", most=MOST_FILES))
        return tuple(taken.values()), tuple(faults)

    def _write(self, parts: Sequence[_TakenReply]) -> None:
        with transactions(self.engine) as begin, begin() as session:
            for number, taken in enumerate(parts):
                reply = self._insert(session, taken)
                if reply is None:
                    continue
                if reply.state is not ReplyState.ASIDE:
                    self._decide(session, taken, reply, [one.asked for one in parts[:number]])
                _log.info("reply_taken", reply=str(reply.id), state=reply.state.value, why=reply.why.value)
                if taken.known.person is not None:
                    queue_answer(session, self.settings, reply, taken.known.person.id, self.now)

    def _insert(self, session: Session, taken: _TakenReply) -> Reply | None:
        """Write a reply down; None where it is there already. The same words in another message are set aside."""
        known, message = taken.known, taken.message
        row: dict[str, Any] = {
            "id": new_id(),
            "key": taken.key,
            "fingerprint": taken.fingerprint,
            "letter_id": known.letter_id,
            "person_id": known.person.id if known.person and taken.why not in _NOT_THE_READERS else None,
            "task_id": None,
            "history_id": None,
            "read_at": self.now,
            "state": ReplyState.WAITS if taken.why is ReplyWhy.NONE else ReplyState.ASIDE,
            "why": taken.why,
            "proof": taken.proof,
            "sender": message.sender,
            "subject": message.subject,
            "message_id": message.message_id,
            "text": taken.text,
            "told": "",
            "is_answered": False,
            "original_sha256": taken.original,
            "original_size": taken.size,
        }
        if not insert_new(session, table_of(Reply), [row]):
            row |= {"state": ReplyState.ASIDE, "why": ReplyWhy.REPEATED, "fingerprint": ""}
            if not insert_new(session, table_of(Reply), [row]):
                return None
        return session.get_one(Reply, row["id"])

    def _decide(self, session: Session, taken: _TakenReply, reply: Reply, before: Sequence[ReplyRequest]) -> None:
        """Do what the reply asks for, keep it for a press, or refuse it.

        `before`: what it asks for further up. Words that may have meant an act are a comment, where that is done at
        once, and the act waits for a press beside it; else the act alone waits, and its page offers the comment.
        """
        person = session.get_one(Person, reply.person_id)
        told = "\n".join(one.tell(person.language) for one in taken.left_out)
        context = ActorContext(session, person, self.now, self.calendar, self.settings)
        task_ids, asked = _chosen(taken), taken.asked
        meant, drafted = taken.meant, asked
        if len(set(task_ids)) > 1:
            state, why, drafted = ReplyState.WAITS, ReplyWhy.WHICH_TASK, meant or asked
        else:
            reply.task_id = task_ids[0]
            trial = try_out(context, task_ids[0], asked, before=before)
            if meant is not None and try_out(context, task_ids[0], meant).refusal is not None:
                meant = None
            is_clear = not taken.is_unclear and trial.missing is None
            state, why = ReplyState.WAITS, why_waits(is_message=asked.is_message, is_clear=is_clear)
            if trial.refusal is not None:
                state, why, told = ReplyState.REFUSED, ReplyWhy.NO_RIGHT, trial.refusal.tell(person.language)
            elif taken.is_alone and is_done_at_once(
                is_message=asked.is_message,
                is_clear=is_clear and not taken.left_out,
                proof=taken.proof,
                is_trusted=is_trusted(taken.message.sender, self.settings.replies),
            ):
                reply.history_id = carry_out(context, task_ids[0], asked)
                state, why = ReplyState.POSTED if asked.is_message else ReplyState.DONE, ReplyWhy.NONE
                told = asked.where_files_are(person.language)
                if meant is not None:
                    why, drafted = ReplyWhy.NOT_CLEAR, meant
            elif meant is not None:
                why, drafted = ReplyWhy.NOT_CLEAR, meant
        reply.state, reply.why, reply.told = state, why, told[:_LONGEST_TOLD]
        session.add(reply)
        if state is ReplyState.WAITS or (state is ReplyState.POSTED and meant is not None):
            session.add(_draft(reply, person.id, task_ids, drafted, self.now))
        session.flush()


def _unpacked(files: Sequence[GivenFile]) -> Iterator[GivenFile]:
    """Yield the files of a reply, those within a winmail.dat by themselves; one that does not open stays, is refused by
    its type, and so named to the sender.
    """
    for file in files:
        if file.name.lower() != WINMAIL:
            yield file
            continue
        with file.open() as opened:
            content = opened.read()
        try:
            yield from (GivenFile(name, partial(BytesIO, inside)) for name, inside in open_winmail(file.name, content))
        except BadInput:
            yield file


def open_winmail(name: str, data: bytes) -> list[tuple[str, bytes]]:
    """BadInput where the winmail.dat (TNEF) cannot be read."""
    with named(name):
        check_size(data)
        with TURNS.take(None):
            found = ask_apart("workflows.replies.tnef.read_files", data)["files"]
        return [(str(one["name"]), b64decode(one["content"])) for one in found]


def own_names(settings: Settings) -> OwnNames:
    """Return by what one of our own letters is known where it comes back."""
    mail = settings.mail
    addresses = (mail.sender, mail.reply_address, mail.bounce_address)
    return OwnNames(frozenset(one.lower() for one in addresses if one), f"<dondoc.{mail.sender.rpartition('@')[2]}>")


def _chosen(taken: _TakenReply) -> list[UUID]:
    """Return the task whose number a reply names; else all of the letter, in their order."""
    tasks, number = list(taken.known.task_ids), taken.number
    return [tasks[number - 1]] if number is not None and 1 <= number <= len(tasks) else tasks


def _draft(reply: Reply, person_id: UUID, task_ids: Sequence[UUID], asked: ReplyRequest, now: datetime) -> ReplyDraft:
    return ReplyDraft(
        reply_id=reply.id,
        person_id=person_id,
        action=asked.action,
        given=dict(asked.given),
        files=[asdict(one) for one in asked.files],
        task_ids=[one.hex for one in (task_ids if len(set(task_ids)) > 1 else task_ids[:1])],
        made_at=now,
        expires_at=now + DRAFT_LASTS,
    )


def _asked(wish: Wish, files: Sequence[StoredFile]) -> ReplyRequest:
    return ReplyRequest(wish.action, wish.given, files)


def _part_key(key: str, number: int) -> str:
    """Return by which one act of a message is known: the first by the message's own key."""
    return hashlib.sha256(f"{key} {number}".encode()).hexdigest() if number else key


def _fingerprint(known: _KnownLetter, message: ReplyMessage, text: str, files: Sequence[StoredFile]) -> str:
    """Return by what a reply is known again that is sent once more under another Message-ID."""
    parts = (known.token, message.sender, message.date, text, *(one.sha256 for one in files))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
