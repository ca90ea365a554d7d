"""What must hold of answers to letters, whatever happened: what docs/replies.md promises, read from the database.

Each check tells what it found wrong, as `name: words`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from models.database.session import reading
from models.letters.letter import REPLY_TOPIC, Letter, LetterKind
from models.replies.reply import MESSAGE, Reply, ReplyDraft, ReplyProof, ReplyState, ReplyWhy
from models.settings import ReplySettings
from models.tasks.history import History, HistoryNote
from tests.soak import answering
from tests.soak.answering import SPOOFED, STRANGERS, Answering, Message
from tests.soak.server import Post

_MARK = re.compile(rf"{answering.own_words(0)[:-1]}(\d+)\b")
_SILENT = (answering.BY_PROGRAM, answering.LISTED, answering.OWN, answering.CUT, answering.ALTERED, answering.UNNAMED)
"""What is wrong with a message that nobody answers."""


@dataclass(frozen=True)
class _Row:
    """A reply with what belongs to it; `by`: who did what it names, by the history."""

    reply: Reply
    message: Message
    draft: ReplyDraft | None
    letter: Letter | None
    done: History | None

    @property
    def words(self) -> str:
        reply = self.reply
        return f"message {self.message.number} ({self.message.fault or 'well'}) is {reply.state} {reply.why}".strip()

    @property
    def may_act(self) -> bool:
        return self.draft is not None or self.reply.history_id is not None


def replies(engine: Engine, post: Post, mail: Answering) -> Iterator[str]:
    """Each message is taken once, what the rules forbid does nothing, what is done is done once and by the reader.

    An answer goes to the letter's reader alone, is none to a program, and they are few a person and day.
    """
    settings = mail.settings.replies
    noted = col(HistoryNote.text).contains(answering.own_words(0)[:-1])
    with reading(engine) as session:
        rows = list(_rows(session, mail))
        marks = session.execute(select(HistoryNote.history_id, HistoryNote.text).where(noted)).all()
        told = session.exec(select(Letter).where(col(Letter.topic).startswith(REPLY_TOPIC))).all()
    for number, count in Counter(row.message.number for row in rows).items():
        if count > 1:
            yield f"taken: message {number} has {count} rows"
    for row in rows:
        yield from _of_state(row)
        yield from _forbidden(row, settings)
        yield from _done(row, settings)
    yield from _once(rows, [(history_id, text) for history_id, text in marks])
    yield from _answers(rows, told, settings.answers_per_day)
    for name, copies in post.arrived.items():
        for to, _content in copies:
            if to.endswith(f"@{STRANGERS}"):
                yield f"answers: {name} went to {to}, who is in no register"


def settled(engine: Engine, mail: Answering, now: datetime) -> Iterator[str]:
    """Some quiet days after: no message waits to be read, and none for a press whose time is over."""
    with reading(engine) as session:
        rows = list(_rows(session, mail))
    for number in {one.number for one in mail.messages} - {row.message.number for row in rows}:
        yield f"taken: message {number} ({mail.messages[number - 1].fault or 'well'}) was never taken"
    for folder in (mail.settings.replies_folder, mail.settings.bounces_folder):
        for path in folder.glob("*.*"):
            yield f"taken: {path.name} lies in {folder.name} still"
    for row in rows:
        if row.reply.state is ReplyState.WAITS and row.draft is not None and row.draft.expires_at <= now:
            yield f"lapsed: {row.words}, and its link lasted until {row.draft.expires_at}"


def outcomes(engine: Engine, mail: Answering) -> Counter[str]:
    """What came of the messages, and what they did."""
    with reading(engine) as session:
        rows = list(_rows(session, mail))
    ends = Counter(f"reply {row.reply.state} {row.reply.why}".strip() for row in rows)
    ways = {True: "after a press", False: "at once"}
    return ends + Counter(f"act by reply: {row.done.event} {ways[row.draft is not None]}" for row in rows if row.done)


def _rows(session: Session, mail: Answering) -> Iterator[_Row]:
    found = session.execute(
        select(Reply, ReplyDraft, Letter, History)
        .outerjoin(ReplyDraft, col(ReplyDraft.reply_id) == col(Reply.id))
        .outerjoin(Letter, col(Letter.id) == col(Reply.letter_id))
        .outerjoin(History, col(History.id) == col(Reply.history_id))
    )
    for reply, draft, letter, done in found:
        yield _Row(reply, mail.messages[int(reply.subject.rpartition(" ")[2]) - 1], draft, letter, done)


def _of_state(row: _Row) -> Iterator[str]:
    """A reply is what its row says: a draft waits, lapsed or was used before its time was over; what is done has a
    line.
    """
    reply, draft = row.reply, row.draft
    is_done = reply.state in (ReplyState.DONE, ReplyState.POSTED)
    if is_done != (reply.history_id is not None):
        yield f"state: {row.words}, and its line is {reply.history_id}"
    if draft is None and reply.state in (ReplyState.WAITS, ReplyState.LAPSED):
        yield f"state: {row.words}, and nothing can be confirmed"
    is_offered = reply.state is ReplyState.POSTED and reply.why is ReplyWhy.NOT_CLEAR  # beside a comment
    is_half = draft is not None and is_done != bool(draft.used_at) and not is_offered
    if draft is not None and (reply.state in (ReplyState.ASIDE, ReplyState.REFUSED) or is_half):
        yield f"state: {row.words}, and its draft was used at {draft.used_at}"
    if draft is not None and draft.used_at is not None and draft.used_at >= draft.expires_at:
        yield f"late: {row.words} by a link of {draft.used_at} that lasted until {draft.expires_at}"


def _forbidden(row: _Row, settings: ReplySettings) -> Iterator[str]:
    if not row.may_act:
        return
    reply, letter = row.reply, row.letter
    if row.message.fault not in ("", SPOOFED):
        yield f"forbidden: {row.words}, and may act"
    if letter is None or letter.address is None:
        yield f"forbidden: {row.words} of no letter, and may act"
    elif reply.sender != letter.address.lower():
        yield f"forbidden: {row.words} from {reply.sender}, and the letter went to {letter.address}"
    elif reply.read_at >= (letter.sent_at or letter.slot) + timedelta(days=settings.last_days):
        yield f"forbidden: {row.words} to a letter of {letter.slot}, read at {reply.read_at}"


def _done(row: _Row, settings: ReplySettings) -> Iterator[str]:
    """By the letter's reader, to a task of the letter; at once only where something proves it."""
    reply, done = row.reply, row.done
    if done is None:
        return
    reader = row.letter.recipient_id if row.letter is not None else None
    if not done.actor_id == reply.person_id == reader:
        yield f"actor: {row.words}, done by {done.actor_id}, and the letter's reader is {reader}"
    if done.task_id != reply.task_id:
        yield f"actor: {row.words}, and its line is of another task"
    if row.draft is not None:
        if done.task_id is None or done.task_id.hex not in row.draft.task_ids:
            yield f"actor: {row.words}, and its link is of other tasks"
        if (row.draft.action == MESSAGE) != (reply.state is ReplyState.POSTED):
            yield f"state: {row.words}, and it asked to {row.draft.action}"
        return
    is_trusted = reply.sender.rpartition("@")[2] in settings.trusted_domains
    if reply.proof is ReplyProof.NONE or row.message.fault == SPOOFED:
        yield f"unproved: {row.words} at once"
    elif reply.state is ReplyState.DONE and not is_trusted:
        yield f"unproved: {row.words} at once, and nobody trusts {reply.sender}"


