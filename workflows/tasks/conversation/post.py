"""Write a message, or change one's own: one transaction with its line of the history and its notices."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from models.database.ids import new_id
from models.database.rows import update_one
from models.errors import BadInput, NotFound, Refused, need
from models.i18n import _
from models.letters.letter import Notice, NoticeState
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.tasks.act_inputs import MOST_MENTIONS, MessageEdit, MessageInput, Publication
from models.tasks.conversation import ConversationFile, ConversationMention, ConversationMessage, MessageWay
from models.tasks.evidence_files import StoredFile, store_all
from models.tasks.task import IS_OPEN, Task
from models.text.localtime import local_date
from models.text.vietnamese import fold
from workflows.access.actor_context import ActorContext
from workflows.access.rights import read_principal
from workflows.history.record import NewHistoryLine, record
from workflows.rules.conversation_policy import (
    MessageStanding,
    refuse_edit,
    refuse_files,
    refuse_publishing,
    refuse_writing,
)
from workflows.rules.tasks.lifecycle import Relation
from workflows.tasks.conversation.conversation_access import (
    Conversation,
    candidates,
    find_message,
    may_be_mentioned,
    open_conversation,
    unit_written_for,
)
from workflows.tasks.conversation.read_marks import mark_read
from workflows.tasks.conversation.tell_message import Telling, first_task, tell_message, tell_publication

_AT = re.compile(r"(?<![\w.@-])@([A-Za-z0-9][\w.-]*[A-Za-z0-9])")
"""A person's code as it is mentioned in a text: not the domain of an address."""
_NAMED_AT_MOST = 12
_READER = "reader"
"""As what somebody writes who sees a task and is nothing to it: the head of the organisation above, an inspector."""


@dataclass(frozen=True)
class Posted:
    """A message that was written or changed, and the history row that holds its words."""

    message_id: UUID
    history_id: UUID
    is_new: bool = True


def post_message(
    context: ActorContext,
    given: MessageInput,
    *,
    task_id: UUID | None,
    directive_id: UUID | None,
    came_by: MessageWay = MessageWay.SITE,
    message_id: UUID | None = None,
) -> Posted:
    """Write a message on a task or, where `task_id` is None, on a directive.

    Give a `message_id` of your own to have a repeat do nothing: the message that is there is returned. NotFound where
    the author may not see the conversation, Refused where they may not write this in it or mention somebody, BadInput
    for a wrong field.
    """
    session, author, now, day = context.session, context.actor, context.now, context.today
    if task_id is not None:
        _lock(session, task_id)
    conversation = open_conversation(
        session, read_principal(session, author, day), day, task_id=task_id, directive_id=directive_id
    )
    if message_id is not None and (known := session.get(ConversationMessage, message_id)) is not None:
        return _as_before(conversation, known)
    refuse_writing(
        conversation.standing, question=given.question, answers=given.answers is not None, to_all=given.to_all
    )
    refuse_files(conversation.standing, files=len(given.file))
    if given.quote and conversation.task is None:
        raise BadInput(_("quote: a directive as a whole has no duty to quote; quote it on one of its tasks"))
    asked = _question(session, conversation, given.answers)
    unit_id = unit_written_for(session, conversation)
    said = MessageStanding(
        author_id=author.id,
        unit_id=unit_id,
        written_at=now,
        is_for_all=given.to_all,
        asked_by=asked.author_id if asked else None,
        asked_for=asked.unit_id if asked else None,
    )
    people = _mentioned(session, conversation, given, day, said)
    files = store_all(context.settings.evidence, given.file, max_bytes=context.settings.file_max_bytes)
    message = ConversationMessage(
        id=message_id or new_id(),
        directive_id=conversation.directive.id,
        task_id=conversation.task.id if conversation.task else None,
        duty_id=conversation.task.duty_id if conversation.task else None,
        author_id=author.id,
        unit_id=unit_id,
        written_at=now,
        history_id=new_id(),  # of the line that is recorded next
        came_by=came_by,
        quotes_duty=given.quote,
        is_for_all=given.to_all,
        is_question=given.question,
        answers_id=asked.id if asked else None,
    )
    message.history_id = record_message(session, conversation, "message", message.id, given.text, now)
    session.add(message)
    session.flush()
    if asked is not None and asked.answered_at is None:
        asked.answered_at = now
    _add_parts(session, message, people, files)
    mark_read(session, conversation, now)
    tell_message(Telling(session, conversation, message, now, context.calendar), [one.id for one in people], asked)
    return Posted(message.id, message.history_id)


