"""Reads what a batch of letters tells, in a number of queries that does not depend on the size of the batch."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy import select as select_columns
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

_LONGEST_ANSWER = 200  # characters of a mail server's answer
_LATE_RUNGS = [rung.value for rung in (RungName.OVERDUE, RungName.PRESSED_1, RungName.PRESSED_2, RungName.TO_ISSUER)]
_REPORTING_EVENTS = ["progress", "extension_asked", "obstacle_raised", "submitted", "corrected"]


@dataclass(frozen=True)
class ReplyAnswer:
    """An answer to a reply that is still of use: its words, the address that it is answered to, and its draft."""

    account: AccountItem
    reply_to: str
    in_reply_to: str
    draft_id: UUID | None


ANSWERS: Place[Callable[[Session, Sequence[Letter], Settings, str, datetime], dict[str, ReplyAnswer]]] = Place(
    "letter.answers"
)
"""Reads the answers of some letters by topic. The text is the key of links, the moment is UTC."""


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
    notices: dict[UUID, list[Notice]] = field(default_factory=lambda: defaultdict(list))  # by letter
    listed_tasks: dict[UUID, list[Task]] = field(default_factory=lambda: defaultdict(list))  # by reader
    specs: dict[UUID, TemplateSpec] = field(default_factory=dict)
    directives: dict[UUID, Directive] = field(default_factory=dict)
    duties: dict[UUID, Duty] = field(default_factory=dict)
    incidents: dict[UUID, Incident] = field(default_factory=dict)
    receivers: dict[UUID, UUID] = field(default_factory=dict)  # by task: who decides on the result for the assigner
    partners: dict[UUID, list[str]] = field(default_factory=lambda: defaultdict(list))
    pressed_days: dict[UUID, set[date]] = field(default_factory=lambda: defaultdict(set))
    signed_presses: dict[UUID, int] = field(default_factory=dict)
    notes: dict[UUID, str] = field(default_factory=dict)  # by line of the history
    move_facts: dict[UUID, dict[str, Any]] = field(default_factory=dict)  # by line of the history that moves a date
    authors: dict[UUID, str] = field(default_factory=dict)  # of messages that mention somebody, by line of the history
    read_upto: dict[tuple[UUID, UUID], datetime] = field(default_factory=dict)  # by person, and task or directive
    unsent: dict[tuple[Any, ...], dict[UUID, Unsent]] = field(default_factory=lambda: defaultdict(dict))
    last_words: dict[UUID, str] = field(default_factory=dict)
    proposed_dates: dict[UUID, date] = field(default_factory=dict)
    unanswered: set[tuple[UUID, str, datetime]] = field(default_factory=set)  # task, rung and moment of each request
    stand_ins: dict[UUID, UUID] = field(default_factory=dict)  # by absent person
    absent_people: dict[UUID, UUID] = field(default_factory=dict)  # by stand-in
    alerts: dict[UUID, list[Alert]] = field(default_factory=lambda: defaultdict(list))  # by letter
    secrets: dict[str, MailedSecret] = field(default_factory=dict)  # by topic
    answers: dict[str, ReplyAnswer] = field(default_factory=dict)  # to replies, by topic
    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)  # by topic
    compiled: dict[str, CompiledItem] = field(default_factory=dict)  # by topic
    texts: Texts = field(default_factory=dict)  # the office's own wordings
    samples: "dict[str, Sample]" = field(default_factory=dict)  # by topic
    links: dict[int, tuple[UUID, UUID]] = field(default_factory=dict)  # letter and task by the code of a short link

    def load(self) -> Self:
        session = self.session
        recipient_ids = {letter.recipient_id for letter in self.letters}
        self._load_notices()
        self._load_listed_tasks(recipient_ids)
        noticed_ids = {notice.task_id for notice in self._all_notices()}
        self.tasks |= _rows_by_id(session, Task, noticed_ids - self.tasks.keys())
        self._load_samples()
        self.texts = usable_texts(session)
        self._load_surroundings(recipient_ids)
        self._load_details()
        self._load_alerts()
        self._load_secrets()
        self.checkpoints = read_checkpoints(session, self.letters)
        if any(letter.topic.startswith(REPLY_TOPIC) for letter in self.letters):
            for read_answers in ANSWERS.added():
                self.answers |= read_answers(session, self.letters, self.settings, self.link_key, self.now)
        self.compiled = read_compiled(session, self.letters, self.settings.base_url)
        return self

    def _load_notices(self) -> None:
        letter_ids = [letter.id for letter in self.letters]
        is_told = (col(Notice.letter_id).in_(letter_ids), col(Notice.state) == NoticeState.PENDING)
        notices = whole_rows(self.session, Notice, *is_told)
        for notice in sorted(notices, key=lambda notice: (notice.fired_at, notice.id)):
            self.notices[notice.letter_id].append(notice)

    def _all_notices(self) -> list[Notice]:
        return [notice for notices in self.notices.values() for notice in notices]

    def _load_samples(self) -> None:
        letters = [letter for letter in self.letters if letter.topic.startswith(TEST_TOPIC)]
        if not letters:
            return
        # It imports all that plans a launch, and only somebody who tries a template out needs it.
        from workflows.delivery.letters.sample_letter import make_samples

        self.samples = make_samples(self.session, letters, self.now, self.calendar, self.settings.language)
        self.tasks.update((sample.task.id, sample.task) for sample in self.samples.values())

    def _load_alerts(self) -> None:
        letters = [letter for letter in self.letters if letter.kind is LetterKind.ALERT]
        if not letters:
            return
        slots = {letter.slot for letter in letters if not letter.topic}
        launch_ids = {
            letter.id: str(UUID(letter.topic.removeprefix(LAUNCH_TOPIC))) for letter in letters if letter.topic
        }
        is_told = or_(
            col(Alert.slot).in_(slots),
            and_(col(Alert.kind) == AlertKind.LAUNCH_FAILED, col(Alert.subject).in_(launch_ids.values())),
        )
        query = select(Alert).where(is_told).order_by(col(Alert.raised_at), col(Alert.id))
        for alert in self.session.exec(query):
            for letter in letters:
                if alert.subject == launch_ids[letter.id] if letter.topic else alert.slot == letter.slot:
                    self.alerts[letter.id].append(alert)

    def _load_secrets(self) -> None:
        secret_ids = [
            UUID(letter.topic.removeprefix(SECRET_TOPIC))
            for letter in self.letters
            if letter.topic.startswith(SECRET_TOPIC) and not letter.topic.startswith(REPLY_TOPIC)
        ]
        for chunk in chunks(secret_ids):
            secrets = self.session.exec(select(MailedSecret).where(col(MailedSecret.id).in_(chunk)))
            self.secrets.update((f"{SECRET_TOPIC}{secret.id.hex}", secret) for secret in secrets)

    def _load_listed_tasks(self, recipient_ids: set[UUID]) -> None:
        """Load the open tasks that digests and summaries list: those of heads, officers and coordinators."""
        self.stand_ins = absences_on(self.session, local_date(self.now))
        self.absent_people = {
            stand_in: absent for absent, stand_in in self.stand_ins.items() if stand_in in recipient_ids
        }
        readers = self._readers_by_holder()
        if not readers:
            return
        heads_query = select(col(Unit.id), col(Unit.head_id)).where(col(Unit.head_id).in_(readers))
        heads = {unit_id: head_id for unit_id, head_id in self.session.execute(heads_query)}
        conditions = [
            col(Task.status).in_(OPEN_STATUSES),
            col(Task.incident_id).is_(None),
            or_(
                col(Task.lead_unit_id).in_(heads),
                col(Task.officer_id).in_(readers),
                col(Task.coordinator_id).in_(readers),
            ),
        ]
        if not any(letter.kind is LetterKind.SUMMARY for letter in self.letters):
            horizon = self.calendar.add(local_date(self.now), SOON + 1)
            conditions.append(col(Task.due_at) < end_of_day(horizon))
        for task in whole_rows(self.session, Task, *conditions):
            self.tasks[task.id] = task
            holders = (heads.get(task.lead_unit_id), task.officer_id, task.coordinator_id)
            for reader_id in {reader for holder in holders if holder for reader in readers.get(holder, ())}:
                self.listed_tasks[reader_id].append(task)

    def _readers_by_holder(self) -> dict[UUID, set[UUID]]:
        """Return by holder of tasks who gets the list of them: the holder, or the stand-in of one who is away."""
        kinds = (LetterKind.DIGEST, LetterKind.SUMMARY)
        recipient_ids = {letter.recipient_id for letter in self.letters if letter.kind in kinds}
        readers: dict[UUID, set[UUID]] = defaultdict(set)
        for person_id in recipient_ids - self.stand_ins.keys():
            readers[person_id].add(person_id)
        for absent, stand_in in self.stand_ins.items():
            if stand_in in recipient_ids:
                readers[absent].add(stand_in)
        return readers

    def _load_surroundings(self, recipient_ids: set[UUID]) -> None:
        session, tasks = self.session, self.tasks.values()
        is_used = col(TemplateVersion.id).in_({task.template_version_id for task in tasks})
        versions = session.exec(select(TemplateVersion).where(is_used))
        self.specs = {version.id: version.read_spec() for version in versions}
        self.directives = _rows_by_id(session, Directive, {task.directive_id for task in tasks})
        self.duties = _rows_by_id(session, Duty, {task.duty_id for task in tasks})
        self.incidents = _rows_by_id(session, Incident, {task.incident_id for task in tasks if task.incident_id})
        coordinator_ids = {task.coordinator_id for task in tasks}
        self.people = _rows_by_id(session, Person, recipient_ids | coordinator_ids | set(self.absent_people.values()))
        self.receivers = receivers_of(session, self.tasks)
        unit_ids = {unit_id for task in tasks for unit_id in (task.lead_unit_id, task.assigner_unit_id)}
        unit_ids |= set(self.receivers.values())
        unit_ids |= {directive.coordinating_unit_id for directive in self.directives.values()}
        unit_ids |= {person.unit_id for person in self.people.values() if person.unit_id}
        self.units = _rows_by_id(session, Unit, unit_ids)

    def _load_details(self) -> None:
        notices = self._all_notices()
        listed_ids = {task.id for tasks in self.listed_tasks.values() for task in tasks}
        for chunk in chunks({notice.task_id for notice in notices} | listed_ids):
            self._load_partners(chunk)
            self._load_pressed_days(chunk)
            presses = select(col(SignedPress.task_id), func.count()).where(col(SignedPress.task_id).in_(chunk))
            for task_id, count in self.session.execute(presses.group_by(col(SignedPress.task_id))):
                self.signed_presses[task_id] = count
        self._load_words(notices)
        self.read_upto = read_marks(self.session, notices, self.tasks)
        self._load_proposed_dates([notice.task_id for notice in notices if notice.rung.startswith(f"{EVENT}extension")])
        self._load_last_words([notice.task_id for notice in notices if notice.kind is LetterKind.UPWARD])
        self._load_unsent({notice.task_id for notice in notices if notice.rung in LETTER_RUNGS})
        self._load_unanswered([notice.task_id for notice in notices if notice.rung in ASKS])

    def _load_partners(self, task_ids: list[UUID]) -> None:
        query = (
            select(col(Contribution.task_id), col(Unit.name))
            .join(Unit, col(Unit.id) == col(Contribution.unit_id))
            .where(col(Contribution.task_id).in_(task_ids), BESIDE_THE_LEAD)
            .order_by(col(Unit.sort_key))
        )
        for task_id, name in self.session.execute(query):
            self.partners[task_id].append(name)

    def _load_pressed_days(self, task_ids: list[UUID]) -> None:
        query = select(col(Notice.task_id), col(Notice.slot), col(Notice.fired_at)).where(
            col(Notice.task_id).in_(task_ids),
            col(Notice.rung).in_(_LATE_RUNGS),
            Notice.role == "head",
            Notice.state == NoticeState.SENT,
            col(Notice.undeliverable).is_(None),
        )
        for task_id, slot, fired_at in self.session.execute(query):
            if self._concerns_present_lead(task_id, fired_at):
                self.pressed_days[task_id].add(local_date(slot))

    def _load_words(self, notices: list[Notice]) -> None:
        events = [notice for notice in notices if notice.rung.startswith(EVENT)]
        requests = [notice for notice in notices if self._is_request(notice)]
        moves = [notice for notice in events if notice.rung.removeprefix(EVENT) in DATE_MOVES]
        mentions = [notice for notice in events if (event_of(notice) or "").endswith(News.MENTIONED)]
        note_query = select(col(HistoryNote.history_id), col(HistoryNote.text))
        self.notes = self._read_pairs(note_query, col(HistoryNote.history_id), [*events, *requests])
        self.move_facts = self._read_pairs(select(col(History.id), col(History.facts)), col(History.id), moves)
        author_query = select(col(History.id), col(Person.full_name)).join(
            Person, col(Person.id) == col(History.actor_id)
        )
        self.authors = self._read_pairs(author_query, col(History.id), mentions)

    def _read_pairs(self, query: Any, key: Any, notices: Iterable[Notice]) -> dict[UUID, Any]:
        """Read the pairs of a key and a value for the lines of the history that notices tell."""
        pairs: dict[UUID, Any] = {}
        for chunk in chunks([notice.anchor_id for notice in notices]):
            pairs.update((row[0], row[1]) for row in self.session.execute(query.where(key.in_(chunk))))
        return pairs

    def _load_proposed_dates(self, task_ids: list[UUID]) -> None:
        if not task_ids:
            return
        query = select(Extension).where(col(Extension.task_id).in_(task_ids)).order_by(col(Extension.asked_at))
        for extension in self.session.exec(query):
            self.proposed_dates[extension.task_id] = extension.decided_due_on or extension.asked_due_on

    def _load_last_words(self, task_ids: list[UUID]) -> None:
        for chunk in chunks(task_ids):
            query = (
                select(col(History.task_id), col(HistoryNote.text), col(History.recorded_at))
                .join(HistoryNote, col(HistoryNote.history_id) == col(History.id))
                .where(col(History.task_id).in_(chunk), col(History.event).in_(_REPORTING_EVENTS))
                .order_by(*RECORDED)
            )
            for task_id, text, recorded_at in self.session.execute(query):
                if self._concerns_present_lead(task_id, recorded_at):
                    self.last_words[task_id] = text

    def _concerns_present_lead(self, task_id: UUID, moment: datetime) -> bool:
        """Return whether the present lead had the task at a moment. What a former lead heard or wrote is not told."""
        task = self.tasks[task_id]
        return task.lead_unit_id == task.assigned_unit_id or moment >= task.assigned_at

    def _is_request(self, notice: Notice) -> bool:
        """Return whether the notice assigns a task that somebody requested in their own words."""
        return notice.rung == RungName.ASSIGNED and self.tasks[notice.task_id].occurrence.startswith("request:")

    def _load_unsent(self, task_ids: set[UUID]) -> None:
        """Find the letters that failed, were dropped or are uncertain, by task, event and rung that they told."""
        stopped = (LetterState.FAILED, LetterState.DROPPED, LetterState.UNCERTAIN)
        query: Any = (
            select_columns(
                *(col(Notice.task_id), col(Notice.anchor_id), col(Notice.offset)),
                *(col(Letter.id), col(Letter.state), col(Letter.address), col(Letter.error)),
                *(col(Person.full_name), col(Unit.name)),
            )
            .join(Letter, col(Letter.id) == col(Notice.letter_id))
            .join(Person, col(Person.id) == col(Letter.recipient_id))
            .outerjoin(Unit, col(Unit.id) == col(Person.unit_id))
            .where(col(Notice.rung).not_in(LETTER_RUNGS), col(Letter.state).in_(stopped))
            .order_by(col(Person.sort_key), col(Letter.id))
        )
        for chunk in chunks(task_ids):
            rows = self.session.execute(query.where(col(Notice.task_id).in_(chunk)))
            for task_id, anchor_id, offset, letter_id, state, address, error, name, unit in rows:
                key = (task_id, anchor_id, offset, state is LetterState.UNCERTAIN)
                url = f"{self.settings.base_url}/letters/{letter_id.hex}"
                answer = error[:_LONGEST_ANSWER] if address else ""
                self.unsent[key][letter_id] = Unsent(letter_id, name, unit or "", address or "", answer, url)

    def _load_unanswered(self, task_ids: list[UUID]) -> None:
        requests: dict[str, tuple[Any, Any, Any]] = {
            "extension_asked": (Extension.task_id, Extension.asked_at, Extension.state == "open"),
            "extension_countered": (Extension.task_id, Extension.decided_at, Extension.state == "countered"),
            "obstacle_raised": (Obstacle.task_id, Obstacle.raised_at, col(Obstacle.answered_at).is_(None)),
            "lead_change_asked": (LeadChange.task_id, LeadChange.asked_at, LeadChange.state == "open"),
        }
        for chunk in chunks(task_ids):
            for event, (task_id, moment, is_open) in requests.items():
                rows = self.session.execute(select(task_id, moment).where(task_id.in_(chunk), is_open))
                self.unanswered.update((row[0], EVENT + event, row[1]) for row in rows)


def _rows_by_id(session: Session, table: type[Any], ids: Iterable[UUID]) -> dict[UUID, Any]:
    return {row.id: row for chunk in chunks(ids) for row in whole_rows(session, table, col(table.id).in_(chunk))}


def whole_rows(session: Session, table: type[Any], *conditions: ColumnElement[bool]) -> list[Any]:
    """Read rows as they stand now, as plain tuples: a change of one would not be stored."""
    return list(session.execute(select_columns(table_of(table)).where(*conditions)))
