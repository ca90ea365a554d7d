"""The facts of letters about to leave: what each still has to say, read in bulk for a batch and checked for truth."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from models.directive import Directive, Duty
from models.history import History, HistoryNote
from models.launch import Incident
from models.letter import Letter, LetterKind, LetterState, Notice, NoticeState
from models.localtime import due_date, end_of_day, local_date
from models.person import Person
from models.register_reads import absences_on
from models.settings import Settings
from models.task import OPEN_STATUSES, Contribution, Extension, SignedPress, Task, WaitKind
from models.template import RungName, TemplateSpec, TemplateVersion
from models.unit import Unit
from notifications.facts import Item, LetterFacts, Recipient, Section
from notifications.keys import message_id, sign_link
from notifications.view import STOOD_DOWN
from workflows.record import EVENT
from workflows.rules.ladder import DECIDE, SET_DATE, SET_DATE_AFTER
from workflows.rules.workdays import WorkCalendar
from workflows.task_facts import UNDELIVERABLE, why_untrue

SOON = 7
"""Working days ahead that a digest lists."""
_LATE_RUNGS = [rung.value for rung in (RungName.OVERDUE, RungName.PRESSED_1, RungName.PRESSED_2, RungName.TO_ISSUER)]
_WITH_CALENDAR = frozenset({"due_set", "due_moved", "extension_accepted", "withdrawn", "lead_changed"})


@dataclass(frozen=True)
class Ready:
    """A letter with its facts; `dropped` are notices that are no longer true, with the reason."""

    facts: LetterFacts | None
    dropped: dict[UUID, str]
    superseded: frozenset[UUID]
    revisions: dict[UUID, int]


@dataclass
class LetterDesk:
    """Everything a batch of letters needs, loaded once."""

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
    partners: dict[UUID, list[str]] = field(default_factory=lambda: defaultdict(list))
    pressed: dict[UUID, set[date]] = field(default_factory=lambda: defaultdict(set))
    signed: dict[UUID, int] = field(default_factory=dict)
    notes: dict[UUID, str] = field(default_factory=dict)
    last_words: dict[UUID, str] = field(default_factory=dict)
    proposed: dict[UUID, date] = field(default_factory=dict)
    standing_in: dict[UUID, UUID] = field(default_factory=dict)

    def load(self) -> "LetterDesk":
        """Reads everything in a fixed number of queries, whatever the batch."""
        session = self.session
        letter_ids = [letter.id for letter in self.letters]
        for notice in session.exec(
            select(Notice)
            .where(col(Notice.letter_id).in_(letter_ids), Notice.state == NoticeState.PENDING)
            .order_by(col(Notice.fired_at), col(Notice.id))
        ):
            self.notices[notice.letter_id].append(notice)  # type: ignore[index]
        recipients = {letter.recipient_id for letter in self.letters}
        self._load_lists(recipients)
        wanted = {notice.task_id for group in self.notices.values() for notice in group} - self.tasks.keys()
        self.tasks.update((task.id, task) for task in _in(session, Task, wanted))
        self._load_surroundings(recipients)
        self._load_details()
        return self

    def ready(self, letter: Letter) -> Ready:
        """What the letter says now; `facts` is None when nothing in it is true any more."""
        recipient = self.people[letter.recipient_id]
        items, dropped, superseded = self._items(letter, recipient)
        facts = self._facts(letter, recipient, items) if items else None
        touched = {notice.task_id for notice in self.notices[letter.id]} | {item.task_id for item in items}
        return Ready(facts, dropped, superseded, {task_id: self.tasks[task_id].revision for task_id in touched})

    # what is in a letter

    def _items(self, letter: Letter, recipient: Person) -> tuple[list[Item], dict[UUID, str], frozenset[UUID]]:
        dropped: dict[UUID, str] = {}
        told: dict[UUID, Notice] = {}
        news: list[Notice] = []
        superseded: set[UUID] = set()
        for notice in self.notices[letter.id]:
            task = self.tasks[notice.task_id]
            spec = self.specs[task.template_version_id]
            reason = why_untrue(notice.rung, notice.role, notice.anchor_id, task, spec, self.now)
            if not reason and notice.rung != UNDELIVERABLE and notice.fired_at < task.assigned_at:
                reason = "moved"  # decided under a former lead, whose people it was for
            if reason:
                dropped[notice.id] = reason
            elif notice.rung.startswith(EVENT):
                news.append(notice)
            elif notice.task_id in told and self._severity(told[notice.task_id]) > self._severity(notice):
                superseded.add(notice.id)
            else:
                if notice.task_id in told:
                    superseded.add(told[notice.task_id].id)
                told[notice.task_id] = notice
        items = [self._item(self.tasks[n.task_id], recipient, self._section(n), n) for n in (*told.values(), *news)]
        if letter.kind in (LetterKind.DIGEST, LetterKind.SUMMARY):
            listed = [t for t in self.lists[recipient.id] if t.id not in told and not self._own_wait(t, recipient)]
            items += self._listing(letter, recipient, listed)
        order = list(Section)
        items.sort(key=lambda item: (order.index(item.section), item.due_at is None, item.due_at, item.duty_path))
        return items, dropped, frozenset(superseded)

    def _severity(self, notice: Notice) -> tuple[int, int]:
        task = self.tasks[notice.task_id]
        rungs = [(rung.rung.value, rung.at) for rung in self.specs[task.template_version_id].rungs.rungs]
        key = (notice.rung, notice.offset)
        undeliverable = 1000 if notice.undeliverable else 0
        if notice.rung == DECIDE:  # as in the ladder: above "not accepted", below every rung of the date
            before = [place for place, (rung, _at) in enumerate(rungs) if rung == RungName.NOT_ACCEPTED]
            return (undeliverable + 2 * max(before, default=0) + 1, notice.offset)
        return (undeliverable + 2 * (rungs.index(key) if key in rungs else 0), notice.offset)

    def _listing(self, letter: Letter, recipient: Person, tasks: Iterable[Task]) -> Iterable[Item]:
        today = local_date(self.now)
        horizon = self.calendar.add(today, SOON)
        for task in tasks:
            section = self._date_section(task, today, horizon)
            if letter.kind is LetterKind.SUMMARY:
                asked = task.due_at is None and task.coordinator_id == recipient.id
                since = self.calendar.between(local_date(task.assigned_at), today)
                if asked and since >= SET_DATE_AFTER and task.parent_id is None:
                    section = Section.SET_DATE
                yield self._item(task, recipient, section or Section.OPEN, None)
            elif section is not None:
                yield self._item(task, recipient, section, None)

    def _own_wait(self, task: Task, recipient: Person) -> bool:
        """A task whose result is in is not put before its own unit again."""
        return task.wait_kind is WaitKind.DECISION and task.coordinator_id != recipient.id

    def _date_section(self, task: Task, today: date, horizon: date) -> Section | None:
        if task.due_at is None:
            return None
        day = due_date(task.due_at)
        if day < today:
            return Section.OVERDUE
        if day == today:
            return Section.DUE_TODAY
        return Section.DUE_SOON if day <= horizon else None

    def _section(self, notice: Notice) -> Section:
        if notice.undeliverable or notice.rung == UNDELIVERABLE:
            return Section.UNDELIVERABLE
        if notice.rung.startswith(EVENT):
            return Section.NEWS
        if notice.rung == RungName.ASSIGNED:
            return Section.COORDINATING if notice.role == "coordinating" else Section.ASSIGNED
        fixed = {
            DECIDE: Section.DECIDE,
            SET_DATE: Section.SET_DATE,
            RungName.NOT_ACCEPTED.value: Section.NOT_ACCEPTED,
        }
        if notice.rung in fixed:
            return fixed[notice.rung]
        task, today = self.tasks[notice.task_id], local_date(self.now)
        if task.incident_id is not None and task.due_at is not None:
            return Section.OVERDUE if self.now >= task.due_at else Section.DUE_TODAY
        return self._date_section(task, today, date.max) or Section.OPEN

    def _item(self, task: Task, recipient: Person, section: Section, notice: Notice | None) -> Item:
        spec, directive = self.specs[task.template_version_id], self.directives[task.directive_id]
        duty, lead, follow_up = (
            self.duties[task.duty_id],
            self.units[task.lead_unit_id],
            self.people[task.coordinator_id],
        )
        event = notice.rung.removeprefix(EVENT) if notice and notice.rung.startswith(EVENT) else None
        if event == "withdrawn" and task.incident_id and self.incidents[task.incident_id].stood_down_at:
            event = STOOD_DOWN
        today = local_date(self.now)
        hours = task.incident_id is not None
        rung = notice.rung if notice else section.value
        return Item(
            task_id=task.id,
            section=section,
            rung=rung,
            directive=f"{_capital(directive.kind)} {directive.number or directive.code}",
            directive_dated=directive.issued_on,
            directive_subject=directive.subject,
            duty_path=duty.path,
            duty_title=duty.title,
            quote=duty.quote,
            lead_unit=lead.name,
            coordinating_units=tuple(self.partners[task.id]),
            occurrence=task.occurrence,
            required_result=spec.result.description,
            classified_mail=spec.result.classified_mail,
            due_at=task.due_at,
            original_due_at=task.original_due_at,
            due_reason=task.due_reason,
            due_set_by=self.units[task.assigner_unit_id].name if task.due_fixed_by == "assigner" else None,
            due_set_at=task.due_set_at,
            days_left=self.calendar.between(today, due_date(task.due_at)) if task.due_at and not hours else None,
            hours_left=(task.due_at - self.now) / timedelta(hours=1) if task.due_at and hours else None,
            due_revision=task.due_revision,
            accept_by=self._accept_by(task, spec) if section is Section.ASSIGNED and not hours else None,
            pressed_on=tuple(sorted(self.pressed[task.id])),
            waiting_for=task.wait_kind.value if task.wait_kind else None,
            waiting_since=task.wait_since,
            event=event,
            note=self.notes.get(notice.anchor_id, "") if notice and event else "",
            undeliverable=(notice.undeliverable or "refused") if notice and section is Section.UNDELIVERABLE else None,
            last_word=self.last_words.get(task.id, ""),
            press_number=self._press_number(task, notice),
            follow_up_name=follow_up.full_name,
            follow_up_phone=follow_up.phone or "",
            follow_up_unit=self.units[task.assigner_unit_id].name,
            is_drill=task.is_drill,
            url=f"{self.settings.base_url}/v/{sign_link(self.link_key, task.id, recipient.id)}",
            attach_calendar=task.due_at is not None
            and (section is Section.ASSIGNED or (event in _WITH_CALENDAR))
            and not hours,
            role=notice.role if notice else "",
            issuer=directive.issuer,
            proposed_due_on=self.proposed.get(task.id),
        )

    def _press_number(self, task: Task, notice: Notice | None) -> int:
        drafted = notice is not None and notice.role == "supervisor"
        return self.signed.get(task.id, 0) + 1 if drafted else 0

    def _accept_by(self, task: Task, spec: TemplateSpec) -> date | None:
        first = next((rung.at for rung in spec.rungs.rungs if rung.rung is RungName.NOT_ACCEPTED), None)
        return self.calendar.add(local_date(task.assigned_at), first) if first else None

    def _facts(self, letter: Letter, recipient: Person, items: list[Item]) -> LetterFacts:
        unit = self.units.get(recipient.unit_id) if recipient.unit_id else None
        absent = self.standing_in.get(recipient.id)
        sender = self.settings.mail.sender
        incident = (
            self.incidents.get(UUID(letter.topic.removeprefix("incident:"))) if "incident:" in letter.topic else None
        )
        return LetterFacts(
            kind=letter.kind,
            recipient=Recipient(
                person_id=recipient.id,
                name=recipient.full_name,
                title=recipient.title,
                address_form=recipient.address_form,
                unit_address=recipient.unit_address,
                unit_name=unit.name if unit else "",
                language=recipient.language,
                email=recipient.email or "",
                standing_in_for=self.people[absent].full_name if absent and absent in self.people else None,
            ),
            slot=letter.slot,
            items=tuple(items),
            is_drill=bool(incident and incident.is_drill),
            topic_title=incident.title if incident else (items[0].directive if letter.topic else ""),
            message_id=message_id(letter.id, sender.rpartition("@")[2]),
            sender_name=self.settings.mail.sender_name,
            sender_address=sender,
            base_url=self.settings.base_url,
        )

    # reading

    def _load_lists(self, recipients: set[UUID]) -> None:
        """Open tasks of those who get a digest or a summary: as heads, as officers, as coordinators."""
        listed = {
            letter.recipient_id for letter in self.letters if letter.kind in (LetterKind.DIGEST, LetterKind.SUMMARY)
        }
        absences = absences_on(self.session, local_date(self.now))
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
        query = select(Task).where(
            col(Task.status).in_(OPEN_STATUSES),
            col(Task.incident_id).is_(None),
            or_(
                col(Task.lead_unit_id).in_(heads),
                col(Task.officer_id).in_(speaks),
                col(Task.coordinator_id).in_(speaks),
            ),
        )
        if not everything:
            query = query.where(col(Task.due_at) < end_of_day(horizon))
        for task in self.session.exec(query):
            self.tasks[task.id] = task
            holders = {heads.get(task.lead_unit_id), task.officer_id, task.coordinator_id} - {None}
            for person_id in {reader for holder in holders for reader in speaks.get(holder, ())}:  # type: ignore[arg-type]
                self.lists[person_id].append(task)

    def _load_surroundings(self, recipients: set[UUID]) -> None:
        session, tasks = self.session, self.tasks.values()
        versions = _in(session, TemplateVersion, {task.template_version_id for task in tasks})
        self.specs = {version.id: version.read_spec() for version in versions}
        self.directives = {row.id: row for row in _in(session, Directive, {task.directive_id for task in tasks})}
        self.duties = {row.id: row for row in _in(session, Duty, {task.duty_id for task in tasks})}
        incidents = {task.incident_id for task in tasks if task.incident_id}
        self.incidents = {row.id: row for row in _in(session, Incident, incidents)}
        people = recipients | {task.coordinator_id for task in tasks} | set(self.standing_in.values())
        self.people = {row.id: row for row in _in(session, Person, people)}
        units = {unit for task in tasks for unit in (task.lead_unit_id, task.assigner_unit_id)}
        units |= {person.unit_id for person in self.people.values() if person.unit_id}
        self.units = {row.id: row for row in _in(session, Unit, units)}

    def _load_details(self) -> None:
        session, noticed = self.session, [n for group in self.notices.values() for n in group]
        task_ids = list({notice.task_id for notice in noticed} | {t.id for tasks in self.lists.values() for t in tasks})
        for chunk in _chunks(task_ids):
            for task_id, name in session.execute(
                select(col(Contribution.task_id), col(Unit.name))
                .join(Unit, col(Unit.id) == col(Contribution.unit_id))
                .where(col(Contribution.task_id).in_(chunk))
                .order_by(col(Unit.sort_key))
            ):
                self.partners[task_id].append(name)
            for task_id, slot in session.execute(
                select(col(Notice.task_id), col(Notice.slot)).where(
                    col(Notice.task_id).in_(chunk),
                    col(Notice.rung).in_(_LATE_RUNGS),
                    Notice.role == "head",
                    Notice.state == NoticeState.SENT,
                    col(Notice.undeliverable).is_(None),
                )
            ):
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

    def _load_words(self, noticed: list[Notice]) -> None:
        events = [notice for notice in noticed if notice.rung.startswith(EVENT)]
        for chunk in _chunks([notice.anchor_id for notice in events]):
            self.notes.update(
                (row[0], row[1])
                for row in self.session.execute(
                    select(col(HistoryNote.history_id), col(HistoryNote.text)).where(
                        col(HistoryNote.history_id).in_(chunk)
                    )
                )
            )
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
        for chunk in _chunks(upward):
            for task_id, text in self.session.execute(
                select(col(History.task_id), col(HistoryNote.text))
                .join(HistoryNote, col(HistoryNote.history_id) == col(History.id))
                .where(
                    col(History.task_id).in_(chunk),
                    col(History.event).in_(["progress", "extension_asked", "obstacle_raised", "submitted"]),
                )
                .order_by(col(History.recorded_at), col(History.id))
            ):
                self.last_words[task_id] = text


def digest_that_morning(session: Session, letter: Letter, now: datetime) -> bool:
    """Whether a digest left, or leaves, for the person since the summary's morning."""
    return (
        session.exec(
            select(Letter.id).where(
                Letter.recipient_id == letter.recipient_id,
                Letter.kind == LetterKind.DIGEST,
                col(Letter.slot) >= letter.slot,
                col(Letter.slot) <= now,
                col(Letter.state).not_in([LetterState.EMPTY, LetterState.FAILED]),
            )
        ).first()
        is not None
    )


def _in(session: Session, table: type[Any], ids: Iterable[UUID]) -> list[Any]:
    return [row for chunk in _chunks(list(ids)) for row in session.exec(select(table).where(col(table.id).in_(chunk)))]


def _chunks(ids: list[UUID]) -> Iterable[list[UUID]]:
    return (ids[start : start + 900] for start in range(0, len(ids), 900))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