def edit_message(session: Session, author: Person, given: MessageEdit, *, message_id: UUID, now: datetime) -> Posted:
    """Give a message other words, within ten minutes and by its author only. `now` is UTC.

    The former words stay in the history. A letter that has not left says the new ones.
    """
    day = local_date(now)
    message = need(session.get(ConversationMessage, message_id), NotFound("there is no such message"))
    if message.task_id is not None:
        _lock(session, message.task_id)
    conversation = open_conversation(
        session, read_principal(session, author, day), day, task_id=message.task_id, directive_id=message.directive_id
    )
    message, asked = find_message(session, conversation, message_id)
    said = conversation.said(message, asked)
    refuse_edit(conversation.standing, said, is_published=is_published(session, message), now=now)
    former = message.history_id
    history_id = record_message(session, conversation, "message_edited", message.id, given.text, now)
    changed = update_one(
        session,
        update(ConversationMessage)
        .where(col(ConversationMessage.id) == message.id, col(ConversationMessage.history_id) == former)
        .values(history_id=history_id, edited_at=now),
    )
    if not changed:
        raise Refused(_("this message was changed just now from another page; look at it again"))
    _tell_new_words(session, conversation, former, history_id)
    return Posted(message.id, history_id, is_new=False)


def is_published(session: Session, message: ConversationMessage) -> bool:
    """As the question or as its answer."""
    if message.published_at is not None or not message.is_question:
        return message.published_at is not None
    answer = select(ConversationMessage.id).where(
        ConversationMessage.answers_id == message.id, col(ConversationMessage.published_at).is_not(None)
    )
    return session.exec(answer).first() is not None


def record_message(
    session: Session, conversation: Conversation, event: str, message_id: UUID, words: str, now: datetime
) -> UUID:
    """Write the line of the history that a message, a change or a publication is; its words lie beside it."""
    relation = min(conversation.relations, key=list(Relation).index, default=None)
    if relation is None and conversation.standing.runs:
        relation = Relation.COORDINATOR
    line = NewHistoryLine(
        event,
        conversation.directive.id,
        conversation.principal.person.id,
        relation.value if relation else _READER,
        {"message": message_id.hex},
        words,
        task=conversation.task,
    )
    return record(session, line, now)


def _lock(session: Session, task_id: UUID) -> None:
    """Hold the task, so that its lines are recorded one after the other."""
    query = select(Task).where(Task.id == task_id).with_for_update().execution_options(populate_existing=True)
    if session.exec(query).first() is None:
        raise NotFound("there is no such task")


def _as_before(conversation: Conversation, known: ConversationMessage) -> Posted:
    """Return a message that a repeat would write once more. Refused where the id is somebody else's."""
    here = known.task_id == (conversation.task.id if conversation.task else None)
    if known.author_id != conversation.principal.person.id or not here:
        raise Refused(_("this form has been used already; open the page again and write your message there"))
    return Posted(known.id, known.history_id, is_new=False)


def _question(session: Session, conversation: Conversation, asked_id: UUID | None) -> ConversationMessage | None:
    if asked_id is None:
        return None
    asked, _above = find_message(session, conversation, asked_id)
    if not asked.is_question:
        raise BadInput(_("answers: that message is no question; write a message instead"))
    return asked


def _mentioned(
    session: Session, conversation: Conversation, given: MessageInput, day: date, said: MessageStanding
) -> list[Person]:
    """Return whom a message mentions: by the field, and by @code or @full name in its text.

    A name means whoever is offered here and has it alone. Refused for who may not see it.
    """
    called = _offered_by_name(session, conversation) if given.mention or "@" in given.text else {}
    people = {
        one.id: one for one in (called.get(fold(name)) or resolve_person(session, name) for name in given.mention)
    }
    words = fold(given.text)
    for name in sorted(called, key=len, reverse=True):  # “Lê Thị C” before “Lê Thị”
        words, found = re.subn(rf"(?<!\w)@{re.escape(name)}(?!\w)", "", words)
        people |= {called[name].id: called[name]} if found else {}
    codes = {code.lower() for code in _AT.findall(given.text)}
    if codes:
        named = session.exec(select(Person).where(func.lower(Person.code).in_(codes)))
        people |= {one.id: one for one in named}
    people.pop(conversation.principal.person.id, None)
    if len(people) > MOST_MENTIONS:
        raise BadInput(_("mention: a message mentions at most {most} people"), most=MOST_MENTIONS)
    unfit = [one for one in people.values() if not may_be_mentioned(session, conversation, one, day, said)]
    if unfit:
        raise Refused(
            _("{people} may not read this message and cannot be mentioned in it; these may: {others}"),
            people=[one.full_name for one in unfit],
            others=_names(candidates(session, conversation)) or "–",
        )
    return list(people.values())


