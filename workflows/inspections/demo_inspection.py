"""What the demo's months bring of inspections: one is planned, finds a shortcoming, and is closed once it is mended."""

from datetime import datetime

from sqlmodel import Session, select

from models.database.ids import new_id
from models.directives.directive import find_directive
from models.inspections.inspection import Inspection, Verdict
from models.organization.register_reads import resolve_person, resolve_unit
from models.text.localtime import local_date
from workflows.access.actor_context import ActorContext
from workflows.access.rights import read_principal
from workflows.inspections.correct_finding import Demand, demand_correction
from workflows.inspections.find import NewFinding, record_findings
from workflows.inspections.follow import close_inspection, send_findings
from workflows.inspections.order import InspectionOrder, OrderedQuestion
from workflows.inspections.plan import plan_inspection
from workflows.inspections.seeing import InspectionAccess, look_at_inspection
from workflows.operations.demo_events import COORDINATOR, DemoEvent, DemoEvents
from workflows.operations.setup import BUNDLED

INSPECTOR, OF_THE_PEER = "duong.thanh.tung", "cao.gia.huy"
INSPECTED = ("CTY-N", "T-BC")
QUESTIONS = (
    OrderedQuestion("Việc kiểm tra, hướng dẫn các đại lý trong kỳ", duty="3"),
    OrderedQuestion("Việc thực hiện các yêu cầu kiểm tra, đôn đốc của Vụ Viễn thông và Vụ Bưu chính", duty="oversight"),
)
SHORTCOMING = {2: NewFinding(Verdict.PARTLY, "Chưa lưu đủ các lần trả lời yêu cầu đôn đốc")}


def plan(events: DemoEvents, session: Session, now: datetime) -> None:
    """Row "oversight": both departments inspect two units a week later."""
    first = events.calendar.add(local_date(now), 5)
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
        events.acting(session, actor, now),
        read_principal(session, actor, local_date(now)),
        find_directive(session, BUNDLED),
        order,
        inspection_id=new_id(),
    )
    events.told["inspected"] += len(INSPECTED)


def inspect(events: DemoEvents, session: Session, now: datetime) -> None:
    """The team finds one shortcoming, demands its correction, and sends what it found."""
    acting, sight = _team(events, session, now)
    for number, code in enumerate(INSPECTED):
        met = {position: NewFinding(Verdict.MET) for position in range(1, len(QUESTIONS) + 1)}
        found = met if number else met | SHORTCOMING
        record_findings(acting, sight, resolve_unit(session, code), found)
    demand = Demand(
        text="Bổ sung hồ sơ các lần trả lời yêu cầu đôn đốc và báo cáo Bộ (qua Vụ Viễn thông).",
        title="Bổ sung hồ sơ trả lời đôn đốc",
        due_on=events.calendar.add(local_date(now), 10),
        result="Báo cáo khắc phục",
    )
    unit = resolve_unit(session, INSPECTED[0])
    demand_correction(acting, sight, unit, 2, demand, correction_id=new_id())
    send_findings(acting, sight)
    events.told["finding"] += len(SHORTCOMING)


def close(events: DemoEvents, session: Session, now: datetime) -> None:
    acting, sight = _team(events, session, now, COORDINATOR)
    close_inspection(acting, sight, "Đơn vị được kiểm tra đã khắc phục")


def _team(
    events: DemoEvents, session: Session, now: datetime, code: str = INSPECTOR
) -> tuple[ActorContext, InspectionAccess]:
    actor = resolve_person(session, code)
    (inspection_id,) = session.exec(select(Inspection.id))
    sight = look_at_inspection(session, read_principal(session, actor, local_date(now)), inspection_id)
    return events.acting(session, actor, now), sight


EVENTS = (
    DemoEvent("plan", 44, None, plan),
    DemoEvent("inspect", 51, "plan", inspect),
    DemoEvent("close", 80, "inspect", close),
)
