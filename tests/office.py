"""The demo register and the seed directive in a test's own database, with the clock in the test's hand."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, bindparam, select, update
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_rows

from models.database.rows import insert_new
from models.database.run import LINK_KEY, Installation
from models.database.sealed import keys_in, name_key
from models.database.session import open_engine, reading, transaction
from models.directives.directive import Duty, find_directive
from models.directives.launch import Incident
from models.letters.letter import Letter, LetterContent, Notice, NoticeState
from models.letters.letter_preference import Matter, Pace
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.task import Task
from models.tasks.task_check import TaskCheck
from models.text.localtime import at_local, local_date
from notifications.smtp.transport import Sender
from tests.keys import KEYS, put_key
from workflows.access.actor_context import ActorContext
from workflows.access.letter_choices import choose_letters
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import TickOutcome, tick
from workflows.launch.incidents.declare_incident import declare, stand_down
from workflows.launch.launch_tasks import LaunchOutcome, launch
from workflows.operations.setup import BUNDLED, set_up
from workflows.organization.working_calendar import load_calendar
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.actions import Action
from workflows.tasks.act import ActionResult, act

ON = at_local(date(2004, 6, 1))  # a Tuesday, 08:00
DUE = date(2004, 6, 30)  # a Wednesday
COORDINATOR = "le.thi.c"


def at(day: int, month: int = 6, hour: int = 8, minute: int = 0) -> datetime:
    """A local moment of 2004."""
    return at_local(date(2004, month, day), time(hour, minute))


@dataclass
class Office:
    """A set-up installation: launches, people who act, ticks, and what was sent."""

    engine: Engine
    settings: Settings
    sender: RecordedSender = field(default_factory=RecordedSender)
    calendar: WorkCalendar = field(default_factory=WorkCalendar)

    def launch(self, *paths: str, on: datetime = ON, due: date | None = DUE, **more: Any) -> LaunchOutcome:
        with transaction(self.engine) as session:
            return launch(
                session,
                find_directive(session, BUNDLED),
                on=on,
                calendar=self.calendar,
                due_on=due,
                coordinator_id=resolve_person(session, COORDINATOR).id,
                paths=paths or None,
                **more,
            )

    def acting(self, session: Session, actor: Person, now: datetime) -> ActorContext:
        return ActorContext(session, actor, now, self.calendar, self.settings)

    def declare(self, *units: str, now: datetime, is_drill: bool = False, path: str = "2.a") -> Incident:
        with transaction(self.engine) as session:
            incident, _created = declare(
                self.acting(session, resolve_person(session, COORDINATOR), now),
                find_directive(session, BUNDLED),
                title="Sự cố tuyến cáp",
                is_drill=is_drill,
                unit_ids=[self.unit(code).id for code in units],
                paths=[path],
            )
            return incident

    def stand_down(self, incident: Incident, now: datetime) -> int:
        with transaction(self.engine) as session:
            return stand_down(
                self.acting(session, resolve_person(session, COORDINATOR), now),
                session.get_one(Incident, incident.id),
                reason="đã khắc phục",
            )

    def act(self, task: Task, action: str, by: str, now: datetime, **given: Any) -> ActionResult:
        """`letters_at` among what is given is the act's own, all else its input."""
        letters_at = given.pop("letters_at", None)
        with transaction(self.engine) as session:
            return act(
                self.acting(session, resolve_person(session, by), now),
                task.id,
                Action(action),
                given,
                letters_at=letters_at,
            )

    def submit(self, task: Task, by: str, now: datetime) -> None:
        """A result document of that day."""
        self.act(
            task, "submit", by, now, number="12/BC", date=local_date(now), subject="Báo cáo", signer="Lương Thị Ngân"
        )

    def tick(self, now: datetime, sender: Sender | None = None) -> TickOutcome:
        return tick(self.engine, self.settings, now=now, sender=sender or self.sender)

    def days(self, first: datetime, last: datetime) -> None:
        """A tick at 08:00 of every day from the first to the last."""
        moment = first
        while moment <= last:
            self.tick(moment)
            moment += timedelta(days=1)

    def task(self, path: str = "4", unit: str | None = None) -> Task:
        """The one task of a duty, or a unit's."""
        with reading(self.engine) as session:
            query = select_rows(Task).join(Duty, col(Duty.id) == Task.duty_id).where(Duty.path == path)
            if unit is not None:
                query = query.where(Task.lead_unit_id == self.unit(unit).id)
            return session.exec(query).one()

    def unit(self, code: str) -> Unit:
        with reading(self.engine) as session:
            return session.exec(select_rows(Unit).where(Unit.code == code)).one()

    def person(self, code: str) -> Person:
        with reading(self.engine) as session:
            return resolve_person(session, code)

    def change_person(self, code: str, **values: Any) -> None:
        with transaction(self.engine) as session:
            session.execute(update(Person).where(col(Person.code) == code).values(**values))

    def choose(self, person: str, quiet: tuple[int, int] | None = None, **paces: Pace) -> None:
        """How often somebody wants which letters, by the names of `Matter`."""
        with transaction(self.engine) as session:
            chosen = {Matter(matter): pace for matter, pace in paces.items()}
            choose_letters(session, resolve_person(session, person).id, chosen, quiet, now=ON)

    def change_unit(self, code: str, **values: Any) -> None:
        with transaction(self.engine) as session:
            session.execute(update(Unit).where(col(Unit.code) == code).values(**values))

    def change_task(self, task: Task, **values: Any) -> None:
        with transaction(self.engine) as session:
            session.execute(update(Task).where(col(Task.id) == task.id).values(**values))

    def next_check(self, task: Task) -> datetime | None:
        """When the sweep looks at it again."""
        with reading(self.engine) as session:
            check = session.get(TaskCheck, task.id)
            return check.at if check is not None else None

    def notices(self, task: Task, *states: NoticeState) -> list[tuple[str, int, str, str]]:
        """(rung, offset, recipient, state), in the order of their moments."""
        with reading(self.engine) as session:
            rows = session.execute(
                select(col(Notice.rung), col(Notice.offset), col(Person.code), col(Notice.state))
                .join(Person, col(Person.id) == col(Notice.recipient_id))
                .where(col(Notice.task_id) == task.id)
                .order_by(col(Notice.fired_at), col(Notice.rung), col(Notice.offset), col(Person.code))
            ).all()
        return [(row[0], row[1], row[2], row[3].value) for row in rows if not states or row[3] in states]

    def told(self, task: Task, person: str) -> list[tuple[str, int]]:
        """The rungs and events a person has been sent about a task."""
        return [(rung, offset) for rung, offset, code, _ in self.notices(task, NoticeState.SENT) if code == person]

    def sent(self, person: str) -> list[EmailMessage]:
        """The letters a person got, in order."""
        address = self.person(person).email
        return [message_from_bytes(raw, policy=policy.default) for to, raw in self.sender.letters if to == address]

    def letters(self) -> Sequence[Letter]:
        with reading(self.engine) as session:
            return session.exec(select_rows(Letter).order_by(col(Letter.slot), col(Letter.id))).all()

    def content(self, letter: Letter) -> bytes | None:
        """The bytes of a letter, if it has been written."""
        with reading(self.engine) as session:
            kept = session.get(LetterContent, letter.id)
            return kept.content if kept is not None else None

    def rows(self) -> dict[str, int]:
        """How many rows each table holds."""
        with reading(self.engine) as session:
            return {
                table.name: len(session.execute(select(next(iter(table.primary_key)))).all())
                for table in SQLModel.metadata.sorted_tables
            }