def _once(rows: Sequence[_Row], marks: Sequence[tuple[UUID, str]]) -> Iterator[str]:
    """Words act once, however often they came; each line of the history that has them is named by a reply."""
    groups: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        groups[row.message.words].append(row)
    for words, same in groups.items():
        if sum(row.may_act for row in same) > 1:
            yield f"repeated: the words {words} may act more than once: {[row.words for row in same]}"
    for done, count in Counter(row.reply.history_id for row in rows if row.reply.history_id).items():
        if count > 1:
            yield f"acts: {count} replies name the line {done.hex}"
    for history_id, text in marks:
        for words in map(int, _MARK.findall(text)):
            if history_id not in {row.reply.history_id for row in groups[words]}:
                yield f"acts: the history has the words {words} in a line that no reply names"


def _answers(rows: Sequence[_Row], told: Sequence[Letter], most: int) -> Iterator[str]:
    by_id = {row.reply.id: row for row in rows}
    slots: dict[UUID, list[datetime]] = defaultdict(list)
    for letter in told:
        row = by_id.get(UUID(letter.topic.removeprefix(REPLY_TOPIC)))
        if row is None or not row.reply.is_answered or letter.kind is not LetterKind.ACCOUNT:
            yield f"answers: {letter.topic} answers nothing that asks for it"
        elif row.letter is None or letter.recipient_id != row.letter.recipient_id:
            yield f"answers: that to {row.words} is for another than the letter's reader"
        elif row.message.fault in _SILENT:
            yield f"answers: {row.words} and was answered"
        slots[letter.recipient_id].append(letter.slot)
    if len(told) != sum(row.reply.is_answered for row in rows):
        yield f"answers: {len(told)} letters, and other replies are said to be answered"
    for person, moments in slots.items():
        moments.sort()
        for first, last in zip(moments, moments[most:], strict=False):
            if last - first < timedelta(days=1):
                yield f"answers: more than {most} within a day to {person.hex}, from {first} to {last}"