def _offered_by_name(session: Session, conversation: Conversation) -> dict[str, Person]:
    """Return those offered to be mentioned by their folded full names; without names that two of them have."""
    offered = candidates(session, conversation)
    held = Counter(fold(one.full_name) for one in offered)
    return {name: one for one in offered if held[name := fold(one.full_name)] == 1}


def _names(people: Iterable[Person]) -> list[str]:
    return [f"{one.full_name} ({one.code})" for one in people][:_NAMED_AT_MOST]


def _add_parts(
    session: Session, message: ConversationMessage, people: Iterable[Person], files: Iterable[StoredFile]
) -> None:
    for person in people:
        session.add(ConversationMention(message_id=message.id, person_id=person.id))
    for file in files:
        session.add(
            ConversationFile(
                message_id=message.id,
                sha256=file.sha256,
                filename=file.filename,
                media_type=file.media_type,
                size=file.size,
            )
        )
    session.flush()


def _tell_new_words(session: Session, conversation: Conversation, former: UUID, history_id: UUID) -> None:
    """Let the letters that have not left say the words that count now."""
    task = conversation.task or first_task(session, conversation.directive.id)
    if task is None:
        return
    tasks = col(Notice.task_id) == task.id
    if conversation.task is None:  # for all: each unit's notice hangs on its own task
        tasks = col(Notice.task_id).in_(select(Task.id).where(Task.directive_id == conversation.directive.id))
    session.execute(
        update(Notice)
        .where(tasks, col(Notice.anchor_id) == former, col(Notice.state) == NoticeState.PENDING)
        .values(anchor_id=history_id)
        .execution_options(synchronize_session=False)
    )


def count_readers(session: Session, conversation: Conversation) -> int:
    """Return how many units are told of what is published here: those with open tasks of the duty, or directive."""
    here = col(Task.directive_id) == conversation.directive.id
    if conversation.task is not None:
        here &= col(Task.duty_id) == conversation.task.duty_id
    counted = select(func.count(func.distinct(Task.lead_unit_id))).where(here, IS_OPEN)
    return session.exec(counted).one()


def publish_answer(context: ActorContext, given: Publication, *, message_id: UUID) -> Posted:
    """Publish an answer with its question, once.

    The words of the history's line are the question as the coordinator worded it anew; none where it stands as asked.
    Raises NotFound, or Refused for anybody but the coordinator and for what is published already.
    """
    session, actor, now, day = context.session, context.actor, context.now, context.today
    message = need(session.get(ConversationMessage, message_id), NotFound("there is no such message"))
    conversation = open_conversation(
        session, read_principal(session, actor, day), day, task_id=message.task_id, directive_id=message.directive_id
    )
    message, asked = find_message(session, conversation, message_id)
    done = asked is not None and is_published(session, asked)
    refuse_publishing(conversation.standing, is_answer=asked is not None, is_published=done)
    assert asked is not None  # else it was refused
    history_id = record_message(session, conversation, "answer_published", message.id, given.question, now)
    changed = update_one(
        session,
        update(ConversationMessage)
        .where(col(ConversationMessage.id) == message.id, col(ConversationMessage.published_at).is_(None))
        .values(published_at=now, published_by=actor.id, published_history_id=history_id, shows_unit=given.show_unit),
    )
    if not changed:
        raise Refused(_("this question has been published with an answer already"))
    telling = Telling(session, conversation, message, now, context.calendar)
    tell_publication(telling, history_id, asked.author_id)
    return Posted(message.id, history_id, is_new=False)
