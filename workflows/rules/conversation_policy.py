"""Decide who may read, write, answer, publish and edit messages in the conversation about a task or a directive.

A person who sees a task whole, or who runs the directive, reads every message. A coordinating unit, or a unit with
tasks of the directive, reads its own messages, the answers to them, and messages for all. A person who oversees units
reads what those units read. An observer writes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from models.errors import Refused
from models.i18n import _
from workflows.rules.rights_table import View

EDIT_MINUTES = 10
EDIT_WITHIN = timedelta(minutes=EDIT_MINUTES)
"""The author can change a message during this time."""


class News(StrEnum):
    """The events of a conversation that people are notified of, the most urgent first."""

    MENTIONED = "mentioned"
    QUESTION_ASKED = "question_asked"
    QUESTION_ANSWERED = "question_answered"
    ANSWER_PUBLISHED = "answer_published"
    MESSAGE = "message"


_OF_DIRECTIVE = "directive_"
CONVERSATION_EVENTS = frozenset({*News, *(f"{_OF_DIRECTIVE}{news}" for news in News)})
"""The events of notices about conversations."""
DIRECTIVE_EVENTS = CONVERSATION_EVENTS - set(News)
"""Events of a directive's own conversation. Their notice belongs to a task, which the letter does not mention."""


def of_directive(news: News) -> str:
    return f"{_OF_DIRECTIVE}{news.value}"


def news_rank(event: str) -> int:
    """Return the rank of an event, 0 for the most urgent. A list shows one item for each conversation."""
    return list(News).index(News(event.removeprefix(_OF_DIRECTIVE)))


@dataclass(frozen=True)
class Standing:
    """The position of a person in one conversation.

    `units` are the units that the person speaks for or serves and, on a directive, oversees. `runs`: the person
    coordinates the task or the directive. `publishes`: may publish answers to all units of the duty, which a unit that
    delegated a task may not. `takes_part` is false for observers.
    """

    person_id: UUID
    view: View
    units: frozenset[UUID]
    runs: bool
    publishes: bool
    takes_part: bool
    is_directive: bool
    is_classified: bool

    @property
    def addresses_all(self) -> bool:
        """Return whether the person may write for all units."""
        return self.takes_part and (self.runs if self.is_directive else self.sees_all)

    @property
    def sees_all(self) -> bool:
        return self.view is View.WHOLE


@dataclass(frozen=True)
class MessageStanding:
    """The facts about a message that decide its rights. `asked_by` and `asked_for` are those of its question."""

    author_id: UUID
    unit_id: UUID | None
    written_at: datetime
    is_for_all: bool = False
    asked_by: UUID | None = None
    asked_for: UUID | None = None


def may_read(standing: Standing, message: MessageStanding) -> bool:
    if standing.view is View.NOTHING:
        return False
    if standing.sees_all or message.is_for_all or standing.person_id in (message.author_id, message.asked_by):
        return True
    return not standing.units.isdisjoint({message.unit_id, message.asked_for})


def refuse_writing(standing: Standing, *, question: bool, answers: bool, to_all: bool) -> None:
    if not standing.takes_part:
        raise Refused(_("who only looks on writes nothing here: this conversation is for those who have to do with it"))
    if to_all and not standing.addresses_all:
        raise Refused(
            _("a message for all units of a directive is for whoever coordinates it; leave that choice out")
            if standing.is_directive
            else _("a message for all units is for those who see the whole conversation; leave that choice out")
        )
    if answers and not standing.runs:
        raise Refused(_("a question is answered by the coordinator; write a message instead"))
    if question and answers:
        raise Refused(_("a message is a question or an answer, not both"))
    if question and standing.runs:
        raise Refused(_("a question goes to the coordinator, and that is you; write a message instead"))
    if standing.is_directive and not standing.runs and not question:
        raise Refused(_("on a directive a unit writes questions to the coordinator: mark your message as a question"))


def refuse_files(standing: Standing, *, files: int) -> None:
    """Raise Refused for files on a task whose result goes by classified mail."""
    if files and standing.is_classified:
        raise Refused(_("this result goes by classified mail: no file may be given with a message about it"))


def refuse_edit(standing: Standing, message: MessageStanding, *, is_published: bool, now: datetime) -> None:
    """Raise Refused for a change by another person, a late change, or a change of a published message."""
    if message.author_id != standing.person_id:
        raise Refused(_("a message is changed only by the person who wrote it"))
    if now > message.written_at + EDIT_WITHIN:
        raise Refused(
            _("a message can be changed for {count} minutes after it was written; write another one instead"),
            count=EDIT_MINUTES,
        )
    if is_published:
        raise Refused(_("this message has been published with its answer; write another one instead"))


def may_edit(standing: Standing, message: MessageStanding, *, is_published: bool, now: datetime) -> bool:
    is_author = message.author_id == standing.person_id
    return is_author and not is_published and now <= message.written_at + EDIT_WITHIN


def refuse_publishing(standing: Standing, *, is_answer: bool, is_published: bool) -> None:
    """Raise Refused for a message that is no answer or is published, and for anybody but the coordinator."""
    if not standing.publishes:
        raise Refused(_("an answer is published by the coordinator"))
    if not is_answer:
        raise Refused(_("only an answer to a question can be published; answer the question first"))
    if is_published:
        raise Refused(_("this question has been published with an answer already"))
