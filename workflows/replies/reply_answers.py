"""The answer to a reply: one letter to its sender's address in the register, sent at once and at any hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.i18n import Words, _, translate
from models.letters.letter import REPLY_PAGE, REPLY_TOPIC, Letter, LetterKind
from models.organization.person import Person
from models.replies.reply import MESSAGE, Reply, ReplyDraft, ReplyState, ReplyWhy
from models.settings import Settings
from models.tasks.evidence_files import StoredFile
from models.text.localtime import write_date
from notifications.composing.facts import AccountItem, AnswerItem
from notifications.composing.keys import sign_draft, sign_reply, token_address
from notifications.outbox.grouping import queue_letters
from notifications.replies.imap import LARGEST
from workflows.delivery.letters.letter_source import ReplyAnswer
from workflows.replies.reply_tasks import name_tasks
from workflows.rules.reply_policy import ANSWERED
from workflows.rules.tasks.actions import Action

_ANSWER_LASTS = timedelta(days=1)
"""How long an answer that cannot be sent waits. One that asks for a confirmation waits until that is too late."""
_LONGEST_QUOTE = 600  # characters of the sender's own words
INPUT_WORDS: dict[str, Words] = {
    "number": _("Number of the document"),
    "date": _("Date of the document"),
    "subject": _("Subject of the document"),
    "signer": _("Signer"),
    "due": _("Deadline requested"),
    "note": _("Words"),
}
"""The names of an action's inputs, in the order in which an answer lists them."""


@dataclass(frozen=True)
class ReplyRequest:
    action: str  # an action of the lifecycle, or MESSAGE
    given: Mapping[str, str]  # the action's inputs
    files: Sequence[StoredFile] = ()

    @property
    def is_message(self) -> bool:
        return self.action == MESSAGE

    @property
    def leaves_files(self) -> bool:
        """The action has no place for the files: they go into the conversation on the task."""
        return bool(self.files) and not self.is_message and self.action != Action.SUBMIT

    def where_files_are(self, language: str) -> str:
        """Return a sentence that tells the sender where the files are which the action has no place for."""
        if not self.leaves_files:
            return ""
        names = ", ".join(file.filename for file in self.files)
        return translate(_("the files are in the conversation on the task: {files}"), language, files=names)


def queue_answer(session: Session, settings: Settings, reply: Reply, person_id: UUID, now: datetime) -> None:
    """Queue the answer to a reply, if its kind is answered and the person has not had too many answers today."""
    is_answered = reply.state in (ReplyState.WAITS, ReplyState.REFUSED, ReplyState.DONE) or reply.why in ANSWERED
    if not is_answered:
        return
    if _count_answers(session, person_id, since=now - timedelta(days=1)) >= settings.replies.answers_per_day:
        return
    if reply.why is ReplyWhy.OTHER_SENDER and _knows_of_other_sender(session, reply):
        return
    queue_letters(session, [(person_id, now, LetterKind.ACCOUNT, f"{REPLY_TOPIC}{reply.id.hex}")])
    reply.is_answered = True
    session.add(reply)
    session.flush()


def _count_answers(session: Session, person_id: UUID, since: datetime) -> int:
    query = select(func.count()).select_from(Letter)
    return session.scalars(
        query.where(
            col(Letter.recipient_id) == person_id,
            col(Letter.kind) == LetterKind.ACCOUNT,
            col(Letter.topic).startswith(REPLY_TOPIC),
            col(Letter.slot) >= since,
        )
    ).one()


def _knows_of_other_sender(session: Session, reply: Reply) -> bool:
    """Return whether the letter's reader has been told that somebody else answers it, which they are told once."""
    query = select(col(Reply.id)).where(
        col(Reply.letter_id) == reply.letter_id, col(Reply.why) == ReplyWhy.OTHER_SENDER, col(Reply.is_answered)
    )
    return session.scalars(query.limit(1)).first() is not None


