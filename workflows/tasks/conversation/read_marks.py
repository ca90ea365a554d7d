"""How far somebody has read a conversation: marked from its page, asked for before a letter leaves."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, tuple_, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.database.rows import chunks, count_changed, insert_new, table_of
from models.tasks.conversation import ConversationRead
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
    """Return the moment up to which the reader has read; None where they have never been here."""
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
