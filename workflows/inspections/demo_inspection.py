"""The inspection of the demo: it is planned, finds a shortcoming, and is closed once that is corrected."""

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
from workflows.inspections.findings import NewFinding, record_findings
from workflows.inspections.inspection_access import InspectionAccess, open_inspection
from workflows.inspections.inspection_steps import close_inspection, send_findings
from workflows.inspections.order import InspectionOrder, OrderedQuestion
from workflows.inspections.plan import plan_inspection
from workflows.operations.demo_events import COORDINATOR, DemoEvent, DemoEvents
from workflows.operations.setup import BUNDLED

INSPECTOR, PEER_INSPECTOR = "duong.thanh.tung", "cao.gia.huy"
INSPECTED = ("CTY-N", "T-BC")
QUESTIONS = (
    OrderedQuestion("Việc kiểm tra, hướng dẫn các đại lý trong kỳ", duty="3"),
    OrderedQuestion("Việc thực hiện các yêu cầu kiểm tra, đôn đốc của Vụ Viễn thông và Vụ Bưu chính", duty="oversight"),
)
SHORTCOMING = {2: NewFinding(Verdict.PARTLY, "Chưa lưu đủ các lần trả lời yêu cầu đôn đốc")}


def plan(events: DemoEvents, session: Session, now: datetime) -> None:
    """Plan an inspection of two units by both departments, a week later, for the duty "oversight"."""
    visit_day = events.calendar.add(local_date(now), 5)
    actor = resolve_person(session, COORDINATOR)
    order = InspectionOrder(
        title="Kiểm tra việc thực hiện Chỉ thị 06/2004/CT-BBCVT",
        starts_on=visit_day,
        ends_on=visit_day,
        lead_id=resolve_person(session, INSPECTOR).id,
        member_ids=(resolve_person(session, PEER_INSPECTOR).id,),
        visits={resolve_unit(session, code).id: visit_day for code in INSPECTED},
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
    """Record one shortcoming, demand its correction, and send the findings."""
    context, access = _act_for_team(events, session, now)
    all_met = {position: NewFinding(Verdict.MET) for position in range(1, len(QUESTIONS) + 1)}
    for number, code in enumerate(INSPECTED):
        findings = all_met if number else all_met | SHORTCOMING
        record_findings(context, access, resolve_unit(session, code), findings)
    demand = Demand(
        text="Bổ sung hồ sơ các lần trả lời yêu cầu đôn đốc và báo cáo Bộ (qua Vụ Viễn thông).",
        title="Bổ sung hồ sơ trả lời đôn đốc",
        due_on=events.calendar.add(local_date(now), 10),
        result="Báo cáo khắc phục",
    )
    unit = resolve_unit(session, INSPECTED[0])
    demand_correction(context, access, unit, 2, demand, correction_id=new_id())
    send_findings(context, access)
    events.told["finding"] += len(SHORTCOMING)


def close(events: DemoEvents, session: Session, now: datetime) -> None:
    context, access = _act_for_team(events, session, now, COORDINATOR)
    close_inspection(context, access, "Đơn vị được kiểm tra đã khắc phục")


def _act_for_team(
    events: DemoEvents, session: Session, now: datetime, code: str = INSPECTOR
) -> tuple[ActorContext, InspectionAccess]:
    actor = resolve_person(session, code)
    (inspection_id,) = session.exec(select(Inspection.id))
    access = open_inspection(session, read_principal(session, actor, local_date(now)), inspection_id)
    return events.acting(session, actor, now), access


EVENTS = (
    DemoEvent("plan", 44, None, plan),
    DemoEvent("inspect", 51, "plan", inspect),
    DemoEvent("close", 80, "inspect", close),
)
