"""Conversation: who reads, writes, asks, answers, publishes and edits; facts in, a decision out.

Somebody who sees a task whole reads all that is said about it; on a directive that is who runs it. A coordinating unit,
and on a directive a unit that has tasks of it, reads its own messages, the answers to them, and what was written for
all. Who oversees some units of a directive reads as those units do. Who only looks on, an observer, writes nothing.
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
"""A message can be changed so long, by its author only."""


class News(StrEnum):
    """What a notice tells of a conversation, the most urgent first; the values name its events on a task."""

    MENTIONED = "mentioned"
    QUESTION_ASKED = "question_asked"
    QUESTION_ANSWERED = "question_answered"
    ANSWER_PUBLISHED = "answer_published"
    MESSAGE = "message"


_OF_DIRECTIVE = "directive_"
CONVERSATION_EVENTS = frozenset({*News, *(f"{_OF_DIRECTIVE}{one}" for one in News)})
"""The events of notices about conversations."""
DIRECTIVE_EVENTS = CONVERSATION_EVENTS - set(News)
"""Those about a directive's own: their letter says nothing of the task that the notice hangs on."""


def of_directive(news: News) -> str:
    """Return the event of a notice about a directive's own conversation."""
    return f"{_OF_DIRECTIVE}{news.value}"


def news_rank(event: str) -> int:
    """Return how urgent an event of a conversation is, 0 the most: one item stands for all of one conversation."""
    return list(News).index(News(event.removeprefix(_OF_DIRECTIVE)))


@dataclass(frozen=True)
class Standing:
    """What somebody is in one conversation.

    `units` are those that they speak for or serve and, on a directive, oversee. `runs`: coordinates the task or the
    directive; `publishes`: to all units of the duty, which who has only handed a task down does not. `takes_part`:
    has to do with it, and does not only look on.
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
        """Return whether they may write for all units: on a directive who runs it, on a task who sees it whole."""
        return self.takes_part and (self.runs if self.is_directive else self.sees_all)

    @property
    def sees_all(self) -> bool:
        return self.view is View.WHOLE


@dataclass(frozen=True)
class MessageStanding:
    """What of a message decides who reads and changes it. `asked_by`, `asked_for`: of the question that it answers."""

    author_id: UUID
    unit_id: UUID | None
    written_at: datetime
    is_for_all: bool = False
    asked_by: UUID | None = None
    asked_for: UUID | None = None


def may_read(standing: Standing, said: MessageStanding) -> bool:
    if standing.view is View.NOTHING:
        return False
    if standing.sees_all or said.is_for_all or standing.person_id in (said.author_id, said.asked_by):
        return True
    return not standing.units.isdisjoint({said.unit_id, said.asked_for})


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
    """Refuse files where the result goes by classified mail: none of its content belongs here."""
    if files and standing.is_classified:
        raise Refused(_("this result goes by classified mail: no file may be given with a message about it"))


def refuse_edit(standing: Standing, said: MessageStanding, *, is_published: bool, now: datetime) -> None:
    """Refuse a change by anybody but the author, too late, or of what others have been told as an answer."""
    if said.author_id != standing.person_id:
        raise Refused(_("a message is changed only by the person who wrote it"))
    if now > said.written_at + EDIT_WITHIN:
        raise Refused(
            _("a message can be changed for {count} minutes after it was written; write another one instead"),
            count=EDIT_MINUTES,
        )
    if is_published:
        raise Refused(_("this message has been published with its answer; write another one instead"))


def may_edit(standing: Standing, said: MessageStanding, *, is_published: bool, now: datetime) -> bool:
    mine = said.author_id == standing.person_id
    return mine and not is_published and now <= said.written_at + EDIT_WITHIN


def refuse_publishing(standing: Standing, *, is_answer: bool, is_published: bool) -> None:
    """Refuse to publish what is no answer, twice, or by anybody but the coordinator."""
    if not standing.publishes:
        raise Refused(_("an answer is published by the coordinator"))
    if not is_answer:
        raise Refused(_("only an answer to a question can be published; answer the question first"))
    if is_published:
        raise Refused(_("this question has been published with an answer already"))
