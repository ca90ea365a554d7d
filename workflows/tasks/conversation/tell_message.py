"""Queue the notices of a conversation: mentioned people are told at once, the others at the pace of their choice.

Nobody is told of their own message. Every notice belongs to a task, so one about a directive's own conversation belongs
to the directive's first task. Before the first launch there is no such notice.
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
from workflows.rules.letter_pace import NO_CHOICE, Departure, PaceChoice, plan_departure
from workflows.tasks.conversation.conversation_access import Conversation, may_be_mentioned

_NAMED = "named"
_LAST_AUTHORS = 50


@dataclass(frozen=True)
class Telling:
    session: Session
    conversation: Conversation
    message: ConversationMessage
    now: datetime
    calendar: WorkCalendar

    @property
    def skipped(self) -> set[UUID]:
        """Return the person who acts: they are not told."""
        return {self.conversation.principal.person.id}


def tell_message(telling: Telling, mentioned: Collection[UUID], question: ConversationMessage | None) -> None:
    """Queue the notices of a new message: for the people mentioned, the asker, and the others concerned."""
    task = telling.conversation.task or first_task(telling.session, telling.conversation.directive.id)
    if task is None:
        return
    history_id, is_on_task = telling.message.history_id, telling.conversation.task is not None
    readers = _find_readers(telling, task, mentioned)
    _queue(telling, [(task, readers)], News.MENTIONED, history_id)
    told = readers.keys() | telling.skipped
    if question is not None:
        askers = _without(_find_readers(telling, task, [question.author_id]), told)
        _queue(telling, [(task, askers)], News.QUESTION_ANSWERED, history_id)
        told |= askers.keys()
    concerned = _concerned_by_task(telling, task) if is_on_task else _concerned_by_directive(telling, task, question)
    others = _without(concerned, told)
    news = News.QUESTION_ASKED if telling.message.is_question else News.MESSAGE
    _queue(telling, [(task, others)], news, history_id)
    if telling.message.is_for_all and not is_on_task:
        _tell_units(telling, News.MESSAGE, history_id, told | others.keys())


def tell_publication(telling: Telling, history_id: UUID, asker_id: UUID) -> None:
    """Queue notices for the heads of all units of the duty, or of the whole directive."""
    _tell_units(telling, News.ANSWER_PUBLISHED, history_id, telling.skipped | {asker_id})


def first_task(session: Session, directive_id: UUID) -> Task | None:
    """Return the task that the notices of a directive's own conversation belong to."""
    query = select(Task).where(Task.directive_id == directive_id).order_by(col(Task.duty_id), col(Task.id)).limit(1)
    return session.exec(query).first()


def _without(roles: Mapping[UUID, str], told: Collection[UUID]) -> dict[UUID, str]:
    return {person_id: role for person_id, role in roles.items() if person_id not in told}


def _concerned_by_task(telling: Telling, task: Task) -> dict[UUID, str]:
    """Return the lead's head and officer, the coordinator, and the coordinating units if the message is for all."""
    roles: list[str] = [RecipientRole.HEAD, RecipientRole.OFFICER, RecipientRole.COORDINATOR]
    roles += [RecipientRole.COORDINATING] if telling.message.is_for_all else []
    roster = Roster.for_tasks(telling.session, [task], local_date(telling.now))
    concerned: dict[UUID, str] = {}
    for role in roles:
        for recipient in roster.recipients(role, task):
            if recipient.undeliverable is None:
                concerned.setdefault(recipient.person_id, str(role))
    return concerned


