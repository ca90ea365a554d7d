"""A year with Tết: units are asked for their monthly reports, reminded, and what they sent is compiled on our own day.

Two schedules over one collection: the directive's report on the 25th, and on the 28th the one of all directives, which
the issuer's office is told of too. The machine stands still for a week in August.
"""

from collections import Counter
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.directives.directive import Duty
from models.directives.template import AudienceRule, DayOfPeriod, PeriodRule, Selector
from models.letters.letter import LetterKind, NoticeState
from models.organization.audit import Audit
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.organization.unit import UnitKind
from models.papers.issued_report import IssuedReport, ReportKind
from models.papers.report_schedule import CompiledReport, ReportSchedule
from models.tasks.task import Task
from models.text.localtime import at_local, due_date, local, local_date
from tests.office import COORDINATOR, Office, body, furnish
from workflows.access.audit_log import AuditActor
from workflows.access.rights import read_principal
from workflows.jobs.tick import TickOutcome
from workflows.operations.setup import BUNDLED
from workflows.papers.report_schedules import NewSchedule, ScheduleSettings, make_schedule
from workflows.templates.edit_template import open_duty, save_draft
from workflows.templates.publish import publish

pytestmark = pytest.mark.long

START = at_local(date(2025, 1, 2))
UNITS = ("TCT-T", "T-DD", "CTY-M", "CTY-R", "VU-PC", "VU-KHTC", "VNNIC")
DOWN = [date(2025, 8, day) for day in range(23, 30)]
"""Nothing ran from Saturday the 23rd to Friday the 29th of August; after that it is a weekend and the National Day."""
COMPILED = [
    *("2025-01-24", "2025-02-25", "2025-03-25", "2025-04-25", "2025-05-23", "2025-06-25"),  # the 25th of January: Tết
    *("2025-07-25", "2025-09-03", "2025-09-25", "2025-10-24", "2025-11-25", "2025-12-25"),
]
WHOLE = [
    *("2025-01-24", "2025-02-28", "2025-03-28", "2025-04-28", "2025-05-28", "2025-06-27"),
    *("2025-07-28", "2025-09-03", "2025-09-26", "2025-10-28", "2025-11-28", "2025-12-26"),
]
MONTHS = [f"2025-{month:02d}" for month in range(1, 13)]
MONTHLY = PeriodRule(
    every="month",
    data_start=DayOfPeriod(day=15, months_before=1),
    data_end=DayOfPeriod(day=14),
    opens=DayOfPeriod(day=1),
    sends={
        UnitKind.ENTERPRISE: DayOfPeriod(day=15),
        UnitKind.DEPARTMENT: DayOfPeriod(day=16),
        UnitKind.SUBORDINATE: DayOfPeriod(day=16),
    },
    compiled=DayOfPeriod(day=25),
)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """The report of results is monthly, from seven units; both reports are scheduled."""
    office = furnish(engine, tmp_path)
    with transaction(engine) as session:
        boss = read_principal(session, resolve_person(session, "dang.thu.thuy"), local_date(START))
        edited = open_duty(session, boss, BUNDLED, "results")
        assert edited.newest is not None
        audience = AudienceRule(any=(Selector(named=UNITS),))
        spec = edited.newest.read_spec().model_copy(update={"period": MONTHLY, "audience": audience})
        version = save_draft(session, boss, edited, spec, began_from=edited.digest, now=START)
        publish(session, version.id, now=START)
    office.launch("results", on=START, due=None)
    with transaction(engine) as session:
        coordinator = resolve_person(session, COORDINATOR)
        principal, audit_actor = (
            read_principal(session, coordinator, local_date(START)),
            AuditActor(START, coordinator.id),
        )
        make_schedule(session, principal, NewSchedule(ReportKind.DIRECTIVE, BUNDLED, "results"), audit_actor)
        whole = ScheduleSettings(to_issuer=True, own_day=28)
        make_schedule(
            session, principal, NewSchedule(ReportKind.CONSOLIDATED, BUNDLED, "results", settings=whole), audit_actor
        )
    return office


