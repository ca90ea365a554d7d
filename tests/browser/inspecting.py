"""Two inspections as the pages show them: one under way, one whose findings are sent and whose correction is late."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlmodel import Session, select

from models.database.ids import new_id
from models.database.session import transaction
from models.directives.directive import find_directive
from models.inspections.inspection import Inspection, Verdict
from models.organization.person import Person
from models.organization.register_reads import resolve_person, resolve_unit
from models.text.localtime import local_date
from tests.browser.places import Place
from tests.browser.season import moment
from workflows.access.actor_context import ActorContext
from workflows.access.rights import read_principal
from workflows.inspections.correct_finding import Demand, demand_correction
from workflows.inspections.findings import NewFinding, record_findings
from workflows.inspections.inspection_access import InspectionAccess, open_inspection
from workflows.inspections.inspection_steps import send_findings
from workflows.inspections.order import InspectionOrder, OrderedQuestion
from workflows.inspections.plan import plan_inspection
from workflows.organization.working_calendar import load_calendar

LEAD, COORDINATOR = "duong.thanh.tung", "le.thi.c"
UNDER_WAY, SENT = "Kiểm tra công tác quản lý đại lý", "Kiểm tra việc thực hiện Chỉ thị 06 đợt 1 năm 2026"
QUESTIONS = (
    OrderedQuestion("Phương án bảo đảm thông tin liên lạc trong tình huống khẩn cấp", duty="2"),
    OrderedQuestion("Quản lý, giám sát hoạt động của các đại lý", duty="3"),
    OrderedQuestion("Hồ sơ giao nhận báo cáo lưu ở đâu, ai chịu trách nhiệm?"),
)
_Found = Mapping[str, tuple[Verdict, ...]]
M, P, N, X = Verdict.MET, Verdict.PARTLY, Verdict.NOT_MET, Verdict.NOT_APPLICABLE


def inspection_at(title: str = UNDER_WAY, then: str = "") -> Callable[[Place], str]:
    """A page of one of them; both are made where they are not there yet."""

    def address(place: Place) -> str:
        with transaction(place.story.engine) as session:
            there = {one.title: one.id for one in session.exec(select(Inspection))}
        if not there:
            _play(place, SENT, moment(21, 9), {"CTY-L": (P, M, M), "CTY-N": (M, N, M), "T-DD": (M, M, X)}, is_sent=True)
            _play(place, UNDER_WAY, moment(5), {"CTY-M": (M, P, M), "CTY-E": (M,), "T-SL": ()}, is_sent=False)
            with transaction(place.story.engine) as session:
                there = {one.title: one.id for one in session.exec(select(Inspection))}
        return f"/inspections/{there[title]}{then}"

    return address


def _play(place: Place, title: str, when: datetime, found: _Found, *, is_sent: bool) -> None:
    with transaction(place.story.engine) as session:
        day, lead, planner = local_date(when), resolve_person(session, LEAD), resolve_person(session, COORDINATOR)
        order = InspectionOrder(
            title=title,
            starts_on=day,
            ends_on=date(2026, 10, 20),
            lead_id=lead.id,
            member_ids=[resolve_person(session, "quach.viet.hung").id],
            questions=QUESTIONS,
            visits={resolve_unit(session, code).id: day for code in found},
            decision_number="318/QĐ-BBCVT" if is_sent else "",
            decision_on=day if is_sent else None,
            override=True,
            reason="Đã báo qua điện thoại",
        )
        one = plan_inspection(
            _acting(place, session, planner, when),
            read_principal(session, planner, day),
            find_directive(session, "ct-06-2004"),
            order,
            inspection_id=new_id(),
        )
        access = open_inspection(session, read_principal(session, lead, day), one.id)
        acting = _acting(place, session, lead, when)
        for code, verdicts in found.items():
            given = {number: NewFinding(one, _words(one)) for number, one in enumerate(verdicts, start=1)}
            if given:
                record_findings(acting, access, resolve_unit(session, code), given)
        _demand(acting, access, "CTY-L" if is_sent else "CTY-M", 1 if is_sent else 2, date(2026, 10, 9))
        if is_sent:
            send_findings(acting, access)


def _acting(place: Place, session: Session, actor: Person, when: datetime) -> ActorContext:
    return ActorContext(session, actor, when, load_calendar(session), place.story.settings)


def _demand(acting: ActorContext, access: InspectionAccess, code: str, number: int, due: date) -> None:
    demand = Demand(
        "Bổ sung phụ lục phân công trực và báo cáo Bộ (qua Vụ Viễn thông).",
        "Bổ sung phụ lục phân công trực",
        due,
        "Phụ lục đã ký",
        override=True,
        reason="Đã báo qua điện thoại",
    )
    demand_correction(acting, access, resolve_unit(acting.session, code), number, demand, correction_id=new_id())


def _words(verdict: Verdict) -> str:
    return {P: "Có phương án nhưng thiếu phụ lục phân công trực", N: "Chưa lập danh sách đại lý"}.get(verdict, "")
