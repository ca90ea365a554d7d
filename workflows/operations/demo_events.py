"""Events of the demo beside the ordinary work, so that every row of the directive has something to show.

Each event happens on the first working day from its day on. If a rule refuses it, it is tried again the next day.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.database.session import transaction
from models.directives.directive import Duty, find_directive
from models.directives.launch import Incident
from models.errors import Refused
from models.organization.person import Person
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Unit
from models.rooms import Place
from models.settings import Settings
from models.tasks.task import Task
from models.text.localtime import at_local, local_date
from workflows.access.actor_context import ActorContext
from workflows.launch.incidents.declare_incident import declare, stand_down
from workflows.launch.on_request import ask_addressed_units, report_general_obstacle
from workflows.operations.setup import BUNDLED
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.actions import Action
from workflows.tasks.act import act

COORDINATOR = "le.thi.c"
RAISES = "BD-C"
"""The unit whose head reports a difficulty with the whole directive to the Ministry."""
ASKED_FOR_FIGURES, ASKED_FOR_MEASURES = ("T-QT", "BD-C"), ("T-LT", "CTY-N")
INCIDENT_UNITS = ("T-LT", "T-SL", "CTY-E", "CTY-M")
UNFINISHED = ("2.c", "CTY-M")
"""Path and unit of the task that is still open when the incident is stood down, and is withdrawn then."""


@dataclass(frozen=True)
class DemoEvent:
    """An event `at` a number of calendar days after the launch, on a later day than the event `after`."""

    name: str
    at: int
    after: str | None
    do: Callable[["DemoEvents", Session, datetime], None]


@dataclass
class DemoEvents:
    engine: Engine
    settings: Settings
    calendar: WorkCalendar
    acts: Counter[str]
    told: Counter[str] = field(default_factory=Counter)
    incident: str = ""
    done: dict[str, date] = field(default_factory=dict)
    incident_id: UUID = field(default_factory=new_id)

    def day(self, day: date, offset: int) -> None:
        """Carry out the events due on a working day `offset` days after the launch, each in its own transaction."""
        for minute, event in enumerate(_events()):
            is_ready = offset >= event.at and (event.after is None or self.done.get(event.after, day) < day)
            if event.name in self.done or not is_ready:
                continue
            # an incident's hours go on over a weekend, when nobody of the demo works
            if event.name == "declare" and not self.calendar.is_working(day + timedelta(days=1)):
                continue
            try:
                with transaction(self.engine) as session:
                    event.do(self, session, at_local(day, time(14, 0)) + timedelta(minutes=minute))
            except Refused:
                continue  # for example, a task that must be approved first is not
            self.done[event.name] = day

    def acting(self, session: Session, actor: Person, now: datetime) -> ActorContext:
        return ActorContext(session, actor, now, self.calendar, self.settings)

    def raise_difficulty(self, session: Session, now: datetime) -> None:
        """Report a difficulty, for the row "obstacles"."""
        directive = find_directive(session, BUNDLED)
        head = resolve_unit(session, RAISES).head_id
        text = "Chưa có mẫu thống nhất cho báo cáo kết quả thực hiện Chỉ thị; đề nghị Bộ hướng dẫn"
        duty = self._duty(session, directive.id, "obstacles")
        report_general_obstacle(self.acting(session, _person(session, head), now), directive, duty, text=text)
        self.told["obstacle"] += 1

    def ask_for_figures(self, session: Session, now: datetime) -> None:
        """Make a request, for row 3: "cung cấp đầy đủ số liệu khi có yêu cầu"."""
        self._request(
            session,
            "3",
            ASKED_FOR_FIGURES,
            "Theo đề nghị bằng văn bản của cơ quan Công an: cung cấp số liệu về các đại lý trên địa bàn",
            now,
        )

    def ask_for_measures(self, session: Session, now: datetime) -> None:
        """Make a request, for row 1: "thực hiện các yêu cầu … của Bộ Công an"."""
        self._request(
            session,
            "1",
            ASKED_FOR_MEASURES,
            "Theo yêu cầu bằng văn bản của Bộ Công an về an toàn mạng lưới: rà soát và báo cáo kết quả",
            now,
        )

    def _request(self, session: Session, path: str, codes: Sequence[str], note: str, now: datetime) -> None:
        directive = find_directive(session, BUNDLED)
        outcome = ask_addressed_units(
            self.acting(session, resolve_person(session, COORDINATOR), now),
            directive,
            self._duty(session, directive.id, path),
            unit_ids=[resolve_unit(session, code).id for code in codes],
            note=note,
            due_on=self.calendar.add(local_date(now), 8),
        )
        self.told["request"] += outcome.created

    def declare(self, session: Session, now: datetime) -> None:
        """Declare a real incident for rows 2.a and 2.c. The units accept within the hour."""
        _incident, outcome = declare(
            self.acting(session, resolve_person(session, COORDINATOR), now),
            find_directive(session, BUNDLED),
            title="Sự cố thông tin liên lạc khu vực phía Bắc",
            unit_ids=[resolve_unit(session, code).id for code in INCIDENT_UNITS],
            is_drill=False,
            paths=["2.a", "2.c"],
            incident_id=self.incident_id,
        )
        for minute, row in enumerate(self._read_incident_tasks(session)):
            self._act(session, row.Task, Action.ACCEPT, row.Unit.head_id, {}, now + timedelta(minutes=10 + minute))
        self.incident, self.told["hours"] = f"{local_date(now):%d/%m/%Y}", outcome.created

    def report(self, session: Session, now: datetime) -> None:
        """Submit results by classified mail within the 24 hours: number and date. One task is not ready."""
        moment = now - timedelta(hours=4)
        for minute, row in enumerate(self._read_incident_tasks(session)):
            if (row.path, row.Unit.code) != UNFINISHED:
                arguments = {"number": f"{80 + minute}/{row.Unit.code}", "date": local_date(now)}
                at = moment + timedelta(minutes=minute)
                self._act(session, row.Task, Action.SUBMIT, row.Unit.head_id, arguments, at)

    def approve(self, session: Session, now: datetime) -> None:
        coordinator = resolve_person(session, COORDINATOR).id
        for row in self._read_incident_tasks(session):
            if (row.path, row.Unit.code) != UNFINISHED:
                self._act(session, row.Task, Action.APPROVE, coordinator, {}, now)

    def stand_down(self, session: Session, now: datetime) -> None:
        incident, coordinator = session.get_one(Incident, self.incident_id), resolve_person(session, COORDINATOR)
        stand_down(self.acting(session, coordinator, now), incident, reason="Tình hình đã ổn định")

    def _read_incident_tasks(self, session: Session) -> Sequence[Any]:
        """Return rows with the Task, its lead Unit and the path of its duty."""
        query: Any = select(Task, Unit, Duty.path).join(Unit, col(Unit.id) == Task.lead_unit_id)
        query = query.join(Duty, col(Duty.id) == Task.duty_id).where(Task.incident_id == self.incident_id)
        rows: Sequence[Any] = session.exec(query.order_by(Duty.path, Unit.code)).all()
        return rows

    def _act(
        self, session: Session, task: Task, action: Action, by: UUID | None, arguments: dict[str, Any], now: datetime
    ) -> None:
        act(self.acting(session, _person(session, by), now), task.id, action, arguments)
        self.acts[action.value] += 1

    def _duty(self, session: Session, directive_id: UUID, path: str) -> Duty:
        return session.exec(select(Duty).where(Duty.directive_id == directive_id, Duty.path == path)).one()


_PLAN: tuple[DemoEvent | Place[Sequence[DemoEvent]], ...] = (
    DemoEvent("raise_difficulty", 12, None, DemoEvents.raise_difficulty),
    DemoEvent("ask_for_figures", 30, None, DemoEvents.ask_for_figures),
    DemoEvent("ask_for_measures", 38, None, DemoEvents.ask_for_measures),
    Place("demo.events"),
    DemoEvent("declare", 58, None, DemoEvents.declare),
    DemoEvent("report", 58, "declare", DemoEvents.report),
    DemoEvent("approve", 58, "report", DemoEvents.approve),
    DemoEvent("stand_down", 58, "approve", DemoEvents.stand_down),
)


def _events() -> list[DemoEvent]:
    return [event for entry in _PLAN for event in (chain(*entry.added()) if isinstance(entry, Place) else (entry,))]


def _person(session: Session, person_id: UUID | None) -> Person:
    assert person_id is not None, "every unit of the example has a head"
    return session.get_one(Person, person_id)
