"""What a batch of letters needs to know, read in a fixed number of queries whatever the batch."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.database.rows import chunks, table_of
from models.directives.directive import Directive, Duty
from models.directives.ladders import RungName
from models.directives.launch import Incident
from models.directives.template import TemplateSpec, TemplateVersion
from models.letters.letter import (
    LAUNCH_TOPIC,
    LETTER_RUNGS,
    REPLY_TOPIC,
    SECRET_TOPIC,
    TEST_TOPIC,
    Letter,
    LetterKind,
    LetterState,
    Notice,
    NoticeState,
)
from models.operations.alert import Alert, AlertKind
from models.organization.account import MailedSecret
from models.organization.person import Person
from models.organization.register_reads import absences_on
from models.organization.unit import Unit
from models.rooms import Place
from models.settings import Settings
from models.tasks.history import RECORDED, History, HistoryNote
from models.tasks.task import OPEN_STATUSES, Contribution, Extension, LeadChange, Obstacle, SignedPress, Task
from models.tasks.task_reads import BESIDE_THE_LEAD
from models.text.localtime import end_of_day, local_date
from notifications.composing.facts import AccountItem, Checkpoint, CompiledItem, Unsent
from notifications.composing.reasons import DATE_MOVES
from workflows.access.receiver import receivers_of
from workflows.delivery.compiled_letters import read_compiled
from workflows.delivery.letters.letter_texts import Texts, usable_texts
from workflows.escalation.task_facts import ASKS
from workflows.history.checkpoint import read_checkpoints
from workflows.history.record import EVENT
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.conversation_policy import News
from workflows.rules.tasks.need import SOON
from workflows.tasks.conversation.read_marks import event_of, read_marks

if TYPE_CHECKING:
    from workflows.delivery.letters.sample_letter import Sample

_LONGEST_ANSWER = 200
_LATE_RUNGS = [rung.value for rung in (RungName.OVERDUE, RungName.PRESSED_1, RungName.PRESSED_2, RungName.TO_ISSUER)]


@dataclass(frozen=True)
class ReplyAnswer:
    """An answer to a reply that is still of use: what it says, and where it is answered in turn."""

    account: AccountItem
    reply_to: str
    in_reply_to: str
    draft_id: UUID | None


ANSWERS: Place[Callable[[Session, Sequence[Letter], Settings, str, datetime], dict[str, ReplyAnswer]]] = Place(
    "letter.answers"
)
"""Reads the answers that some letters carry, by topic: with the key of links, at a moment (UTC)."""


@dataclass
class LetterData:
    session: Session
    settings: Settings
    link_key: str
    now: datetime
    calendar: WorkCalendar
    letters: Sequence[Letter]
    people: dict[UUID, Person] = field(default_factory=dict)
    units: dict[UUID, Unit] = field(default_factory=dict)
    tasks: dict[UUID, Task] = field(default_factory=dict)
    notices: dict[UUID, list[Notice]] = field(default_factory=lambda: defaultdict(list))
    lists: dict[UUID, list[Task]] = field(default_factory=lambda: defaultdict(list))
    specs: dict[UUID, TemplateSpec] = field(default_factory=dict)
    directives: dict[UUID, Directive] = field(default_factory=dict)
    duties: dict[UUID, Duty] = field(default_factory=dict)
    incidents: dict[UUID, Incident] = field(default_factory=dict)
    receivers: dict[UUID, UUID] = field(default_factory=dict)  # by task: who decides on the result for the assigner
    partners: dict[UUID, list[str]] = field(default_factory=lambda: defaultdict(list))
    pressed: dict[UUID, set[date]] = field(default_factory=lambda: defaultdict(set))
    signed: dict[UUID, int] = field(default_factory=dict)
    notes: dict[UUID, str] = field(default_factory=dict)
    moves: dict[UUID, dict[str, Any]] = field(default_factory=dict)  # facts of the lines that move a date
    authors: dict[UUID, str] = field(default_factory=dict)
    """Who wrote a message that mentions somebody, by its line of the history."""
    read_upto: dict[tuple[UUID, UUID], datetime] = field(default_factory=dict)  # by person, and task or directive
    unsent: dict[tuple[Any, ...], dict[UUID, Unsent]] = field(default_factory=lambda: defaultdict(dict))
    last_words: dict[UUID, str] = field(default_factory=dict)
    proposed: dict[UUID, date] = field(default_factory=dict)
    unanswered: set[tuple[UUID, str, datetime]] = field(default_factory=set)
    standing_in: dict[UUID, UUID] = field(default_factory=dict)
    absences: dict[UUID, UUID] = field(default_factory=dict)  # who is away, and who reads their post
    alerts: dict[UUID, list[Alert]] = field(default_factory=lambda: defaultdict(list))  # by letter
    secrets: dict[str, MailedSecret] = field(default_factory=dict)  # by topic
    answers: dict[str, ReplyAnswer] = field(default_factory=dict)  # to replies, by topic
    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)  # by topic
    compiled: dict[str, CompiledItem] = field(default_factory=dict)  # by topic
    texts: Texts = field(default_factory=dict)  # the office's own wordings
    samples: "dict[str, Sample]" = field(default_factory=dict)  # by topic
    links: dict[int, tuple[UUID, UUID]] = field(default_factory=dict)  # letter and task by the code of a short link

    def load(self) -> Self:
        """Read everything in a fixed number of queries, whatever the batch."""
        session = self.session
        letter_ids = [letter.id for letter in self.letters]
        told = (col(Notice.letter_id).in_(letter_ids), col(Notice.state) == NoticeState.PENDING)
        for notice in sorted(whole_rows(session, Notice, *told), key=lambda one: (one.fired_at, one.id)):
            self.notices[notice.letter_id].append(notice)
        recipients = {letter.recipient_id for letter in self.letters}
        self._load_lists(recipients)
        wanted = {notice.task_id for group in self.notices.values() for notice in group} - self.tasks.keys()
        self.tasks.update((task.id, task) for task in _in(session, Task, wanted))
        if samples := [letter for letter in self.letters if letter.topic.startswith(TEST_TOPIC)]:
            # with all that a launch counts: only who tries a template out asks for one
            from workflows.delivery.letters.sample_letter import make_samples

            self.samples = make_samples(session, samples, self.now, self.calendar, self.settings.language)
        self.tasks.update((sample.task.id, sample.task) for sample in self.samples.values())
        self.texts = usable_texts(session)
        self._load_surroundings(recipients)
        self._load_details()
        self._load_alerts()
        self._load_secrets()
        self.checkpoints = read_checkpoints(self.session, self.letters)
        is_answer = any(letter.topic.startswith(REPLY_TOPIC) for letter in self.letters)
        for read_answers in ANSWERS.added() if is_answer else ():
            self.answers |= read_answers(session, self.letters, self.settings, self.link_key, self.now)
        self.compiled = read_compiled(self.session, self.letters, self.settings.base_url)
        return self

    def _load_alerts(self) -> None:
        letters = [letter for letter in self.letters if letter.kind is LetterKind.ALERT]
        own = {letter.id: str(UUID(letter.topic.removeprefix(LAUNCH_TOPIC))) for letter in letters if letter.topic}
        slots = {letter.slot for letter in letters if not letter.topic}
        if not letters:
            return
        is_told = or_(
            col(Alert.slot).in_(slots),
            and_(col(Alert.kind) == AlertKind.LAUNCH_FAILED, col(Alert.subject).in_(own.values())),
        )
        for alert in self.session.exec(select(Alert).where(is_told).order_by(col(Alert.raised_at), col(Alert.id))):
            for letter in letters:
                if alert.subject == own[letter.id] if letter.topic else alert.slot == letter.slot:
                    self.alerts[letter.id].append(alert)

    def _load_secrets(self) -> None:
        secrets = (letter.topic for letter in self.letters if letter.topic.startswith(SECRET_TOPIC))
        topics = [topic for topic in secrets if not topic.startswith(REPLY_TOPIC)]
        wanted = [UUID(topic.removeprefix(SECRET_TOPIC)) for topic in topics]
        for chunk in chunks(wanted):
            found = self.session.exec(select(MailedSecret).where(col(MailedSecret.id).in_(chunk)))
            self.secrets.update((f"{SECRET_TOPIC}{secret.id.hex}", secret) for secret in found)

    def _load_lists(self, recipients: set[UUID]) -> None:
        """Open tasks of those who get a digest or a summary: as heads, as officers, as coordinators."""
        listed = {
            letter.recipient_id for letter in self.letters if letter.kind in (LetterKind.DIGEST, LetterKind.SUMMARY)
        }
        absences = self.absences = absences_on(self.session, local_date(self.now))
        self.standing_in = {stand_in: absent for absent, stand_in in absences.items() if stand_in in recipients}
        speaks: dict[UUID, set[UUID]] = defaultdict(set)
        for person_id in listed:
            if person_id not in absences:
                speaks[person_id].add(person_id)
        for absent, stand_in in absences.items():
            if stand_in in listed:
                speaks[absent].add(stand_in)
        if not speaks:
            return
        heads = {
            unit_id: head_id
            for unit_id, head_id in self.session.execute(
                select(col(Unit.id), col(Unit.head_id)).where(col(Unit.head_id).in_(speaks))
            )
        }
        horizon = self.calendar.add(local_date(self.now), SOON + 1)
        everything = any(letter.kind is LetterKind.SUMMARY for letter in self.letters)
        where = [
            col(Task.status).in_(OPEN_STATUSES),
            col(Task.incident_id).is_(None),
            or_(
                col(Task.lead_unit_id).in_(heads),
                col(Task.officer_id).in_(speaks),
                col(Task.coordinator_id).in_(speaks),
            ),
        ]
        if not everything:
            where.append(col(Task.due_at) < end_of_day(horizon))
        for task in whole_rows(self.session, Task, *where):
            self.tasks[task.id] = task
            holders = (heads.get(task.lead_unit_id), task.officer_id, task.coordinator_id)
            for person_id in {reader for holder in holders if holder for reader in speaks.get(holder, ())}:
                self.lists[person_id].append(task)

    def _load_surroundings(self, recipients: set[UUID]) -> None:
        session, tasks = self.session, self.tasks.values()
        versions = col(TemplateVersion.id).in_({task.template_version_id for task in tasks})
        self.specs = {one.id: one.read_spec() for one in session.exec(select(TemplateVersion).where(versions))}
        self.directives = {row.id: row for row in _in(session, Directive, {task.directive_id for task in tasks})}
        self.duties = {row.id: row for row in _in(session, Duty, {task.duty_id for task in tasks})}
        incidents = {task.incident_id for task in tasks if task.incident_id}
        self.incidents = {row.id: row for row in _in(session, Incident, incidents)}
        people = recipients | {task.coordinator_id for task in tasks} | set(self.standing_in.values())
        self.people = {row.id: row for row in _in(session, Person, people)}
        units = {unit for task in tasks for unit in (task.lead_unit_id, task.assigner_unit_id)}
        self.receivers = receivers_of(session, self.tasks)
        units |= set(self.receivers.values())
        units |= {directive.coordinating_unit_id for directive in self.directives.values()}
        units |= {person.unit_id for person in self.people.values() if person.unit_id}
        self.units = {row.id: row for row in _in(session, Unit, units)}

    def _load_details(self) -> None:
        session, noticed = self.session, [n for group in self.notices.values() for n in group]
        task_ids = list({notice.task_id for notice in noticed} | {t.id for tasks in self.lists.values() for t in tasks})
        for chunk in chunks(task_ids):
            for task_id, name in session.execute(
                select(col(Contribution.task_id), col(Unit.name))
                .join(Unit, col(Unit.id) == col(Contribution.unit_id))
                .where(col(Contribution.task_id).in_(chunk), BESIDE_THE_LEAD)
                .order_by(col(Unit.sort_key))
            ):
                self.partners[task_id].append(name)
            for task_id, slot, fired_at in session.execute(
                select(col(Notice.task_id), col(Notice.slot), col(Notice.fired_at)).where(
                    col(Notice.task_id).in_(chunk),
                    col(Notice.rung).in_(_LATE_RUNGS),
                    Notice.role == "head",
                    Notice.state == NoticeState.SENT,
                    col(Notice.undeliverable).is_(None),
                )
            ):
                if self._is_of_the_lead(task_id, fired_at):
                    self.pressed[task_id].add(local_date(slot))
            self.signed.update(
                (row[0], row[1])
                for row in session.execute(
                    select(col(SignedPress.task_id), func.count())
                    .where(col(SignedPress.task_id).in_(chunk))
                    .group_by(col(SignedPress.task_id))
                )
            )
        self._load_words(noticed)
        self._load_unsent([notice for notice in noticed if notice.rung in LETTER_RUNGS])
        self._load_unanswered([notice.task_id for notice in noticed if notice.rung in ASKS])

    def _load_words(self, noticed: list[Notice]) -> None:
        events = [notice for notice in noticed if notice.rung.startswith(EVENT)]
        asked_for = [notice for notice in noticed if self._is_request(notice)]
        for chunk in chunks([notice.anchor_id for notice in (*events, *asked_for)]):
            self.notes.update(
                (row[0], row[1])
                for row in self.session.execute(
                    select(col(HistoryNote.history_id), col(HistoryNote.text)).where(
                        col(HistoryNote.history_id).in_(chunk)
                    )
                )
            )
        moves = [notice.anchor_id for notice in events if notice.rung.removeprefix(EVENT) in DATE_MOVES]
        for chunk in chunks(moves):
            lines = select(col(History.id), col(History.facts)).where(col(History.id).in_(chunk))
            self.moves.update((row[0], row[1]) for row in self.session.execute(lines))
        mentions = [notice.anchor_id for notice in events if (event_of(notice) or "").endswith(News.MENTIONED)]
        for chunk in chunks(mentions):
            author = select(col(History.id), col(Person.full_name)).join(
                Person, col(Person.id) == col(History.actor_id)
            )
            self.authors.update(
                (row[0], row[1]) for row in self.session.execute(author.where(col(History.id).in_(chunk)))
            )
        self.read_upto = read_marks(self.session, noticed, self.tasks)
        asked = [notice.task_id for notice in events if "extension" in notice.rung]
        for row in (
            self.session.exec(
                select(Extension).where(col(Extension.task_id).in_(asked)).order_by(col(Extension.asked_at))
            )
            if asked
            else ()
        ):
            self.proposed[row.task_id] = row.decided_due_on or row.asked_due_on
        upward = [notice.task_id for notice in noticed if notice.kind is LetterKind.UPWARD]
        for chunk in chunks(upward):
            for task_id, text, said_at in self.session.execute(
                select(col(History.task_id), col(HistoryNote.text), col(History.recorded_at))
                .join(HistoryNote, col(HistoryNote.history_id) == col(History.id))
                .where(
                    col(History.task_id).in_(chunk),
                    col(History.event).in_(
                        ["progress", "extension_asked", "obstacle_raised", "submitted", "corrected"]
                    ),
                )
                .order_by(*RECORDED)
            ):
                if self._is_of_the_lead(task_id, said_at):
                    self.last_words[task_id] = text

    def _is_of_the_lead(self, task_id: UUID, moment: datetime) -> bool:
        """The present lead had the task then: what a former one was told and said is not its past."""
        task = self.tasks[task_id]
        return task.lead_unit_id == task.assigned_unit_id or moment >= task.assigned_at

    def _is_request(self, notice: Notice) -> bool:
        """It tells of a task that somebody asked for in words of their own."""
        return notice.rung == RungName.ASSIGNED and self.tasks[notice.task_id].occurrence.startswith("request:")

    def _load_unsent(self, noticed: list[Notice]) -> None:
        """Find the letters that those notices tell of: they told the same task of the same rung."""
        columns: tuple[Any, ...] = (
            *(col(Notice.task_id), col(Notice.anchor_id), col(Notice.offset)),
            *(col(Letter.id), col(Letter.state), col(Letter.address), col(Letter.error)),
            *(col(Person.full_name), col(Unit.name)),
        )
        stopped = (LetterState.FAILED, LetterState.DROPPED, LetterState.UNCERTAIN)
        for chunk in chunks({notice.task_id for notice in noticed}):
            query: Any = select(*columns).join(Letter, col(Letter.id) == col(Notice.letter_id))
            query = query.join(Person, col(Person.id) == col(Letter.recipient_id))
            query = query.outerjoin(Unit, col(Unit.id) == col(Person.unit_id)).where(
                col(Notice.task_id).in_(chunk), col(Notice.rung).not_in(LETTER_RUNGS), col(Letter.state).in_(stopped)
            )
            for task_id, anchor_id, offset, letter_id, state, address, error, name, unit in self.session.execute(
                query.order_by(col(Person.sort_key), col(Letter.id))
            ):
                key = (task_id, anchor_id, offset, state is LetterState.UNCERTAIN)
                url = f"{self.settings.base_url}/letters/{letter_id.hex}"
                answer = error[:_LONGEST_ANSWER] if address else ""
                self.unsent[key][letter_id] = Unsent(letter_id, name, unit or "", address or "", answer, url)

    def _load_unanswered(self, task_ids: list[UUID]) -> None:
        """(task, event, moment) of what was asked and is still undecided."""
        asked: dict[str, tuple[Any, Any, Any]] = {
            "extension_asked": (Extension.task_id, Extension.asked_at, Extension.state == "open"),
            "extension_countered": (Extension.task_id, Extension.decided_at, Extension.state == "countered"),
            "obstacle_raised": (Obstacle.task_id, Obstacle.raised_at, col(Obstacle.answered_at).is_(None)),
            "lead_change_asked": (LeadChange.task_id, LeadChange.asked_at, LeadChange.state == "open"),
        }
        for chunk in chunks(task_ids):
            for event, (task, moment, is_open) in asked.items():
                found = self.session.execute(select(task, moment).where(task.in_(chunk), is_open))
                self.unanswered.update((row[0], EVENT + event, row[1]) for row in found)


def _in(session: Session, table: type[Any], ids: Iterable[UUID]) -> list[Any]:
    return [row for chunk in chunks(ids) for row in whole_rows(session, table, col(table.id).in_(chunk))]


def whole_rows(session: Session, table: type[Any], *where: ColumnElement[bool]) -> list[Any]:
    """Rows as they stand now, to look at: what is written to them goes nowhere."""
    return list(session.execute(columns(table_of(table)).where(*where)))