def _concerned_by_directive(telling: Telling, task: Task, question: ConversationMessage | None) -> dict[UUID, str]:
    """Return the coordinators of the directive and the last authors, as far as they may read the message."""
    session, directive = telling.session, telling.conversation.directive
    coordinators = select(Launch.coordinator_id).where(Launch.directive_id == directive.id).distinct()
    authors = (
        select(ConversationMessage.author_id)
        .where(telling.conversation.messages)
        .order_by(col(ConversationMessage.written_at).desc(), col(ConversationMessage.id).desc())
        .limit(_LAST_AUTHORS)
    )
    person_ids = {*session.exec(coordinators), *session.exec(authors)} - telling.skipped
    if not person_ids:
        head_id = session.get_one(Unit, directive.coordinating_unit_id).head_id
        person_ids = {head_id} - telling.skipped if head_id else set()
    day, message = local_date(telling.now), telling.conversation.standing_of(telling.message, question)
    people = session.exec(select(Person).where(col(Person.id).in_(person_ids), Person.is_active)).all()
    readers = [person.id for person in people if may_be_mentioned(session, telling.conversation, person, day, message)]
    return _find_readers(telling, task, readers)


def _find_readers(telling: Telling, task: Task, people: Collection[UUID]) -> dict[UUID, str]:
    """Return who gets these people's letters today, without people who have no address and outside contacts."""
    roster = Roster.for_tasks(telling.session, [task], local_date(telling.now))
    outside = (
        select(Person.id)
        .join(Unit, col(Unit.id) == col(Person.unit_id))
        .where(col(Person.id).in_(set(people)), col(Unit.is_outside))
    )
    contacts = set(telling.session.exec(outside)) if people else set()
    person_ids = [person_id for person_id in dict.fromkeys(people) if person_id not in contacts]
    roster.load_people(set(person_ids))
    reachable = [person_id for person_id in person_ids if roster.undeliverable(person_id) is None]
    readers = [roster.stand_ins.get(person_id, person_id) for person_id in reachable]
    return {reader_id: _NAMED for reader_id in readers if reader_id not in telling.skipped}


def _tell_units(telling: Telling, news: News, history_id: UUID, told: Iterable[UUID]) -> None:
    """Queue one notice for each head of a unit with open tasks of the duty, or of the directive."""
    conversation, skipped = telling.conversation, set(told)
    is_here = col(Task.directive_id) == conversation.directive.id
    if conversation.task is not None:
        is_here &= col(Task.duty_id) == conversation.task.duty_id
    query = select(Task).where(is_here, col(Task.status).in_(OPEN_STATUSES)).order_by(col(Task.id))
    tasks = list(telling.session.exec(query))
    roster = Roster.for_tasks(telling.session, tasks, local_date(telling.now), {})
    people: list[tuple[Task, dict[UUID, str]]] = []
    for task in tasks:
        heads = roster.recipients(RecipientRole.HEAD, task)
        new = [head.person_id for head in heads if head.undeliverable is None and head.person_id not in skipped]
        people.append((task, dict.fromkeys(new, RecipientRole.HEAD.value)))
        skipped.update(new)
    _queue(telling, people, news, history_id)


def _queue(telling: Telling, people: Sequence[tuple[Task, Mapping[UUID, str]]], news: News, history_id: UUID) -> None:
    """Write the notices of people by task and role, for the letters that they chose."""
    is_on_task = telling.conversation.task is not None
    event = news.value if is_on_task else of_directive(news)
    choices = read_choices(telling.session, {person for _task, roles in people for person in roles})
    readers = []
    for task, roles in people:
        incident_id = task.incident_id if is_on_task else None
        task_readers = {}
        for person_id, role in roles.items():
            choice = choices.get(person_id, NO_CHOICE)
            task_readers[person_id] = Reader(role, None, _departure(telling, event, role, task, choice, incident_id))
        readers.append((task, task_readers, incident_id))
    slot = telling.calendar.event_slot(telling.now)
    insert_notices(telling.session, event, history_id, readers, now=telling.now, slot=slot)


def _departure(
    telling: Telling, event: str, role: str, task: Task, choice: PaceChoice, incident_id: UUID | None
) -> Departure | None:
    if incident_id is not None:
        return Departure(telling.now, with_digest=False)
    return plan_departure(event, role, telling.now, task.due_at, choice, telling.calendar)
