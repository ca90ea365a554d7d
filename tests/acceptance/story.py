"""A whole story over the bundled directive: real SMTP to a mailbox on loopback, real verbs; only the clock is ours."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from icalendar import Calendar
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.ids import new_id
from models.database.session import reading, transaction
from models.directives.directive import Directive, Duty, find_directive
from models.directives.launch import Incident
from models.letters.letter import LetterKind, Notice, NoticeState
from models.letters.letter_preference import LetterPreference, Pace
from models.organization.person import Person
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Unit
from models.settings import MailSettings, Settings
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import at_local, due_date, local, local_date
from models.text.vietnamese import fold, sort_key
from notifications.smtp.mailbox import LocalMailbox, ReceivedLetter, read_letter
from notifications.smtp.sender import YagmailSender
from workflows.access.actor_context import ActorContext
from workflows.access.audit_log import AuditActor
from workflows.jobs.tick import TickOutcome, tick
from workflows.launch.incidents.declare_incident import declare, stand_down
from workflows.launch.launch_tasks import LaunchOutcome, launch
from workflows.launch.on_request import ask_addressed_units, report_general_obstacle
from workflows.operations.setup import BUNDLED
from workflows.organization.register.absence import add_absence
from workflows.organization.register.handover import hand_over
from workflows.organization.working_calendar import load_calendar
from workflows.reports.report_figures import Report, ReportLine, report
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.classification import Figures
from workflows.tasks.act import ActionResult, act
from workflows.tasks.assign import Created

COORDINATOR, COORDINATING_HEAD, CLERK = "le.thi.c", "le.thi.d", "ngo.van.loc"
POLICE = "cand.example"
"""The police partners get addresses, so that the absence of mail to them is the engine's doing."""
WEEKLY = ("[Tổng hợp tuần]", "[Weekly summary]")
SENSITIVE = ("bạo động", "bạo loạn", "công an")


def at(day: int, month: int, hour: int = 8, minute: int = 0, year: int = 2004) -> datetime:
    """A local moment."""
    return at_local(date(year, month, day), time(hour, minute))


LAUNCH = at(10, 5)
"""Monday, 10 May 2004, 08:00 local."""


