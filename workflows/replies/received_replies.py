"""Read one message as a reply: the letter that it answers, what it asks for, and why it may do nothing.

A message that asks for several actions becomes several replies. Only files are written here, into their store;
`take_replies.py` records the replies and acts on them.
"""

import hashlib
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from uuid import UUID

from sqlmodel import Session

from models.errors import BadInput, NotFound
from models.letters.letter import Letter
from models.organization.person import Person
from models.replies.reply import MESSAGE, ReplyProof, ReplyWhy
from models.settings import Settings
from models.tasks.evidence_files import MOST_FILES, GivenFile, StoredFile, store_bytes, store_file
from models.text.localtime import local_date
from notifications.composing.keys import read_reply, reply_tag
from notifications.replies.authentic import LookUp, prove
from notifications.replies.grammar import Wish, read_wishes
from notifications.replies.own_words import own_words
from notifications.replies.reply_message import WINMAIL, ReplyMessage
from workflows.bounded_process.bounded_call import call_bounded, check_size, naming_file
from workflows.bounded_process.turns import TURNS
from workflows.replies.reply_answers import ReplyRequest
from workflows.replies.reply_tasks import has_classified, tasks_of
from workflows.rules.reply_policy import ReplyFacts, why_not
from workflows.rules.tasks.actions import Action

_WHY_KEPT = frozenset({ReplyWhy.OTHER_SENDER, ReplyWhy.EXPIRED, ReplyWhy.EMPTY, ReplyWhy.CHARSET})
"""Reasons for which the message of a reply that does nothing is kept: it may hold a person's words. Messages of
strangers are not kept, so that they cannot fill the disk."""


@dataclass(frozen=True)
class AnsweredLetter:
    """The letter that a token of the message names. All fields are empty where no token was made here."""

    token: str = ""
    letter_id: UUID | None = None
    address_tag: str = ""
    person: Person | None = None
    is_in_time: bool = False
    task_ids: tuple[UUID, ...] = ()
    of_classified_work: bool = False


@dataclass(frozen=True)
class ReceivedReply:
    """A reply, or one of several requests in it. `why` is NONE where it may do something."""

    message: ReplyMessage
    letter: AnsweredLetter
    why: ReplyWhy
    key: str
    size: int  # bytes of the message
    original: str = ""  # SHA-256 of the message, where it is kept
    fingerprint: str = ""
    proof: ReplyProof = ReplyProof.NONE
    text: str = ""
    request: ReplyRequest = field(default_factory=lambda: ReplyRequest(MESSAGE, {}))
    possible_action: ReplyRequest | None = None  # what a comment may have asked for
    is_unclear: bool = False
    is_alone: bool = True  # the message holds no other request
    task_number: int | None = None  # the number in the letter of the task that the reply names
    rejected_files: tuple[BadInput, ...] = ()


