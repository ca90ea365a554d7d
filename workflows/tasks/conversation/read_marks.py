"""How far somebody has read a conversation: marked from its page, asked for before a letter leaves."""

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
"""A person, and the task or the directive whose conversation it is."""


def mark_read(session: Session, conversation: Conversation, upto: datetime) -> bool:
    """Note that somebody has read all that was written up to a moment (UTC). Return whether that is news.

    The mark never goes back. Two pages at once leave the later one.
    """
    me, task = conversation.principal.person.id, conversation.task
    row = {
        "id": new_id(),
        "person_id": me,
        "directive_id": conversation.directive.id,
        "task_id": task.id if task else None,
        "read_upto": upto,
    }
    if insert_new(session, table_of(ConversationRead), [row]):
        return True
    mine = (col(ConversationRead.person_id) == me, _here(conversation), col(ConversationRead.read_upto) < upto)
    later = update(ConversationRead).where(*mine).values(read_upto=upto)
    return count_changed(session, later.execution_options(synchronize_session=False)) > 0


def read_upto(session: Session, conversation: Conversation) -> datetime | None:
    """None where they have never been here."""
    mine = col(ConversationRead.person_id) == conversation.principal.person.id
    return session.exec(select(ConversationRead.read_upto).where(mine, _here(conversation))).first()


def _here(conversation: Conversation) -> ColumnElement[bool]:
    if conversation.task is not None:
        return col(ConversationRead.task_id) == conversation.task.id
    return (col(ConversationRead.directive_id) == conversation.directive.id) & col(ConversationRead.task_id).is_(None)


def marks_of(session: Session, of_tasks: Collection[_Key], of_directives: Collection[_Key]) -> Mapping[_Key, datetime]:
    """Return how far people have read, by person and task, and by person and directive. Two queries for each 900."""
    person, upto = col(ConversationRead.person_id), col(ConversationRead.read_upto)
    found: dict[_Key, datetime] = {}
    for keys, about, where in (
        (of_tasks, col(ConversationRead.task_id), col(ConversationRead.task_id).is_not(None)),
        (of_directives, col(ConversationRead.directive_id), col(ConversationRead.task_id).is_(None)),
    ):
        for chunk in chunks(keys):
            for reader, subject, moment in session.execute(
                columns(person, about, upto).where(tuple_(person, about).in_(chunk), where)
            ):
                found[reader, subject] = moment
    return found


Marks = dict[tuple[UUID, UUID], datetime]
"""How far people have read, by person and task or directive."""


def event_of(notice: Notice) -> str | None:
    """None for a notice that is about no conversation."""
    event = notice.rung.removeprefix(EVENT) if notice.rung.startswith(EVENT) else ""
    return event if event in CONVERSATION_EVENTS else None


def is_of_directive(event: str | None) -> bool:
    return event in DIRECTIVE_EVENTS


def subject_of(notice: Notice, task: Task) -> tuple[UUID, UUID]:
    """Return whose notice it is, and the task or directive whose conversation it tells of."""
    return notice.recipient_id, task.directive_id if is_of_directive(event_of(notice)) else task.id


def read_marks(session: Session, notices: Iterable[Notice], tasks: Mapping[UUID, Task]) -> Marks:
    """No query where no notice is about a conversation."""
    of_tasks: set[tuple[UUID, UUID]] = set()
    of_directives: set[tuple[UUID, UUID]] = set()
    for notice in notices:
        if (event := event_of(notice)) is not None:
            (of_directives if is_of_directive(event) else of_tasks).add(subject_of(notice, tasks[notice.task_id]))
    return dict(marks_of(session, sorted(of_tasks), sorted(of_directives)))


def is_read(notice: Notice, task: Task, marks: Marks) -> bool:
    """False for a notice that is about no conversation."""
    upto = marks.get(subject_of(notice, task)) if event_of(notice) is not None else None
    return upto is not None and upto >= notice.fired_at


def told_of(notices: Sequence[Notice], tasks: Mapping[UUID, Task]) -> tuple[list[Notice], dict[UUID, Notice]]:
    """Return the notices to tell, the most urgent of each conversation, and those that it stands for, by id."""
    told: dict[tuple[UUID, UUID], Notice] = {}
    covered: dict[UUID, Notice] = {}
    for notice in sorted(notices, key=lambda one: (-news_rank(event_of(one) or ""), one.fired_at, one.id)):
        key = subject_of(notice, tasks[notice.task_id])
        if (former := told.get(key)) is not None:
            covered[former.id] = former
        told[key] = notice
    return list(told.values()), covered
