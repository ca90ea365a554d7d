"""Write, edit and publish messages. Each change is one transaction with its line of history and its notices."""

import re
from collections import defaultdict
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
from workflows.rules.tasks.actions import Relation
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

_CODE_AFTER_AT = re.compile(r"(?<![\w.@-])@([A-Za-z0-9][\w.-]*[A-Za-z0-9])")
"""A person's code after an @ in a text. The @ of a mail address does not count."""
_MOST_NAMES = 12
_READER = "reader"
"""The relation of an author who sees the task but has none to it, such as an inspector."""


@dataclass(frozen=True)
class Posted:
    """A message that was written or changed, and the line of history that holds its text."""

    message_id: UUID
    history_id: UUID
    is_new: bool = True


def post_message(
    context: ActorContext,
    message_input: MessageInput,
    *,
    task_id: UUID | None,
    directive_id: UUID | None,
    came_by: MessageWay = MessageWay.SITE,
    message_id: UUID | None = None,
) -> Posted:
    """Write a message about a task or, if `task_id` is None, about a directive.

    With a `message_id` of the caller's, a repeat returns the message of the first time. Raise NotFound where the author
    may not see the conversation, Refused where they may not write or mention this, BadInput for a wrong field.
    """
    session, author, now, day = context.session, context.actor, context.now, context.today
    if task_id is not None:
        _lock(session, task_id)
    conversation = open_conversation(
        session, read_principal(session, author, day), day, task_id=task_id, directive_id=directive_id
    )
    existing = session.get(ConversationMessage, message_id) if message_id is not None else None
    if existing is not None:
        return _repeat(conversation, existing)
    refuse_writing(
        conversation.standing,
        question=message_input.question,
        answers=message_input.answers is not None,
        to_all=message_input.to_all,
    )
    refuse_files(conversation.standing, files=len(message_input.file))
    if message_input.quote and conversation.task is None:
        raise BadInput(_("quote: a directive as a whole has no duty to quote; quote it on one of its tasks"))
    question = _find_question(session, conversation, message_input.answers)
    unit_id = unit_written_for(session, conversation)
    standing = MessageStanding(
        author_id=author.id,
        unit_id=unit_id,
        written_at=now,
        is_for_all=message_input.to_all,
        asked_by=question.author_id if question else None,
        asked_for=question.unit_id if question else None,
    )
    people = _find_mentioned(session, conversation, message_input, day, standing)
    files = store_all(context.settings.evidence, message_input.file, max_bytes=context.settings.file_max_bytes)
    message = ConversationMessage(
        id=message_id or new_id(),
        directive_id=conversation.directive.id,
        task_id=conversation.task.id if conversation.task else None,
        duty_id=conversation.task.duty_id if conversation.task else None,
        author_id=author.id,
        unit_id=unit_id,
        written_at=now,
        history_id=new_id(),  # replaced below by the line of history
        came_by=came_by,
        quotes_duty=message_input.quote,
        is_for_all=message_input.to_all,
        is_question=message_input.question,
        answers_id=question.id if question else None,
    )
    message.history_id = record_message(session, conversation, "message", message.id, message_input.text, now)
    session.add(message)
    session.flush()
    if question is not None and question.answered_at is None:
        question.answered_at = now
    _add_parts(session, message, people, files)
    mark_read(session, conversation, now)
    telling = Telling(session, conversation, message, now, context.calendar)
    tell_message(telling, [person.id for person in people], question)
    return Posted(message.id, message.history_id)


def edit_message(session: Session, author: Person, edit: MessageEdit, *, message_id: UUID, now: datetime) -> Posted:
    """Change the text of a message by its author within ten minutes of writing. `now` is UTC."""
    day = local_date(now)
    message = need(session.get(ConversationMessage, message_id), NotFound("there is no such message"))
    if message.task_id is not None:
        _lock(session, message.task_id)
    conversation = open_conversation(
        session, read_principal(session, author, day), day, task_id=message.task_id, directive_id=message.directive_id
    )
    message, question = find_message(session, conversation, message_id)
    message_standing = conversation.standing_of(message, question)
    refuse_edit(conversation.standing, message_standing, is_published=is_published(session, message), now=now)
    former = message.history_id
    history_id = record_message(session, conversation, "message_edited", message.id, edit.text, now)
    changed = update_one(
        session,
        update(ConversationMessage)
        .where(col(ConversationMessage.id) == message.id, col(ConversationMessage.history_id) == former)
        .values(history_id=history_id, edited_at=now),
    )
    if not changed:
        raise Refused(_("this message was changed just now from another page; look at it again"))
    _point_letters_to_new_text(session, conversation, former, history_id)
    return Posted(message.id, history_id, is_new=False)


def is_published(session: Session, message: ConversationMessage) -> bool:
    """Return whether a message is published, as an answer or as its question."""
    if message.published_at is not None or not message.is_question:
        return message.published_at is not None
    answer = select(ConversationMessage.id).where(
        ConversationMessage.answers_id == message.id, col(ConversationMessage.published_at).is_not(None)
    )
    return session.exec(answer).first() is not None


def record_message(
    session: Session, conversation: Conversation, event: str, message_id: UUID, text: str, now: datetime
) -> UUID:
    """Record a message, an edit or a publication in the history, with its text. Return the line's id."""
    relation = min(conversation.relations, key=list(Relation).index, default=None)
    if relation is None and conversation.standing.runs:
        relation = Relation.COORDINATOR
    line = NewHistoryLine(
        event,
        conversation.directive.id,
        conversation.principal.person.id,
        relation.value if relation else _READER,
        {"message": message_id.hex},
        text,
        task=conversation.task,
    )
    return record(session, line, now)


