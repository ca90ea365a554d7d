"""An inspection in a test's own office: planned, recorded, corrected, sent and closed by whoever the test names."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from models.database.ids import new_id
from models.database.session import reading, transaction
from models.directives.directive import find_directive
from models.inspections.inspection import Inspection, Verdict
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.tasks.task import Task
from models.text.localtime import local_date
from tests.office import COORDINATOR, ON, Office
from workflows.access.rights import read_principal
from workflows.inspections.correct_finding import Demand, demand_correction
from workflows.inspections.findings import NewFinding, record_findings, settle_finding
from workflows.inspections.inspection_access import open_inspection
from workflows.inspections.inspection_rows import InspectionSheet
from workflows.inspections.inspection_steps import cancel_inspection, close_inspection, move_visit, send_findings
from workflows.inspections.inspection_view import read_inspection_sheet
from workflows.inspections.order import InspectionOrder, OrderedQuestion
from workflows.inspections.plan import plan_inspection
from workflows.operations.setup import BUNDLED

LEAD, MEMBER = "duong.thanh.tung", "quach.viet.hung"
FIRST, SECOND = date(2004, 6, 15), date(2004, 6, 16)
QUESTIONS = (
    OrderedQuestion("Phương án bảo đảm thông tin", duty="2"),
    OrderedQuestion("Quản lý đại lý", duty="3"),
    OrderedQuestion("Đơn vị lưu hồ sơ ở đâu?"),
)
DEMAND = Demand(
    text="Hoàn thiện phương án và báo cáo Bộ (qua Vụ Viễn thông).",
    title="Hoàn thiện phương án",
    due_on=date(2004, 6, 25),
    result="Phương án đã hoàn thiện",
)


@dataclass
class Team:
    """Everybody who has to do with one inspection."""

    office: Office
    id: UUID

    @classmethod
    def plan(cls, office: Office, *, now: datetime = ON, by: str = COORDINATOR, **changes: Any) -> "Team":
        one = order(office, **changes)
        inspection_id = new_id()
        with transaction(office.engine) as session:
            plan_inspection(
                office.acting(session, person(session, by), now),
                read_principal(session, person(session, by), local_date(now)),
                find_directive(session, BUNDLED),
                one,
                inspection_id=inspection_id,
            )
        return cls(office, inspection_id)

    def do(self, verb: Any, *given: Any, by: str = LEAD, now: datetime, **more: Any) -> Any:
        with transaction(self.office.engine) as session:
            actor = person(session, by)
            access = open_inspection(session, read_principal(session, actor, local_date(now)), self.id)
            return verb(self.office.acting(session, actor, now), access, *given, **more)

    def find(self, unit: str, now: datetime, *, by: str = LEAD, **verdicts: Any) -> int:
        """`q1="met"`, or `q1=NewFinding(...)`."""
        given = {
            int(name[1:]): one
            if isinstance(one, NewFinding)
            else NewFinding(Verdict(one), "" if one == "met" else f"Chưa có tại {unit}")
            for name, one in verdicts.items()
        }
        found: int = self.do(record_findings, self.office.unit(unit), given, by=by, now=now)
        return found

    def correct(
        self, unit: str, number: int, now: datetime, *, by: str = LEAD, demand: Demand = DEMAND, **more: Any
    ) -> Task:
        task: Task = self.do(
            demand_correction,
            self.office.unit(unit),
            number,
            demand,
            by=by,
            now=now,
            **({"correction_id": new_id()} | more),
        )
        return task

    def settle(self, unit: str, number: int, words: str, now: datetime, *, by: str = LEAD) -> None:
        self.do(settle_finding, self.office.unit(unit), number, words, by=by, now=now)

    def move(self, unit: str, day: date, now: datetime, *, by: str = COORDINATOR) -> None:
        self.do(move_visit, self.office.unit(unit), day, "Đoàn bận", by=by, now=now)

    def send(self, now: datetime, *, by: str = LEAD) -> None:
        self.do(send_findings, by=by, now=now)

    def close(self, now: datetime, *, by: str = COORDINATOR, summary: str = "Các đơn vị đã khắc phục") -> None:
        self.do(close_inspection, summary, by=by, now=now)

    def cancel(self, now: datetime, *, by: str = COORDINATOR) -> None:
        self.do(cancel_inspection, "Hoãn theo chỉ đạo của Bộ", by=by, now=now)

    def sheet(self, by: str = COORDINATOR, now: datetime = ON) -> InspectionSheet:
        with reading(self.office.engine) as session:
            principal = read_principal(session, person(session, by), local_date(now))
            return read_inspection_sheet(session, open_inspection(session, principal, self.id), now=now)

    def row(self) -> Inspection:
        with reading(self.office.engine) as session:
            return session.get_one(Inspection, self.id)

    def visit(self, unit: str) -> Task:
        """The task that tells a unit of its visit."""
        found = next(one for one in self.sheet().units if one.code == unit)
        with reading(self.office.engine) as session:
            return session.get_one(Task, found.task_id)


def order(office: Office, **changes: Any) -> InspectionOrder:
    """Two units, three questions, a lead who coordinates nothing, and a member of another Vụ."""
    units = changes.pop("units", {"CTY-L": FIRST, "CTY-M": SECOND})
    lead, members = changes.pop("lead", LEAD), changes.pop("members", (MEMBER,))
    given: dict[str, Any] = {
        "title": "Kiểm tra việc thực hiện Chỉ thị 06",
        "starts_on": FIRST,
        "ends_on": date(2004, 6, 18),
        "lead_id": office.person(lead).id,
        "member_ids": tuple(office.person(code).id for code in members),
        "visits": {office.unit(code).id: day for code, day in units.items()},
        "questions": QUESTIONS,
    }
    return InspectionOrder(**(given | changes))


def person(session: Any, code: str) -> Person:
    return resolve_person(session, code)
