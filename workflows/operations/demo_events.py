"""What the demo's months bring beside the ordinary work: so that every row of the directive has something to show.

Each event waits for the first working day from its day on, and is tried again the next one where a rule refuses it.
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
from workflows.launch.request import raise_general, request
from workflows.operations.setup import BUNDLED
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.lifecycle import Action
from workflows.tasks.act import act

COORDINATOR = "le.thi.c"
RAISES = "BD-C"
"""The unit whose head puts a difficulty with the directive as a whole to the Ministry."""
ASKED_FOR_FIGURES, ASKED_FOR_MEASURES = ("T-QT", "BD-C"), ("T-LT", "CTY-N")
STRUCK = ("T-LT", "T-SL", "CTY-E", "CTY-M")
UNFINISHED = ("2.c", "CTY-M")
"""What is still open when the incident is stood down, and is withdrawn with it."""


@dataclass(frozen=True)
class DemoEvent:
    """What comes `at` so many calendar days after the launch, and on a later day than `after`."""

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
        """Do what is due by a working day, that many calendar days after the launch; each in its own transaction."""
        for minute, event in enumerate(_events()):
            is_ready = offset >= event.at and (event.after is None or self.done.get(event.after, day) < day)
            if event.name in self.done or not is_ready or (event.name == "declare" and not self._goes_on_tomorrow(day)):
                continue
            try:
                with transaction(self.engine) as session:
                    event.do(self, session, at_local(day, time(14, 0)) + timedelta(minutes=minute))
            except Refused:
                continue  # not yet: what it waits for is not approved
            self.done[event.name] = day

    def acting(self, session: Session, actor: Person, now: datetime) -> ActorContext:
        return ActorContext(session, actor, now, self.calendar, self.settings)

    def _goes_on_tomorrow(self, day: date) -> bool:
        """The hours of an incident go on over a weekend, and nobody of the demo works then."""
        return self.calendar.is_working(day + timedelta(days=1))

    def raise_difficulty(self, session: Session, now: datetime) -> None:
        """Row "obstacles", on its own path."""
        directive = find_directive(session, BUNDLED)
        head = resolve_unit(session, RAISES).head_id
        text = "Chưa có mẫu thống nhất cho báo cáo kết quả thực hiện Chỉ thị; đề nghị Bộ hướng dẫn"
        duty = self._duty(session, directive.id, "obstacles")
        raise_general(self.acting(session, _person(session, head), now), directive, duty, text=text)
        self.told["obstacle"] += 1

    def ask_for_figures(self, session: Session, now: datetime) -> None:
        """Row 3: "cung cấp đầy đủ số liệu khi có yêu cầu"."""
        self._ask(
            session,
            "3",
            ASKED_FOR_FIGURES,
            "Theo đề nghị bằng văn bản của cơ quan Công an: cung cấp số liệu về các đại lý trên địa bàn",
            now,
        )

    def ask_for_measures(self, session: Session, now: datetime) -> None:
        """Row 1: "thực hiện các yêu cầu … của Bộ Công an"."""
        self._ask(
            session,
            "1",
            ASKED_FOR_MEASURES,
            "Theo yêu cầu bằng văn bản của Bộ Công an về an toàn mạng lưới: rà soát và báo cáo kết quả",
            now,
        )

    def _ask(self, session: Session, path: str, codes: Sequence[str], note: str, now: datetime) -> None:
        directive = find_directive(session, BUNDLED)
        made = request(
            self.acting(session, resolve_person(session, COORDINATOR), now),
            directive,
            self._duty(session, directive.id, path),
            unit_ids=[resolve_unit(session, code).id for code in codes],
            note=note,
            due_on=self.calendar.add(local_date(now), 8),
        )
        self.told["request"] += made.created

    def declare(self, session: Session, now: datetime) -> None:
        """Rows 2.a and 2.c: an incident in earnest, accepted within the hour."""
        _incident, created = declare(
            self.acting(session, resolve_person(session, COORDINATOR), now),
            find_directive(session, BUNDLED),
            title="Sự cố thông tin liên lạc khu vực phía Bắc",
            unit_ids=[resolve_unit(session, code).id for code in STRUCK],
            is_drill=False,
            paths=["2.a", "2.c"],
            incident_id=self.incident_id,
        )
        for minute, (task, lead, _path) in enumerate(self._of_incident(session)):
            self._act(session, task, Action.ACCEPT, lead.head_id, {}, now + timedelta(minutes=10 + minute))
        self.incident, self.told["hours"] = f"{local_date(now):%d/%m/%Y}", created.created

    def report(self, session: Session, now: datetime) -> None:
        """Number and date of what goes by classified mail, within the 24 hours; one is not ready."""
        moment = now - timedelta(hours=4)
        for minute, (task, lead, path) in enumerate(self._of_incident(session)):
            if (path, lead.code) != UNFINISHED:
                given = {"number": f"{80 + minute}/{lead.code}", "date": local_date(now)}
                self._act(session, task, Action.SUBMIT, lead.head_id, given, moment + timedelta(minutes=minute))

    def approve(self, session: Session, now: datetime) -> None:
        coordinator = resolve_person(session, COORDINATOR).id
        for task, lead, path in self._of_incident(session):
            if (path, lead.code) != UNFINISHED:
                self._act(session, task, Action.APPROVE, coordinator, {}, now)

    def stand_down(self, session: Session, now: datetime) -> None:
        incident, coordinator = session.get_one(Incident, self.incident_id), resolve_person(session, COORDINATOR)
        stand_down(self.acting(session, coordinator, now), incident, reason="Tình hình đã ổn định")

    def _of_incident(self, session: Session) -> list[tuple[Task, Unit, str]]:
        query: Any = select(Task, Unit, Duty.path).join(Unit, col(Unit.id) == Task.lead_unit_id)
        query = query.join(Duty, col(Duty.id) == Task.duty_id).where(Task.incident_id == self.incident_id)
        return [tuple(row) for row in session.exec(query.order_by(Duty.path, Unit.code))]

    def _act(
        self, session: Session, task: Task, action: Action, by: UUID | None, given: dict[str, Any], now: datetime
    ) -> None:
        act(self.acting(session, _person(session, by), now), task.id, action, given)
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
    return [event for one in _PLAN for event in (chain(*one.added()) if isinstance(one, Place) else (one,))]


def _person(session: Session, person_id: UUID | None) -> Person:
    """A unit of the example has a head."""
    assert person_id is not None
    return session.get_one(Person, person_id)