@dataclass(frozen=True)
class ReplyReader:
    """Reads replies at `now` (UTC). `look_up` asks DNS for a text record."""

    settings: Settings
    secret: str
    now: datetime
    look_up: LookUp

    def find_letter(self, session: Session, message: ReplyMessage) -> AnsweredLetter:
        """Return the letter that the first token made here names."""
        for token in message.tokens:
            try:
                reply = read_reply(self.secret, token)
            except NotFound:
                continue
            letter = session.get(Letter, reply.letter_id)
            if letter is None:
                return AnsweredLetter(token)
            task_ids = tasks_of(session, letter)
            expires_at = (letter.sent_at or letter.slot) + timedelta(days=self.settings.replies.last_days)
            return AnsweredLetter(
                token=token,
                letter_id=letter.id,
                address_tag=reply.address_tag,
                person=session.get_one(Person, letter.recipient_id),
                is_in_time=self.now < expires_at,
                task_ids=tuple(task_ids),
                of_classified_work=has_classified(session, task_ids),
            )
        return AnsweredLetter()

    def read(self, content: bytes, message: ReplyMessage, letter: AnsweredLetter, key: str) -> list[ReceivedReply]:
        """Return each request of the message, or one reply with the reason for which it does nothing."""
        if letter.letter_id is not None:  # no file of a stranger is opened
            message = replace(message, files=tuple(_unpack_winmail(message.files)))
        text = own_words(message.text)
        why = why_not(self._facts(message, letter, text))
        if why is not ReplyWhy.NONE:
            is_kept = letter.letter_id is not None and why in _WHY_KEPT
            original = store_bytes(self.settings.evidence, content) if is_kept else ""
            return [ReceivedReply(message, letter, why, key, len(content), original)]
        wishes = read_wishes(text, local_date(self.now))
        files, rejected_files = self._store_files(message.files)
        original = store_bytes(self.settings.evidence, content)
        proof = prove(content, message.sender, letter.token, self.settings.replies, self.look_up)
        is_alone = len(wishes) == 1
        takes_files = next((position for position, wish in enumerate(wishes) if wish.action == Action.SUBMIT), 0)
        return [
            ReceivedReply(
                message=message,
                letter=letter,
                why=why,
                key=_key_of_part(key, position),
                size=len(content),
                original=original,
                fingerprint=_fingerprint(letter, message, text if is_alone else wish.text, files),
                proof=proof,
                text=text if is_alone else wish.text,
                request=_request(wish, files if position == takes_files else ()),
                possible_action=_request(wish.meant, files) if wish.meant is not None else None,
                is_unclear=wish.unclear or message.is_garbled,
                is_alone=is_alone,
                task_number=wish.number,
                rejected_files=rejected_files if position == takes_files else (),
            )
            for position, wish in enumerate(wishes)
        ]

    def _facts(self, message: ReplyMessage, letter: AnsweredLetter, text: str) -> ReplyFacts:
        person = letter.person
        return ReplyFacts(
            message.why,
            has_token=bool(message.tokens),
            has_true_token=bool(letter.token),
            has_letter=letter.letter_id is not None and bool(letter.task_ids),
            is_in_time=letter.is_in_time,
            is_from_reader=person is not None
            and (person.email or "").lower() == message.sender
            and reply_tag(self.secret, message.sender) == letter.address_tag,
            is_reader_active=person is not None and person.is_active,
            has_words=bool(text),
            has_files=bool(message.files),
            of_classified_work=letter.of_classified_work,
        )

    def _store_files(self, files: Sequence[GivenFile]) -> tuple[tuple[StoredFile, ...], tuple[BadInput, ...]]:
        """Return the stored files, each content once, and why the others were rejected."""
        stored_by_hash: dict[str, StoredFile] = {}
        faults: list[BadInput] = []
        for file in files[:MOST_FILES]:
            try:
                stored = store_file(self.settings.evidence, file, max_bytes=self.settings.file_max_bytes)
                stored_by_hash.setdefault(stored.sha256, stored)
            except BadInput as error:
                faults.append(error)
        if len(files) > MOST_FILES:
            faults.append(BadInput("at most {most} files belong to one result", most=MOST_FILES))
        return tuple(stored_by_hash.values()), tuple(faults)


def _unpack_winmail(files: Sequence[GivenFile]) -> Iterator[GivenFile]:
    """Yield the files of a reply, and in place of a winmail.dat the files in it.

    One that cannot be opened stays: its type is refused, and so the sender reads its name.
    """
    for file in files:
        if file.name.lower() != WINMAIL:
            yield file
            continue
        with file.open() as opened:
            data = opened.read()
        try:
            yield from (GivenFile(name, partial(BytesIO, content)) for name, content in open_winmail(file.name, data))
        except BadInput:
            yield file


def open_winmail(name: str, data: bytes) -> list[tuple[str, bytes]]:
    """Return the names and contents of the files in a winmail.dat (TNEF). BadInput where it cannot be read."""
    with naming_file(name):
        check_size(data)
        with TURNS.take(None):
            files = call_bounded("workflows.replies.tnef.read_files", data)["files"]
        return [(str(file["name"]), b64decode(file["content"])) for file in files]


def _request(wish: Wish, files: Sequence[StoredFile]) -> ReplyRequest:
    return ReplyRequest(wish.action, wish.given, files)


def _key_of_part(key: str, position: int) -> str:
    """Return the key of one request. The first has the key of its message."""
    return hashlib.sha256(f"{key} {position}".encode()).hexdigest() if position else key


def _fingerprint(letter: AnsweredLetter, message: ReplyMessage, text: str, files: Sequence[StoredFile]) -> str:
    """Return what identifies a reply that is sent again under another Message-ID."""
    parts = (letter.token, message.sender, message.date, text, *(file.sha256 for file in files))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
