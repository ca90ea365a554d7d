"""What the demo's months bring beside the ordinary work: so that every row of the directive has something to show.

Each event waits for the first working day from its day on, and is tried again the next one where a rule refuses it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.database.session import transaction
from models.directives.directive import Duty, find_directive
from models.directives.launch import Incident
from models.errors import Refused
from models.inspections.inspection import Verdict
from models.organization.person import Person
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.task import Task
from models.text.localtime import at_local, local_date
from workflows.access.rights import read_principal
from workflows.inspections.correct_finding import Demand, demand_correction
from workflows.inspections.find import NewFinding, record_findings
from workflows.inspections.follow import close_inspection, send_findings
from workflows.inspections.order import InspectionOrder, Question
from workflows.inspections.plan import plan_inspection
from workflows.inspections.seeing import InspectionAccess, look_at_inspection
from workflows.launch.incidents.declare_incident import declare, stand_down
from workflows.launch.request import raise_general, request
from workflows.operations.setup import BUNDLED
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.lifecycle import Action
from workflows.tasks.act import act

COORDINATOR = "le.thi.c"
INSPECTOR, OF_THE_PEER = "duong.thanh.tung", "cao.gia.huy"
RAISES = "BD-C"
"""The unit whose head puts a difficulty with the directive as a whole to the Ministry."""
ASKED_FOR_FIGURES, ASKED_FOR_MEASURES = ("T-QT", "BD-C"), ("T-LT", "CTY-N")
STRUCK = ("T-LT", "T-SL", "CTY-E", "CTY-M")
UNFINISHED = ("2.c", "CTY-M")
"""What is still open when the incident is stood down, and is withdrawn with it."""
INSPECTED = ("CTY-N", "T-BC")
QUESTIONS = (
    Question("Việc kiểm tra, hướng dẫn các đại lý trong kỳ", duty="3"),
    Question("Việc thực hiện các yêu cầu kiểm tra, đôn đốc của Vụ Viễn thông và Vụ Bưu chính", duty="oversight"),
)
SHORTCOMING = {2: NewFinding(Verdict.PARTLY, "Chưa lưu đủ các lần trả lời yêu cầu đôn đốc")}
_PLAN = (
    ("raise_difficulty", 12, None),
    ("ask_for_figures", 30, None),
    ("ask_for_measures", 38, None),
    ("plan", 44, None),
    ("inspect", 51, "plan"),
    ("close", 80, "inspect"),
    ("declare", 58, None),
    ("report", 58, "declare"),
    ("approve", 58, "report"),
    ("stand_down", 58, "approve"),
)
"""What comes when: calendar days after the launch, and on a later day than what."""


@dataclass
class DemoEvents:
    """Those of one play."""

    engine: Engine
    settings: Settings
    calendar: WorkCalendar
    acts: Counter[str]
    told: Counter[str] = field(default_factory=Counter)
    incident: str = ""
    done: dict[str, date] = field(default_factory=dict)
    incident_id: UUID = field(default_factory=new_id)
    inspection_id: UUID = field(default_factory=new_id)

    def day(self, day: date, offset: int) -> None:
        """Do what is due by a working day, that many calendar days after the launch; each in its own transaction."""
        for minute, (name, at, after) in enumerate(_PLAN):
            is_ready = offset >= at and (after is None or self.done.get(after, day) < day)
            if name in self.done or not is_ready or (name == "declare" and not self._goes_on_tomorrow(day)):
                continue
            try:
                with transaction(self.engine) as session:
                    getattr(self, name)(session, at_local(day, time(14, 0)) + timedelta(minutes=minute))
            except Refused:
                continue  # not yet: the correction that the inspection waits for is not approved
            self.done[name] = day

    def _goes_on_tomorrow(self, day: date) -> bool:
        """The hours of an incident go on over a weekend, and nobody of the demo works then."""
        return self.calendar.is_working(day + timedelta(days=1))

    def raise_difficulty(self, session: Session, now: datetime) -> None:
        """Row "obstacles", on its own path."""
        directive = find_directive(session, BUNDLED)
        head = resolve_unit(session, RAISES).head_id
        text = "Chưa có mẫu thống nhất cho báo cáo kết quả thực hiện Chỉ thị; đề nghị Bộ hướng dẫn"
        duty = self._duty(session, directive.id, "obstacles")
        raise_general(
            session, directive, duty, text=text, actor=_person(session, head), now=now, calendar=self.calendar
        )
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
            session,
            directive,
            self._duty(session, directive.id, path),
            unit_ids=[resolve_unit(session, code).id for code in codes],
            note=note,
            due_on=self.calendar.add(local_date(now), 8),
            actor=resolve_person(session, COORDINATOR),
            now=now,
            calendar=self.calendar,
        )
        self.told["request"] += made.created

    def plan(self, session: Session, now: datetime) -> None:
        """Row "oversight": both departments inspect two units a week later."""
        first = self.calendar.add(local_date(now), 5)
        actor = resolve_person(session, COORDINATOR)
        order = InspectionOrder(
            title="Kiểm tra việc thực hiện Chỉ thị 06/2004/CT-BBCVT",
            starts_on=first,
            ends_on=first,
            lead_id=resolve_person(session, INSPECTOR).id,
            member_ids=(resolve_person(session, OF_THE_PEER).id,),
            visits={resolve_unit(session, code).id: first for code in INSPECTED},
            questions=QUESTIONS,
        )
        plan_inspection(
            session,
            find_directive(session, BUNDLED),
            order,
            principal=read_principal(session, actor, local_date(now)),
            now=now,
            calendar=self.calendar,
            inspection_id=self.inspection_id,
        )
        self.told["inspected"] += len(INSPECTED)

    def inspect(self, session: Session, now: datetime) -> None:
        """The team finds one shortcoming, demands its correction, and sends what it found."""
        sight, given = self._team(session, now)
        for number, code in enumerate(INSPECTED):
            met = {position: NewFinding(Verdict.MET) for position in range(1, len(QUESTIONS) + 1)}
            found = met if number else met | SHORTCOMING
            record_findings(session, sight, resolve_unit(session, code), found, settings=self.settings, **given)
        demand = Demand(
            text="Bổ sung hồ sơ các lần trả lời yêu cầu đôn đốc và báo cáo Bộ (qua Vụ Viễn thông).",
            title="Bổ sung hồ sơ trả lời đôn đốc",
            due_on=self.calendar.add(local_date(now), 10),
            result="Báo cáo khắc phục",
        )
        unit = resolve_unit(session, INSPECTED[0])
        demand_correction(session, sight, unit, 2, demand, calendar=self.calendar, correction_id=new_id(), **given)
        send_findings(session, sight, calendar=self.calendar, **given)
        self.told["finding"] += len(SHORTCOMING)

    def close(self, session: Session, now: datetime) -> None:
        sight, given = self._team(session, now, COORDINATOR)
        close_inspection(session, sight, "Đơn vị được kiểm tra đã khắc phục", **given)

    def declare(self, session: Session, now: datetime) -> None:
        """Rows 2.a and 2.c: an incident in earnest, accepted within the hour."""
        _incident, created = declare(
            session,
            find_directive(session, BUNDLED),
            title="Sự cố thông tin liên lạc khu vực phía Bắc",
            unit_ids=[resolve_unit(session, code).id for code in STRUCK],
            is_drill=False,
            actor=resolve_person(session, COORDINATOR),
            now=now,
            calendar=self.calendar,
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
        stand_down(session, incident, actor=coordinator, reason="Tình hình đã ổn định", now=now, calendar=self.calendar)

    def _of_incident(self, session: Session) -> list[tuple[Task, Unit, str]]:
        query: Any = select(Task, Unit, Duty.path).join(Unit, col(Unit.id) == Task.lead_unit_id)
        query = query.join(Duty, col(Duty.id) == Task.duty_id).where(Task.incident_id == self.incident_id)
        return [tuple(row) for row in session.exec(query.order_by(Duty.path, Unit.code))]

    def _act(
        self, session: Session, task: Task, action: Action, by: UUID | None, given: dict[str, Any], now: datetime
    ) -> None:
        actor = _person(session, by)
        act(session, task.id, action, actor, given, now=now, calendar=self.calendar, settings=self.settings)
        self.acts[action.value] += 1

    def _team(self, session: Session, now: datetime, code: str = INSPECTOR) -> tuple[InspectionAccess, dict[str, Any]]:
        principal = read_principal(session, resolve_person(session, code), local_date(now))
        return look_at_inspection(session, principal, self.inspection_id), {"principal": principal, "now": now}

    def _duty(self, session: Session, directive_id: UUID, path: str) -> Duty:
        return session.exec(select(Duty).where(Duty.directive_id == directive_id, Duty.path == path)).one()


def _person(session: Session, person_id: UUID | None) -> Person:
    """Return the head of a unit of the example, which has one."""
    assert person_id is not None
    return session.get_one(Person, person_id)