def task_of(office: Office, unit: str, month: str) -> Task:
    with reading(office.engine) as session:
        query = select(Task).join(Duty, col(Duty.id) == Task.duty_id).where(Duty.path == "results")
        return session.exec(query.where(Task.occurrence == month, Task.lead_unit_id == office.unit(unit).id)).one()


def send(office: Office, unit: str, month: str, day: int, *, approve: bool = True) -> None:
    """A unit's head sends the month's report on a day of that month; it is approved the minute after."""
    now = at_local(date(2025, int(month[5:]), day), time(9, 30))
    task = task_of(office, unit, month)
    with reading(office.engine) as session:
        code = session.get_one(Person, office.unit(unit).head_id).code
    office.act(task, "accept", code, now - timedelta(minutes=5))
    office.submit(task, code, now)
    if approve:
        office.act(task, "approve", COORDINATOR, now + timedelta(minutes=1))


def live(office: Office, day: date) -> None:
    """What people do on a day: on the 10th all send, but for who is late, silent or incomplete."""
    month = f"{day:%Y-%m}"
    if day.day == 10:
        for unit in UNITS:
            late = (unit, day.month) in (("CTY-M", 2), ("CTY-M", 8), ("CTY-R", 4))
            silent = (unit, day.month) in (("CTY-R", 3), ("VU-KHTC", 11))
            returned = (unit, day.month) == ("VU-PC", 5)
            if not late and not silent:
                send(office, unit, month, 10, approve=not returned)
            if returned:
                moment = at_local(day, time(11, 0))
                office.act(task_of(office, unit, month), "return", COORDINATOR, moment, note="thiếu phụ lục")
    if (day.month, day.day) in ((2, 20), (8, 20)):
        send(office, "CTY-M", month, 20)
    if (day.month, day.day) == (4, 30):  # after ours was compiled
        send(office, "CTY-R", month, 30)


def run(office: Office, first: date = date(2025, 1, 2), last: date = date(2025, 12, 31)) -> None:
    """A tick at 08:00 of every day, holidays too, and a second one five minutes after each that did anything."""
    day = first
    while day <= last:
        if day not in DOWN:
            if office.tick(at_local(day)) != TickOutcome():
                office.tick(at_local(day, time(8, 5)))
            live(office, day)
        day += timedelta(days=1)


def compiled(office: Office, kind: ReportKind) -> list[CompiledReport]:
    with reading(office.engine) as session:
        query = select(CompiledReport).join(ReportSchedule).where(ReportSchedule.kind == kind)
        return list(session.exec(query.order_by(col(CompiledReport.compiled_at), col(CompiledReport.id))))


def named(one: CompiledReport, came: str) -> list[str]:
    return [unit["unit"] for unit in one.units if unit["came"] == came]