def read_answers(
    session: Session, letters: Sequence[Letter], settings: Settings, link_key: str, now: datetime
) -> dict[str, ReplyAnswer]:
    """Return the answers that these letters carry, by topic. Those that come too late are left out."""
    letters_by_reply = {
        UUID(letter.topic.removeprefix(REPLY_TOPIC)): letter
        for letter in letters
        if letter.topic.startswith(REPLY_TOPIC)
    }
    if not letters_by_reply:
        return {}
    replies = session.scalars(select(Reply).where(col(Reply.id).in_(letters_by_reply))).all()
    drafts = {
        draft.reply_id: draft
        for draft in session.scalars(select(ReplyDraft).where(col(ReplyDraft.reply_id).in_(letters_by_reply)))
    }
    answers: dict[str, ReplyAnswer] = {}
    for reply in replies:
        letter = letters_by_reply[reply.id]
        draft = drafts.get(reply.id)
        expires_at = draft.expires_at if draft is not None else letter.slot + _ANSWER_LASTS
        if now >= expires_at or (draft is not None and not draft.is_open(now)):
            continue
        url = f"{settings.base_url}/{REPLY_PAGE}/{sign_draft(link_key, draft.id)}" if draft is not None else ""
        language = session.get_one(Person, letter.recipient_id).language
        answers[letter.topic] = ReplyAnswer(
            AccountItem(
                "reply",
                expires_at if draft is not None else None,
                url=url,
                answer=_item(session, settings, reply, draft, url, language),
            ),
            _reply_to(session, settings, reply, link_key),
            reply.message_id,
            draft.id if draft is not None else None,
        )
    return answers


def _reply_to(session: Session, settings: Settings, reply: Reply, link_key: str) -> str:
    """Return the address at which the answer can be answered: that of the letter that the reply was about."""
    letter = session.get(Letter, reply.letter_id) if reply.letter_id else None
    address = settings.mail.reply_address
    if letter is None or letter.address is None or address is None:
        return ""
    return token_address(address, sign_reply(link_key, letter.id, letter.address))


def _item(
    session: Session, settings: Settings, reply: Reply, draft: ReplyDraft | None, url: str, language: str
) -> AnswerItem:
    if reply.state is ReplyState.DONE or draft is None:
        task_ids = [reply.task_id] if reply.task_id else []
        page = f"{settings.base_url}/tasks/{task_ids[0].hex[-12:]}" if task_ids else ""
        return AnswerItem(
            "done" if reply.state is ReplyState.DONE else reply.why.value,
            said=_shorten(reply.text),
            reason=reply.told,
            tasks=tuple(name_tasks(session, task_ids, page)),
            most=_limit_in_answer(reply.why, settings),
        )
    request = ReplyRequest(draft.action, draft.given, [StoredFile(**file) for file in draft.files])
    outcome = "which" if reply.why is ReplyWhy.WHICH_TASK else "confirm"
    return AnswerItem(
        "meant" if reply.state is ReplyState.POSTED else outcome,
        asked=action_words(draft.action, language),
        given=tuple(_input_words(draft.given, language)),
        said=_shorten(reply.text) if request.is_message else "",
        files=tuple(file.filename for file in request.files),
        leaves_files=request.leaves_files,
        left_out=tuple(reply.told.splitlines()),
        tasks=tuple(name_tasks(session, [UUID(hex=task_id) for task_id in draft.task_ids], url)),
        is_incomplete=reply.why is ReplyWhy.NOT_CLEAR,
        most=_limit_in_answer(reply.why, settings),
    )


def _limit_in_answer(why: ReplyWhy, settings: Settings) -> int:
    """Return the limit that the answer names: days for an expired letter, else the megabytes of a message."""
    return settings.replies.last_days if why is ReplyWhy.EXPIRED else LARGEST // (1024 * 1024)


def action_words(action: str, language: str) -> str:
    """Return the words of an action; "" for a message."""
    return "" if action == MESSAGE else translate(Action(action).label, language)


def _input_words(given: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """Return each input's name and value, with days as offices write them."""
    return [
        (translate(words, language), _write_value(str(given[name])))
        for name, words in INPUT_WORDS.items()
        if name in given
    ]


def _write_value(value: str) -> str:
    try:
        return write_date(date.fromisoformat(value))
    except ValueError:
        return _shorten(value)


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE].rstrip()} …"