@dataclass
class Story:
    """One installation, its mailbox, and the people who act in it by their codes."""

    engine: Engine
    settings: Settings
    sender: YagmailSender
    calendar: WorkCalendar
    read: set[Path] = field(default_factory=set)
    told: list[ReceivedLetter] = field(default_factory=list)
    left_at: dict[Path, datetime] = field(default_factory=dict)
    """By letter, the moment of the tick that sent it."""

    # what the coordinator starts

    def launch(self, *paths: str, due: date | None = None, on: datetime = LAUNCH) -> LaunchOutcome:
        with transaction(self.engine) as session:
            directive, coordinator = find_directive(session, BUNDLED), resolve_person(session, COORDINATOR)
            return launch(
                session,
                directive,
                on=on,
                coordinator_id=coordinator.id,
                calendar=self.calendar,
                paths=paths,
                due_on=due,
            )

    def declare(self, path: str, *units: str, now: datetime, drill: bool = False, by: str = COORDINATOR) -> Incident:
        with transaction(self.engine) as session:
            incident, _created = declare(
                ActorContext(session, resolve_person(session, by), now, self.calendar, self.settings),
                find_directive(session, BUNDLED),
                title="Sự cố thông tin liên lạc khu vực phía Bắc",
                unit_ids=[resolve_unit(session, code).id for code in units],
                is_drill=drill,
                paths=[path],
            )
        return incident

    def stand_down(self, incident: Incident, now: datetime) -> int:
        with transaction(self.engine) as session:
            return stand_down(
                ActorContext(session, resolve_person(session, COORDINATOR), now, self.calendar, self.settings),
                session.get_one(Incident, incident.id),
                reason="Tình hình đã ổn định",
            )

    def request(self, path: str, *units: str, due: date, now: datetime) -> Created:
        with transaction(self.engine) as session:
            directive = find_directive(session, BUNDLED)
            return ask_addressed_units(
                ActorContext(session, resolve_person(session, COORDINATOR), now, self.calendar, self.settings),
                directive,
                self._duty(session, directive, path),
                unit_ids=[resolve_unit(session, code).id for code in units],
                note="Đề nghị cung cấp số liệu",
                due_on=due,
            )

    def report_general_obstacle(self, by: str, text: str, now: datetime) -> Created:
        with transaction(self.engine) as session:
            directive = find_directive(session, BUNDLED)
            return report_general_obstacle(
                ActorContext(session, resolve_person(session, by), now, self.calendar, self.settings),
                directive,
                self._duty(session, directive, "obstacles"),
                text=text,
            )

    # what people do

    def act(self, task: Task, action: str, by: str, now: datetime, **given: Any) -> ActionResult:
        with transaction(self.engine) as session:
            return act(
                ActorContext(session, resolve_person(session, by), now, self.calendar, self.settings),
                task.id,
                Action(action),
                given,
            )

    def submit(self, task: Task, by: str, now: datetime, **more: Any) -> None:
        """A result document of that day."""
        document = {"number": "12/BC", "date": local_date(now), "subject": "Báo cáo kết quả", "signer": "Thủ trưởng"}
        self.act(task, "submit", by, now, **(document | more))

    def submit_classified(self, task: Task, by: str, now: datetime) -> None:
        """Number and date alone."""
        self.act(task, "submit", by, now, number="07/M", date=local_date(now))

    def finish(self, tasks: Iterable[Task], now: datetime, *, classified: bool = False) -> None:
        """The heads of these tasks submit, and a minute later it is approved."""
        for task in tasks:
            head = self.head(task)
            self.submit_classified(task, head, now) if classified else self.submit(task, head, now)
            self.act(task, "approve", COORDINATOR, now + timedelta(minutes=1))

    def absence(self, person: str, stand_in: str, first: date, last: date) -> None:
        with transaction(self.engine) as session:
            add_absence(
                session,
                person_code=person,
                stand_in_code=stand_in,
                starts_on=first,
                ends_on=last,
                audit_actor=AuditActor(at_local(first)),
            )

    def hand_over(self, unit: str, to: str, now: datetime) -> None:
        with transaction(self.engine) as session:
            hand_over(session, unit_code=unit, office="head", to_code=to, effective_on=local_date(now), now=now)

    # time

    def tick(self, now: datetime) -> TickOutcome:
        """A tick, and one at the mark at which the news of that moment leaves, where that is the same day."""
        outcome = self._tick(now)
        with reading(self.engine) as session:
            marks = session.exec(
                select(Notice.slot).where(
                    Notice.state == NoticeState.PENDING,
                    Notice.kind == LetterKind.EVENT,
                    col(Notice.slot) > now,
                    col(Notice.slot) <= now + timedelta(hours=2),
                )
            ).all()
        for mark in sorted(set(marks)):
            self._tick(mark)
        return outcome

    def _tick(self, now: datetime) -> TickOutcome:
        outcome = tick(self.engine, self.settings, now=now, sender=self.sender)
        for path in self.settings.mailbox.glob("*.eml"):
            self.left_at.setdefault(path, now)
        return outcome

    def mornings(self, first: datetime, last: datetime) -> list[ReceivedLetter]:
        """A tick at 08:00 of every calendar day, both included; returns the letters of those days."""
        day = local_date(first)
        while day <= local_date(last):
            self.tick(at_local(day))
            day += timedelta(days=1)
        return self.news(weekly=True)

    # what is seen

    def task(self, path: str, unit: str, occurrence: str | None = None, *, child: bool = False) -> Task:
        (found,) = [
            task
            for task in self.tasks(path, occurrence=occurrence)
            if self.unit(task) == unit and (task.parent_id is not None) is child
        ]
        return found

    def tasks(self, path: str, *, occurrence: str | None = None, is_open: bool = False) -> list[Task]:
        with reading(self.engine) as session:
            bundled = find_directive(session, BUNDLED).id
            query = select(Task).join(Duty, col(Duty.id) == Task.duty_id)
            query = query.where(Duty.path == path, Duty.directive_id == bundled)
            if occurrence is not None:
                query = query.where(Task.occurrence == occurrence)
            if is_open:
                query = query.where(col(Task.status).in_(OPEN_STATUSES))
            return list(session.exec(query.order_by(col(Task.id))))

    def again(self, task: Task) -> Task:
        with reading(self.engine) as session:
            return session.get_one(Task, task.id)

    def unit(self, task: Task) -> str:
        """The code of the unit that leads it now."""
        with reading(self.engine) as session:
            return session.get_one(Unit, task.lead_unit_id).code

    def head(self, task: Task) -> str:
        with reading(self.engine) as session:
            return session.get_one(Person, session.get_one(Unit, task.lead_unit_id).head_id).code

    def units(self, *kinds: str) -> set[str]:
        with reading(self.engine) as session:
            return {unit.code for unit in session.exec(select(Unit)) if unit.kind in kinds}

    def heads(self, *kinds: str) -> set[str]:
        """The codes of the heads of all units of these kinds."""
        with reading(self.engine) as session:
            return {
                session.get_one(Person, unit.head_id).code
                for unit in session.exec(select(Unit))
                if unit.kind in kinds and unit.head_id
            }

    def news(self, *, weekly: bool = False) -> list[ReceivedLetter]:
        """The letters that have arrived since the last look; the weekly summaries only where asked for."""
        paths = [path for path in sorted(self.settings.mailbox.glob("*.eml")) if path not in self.read]
        self.read.update(paths)
        letters = [read_letter(path) for path in paths]
        self.told += letters
        return [letter for letter in letters if weekly or not letter.subject.startswith(WEEKLY)]

    def figures(self, cutoff: date) -> Figures:
        return self.report(cutoff).figures

    def report(self, cutoff: date) -> Report:
        with reading(self.engine) as session:
            return report(session, cutoff=cutoff, directive=BUNDLED)

    def line(self, cutoff: date, unit: str) -> ReportLine:
        (line,) = [line for line in self.report(cutoff).by_unit if line.code == unit]
        return line

    def check_house_rules(self) -> None:
        """What must never happen, in any story: mail to the police, harsh subjects, the same letter twice, at night."""
        self.news()
        for letter in self.told:
            assert not letter.to.endswith(POLICE), letter.subject
            assert not any(words in letter.subject.lower() for words in SENSITIVE), letter.subject
            assert "phê bình" not in letter.text
            moment = self.left_at[letter.path]
            assert letter.date is not None and letter.date <= moment
            if not any(words in letter.subject for words in ("[Tình huống]", "Mã đăng nhập")):
                assert self.calendar.in_sending_hours(moment), (local(moment), letter.subject)
        ids = Counter(letter.message_id for letter in self.told)
        assert all(count == 1 for count in ids.values())

    def _duty(self, session: Any, directive: Directive, path: str) -> Duty:
        found: Duty = session.exec(select(Duty).where(Duty.directive_id == directive.id, Duty.path == path)).one()
        return found