def body(message: EmailMessage) -> str:
    """The plain text of a letter."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def attachments(message: EmailMessage) -> dict[str, str]:
    """The files of a letter by name."""
    return {str(part.get_filename()): str(part.get_content()) for part in message.iter_attachments()}


def furnish(engine: Engine, folder: Path) -> Office:
    """An office in an empty migrated database: what `set_up` writes, copied in."""
    furniture, (people, homes) = _furniture()
    with transaction(engine) as session:
        for table, rows in furniture:
            assert insert_new(session, table, rows) == len(rows)
        session.execute(update(people).where(people.c.id == bindparam("person")), homes)
        keys = keys_in(engine)
        name_key(session.connection(), keys.make().id if keys is not None else "")
        session.add(Installation(name=LINK_KEY, secret=secrets.token_urlsafe(32)))  # bulk writing takes no secrets
    return at_office(engine, folder)


def at_office(engine: Engine, folder: Path) -> Office:
    """The office that a database holds, with the key of its secrets in the folder."""
    put_key(folder)
    with reading(engine) as session:
        return Office(engine, Settings(data=folder), calendar=load_calendar(session))


_Rows = list[dict[str, Any]]


@lru_cache
def _furniture() -> tuple[list[tuple[Any, _Rows]], tuple[Any, _Rows]]:
    """The rows by table; and the units of the people, who are written before the units are there.

    The audit begins empty: what setting up writes there is no act of a test. The key of links is each office's own.
    """
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/furniture.sqlite", KEYS)
        set_up(engine, now=ON - timedelta(days=1), example=True)
        with reading(engine) as session:
            tables = [table for table in SQLModel.metadata.sorted_tables if table.name not in ("audit", "installation")]
            rows = {table: session.execute(select(table)).mappings().all() for table in tables}
        engine.dispose()
    found = {
        table: [{column.key: row[column] for column in table.c if column.computed is None} for row in of]
        for table, of in rows.items()
        if of
    }
    people = SQLModel.metadata.tables["person"]
    homes = (people, [{"person": row["id"], "unit_id": row["unit_id"]} for row in found[people]])
    found[people] = [row | {"unit_id": None} for row in found[people]]
    return sorted(found.items(), key=lambda one: one[0] is not people), homes


def ids(rows: Sequence[Any]) -> set[UUID]:
    return {row.id for row in rows}
