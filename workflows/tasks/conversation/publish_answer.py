"""Publish a question and its answer to all units of the duty, so that it is asked once.

The publication names no person. It names the unit that asked only where the coordinator says so: whoever asks should
not have to fear to look ignorant before all others, and some questions make sense only with the unit.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from models.database.rows import update_one
from models.errors import NotFound, Refused, need
from models.i18n import _
from models.organization.person import Person
from models.tasks.act_inputs import Publication
from models.tasks.conversation import ConversationMessage
from models.tasks.task import IS_OPEN, Task
from models.text.localtime import local_date
from workflows.access.rights import read_principal
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.conversation_policy import refuse_publishing
from workflows.tasks.conversation.conversation_access import Conversation, find_message, open_conversation
from workflows.tasks.conversation.post import Posted, is_published, record_message
from workflows.tasks.conversation.tell_message import Telling, tell_publication


def count_readers(session: Session, conversation: Conversation) -> int:
    """Return how many units are told of what is published here: those with open tasks of the duty, or directive."""
    here = col(Task.directive_id) == conversation.directive.id
    if conversation.task is not None:
        here &= col(Task.duty_id) == conversation.task.duty_id
    counted = select(func.count(func.distinct(Task.lead_unit_id))).where(here, IS_OPEN)
    return session.exec(counted).one()


def publish_answer(
    session: Session, actor: Person, given: Publication, *, message_id: UUID, now: datetime, calendar: WorkCalendar
) -> Posted:
    """Publish an answer with its question, once. `now` is UTC.

    The words of the history's line are the question as the coordinator worded it anew; none where it stands as asked.
    Raises NotFound, or Refused for anybody but the coordinator and for what is published already.
    """
    day = local_date(now)
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
    telling = Telling(session, conversation, message, now, calendar)
    tell_publication(telling, history_id, asked.author_id)
    return Posted(message.id, history_id, is_new=False)
