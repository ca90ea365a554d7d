"""Read a conversation: one page of messages, the oldest first, and the published answers.

A page costs a fixed number of queries, each by an index of one task or one directive.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select as columns
from sqlalchemy import tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.directives.directive import Duty
from models.errors import NotFound, need
from models.organization.person import Person
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.conversation import ConversationFile, ConversationMention, ConversationMessage
from models.tasks.evidence_files import kept_file
from models.tasks.history import HistoryNote
from workflows.rules.conversation_policy import may_edit
from workflows.tasks.conversation.conversation_access import Conversation, find_message
from workflows.tasks.conversation.read_marks import read_upto

MESSAGES_SHOWN = 20
PUBLISHED_SHOWN = 20
_EXCERPT = 140  # characters of the question that an answer quotes
# made once, as an alias copies all columns of its table
_QUESTION: Any = aliased(ConversationMessage)
_QUESTION_NOTE, _REWORDED, _ASKER = aliased(HistoryNote), aliased(HistoryNote), aliased(Unit)


@dataclass(frozen=True)
class MessageLine:
    """A message as its reader sees it. `text` is None if it was erased with its author's personal data."""

    row: ConversationMessage
    author: str
    author_code: str
    unit: str
    text: str | None
    answers: str  # the beginning of the question that it answers
    is_near: bool  # that question is on the same page
    mentions: tuple[str, ...]
    files: tuple[ConversationFile, ...]
    is_mine: bool
    is_unread: bool
    is_answered: bool
    may_edit: bool
    may_answer: bool
    may_publish: bool


@dataclass(frozen=True)
class PublishedAnswer:
    """A question and its answer for all units of a duty. `unit` is the asking unit, or "" if it is not shown."""

    id: UUID
    question: str | None
    answer: str | None
    unit: str
    answered_by: str  # the unit that answered
    duty: str  # its number; "" for a question about the directive as a whole
    published_at: datetime


@dataclass(frozen=True)
class ConversationPage:
    """One page of messages, the oldest first. `newest` is the moment up to which its reader has read."""

    lines: tuple[MessageLine, ...]
    has_earlier: bool
    unread: int
    newest: datetime | None
    published: tuple[PublishedAnswer, ...]
    has_more_published: bool

    @property
    def first_unread(self) -> UUID | None:
        return next((line.row.id for line in self.lines if line.is_unread), None)


def read_conversation(
    session: Session,
    conversation: Conversation,
    *,
    now: datetime,
    before: UUID | None = None,
    only: UUID | None = None,
    most: int = MESSAGES_SHOWN,
    most_published: int = PUBLISHED_SHOWN,
) -> ConversationPage:
    """Return a page of messages and the published answers. With `only`, return that message alone.

    Raise NotFound for a `before` that the reader may not read.
    """
    since = read_upto(session, conversation)
    rows = _messages(session, conversation, before, only, most + 1)
    shown = list(reversed(rows[:most]))
    ids = [message.id for message, *_others in shown]
    mentions, files = _mentions(session, ids), _files(session, ids)
    questions = {message.id for message, *_others in shown if message.is_question}
    questions |= {question.id for *_others, question, _text in shown if question is not None}
    published_questions = _published(session, questions)
    reader_id, standing = conversation.principal.person.id, conversation.standing
    lines = []
    for row, author, code, unit, text, question, question_text in shown:
        is_published = row.published_at is not None or row.id in published_questions
        is_mine = row.author_id == reader_id
        lines.append(
            MessageLine(
                row=row,
                author=author,
                author_code=code,
                unit=unit or "",
                text=text,
                answers=_excerpt(question_text) if question is not None else "",
                is_near=question is not None and question.id in ids,
                mentions=tuple(mentions[row.id]),
                files=tuple(files[row.id]),
                is_mine=is_mine,
                is_unread=not is_mine and (since is None or row.written_at > since),
                is_answered=row.answered_at is not None,
                may_edit=may_edit(
                    standing, conversation.standing_of(row, question), is_published=is_published, now=now
                ),
                may_answer=row.is_question and standing.runs,
                may_publish=standing.publishes and question is not None and question.id not in published_questions,
            )
        )
    published = read_published(session, conversation, most=most_published + 1) if most_published else []
    return ConversationPage(
        lines=tuple(lines),
        has_earlier=len(rows) > most,
        unread=sum(line.is_unread for line in lines),
        newest=lines[-1].row.written_at if lines else None,
        published=tuple(published[:most_published]),
        has_more_published=len(published) > most_published,
    )


