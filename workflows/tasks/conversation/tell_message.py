"""Queue the notices of a conversation: who is mentioned hears at once, the others concerned as they chose.

Nobody hears of their own message. A notice of a directive's own conversation hangs on the directive's first task, as
every notice names one; its letter speaks of the directive alone. Before the first launch there is no such letter.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models.directives.ladders import RecipientRole
from models.directives.launch import Launch
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.conversation import ConversationMessage
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import local_date
from workflows.access.letter_choices import read_choices
from workflows.access.roster import Roster
from workflows.history.notify import Reader, insert_notices
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.conversation_policy import News, of_directive
from workflows.rules.letter_pace import NO_CHOICE, Leaving, PaceChoice, news_leaves
from workflows.tasks.conversation.conversation_access import Conversation, may_be_mentioned

_NAMED = "named"
_LAST_AUTHORS = 50
_Role = str


@dataclass(frozen=True)
class Telling:
    """What the notices of one message share."""

    session: Session
    conversation: Conversation
    message: ConversationMessage
    now: datetime
    calendar: WorkCalendar

    @property
    def skipped(self) -> set[UUID]:
        """Whoever acts hears nothing."""
        return {self.conversation.principal.person.id}


def tell_message(telling: Telling, mentioned: Collection[UUID], asked: ConversationMessage | None) -> None:
    """Tell those mentioned at once, and the others concerned by the next digest."""
    task = telling.conversation.task or first_task(telling.session, telling.conversation.directive.id)
    if task is None:
        return
    at_once = _reached(telling, task, mentioned)
    _queue(telling, [(task, at_once)], News.MENTIONED, telling.message.history_id)
    news = News.QUESTION_ASKED if telling.message.is_question else News.MESSAGE
    told = at_once.keys() | telling.skipped
    if asked is not None:
        asker = {one: role for one, role in _reached(telling, task, [asked.author_id]).items() if one not in told}
        _queue(telling, [(task, asker)], News.QUESTION_ANSWERED, telling.message.history_id)
        told |= asker.keys()
    is_on_task = telling.conversation.task is not None
    concerned = _of_task(telling, task) if is_on_task else _of_directive(telling, task, asked)
    others = {one: role for one, role in concerned.items() if one not in told}
    _queue(telling, [(task, others)], news, telling.message.history_id)
    if telling.message.is_for_all and telling.conversation.task is None:
        _tell_units(telling, News.MESSAGE, telling.message.history_id, told | others.keys())


def tell_publication(telling: Telling, history_id: UUID, asker_id: UUID) -> None:
    """Tell the heads of all units of the duty, or of the whole directive, by the next digest."""
    _tell_units(telling, News.ANSWER_PUBLISHED, history_id, telling.skipped | {asker_id})


def first_task(session: Session, directive_id: UUID) -> Task | None:
    """Return the task that notices of a directive's own conversation hang on."""
    query = select(Task).where(Task.directive_id == directive_id).order_by(col(Task.duty_id), col(Task.id)).limit(1)
    return session.exec(query).first()


def _of_task(telling: Telling, task: Task) -> dict[UUID, _Role]:
    """Return the unit's head and officer and the coordinator; of a message for all, the coordinating units' heads."""
    roles: list[str] = [RecipientRole.HEAD, RecipientRole.OFFICER, RecipientRole.COORDINATOR]
    roles += [RecipientRole.COORDINATING] if telling.message.is_for_all else []
    roster = Roster.for_tasks(telling.session, [task], local_date(telling.now))
    found: dict[UUID, _Role] = {}
    for role in roles:
        for one in roster.recipients(role, task):
            if one.undeliverable is None:
                found.setdefault(one.person_id, str(role))
    return found