def _lock(session: Session, task_id: UUID) -> None:
    """Lock the task, so that its lines of history are recorded one after the other."""
    query = select(Task).where(Task.id == task_id).with_for_update().execution_options(populate_existing=True)
    if session.exec(query).first() is None:
        raise NotFound("there is no such task")


def _repeat(conversation: Conversation, existing: ConversationMessage) -> Posted:
    """Return the message of a form that is sent again. Raise Refused if the id belongs to another message."""
    is_here = existing.task_id == (conversation.task.id if conversation.task else None)
    if existing.author_id != conversation.principal.person.id or not is_here:
        raise Refused(_("this form has been used already; open the page again and write your message there"))
    return Posted(existing.id, existing.history_id, is_new=False)


def _find_question(session: Session, conversation: Conversation, message_id: UUID | None) -> ConversationMessage | None:
    if message_id is None:
        return None
    question, _answered = find_message(session, conversation, message_id)
    if not question.is_question:
        raise BadInput(_("answers: that message is no question; write a message instead"))
    return question


def _find_mentioned(
    session: Session, conversation: Conversation, message_input: MessageInput, day: date, message: MessageStanding
) -> list[Person]:
    """Return the people whom a message mentions: in its field, and by @code or @full name in its text.

    Names are looked up among the people whom the page offers. Raise Refused for a person who may not read the message.
    """
    offered = _offered_by_name(session, conversation) if message_input.mention or "@" in message_input.text else {}
    mentioned = [offered.get(fold(name)) or resolve_person(session, name) for name in message_input.mention]
    text = fold(message_input.text)
    for name in sorted(offered, key=len, reverse=True):  # “Lê Thị C” before “Lê Thị”
        text, count = re.subn(rf"(?<!\w)@{re.escape(name)}(?!\w)", "", text)
        if count:
            mentioned.append(offered[name])
    codes = {code.lower() for code in _CODE_AFTER_AT.findall(message_input.text)}
    if codes:
        mentioned += session.exec(select(Person).where(func.lower(Person.code).in_(codes)))
    people = {person.id: person for person in mentioned}
    people.pop(conversation.principal.person.id, None)
    if len(people) > MOST_MENTIONS:
        raise BadInput(_("mention: a message mentions at most {most} people"), most=MOST_MENTIONS)
    strangers = [
        person for person in people.values() if not may_be_mentioned(session, conversation, person, day, message)
    ]
    if strangers:
        raise Refused(
            _("{people} may not read this message and cannot be mentioned in it; these may: {others}"),
            people=[person.full_name for person in strangers],
            others=_names(candidates(session, conversation)) or "–",
        )
    return list(people.values())


def _offered_by_name(session: Session, conversation: Conversation) -> dict[str, Person]:
    """Return the people whom the page offers by their folded full names, without names that two people share."""
    by_name: dict[str, list[Person]] = defaultdict(list)
    for person in candidates(session, conversation):
        by_name[fold(person.full_name)].append(person)
    return {name: people[0] for name, people in by_name.items() if len(people) == 1}


def _names(people: Iterable[Person]) -> list[str]:
    return [f"{person.full_name} ({person.code})" for person in people][:_MOST_NAMES]


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


def _point_letters_to_new_text(session: Session, conversation: Conversation, former: UUID, history_id: UUID) -> None:
    """Move the notices whose letters have not left to the line of history with the new text."""
    task = conversation.task or first_task(session, conversation.directive.id)
    if task is None:
        return
    tasks = col(Notice.task_id) == task.id
    if conversation.task is None:  # for all: each unit's notice belongs to its own task
        tasks = col(Notice.task_id).in_(select(Task.id).where(Task.directive_id == conversation.directive.id))
    session.execute(
        update(Notice)
        .where(tasks, col(Notice.anchor_id) == former, col(Notice.state) == NoticeState.PENDING)
        .values(anchor_id=history_id)
        .execution_options(synchronize_session=False)
    )


def count_readers(session: Session, conversation: Conversation) -> int:
    """Return the number of units that read a published answer: those with open tasks of the duty, or directive."""
    is_here = col(Task.directive_id) == conversation.directive.id
    if conversation.task is not None:
        is_here &= col(Task.duty_id) == conversation.task.duty_id
    return session.exec(select(func.count(func.distinct(Task.lead_unit_id))).where(is_here, IS_OPEN)).one()


def publish_answer(context: ActorContext, publication: Publication, *, message_id: UUID) -> Posted:
    """Publish an answer with its question, once.

    If the coordinator reworded the question, the history's line holds the new wording. Raise NotFound for an unknown
    message, Refused for anybody but the coordinator and for an answer that is published already.
    """
    session, actor, now, day = context.session, context.actor, context.now, context.today
    message = need(session.get(ConversationMessage, message_id), NotFound("there is no such message"))
    conversation = open_conversation(
        session, read_principal(session, actor, day), day, task_id=message.task_id, directive_id=message.directive_id
    )
    message, question = find_message(session, conversation, message_id)
    already_published = question is not None and is_published(session, question)
    refuse_publishing(conversation.standing, is_answer=question is not None, is_published=already_published)
    assert question is not None  # else it was refused
    history_id = record_message(session, conversation, "answer_published", message.id, publication.question, now)
    changed = update_one(
        session,
        update(ConversationMessage)
        .where(col(ConversationMessage.id) == message.id, col(ConversationMessage.published_at).is_(None))
        .values(
            published_at=now, published_by=actor.id, published_history_id=history_id, shows_unit=publication.show_unit
        ),
    )
    if not changed:
        raise Refused(_("this question has been published with an answer already"))
    telling = Telling(session, conversation, message, now, context.calendar)
    tell_publication(telling, history_id, question.author_id)
    return Posted(message.id, history_id, is_new=False)