def page_of(session: Session, conversation: Conversation, message_id: UUID) -> UUID | None:
    """Return the message before which the page with a message ends; None for the newest page. Raise NotFound."""
    message, _question = find_message(session, conversation, message_id)
    order = (col(ConversationMessage.written_at), col(ConversationMessage.id))
    newer = (
        select(ConversationMessage.id)
        .where(conversation.messages, conversation.readable, tuple_(*order) > tuple_(message.written_at, message.id))
        .order_by(*order)
        .limit(MESSAGES_SHOWN)
    )
    newer_ids = list(session.exec(newer))
    return newer_ids[MESSAGES_SHOWN // 2] if len(newer_ids) == MESSAGES_SHOWN else None


def read_published(
    session: Session, conversation: Conversation, *, most: int, before: datetime | None = None
) -> list[PublishedAnswer]:
    """Return the published answers of a task's duty or of the directive, the newest first."""
    query: Any = (
        columns(
            *(ConversationMessage, col(_QUESTION_NOTE.text), col(_REWORDED.text), col(HistoryNote.text)),
            *(col(_ASKER.name), col(Unit.name), col(Duty.path)),
        )
        .join(_QUESTION, col(_QUESTION.id) == col(ConversationMessage.answers_id))
        .outerjoin(_QUESTION_NOTE, col(_QUESTION_NOTE.history_id) == col(_QUESTION.history_id))
        .outerjoin(_REWORDED, col(_REWORDED.history_id) == col(ConversationMessage.published_history_id))
        .outerjoin(HistoryNote, col(HistoryNote.history_id) == col(ConversationMessage.history_id))
        .outerjoin(_ASKER, col(_ASKER.id) == col(_QUESTION.unit_id))
        .outerjoin(Unit, col(Unit.id) == col(ConversationMessage.unit_id))
        .outerjoin(Duty, col(Duty.id) == col(ConversationMessage.duty_id))
        .where(conversation.published)
        .order_by(col(ConversationMessage.published_at).desc(), col(ConversationMessage.id).desc())
        .limit(most)
    )
    if before is not None:
        query = query.where(col(ConversationMessage.published_at) < before)
    return [
        PublishedAnswer(
            id=row.id,
            question=reworded or original,
            answer=answer,
            unit=(asker_name or "") if row.shows_unit else "",
            answered_by=answering_unit or "",
            duty=path or "",
            published_at=row.published_at,
        )
        for row, original, reworded, answer, asker_name, answering_unit, path in session.execute(query)
    ]


def _messages(
    session: Session, conversation: Conversation, before: UUID | None, only: UUID | None, most: int
) -> list[Any]:
    """Return rows of a message, its author, unit and text, and the question that it answers, the newest first."""
    order = (col(ConversationMessage.written_at), col(ConversationMessage.id))
    query: Any = (
        columns(
            *(ConversationMessage, col(Person.full_name), col(Person.code), col(Unit.name), col(HistoryNote.text)),
            *(_QUESTION, col(_QUESTION_NOTE.text)),
        )
        .join(Person, col(Person.id) == col(ConversationMessage.author_id))
        .outerjoin(Unit, col(Unit.id) == col(ConversationMessage.unit_id))
        .outerjoin(HistoryNote, col(HistoryNote.history_id) == col(ConversationMessage.history_id))
        .outerjoin(_QUESTION, col(_QUESTION.id) == col(ConversationMessage.answers_id))
        .outerjoin(_QUESTION_NOTE, col(_QUESTION_NOTE.history_id) == col(_QUESTION.history_id))
        .where(conversation.messages, conversation.readable)
        .order_by(*(column.desc() for column in order))
        .limit(most)
    )
    if only is not None:
        query = query.where(col(ConversationMessage.id) == only)
    if before is not None:
        first, _question = find_message(session, conversation, before)
        query = query.where(tuple_(*order) < tuple_(first.written_at, first.id))
    return list(session.execute(query))


def _mentions(session: Session, ids: list[UUID]) -> dict[UUID, list[str]]:
    mentions: dict[UUID, list[str]] = defaultdict(list)
    query = (
        select(ConversationMention.message_id, Person.full_name)
        .join(Person, col(Person.id) == col(ConversationMention.person_id))
        .where(col(ConversationMention.message_id).in_(ids))
        .order_by(col(Person.sort_key))
    )
    for message_id, name in session.exec(query) if ids else ():
        mentions[message_id].append(name)
    return mentions


def _files(session: Session, ids: list[UUID]) -> dict[UUID, list[ConversationFile]]:
    files: dict[UUID, list[ConversationFile]] = defaultdict(list)
    query = select(ConversationFile).where(col(ConversationFile.message_id).in_(ids)).order_by(col(ConversationFile.id))
    for file in session.exec(query) if ids else ():
        files[file.message_id].append(file)
    return files


def _published(session: Session, ids: set[UUID]) -> set[UUID]:
    query = select(ConversationMessage.answers_id).where(
        col(ConversationMessage.answers_id).in_(ids), col(ConversationMessage.published_at).is_not(None)
    )
    return {question_id for question_id in session.exec(query) if question_id is not None} if ids else set()


def _excerpt(text: str | None) -> str:
    line = " ".join((text or "").split())
    return line if len(line) <= _EXCERPT else f"{line[:_EXCERPT].rstrip()}…"


def open_message_file(
    session: Session, conversation: Conversation, file_id: UUID, settings: Settings
) -> tuple[ConversationFile, Path]:
    """Return a message's file and its path on disk. Raise NotFound where the reader may not read the message."""
    file = need(session.get(ConversationFile, file_id), NotFound("there is no such file"))
    try:
        find_message(session, conversation, file.message_id)
    except NotFound as error:
        raise NotFound("there is no such file") from error
    return file, kept_file(settings.evidence, file.sha256, file.filename)