def who(letters: Iterable[ReceivedLetter]) -> list[str]:
    """The recipients' codes, sorted; somebody with two letters stands twice. Addresses begin with the code."""
    return sorted(letter.to.partition("@")[0] for letter in letters)


def of(letters: Iterable[ReceivedLetter], person: str) -> list[ReceivedLetter]:
    """A person's letters among these."""
    return [letter for letter in letters if letter.to.partition("@")[0] == person]


def only(letters: Iterable[ReceivedLetter], person: str) -> ReceivedLetter:
    """The one letter a person has among these."""
    found = of(letters, person)
    assert len(found) == 1, [letter.subject for letter in found]
    return found[0]


def subjects(letters: Iterable[ReceivedLetter], person: str | None = None) -> list[str]:
    return [letter.subject for letter in (of(letters, person) if person else letters)]


def entry(letter: ReceivedLetter) -> Any:
    """The event of the letter's calendar file."""
    (part,) = [part for part in letter.message().iter_attachments() if part.get_content_type() == "text/calendar"]
    (event,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
    return event


def papers(letter: ReceivedLetter) -> dict[str, str]:
    """The drafts attached to a letter, by file name."""
    return {
        str(part.get_filename()): str(part.get_content())
        for part in letter.message().iter_attachments()
        if part.get_content_type() == "text/plain"
    }


def day_due(task: Task) -> date | None:
    """The last permitted day."""
    return due_date(task.due_at) if task.due_at else None


def tell_as_it_happens(engine: Engine) -> None:
    """Everybody in these stories wants news as soon as it may come: at once, requests to decide every two hours."""
    with transaction(engine) as session:
        for person_id in session.exec(select(Person.id)).all():
            choice = LetterPreference(person_id=person_id, changed_at=LAUNCH)
            choice.changes = choice.news = Pace.AT_ONCE
            choice.requests = Pace.TWO_HOURS
            session.add(choice)


def give_police_addresses(engine: Engine) -> None:
    """Every police unit gets a head with an address."""
    with transaction(engine) as session:
        for number, unit in enumerate(session.exec(select(Unit).where(Unit.kind == "police"))):
            name = f"Đầu mối {unit.name}"[:200]
            contact = Person(
                id=new_id(),
                code=f"canbo{number}",
                full_name=name,
                name_folded=fold(name),
                sort_key=sort_key(name),
                unit_id=unit.id,
                email=f"canbo{number}@{POLICE}",
            )
            session.add(contact)
            session.flush()
            unit.email, unit.head_id = f"vanthu{number}@{POLICE}", contact.id
            unit.deputy_id = unit.focal_point_id = contact.id


@contextmanager
def begin(engine: Engine, folder: Path) -> Iterator[Story]:
    """A story over a database that is set up already, with a mailbox listening; the house rules hold at its end."""
    with reading(engine) as session:
        calendar = load_calendar(session)
    settings = Settings(data=folder)
    with LocalMailbox(settings.mailbox) as mailbox:
        mail = MailSettings(mode="smtp", host=mailbox.host, port=mailbox.port)
        story = Story(engine, settings.model_copy(update={"mail": mail}), YagmailSender(mail), calendar)
        yield story
    story.check_house_rules()