def _of_directive(telling: Telling, task: Task, asked: ConversationMessage | None) -> dict[UUID, _Role]:
    """Return who follows the directive up, and who wrote here last, as far as they read the message."""
    session, directive = telling.session, telling.conversation.directive
    follow = select(Launch.coordinator_id).where(Launch.directive_id == directive.id).distinct()
    wrote = (
        select(ConversationMessage.author_id)
        .where(telling.conversation.messages)
        .order_by(col(ConversationMessage.written_at).desc(), col(ConversationMessage.id).desc())
        .limit(_LAST_AUTHORS)
    )
    wanted = {*session.exec(follow), *session.exec(wrote)}
    if not wanted - telling.skipped:
        head = session.get_one(Unit, directive.coordinating_unit_id).head_id
        wanted |= {head} if head else set()
    day, said = local_date(telling.now), telling.conversation.said(telling.message, asked)
    people = session.exec(select(Person).where(col(Person.id).in_(wanted - telling.skipped), Person.is_active)).all()
    readers = [one.id for one in people if may_be_mentioned(session, telling.conversation, one, day, said)]
    return _reached(telling, task, readers)


def _reached(telling: Telling, task: Task, people: Collection[UUID]) -> dict[UUID, _Role]:
    """Return who reads these people's letters today; not those without an address, nor outside contacts."""
    roster = Roster.for_tasks(telling.session, [task], local_date(telling.now))
    outside = (
        select(Person.id)
        .join(Unit, col(Unit.id) == col(Person.unit_id))
        .where(col(Person.id).in_(set(people)), col(Unit.is_outside))
    )
    contacts = set(telling.session.exec(outside)) if people else set()
    wanted = [one for one in dict.fromkeys(people) if one not in contacts]
    roster.load_people(set(wanted))
    reached = [roster.stand_ins.get(one, one) for one in wanted if roster.undeliverable(one) is None]
    return {one: _NAMED for one in reached if one not in telling.skipped}


def _tell_units(telling: Telling, news: News, history_id: UUID, told: Iterable[UUID]) -> None:
    """Tell the heads of the units that have open tasks of the duty, else of the directive; each once."""
    conversation, skipped = telling.conversation, set(told)
    here = col(Task.directive_id) == conversation.directive.id
    if conversation.task is not None:
        here &= col(Task.duty_id) == conversation.task.duty_id
    query = select(Task).where(here, col(Task.status).in_(OPEN_STATUSES)).order_by(col(Task.id))
    tasks = list(telling.session.exec(query))
    roster = Roster.for_tasks(telling.session, tasks, local_date(telling.now), {})
    people: list[tuple[Task, dict[UUID, _Role]]] = []
    for task in tasks:
        heads = roster.recipients(RecipientRole.HEAD, task)
        new = [one.person_id for one in heads if one.undeliverable is None and one.person_id not in skipped]
        people.append((task, dict.fromkeys(new, RecipientRole.HEAD.value)))
        skipped.update(new)
    _queue(telling, people, news, history_id)


def _queue(telling: Telling, people: Sequence[tuple[Task, Mapping[UUID, _Role]]], news: News, history_id: UUID) -> None:
    """Write the notices, each for the letter in which its reader wants it: people and their roles, by task."""
    is_on_task = telling.conversation.task is not None
    event = news.value if is_on_task else of_directive(news)
    choices = read_choices(telling.session, {person for _task, roles in people for person in roles})
    readers = []
    for task, roles in people:
        incident_id = task.incident_id if is_on_task else None
        found = {
            person: Reader(
                role, None, _leaving(telling, event, role, task, choices.get(person, NO_CHOICE), incident_id)
            )
            for person, role in roles.items()
        }
        readers.append((task, found, incident_id))
    slot = telling.calendar.event_slot(telling.now)
    insert_notices(telling.session, event, history_id, readers, now=telling.now, slot=slot)


def _leaving(
    telling: Telling, event: str, role: _Role, task: Task, choice: PaceChoice, incident_id: UUID | None
) -> Leaving | None:
    if incident_id is not None:
        return Leaving(telling.now, with_digest=False)
    return news_leaves(event, role, telling.now, task.due_at, choice, telling.calendar)
