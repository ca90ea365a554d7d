"""Keep how far each person has read a conversation. Delivery reads these marks before a letter leaves."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, tuple_, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.database.rows import chunks, count_changed, insert_new, table_of
from models.letters.letter import Notice
from models.tasks.conversation import ConversationRead
from models.tasks.task import Task
from workflows.history.record import EVENT
from workflows.rules.conversation_policy import CONVERSATION_EVENTS, DIRECTIVE_EVENTS, news_rank
from workflows.tasks.conversation.conversation_access import Conversation

_Key = tuple[UUID, UUID]
"""A person, and the task or the directive of a conversation."""
Marks = dict[_Key, datetime]
"""The moments up to which people have read."""


def mark_read(session: Session, conversation: Conversation, upto: datetime) -> bool:
    """Note that the reader has read everything up to a moment (UTC). Return whether the mark moved forward."""
    reader_id, task = conversation.principal.person.id, conversation.task
    row = {
        "id": new_id(),
        "person_id": reader_id,
        "directive_id": conversation.directive.id,
        "task_id": task.id if task else None,
        "read_upto": upto,
    }
    if insert_new(session, table_of(ConversationRead), [row]):
        return True
    is_readers = col(ConversationRead.person_id) == reader_id
    change = (
        update(ConversationRead)
        .where(is_readers, _is_of(conversation), col(ConversationRead.read_upto) < upto)
        .values(read_upto=upto)
    )
    return count_changed(session, change.execution_options(synchronize_session=False)) > 0


def read_upto(session: Session, conversation: Conversation) -> datetime | None:
    """Return the moment up to which the reader has read; None if they have never read the conversation."""
    is_readers = col(ConversationRead.person_id) == conversation.principal.person.id
    return session.exec(select(ConversationRead.read_upto).where(is_readers, _is_of(conversation))).first()


def _is_of(conversation: Conversation) -> ColumnElement[bool]:
    if conversation.task is not None:
        return col(ConversationRead.task_id) == conversation.task.id
    return (col(ConversationRead.directive_id) == conversation.directive.id) & col(ConversationRead.task_id).is_(None)


def _marks_of(session: Session, of_tasks: Collection[_Key], of_directives: Collection[_Key]) -> Marks:
    """Return the marks of these conversations. It takes one query for each 900 keys of a kind."""
    person, upto = col(ConversationRead.person_id), col(ConversationRead.read_upto)
    marks: Marks = {}
    for keys, subject, condition in (
        (of_tasks, col(ConversationRead.task_id), col(ConversationRead.task_id).is_not(None)),
        (of_directives, col(ConversationRead.directive_id), col(ConversationRead.task_id).is_(None)),
    ):
        for chunk in chunks(keys):
            query = columns(person, subject, upto).where(tuple_(person, subject).in_(chunk), condition)
            for person_id, subject_id, moment in session.execute(query):
                marks[person_id, subject_id] = moment
    return marks


def event_of(notice: Notice) -> str | None:
    """Return the conversation's event that a notice is about; None for any other notice."""
    event = notice.rung.removeprefix(EVENT) if notice.rung.startswith(EVENT) else ""
    return event if event in CONVERSATION_EVENTS else None


def is_of_directive(event: str | None) -> bool:
    return event in DIRECTIVE_EVENTS


def subject_of(notice: Notice, task: Task) -> tuple[UUID, UUID]:
    """Return the recipient, and the task or directive whose conversation the notice is about."""
    return notice.recipient_id, task.directive_id if is_of_directive(event_of(notice)) else task.id


def read_marks(session: Session, notices: Iterable[Notice], tasks: Mapping[UUID, Task]) -> Marks:
    of_tasks: set[tuple[UUID, UUID]] = set()
    of_directives: set[tuple[UUID, UUID]] = set()
    for notice in notices:
        event = event_of(notice)
        if event is not None:
            keys = of_directives if is_of_directive(event) else of_tasks
            keys.add(subject_of(notice, tasks[notice.task_id]))
    return _marks_of(session, sorted(of_tasks), sorted(of_directives))


def is_read(notice: Notice, task: Task, marks: Marks) -> bool:
    """Return whether the recipient has read what a notice is about; False for a notice about no conversation."""
    upto = marks.get(subject_of(notice, task)) if event_of(notice) is not None else None
    return upto is not None and upto >= notice.fired_at


def choose_most_urgent(
    notices: Sequence[Notice], tasks: Mapping[UUID, Task]
) -> tuple[list[Notice], dict[UUID, Notice]]:
    """Return the most urgent notice of each conversation, and the others by id."""
    chosen: dict[_Key, Notice] = {}
    covered: dict[UUID, Notice] = {}
    for notice in sorted(notices, key=lambda notice: (-news_rank(event_of(notice) or ""), notice.fired_at, notice.id)):
        key = subject_of(notice, tasks[notice.task_id])
        less_urgent = chosen.get(key)
        if less_urgent is not None:
            covered[less_urgent.id] = less_urgent
        chosen[key] = notice
    return list(chosen.values()), covered