def test_a_year_of_monthly_reports(office: Office) -> None:
    run(office)
    # collection opened on the first of each month, in time, and once
    with reading(office.engine) as session:
        tasks = session.exec(select(Task).join(Duty, col(Duty.id) == Task.duty_id).where(Duty.path == "results")).all()
    assert Counter(task.occurrence for task in tasks) == dict.fromkeys(MONTHS, len(UNITS))
    assert {local_date(task.assigned_at).day for task in tasks if task.occurrence != "2025-01"} == {1}

    # who sent nothing was reminded by the ladder, before the date, on it and after; who sent in time was not
    silent, punctual = task_of(office, "CTY-R", "2025-03"), task_of(office, "TCT-T", "2025-03")
    assert due_date(silent.due_at) == date(2025, 3, 14)  # type: ignore[arg-type]  # the 15th is a Saturday: back
    told = [(rung, offset) for rung, offset in office.told(silent, "margaret.lindqvist")]
    assert {("due_soon", -3), ("due", 0), ("overdue", 1), ("overdue", 4)} <= set(told)
    assert not {rung for rung, *_more in office.notices(punctual, NoticeState.SENT)} & {"due", "overdue"}

    # ours on the right days, each month once, in order, never on a day off; the week off was caught up
    ours, whole = compiled(office, ReportKind.DIRECTIVE), compiled(office, ReportKind.CONSOLIDATED)
    assert [one.period for one in ours] == MONTHS == [one.period for one in whole]
    assert [local(one.compiled_at).date().isoformat() for one in ours] == COMPILED
    assert [local(one.compiled_at).date().isoformat() for one in whole] == WHOLE
    assert ours[7].due_on == date(2025, 8, 25)
    assert all(office.calendar.is_working(local_date(one.compiled_at)) for one in (*ours, *whole))
    assert {one.cutoff.day for one in ours} == {14}

    # late units are named, as they stood that morning
    assert [(one.period, named(one, "late")) for one in ours if named(one, "late")] == [
        ("2025-02", ["CTY-M"]),
        ("2025-08", ["CTY-M"]),
    ]
    assert [(one.period, named(one, "missing")) for one in ours if named(one, "missing")] == [
        ("2025-03", ["CTY-R"]),
        ("2025-04", ["CTY-R"]),
        ("2025-11", ["VU-KHTC"]),
    ]
    assert [(one.period, named(one, "returned")) for one in ours if named(one, "returned")] == [("2025-05", ["VU-PC"])]
    assert all(len(one.units) == len(UNITS) for one in ours)

    # one letter to each head who answers for it, that same morning, with counts in the subject and names within
    letters = [letter for letter in office.letters() if letter.kind is LetterKind.COMPILED]
    days = Counter((letter.recipient_id, local(letter.slot).date().isoformat()) for letter in letters)
    head, issuer = office.person("le.thi.d").id, office.person("tran.duc.thinh").id
    assert days == Counter([(head, day) for day in (*COMPILED, *WHOLE)] + [(issuer, day) for day in WHOLE])
    assert {letter.state.value for letter in letters} == {"sent"}
    march = [one for one in office.sent("le.thi.d") if "[Dự thảo báo cáo] Tháng 3/2025" in one["subject"]]
    assert "06/07 đơn vị đã gửi, 01 chưa gửi – Chỉ thị 06/2004/CT-BBCVT – 25/03/2025" in march[0]["subject"]
    words = body(march[0])
    assert "Công ty liên doanh Chuyển phát nhanh R: hạn 14/03/2025" in words
    assert "/papers/" in words

    # a draft for people: nothing was issued, and the draft itself names them
    with reading(office.engine) as session:
        reports = {one.id: one for one in session.exec(select(IssuedReport))}
        assert session.exec(select(Audit).where(Audit.action == "report_issued")).first() is None
    assert len(reports) == 24
    assert not any(one.issued_at for one in reports.values())
    drafted = reports[ours[2].report_id]  # type: ignore[index]
    assert "Chưa gửi (1): Công ty liên doanh Chuyển phát nhanh R" in drafted.parts["general"]
    assert "tháng 3/2025" in drafted.parts["general"]
    assert drafted.figures["total"] == 3 * len(UNITS)
    assert drafted.cutoff == date(2025, 3, 14)


def test_two_months_of_downtime_are_caught_up_in_order(office: Office) -> None:
    for day in (date(2025, 1, 2), date(2025, 4, 2)):
        office.tick(at_local(day))
    ours = compiled(office, ReportKind.DIRECTIVE)
    assert [one.period for one in ours] == ["2025-01", "2025-02", "2025-03"]
    slots = {letter.slot for letter in office.letters() if letter.kind is LetterKind.COMPILED}
    assert slots == {at_local(date(2025, 4, 2))}  # late, and said so by its own days
    office.tick(at_local(date(2025, 4, 3)))
    assert len(compiled(office, ReportKind.DIRECTIVE)) == 3
