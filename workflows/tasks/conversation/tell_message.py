"""Queue the notices of a conversation: who is mentioned hears at once, the others concerned with the next digest.

Nobody hears of their own message. A notice of a directive's own conversation hangs on the directive's first task, as
every notice names one; its letter speaks of the directive alone. Before the first launch there is no such letter.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.directives.launch import Launch
from models.directives.template import RecipientRole
from models.letters.letter import LetterKind, Notice, NoticeState
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.conversation import ConversationMessage
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import local_date
from workflows.access.roster import Roster
from workflows.history.record import EVENT
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.conversation_policy import News, of_directive
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
        """Return who hears nothing: whoever acts."""
        return {self.conversation.principal.person.id}


def tell_message(telling: Telling, mentioned: Collection[UUID], asked: ConversationMessage | None) -> None:
    """Tell those mentioned at once, and the others concerned by the next digest."""
    task = telling.conversation.task or first_task(telling.session, telling.conversation.directive.id)
    if task is None:
        return
    at_once = _reached(telling, task, mentioned)
    _queue(telling, {task.id: at_once}, News.MENTIONED, {task.id: task}, telling.message.history_id, at_once=True)
    news = News.QUESTION_ASKED if telling.message.is_question else News.MESSAGE
    told = at_once.keys() | telling.skipped
    if asked is not None:
        asker = {one: role for one, role in _reached(telling, task, [asked.author_id]).items() if one not in told}
        _queue(telling, {task.id: asker}, News.QUESTION_ANSWERED, {task.id: task}, telling.message.history_id)
        told |= asker.keys()
    concerned = _of_task(telling, task) if telling.conversation.task is not None else _of_directive(telling, task)
    others = {one: role for one, role in concerned.items() if one not in told}
    _queue(telling, {task.id: others}, news, {task.id: task}, telling.message.history_id)
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


def _of_directive(telling: Telling, task: Task) -> dict[UUID, _Role]:
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
    day, to_all = local_date(telling.now), telling.message.is_for_all
    people = session.exec(select(Person).where(col(Person.id).in_(wanted - telling.skipped), Person.is_active)).all()
    readers = [one.id for one in people if may_be_mentioned(session, telling.conversation, one, day, to_all=to_all)]
    return _reached(telling, task, readers)


def _reached(telling: Telling, task: Task, people: Collection[UUID]) -> dict[UUID, _Role]:
    """Return who reads the letters of some people today.

    Those without an address are left out, and contacts of outside units, who get no letter by itself.
    """
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
    people: dict[UUID, dict[UUID, _Role]] = {}
    for task in tasks:
        for one in roster.recipients(RecipientRole.HEAD, task):
            if one.undeliverable is None and one.person_id not in skipped:
                skipped.add(one.person_id)
                people.setdefault(task.id, {})[one.person_id] = RecipientRole.HEAD.value
    _queue(telling, people, news, {task.id: task for task in tasks}, history_id)


def _queue(
    telling: Telling,
    people: Mapping[UUID, Mapping[UUID, _Role]],
    news: News,
    tasks: Mapping[UUID, Task],
    history_id: UUID,
    *,
    at_once: bool = False,
) -> None:
    """Write the notices: people and their roles, by task."""
    calendar, now = telling.calendar, telling.now
    event = news.value if telling.conversation.task is not None else of_directive(news)
    rows = []
    for task_id, readers in people.items():
        incident = tasks[task_id].incident_id if telling.conversation.task is not None else None
        slot = now if incident else calendar.event_slot(now) if at_once else calendar.next_digest(now)
        kind = LetterKind.INCIDENT if incident else LetterKind.EVENT if slot == now else LetterKind.DIGEST
        rows += [
            {
                "id": new_id(),
                "task_id": task_id,
                "anchor_id": history_id,
                "rung": EVENT + event,
                "offset": 0,
                "role": role,
                "recipient_id": person_id,
                "fired_at": now,
                "slot": slot,
                "kind": kind,
                "topic": f"incident:{incident.hex}" if incident else "",
                "state": NoticeState.PENDING,
                "undeliverable": None,
                "reason": "",
                "template_version_id": tasks[task_id].template_version_id,
            }
            for person_id, role in readers.items()
        ]
    insert_new(telling.session, table_of(Notice), rows)
