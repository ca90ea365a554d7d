"""What a reply is answered: one letter to its sender's address in the register, at once and at any hour."""

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
from workflows.rules.tasks.lifecycle import Action

_TOLD_FOR = timedelta(days=1)
"""An answer that could not leave for so long is of no use any more; one that asks for a press, until that lapses."""
_SAID = 600  # characters of somebody's own words that are quoted back
GIVEN_WORDS: dict[str, Words] = {
    "number": _("Number of the document"),
    "date": _("Date of the document"),
    "subject": _("Subject of the document"),
    "signer": _("Signer"),
    "due": _("Deadline requested"),
    "note": _("Words"),
}
"""What an act takes, as the answer names it, in this order."""


@dataclass(frozen=True)
class ReplyRequest:
    """What somebody asks for: an action of the lifecycle, or "message"; what it takes, as text; stored files."""

    action: str
    given: Mapping[str, str]
    files: Sequence[StoredFile] = ()

    @property
    def is_message(self) -> bool:
        return self.action == MESSAGE

    @property
    def leaves_files(self) -> bool:
        """Return whether there are files that the act has no place for: they go into the conversation on the task."""
        return bool(self.files) and not self.is_message and self.action != Action.SUBMIT

    def where_files_are(self, language: str) -> str:
        """Return what the sender of an act that was done is told of files that it has no place for."""
        if not self.leaves_files:
            return ""
        names = ", ".join(one.filename for one in self.files)
        return translate(_("the files are in the conversation on the task: {files}"), language, files=names)


def queue_answer(session: Session, settings: Settings, reply: Reply, person_id: UUID, now: datetime) -> None:
    """Queue the answer to a reply, unless its reason is met with silence or the person had too many in a day."""
    wanted = reply.state in (ReplyState.WAITS, ReplyState.REFUSED, ReplyState.DONE) or reply.why in ANSWERED
    if not wanted or _answers_since(session, person_id, now - timedelta(days=1)) >= settings.replies.answers_per_day:
        return
    if reply.why is ReplyWhy.OTHER_SENDER and _was_told(session, reply):
        return
    queue_letters(session, [(person_id, now, LetterKind.ACCOUNT, f"{REPLY_TOPIC}{reply.id.hex}")])
    reply.is_answered = True
    session.add(reply)
    session.flush()


def _answers_since(session: Session, person_id: UUID, since: datetime) -> int:
    query = select(func.count()).select_from(Letter)
    return session.scalars(
        query.where(
            col(Letter.recipient_id) == person_id,
            col(Letter.kind) == LetterKind.ACCOUNT,
            col(Letter.topic).startswith(REPLY_TOPIC),
            col(Letter.slot) >= since,
        )
    ).one()


def _was_told(session: Session, reply: Reply) -> bool:
    """Return whether the reader was told already that somebody else answers this letter: of a reply to all, once."""
    query = select(col(Reply.id)).where(
        col(Reply.letter_id) == reply.letter_id, col(Reply.why) == ReplyWhy.OTHER_SENDER, col(Reply.is_answered)
    )
    return session.scalars(query.limit(1)).first() is not None


def read_answers(
    session: Session, letters: Sequence[Letter], settings: Settings, link_key: str, now: datetime
) -> dict[str, ReplyAnswer]:
    """Return the answers that some letters carry, by topic; those that are of no use by now are left out."""
    topics = {UUID(one.topic.removeprefix(REPLY_TOPIC)): one for one in letters if one.topic.startswith(REPLY_TOPIC)}
    if not topics:
        return {}
    replies = session.scalars(select(Reply).where(col(Reply.id).in_(topics))).all()
    found = session.scalars(select(ReplyDraft).where(col(ReplyDraft.reply_id).in_(topics)))
    drafts = {one.reply_id: one for one in found}
    answers: dict[str, ReplyAnswer] = {}
    for reply in replies:
        letter = topics[reply.id]
        draft = drafts.get(reply.id)
        until = draft.expires_at if draft is not None else letter.slot + _TOLD_FOR
        if now >= until or (draft is not None and not draft.is_open(now)):
            continue
        url = f"{settings.base_url}/{REPLY_PAGE}/{sign_draft(link_key, draft.id)}" if draft is not None else ""
        language = session.get_one(Person, letter.recipient_id).language
        answers[letter.topic] = ReplyAnswer(
            AccountItem(
                "reply",
                until if draft is not None else None,
                url=url,
                answer=_item(session, settings, reply, draft, url, language),
            ),
            _reply_to(session, settings, reply, link_key),
            reply.message_id,
            draft.id if draft is not None else None,
        )
    return answers


def _reply_to(session: Session, settings: Settings, reply: Reply, link_key: str) -> str:
    """Return where the answer may be answered: as the letter that it is about."""
    letter = session.get(Letter, reply.letter_id) if reply.letter_id else None
    address = settings.mail.reply_address
    if letter is None or letter.address is None or address is None:
        return ""
    return token_address(address, sign_reply(link_key, letter.id, letter.address))


def _item(
    session: Session, settings: Settings, reply: Reply, draft: ReplyDraft | None, url: str, language: str
) -> AnswerItem:
    if reply.state is ReplyState.DONE or draft is None:
        tasks = [reply.task_id] if reply.task_id else []
        page = f"{settings.base_url}/tasks/{tasks[0].hex[-12:]}" if tasks else ""
        return AnswerItem(
            "done" if reply.state is ReplyState.DONE else reply.why.value,
            said=_short(reply.text),
            reason=reply.told,
            tasks=tuple(name_tasks(session, tasks, page)),
            most=_most(reply.why, settings),
        )
    task_ids = [UUID(hex=one) for one in draft.task_ids]
    asked = ReplyRequest(draft.action, draft.given, [StoredFile(**one) for one in draft.files])
    outcome = "which" if reply.why is ReplyWhy.WHICH_TASK else "confirm"
    return AnswerItem(
        "meant" if reply.state is ReplyState.POSTED else outcome,
        asked=asked_words(draft.action, language),
        given=tuple(given_words(draft.given, language)),
        said=_short(reply.text) if draft.action == MESSAGE else "",
        files=tuple(one.filename for one in asked.files),
        leaves_files=asked.leaves_files,
        left_out=tuple(reply.told.splitlines()),
        tasks=tuple(name_tasks(session, task_ids, url)),
        is_incomplete=reply.why is ReplyWhy.NOT_CLEAR,
        most=_most(reply.why, settings),
    )


def _most(why: ReplyWhy, settings: Settings) -> int:
    return settings.replies.last_days if why is ReplyWhy.EXPIRED else LARGEST // (1024 * 1024)


def asked_words(action: str, language: str) -> str:
    """The words are empty for a message."""
    return "" if action == MESSAGE else translate(Action(action).label, language)


def given_words(given: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """Return what was understood, label and value, in the order of `GIVEN_WORDS`; days as offices write them."""
    return [
        (translate(words, language), _written(str(given[name]))) for name, words in GIVEN_WORDS.items() if name in given
    ]


def _written(value: str) -> str:
    try:
        return write_date(date.fromisoformat(value))
    except ValueError:
        return _short(value)


def _short(text: str) -> str:
    return text if len(text) <= _SAID else f"{text[:_SAID].rstrip()} …"
