"""Reports by the calendar: once each, by whichever process is first; troubles told; pauses; who may set what."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.errors import BadInput, NotFound, Refused
from models.letters.letter import Letter, LetterKind, LetterState
from models.operations.alert import Alert, AlertKind
from models.organization.register_reads import resolve_person
from models.papers.issued_report import IssuedReport, ReportKind
from models.papers.report_schedule import CompiledReport, ReportSchedule
from models.text.localtime import at_local, local_date
from tests.office import COORDINATOR, Office, at, body, furnish
from tests.papers.made import docx_text
from workflows.access.audit_log import AuditActor
from workflows.access.rights import Forbidden, Principal, read_principal
from workflows.jobs.tick import next_moment, tick_parts
from workflows.operations.setup import BUNDLED
from workflows.organization.register.absence import add_absence
from workflows.papers import compile_reports as compiling
from workflows.papers import issue
from workflows.papers.contents.subject import NewPaper as PaperWanted
from workflows.papers.contents.subject import find_parties
from workflows.papers.formats.as_docx import render_docx
from workflows.papers.report_schedules import (
    NewSchedule,
    ScheduleSettings,
    change_schedule,
    make_schedule,
    open_schedule,
    switch_schedule,
)

pytestmark = pytest.mark.long

OUR_DAY = at(18)  # the 20th of June 2004 is a Sunday
HEAD, ISSUER, OBSERVER, BOSS = "le.thi.d", "tran.duc.thinh", "nguyen.minh.quan", "dang.thu.thuy"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    made = furnish(engine, tmp_path)
    made.launch("results")
    return made


def place(office: Office, code: str) -> Principal:
    with reading(office.engine) as session:
        return read_principal(session, resolve_person(session, code), local_date(at(1)))


def schedule(at_hand: Office, code: str = COORDINATOR, **given: Any) -> UUID:
    wanted = NewSchedule(**({"kind": ReportKind.DIRECTIVE, "directive": BUNDLED, "duty": "results"} | given))
    with transaction(at_hand.engine) as session:
        return make_schedule(session, place(at_hand, code), wanted, AuditActor(at(1))).id


def rows(office: Office, table: Any) -> list[Any]:
    with reading(office.engine) as session:
        return list(session.exec(select(table).order_by(col(table.id))))


def letters(office: Office) -> list[Letter]:
    return [letter for letter in office.letters() if letter.kind is LetterKind.COMPILED]


def alerts(office: Office) -> list[Alert]:
    return [alert for alert in rows(office, Alert) if alert.kind is AlertKind.REPORT_STUCK]


def compile_now(office: Office, now: Any = OUR_DAY) -> int:
    return compiling.compile_reports(office.engine, now=now, calendar=office.calendar)


def test_the_draft_is_its_offices_and_the_same_as_one_that_its_head_would_draft(office: Office) -> None:
    schedule(office)
    assert compile_now(office) == 1
    [report] = rows(office, IssuedReport)
    [compiled] = rows(office, CompiledReport)
    assert (report.kind, report.office_unit_id, report.drafted_by) == (
        ReportKind.DIRECTIVE,
        office.unit("VU-VT").id,
        office.person(HEAD).id,
    )
    assert (compiled.period, compiled.due_on, compiled.cutoff) == ("2004-Q2", date(2004, 6, 18), date(2004, 6, 14))
    with reading(office.engine) as session:
        head = read_principal(session, resolve_person(session, HEAD), date(2004, 6, 18))
        wanted = PaperWanted(ReportKind.DIRECTIVE, date(2004, 6, 14), BUNDLED)
        by_hand = issue.compose_draft(session, head, wanted, find_parties(session, head, wanted), now=OUR_DAY)
    assert report.figures == by_hand.figures
    assert {name: text for name, text in report.parts.items() if name != "general"} == {
        name: text for name, text in by_hand.parts.items() if name != "general"
    }


def test_the_file_says_whose_reports_it_rests_on(office: Office) -> None:
    schedule(office)
    compile_now(office)
    [report] = rows(office, IssuedReport)
    with reading(office.engine) as session:
        paper = issue.preview(session, place(office, HEAD), session.get_one(IssuedReport, report.id))
    text = docx_text(render_docx(paper, written_at=OUR_DAY))
    assert "Kỳ báo cáo: quý II/2004; số liệu từ ngày 15/03/2004 đến ngày 14/06/2004" in text
    assert "Chưa gửi (" in text and "Công ty Truyền thông M" in text


def test_two_ticks_at_once_compile_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule(office)
    drafted, again = compiling._draft, [True]

    def overtaken(*given: Any) -> Any:
        found = drafted(*given)
        if again.pop() if again else False:
            assert compile_now(office) == 1  # another process, between this one's reading and its keeping
        return found

    monkeypatch.setattr(compiling, "_draft", overtaken)
    assert compile_now(office) == 0
    assert (len(rows(office, CompiledReport)), len(rows(office, IssuedReport)), len(letters(office))) == (1, 1, 1)
    assert alerts(office) == []


def test_reports_are_compiled_before_letters_leave(office: Office) -> None:
    parts = list(tick_parts(office.engine, office.settings))
    assert parts.index("compile_reports") < parts.index("deliver"), "its letters leave that same morning"


def test_a_second_tick_does_nothing(office: Office) -> None:
    schedule(office)
    assert (compile_now(office), compile_now(office), compile_now(office, at(21))) == (1, 0, 0)


def test_one_that_cannot_be_compiled_raises_an_alert_and_holds_up_no_other(office: Office) -> None:
    schedule(office, BOSS, kind=ReportKind.CONSOLIDATED, office="VU-KHTC")
    schedule(office)
    office.change_unit("VU-KHTC", head_id=None)
    assert compile_now(office) == 1
    assert [one.ended_at for one in alerts(office)] == [None]
    assert "Vụ Kế hoạch – Tài chính" in alerts(office)[0].facts["reason"]
    assert compile_now(office, at(21)) == 0
    assert alerts(office)[0].times == 2
    office.change_unit("VU-KHTC", head_id=office.person("luong.thi.ngan").id)
    assert compile_now(office, at(22)) == 1
    assert alerts(office)[0].ended_at == at(22)


def test_who_stands_in_is_told(office: Office) -> None:
    schedule(office)
    with transaction(office.engine) as session:
        first, last = date(2004, 6, 14), date(2004, 6, 19)
        add_absence(
            session,
            person_code=HEAD,
            stand_in_code="do.xuan.thuan",
            starts_on=first,
            ends_on=last,
            audit_actor=AuditActor(at(1)),
        )
    office.tick(OUR_DAY)
    assert [letter.recipient_id for letter in letters(office)] == [office.person("do.xuan.thuan").id]
    told = [body(one) for one in office.sent("do.xuan.thuan") if "[Dự thảo báo cáo]" in one["subject"]]
    assert "người được uỷ quyền của Lê Thị D" in told[0]


def test_where_the_head_has_no_address_the_deputy_is_told(office: Office) -> None:
    schedule(office)
    office.change_person(HEAD, email=None)
    compile_now(office)
    assert [letter.recipient_id for letter in letters(office)] == [office.person("bui.cong.hoan").id]


def test_the_issuers_office_reads_and_does_not_change(office: Office) -> None:
    schedule(office, settings=ScheduleSettings(to_issuer=True))
    compile_now(office)
    assert {letter.recipient_id for letter in letters(office)} == {office.person(HEAD).id, office.person(ISSUER).id}
    [report] = rows(office, IssuedReport)
    with transaction(office.engine) as session:
        assert issue.open_report(session, place(office, ISSUER), report.id).id == report.id
        with pytest.raises(Forbidden, match="another office's"):
            issue.edit_narrative(session, place(office, ISSUER), report.id, {"general": "x"}, revision=0)
        issue.edit_narrative(session, place(office, COORDINATOR), report.id, {"general": "x"}, revision=0)


def test_one_that_is_told_to_nobody_else_stays_closed_to_the_issuers_office(office: Office) -> None:
    schedule(office)
    compile_now(office)
    [report] = rows(office, IssuedReport)
    with reading(office.engine) as session, pytest.raises(NotFound):
        issue.open_report(session, place(office, ISSUER), report.id)


def test_proposing_the_words_anew_keeps_who_was_late(office: Office) -> None:
    schedule(office)
    compile_now(office)
    [report] = rows(office, IssuedReport)
    with transaction(office.engine) as session:
        issue.edit_narrative(session, place(office, HEAD), report.id, {"general": "x"}, revision=0)
        issue.propose_again(session, place(office, HEAD), report.id, revision=1)
    assert rows(office, IssuedReport)[0].parts == report.parts
    assert "Chưa gửi" in report.parts["general"]


def test_a_letter_whose_draft_was_thrown_away_does_not_leave(office: Office) -> None:
    schedule(office)
    compile_now(office)
    [report] = rows(office, IssuedReport)
    with transaction(office.engine) as session:
        issue.drop_draft(session, place(office, HEAD), report.id, revision=report.revision)
    assert rows(office, CompiledReport)[0].report_id is None
    office.tick(OUR_DAY + timedelta(minutes=1))
    assert [letter.state for letter in letters(office)] == [LetterState.EMPTY]
    assert compile_now(office, at(21)) == 0, "each period once, also where its draft was not wanted"


def test_an_estimate_says_so_in_letter_and_draft(office: Office) -> None:
    schedule(office, settings=ScheduleSettings(own_day=10))
    office.tick(at(10))
    [report] = rows(office, IssuedReport)
    assert report.cutoff == date(2004, 6, 10)
    assert "phần sau ngày 10/06/2004 là ước tính" in report.parts["general"]
    [told] = [one for one in office.sent(HEAD) if "[Dự thảo báo cáo]" in one["subject"]]
    assert "phần sau ngày 10/06/2004 là ước tính" in body(told)


def test_a_pause_leaves_out_what_falls_into_it(office: Office) -> None:
    made = schedule(office)
    with transaction(office.engine) as session:
        switch_schedule(session, place(office, COORDINATOR), made, AuditActor(at(15)), on=False)
    assert compile_now(office) == 0
    with transaction(office.engine) as session:
        switch_schedule(session, place(office, COORDINATOR), made, AuditActor(at(25)), on=True)
    assert compile_now(office, at(28)) == 0
    assert compile_now(office, at(20, 9)) == 1
    assert rows(office, CompiledReport)[0].period == "2004-Q3"


def test_a_schedule_changed_while_it_is_compiled_is_looked_at_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = schedule(office)
    drafted = compiling._draft

    def changed(*given: Any) -> Any:
        found = drafted(*given)
        with transaction(office.engine) as session:
            session.execute(update(ReportSchedule).where(col(ReportSchedule.id) == made).values(revision=9))
        return found

    with monkeypatch.context() as patched:
        patched.setattr(compiling, "_draft", changed)
        assert compile_now(office) == 0
    assert compile_now(office) == 1


def test_a_run_ahead_of_the_clock_stops_at_our_day(office: Office) -> None:
    schedule(office)
    with reading(office.engine) as session:
        ours = compiling.next_compiling(session, after=at(2), calendar=office.calendar)
        later = compiling.next_compiling(session, after=OUR_DAY, calendar=office.calendar)
    assert (ours, later) == (OUR_DAY, at(20, 9))
    assert next_moment(office.engine, after=at(2), calendar=office.calendar) <= OUR_DAY


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"duty": "4"}, "collects no reports"),
        ({"kind": ReportKind.UNIT}, "the unit's own"),
        ({"office": "BO"}, "choose the unit that compiles"),
        ({"settings": ScheduleSettings(own_day=7)}, "before the last day on which units send"),
        ({"settings": ScheduleSettings(own_day=32)}, "a day from 1 to 31"),
        ({"settings": ScheduleSettings(language="fr")}, "expected one of vi, en"),
    ],
)
def test_what_is_wrong_is_said(office: Office, given: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        schedule(office, BOSS, **given)


def test_the_same_report_is_scheduled_once(office: Office) -> None:
    schedule(office)
    with pytest.raises(Refused, match="scheduled already"):
        schedule(office)


@pytest.mark.parametrize("code", [OBSERVER, "ta.chi.thanh", "ngo.van.loc"])
def test_others_may_not(office: Office, code: str) -> None:
    made = schedule(office)
    with pytest.raises(Forbidden):
        schedule(office, code)
    with reading(office.engine) as session, pytest.raises((Forbidden, NotFound)):
        open_schedule(session, place(office, code), made)


def test_a_coordinator_schedules_for_their_own_unit_an_administrator_for_any(office: Office) -> None:
    with pytest.raises(Forbidden, match="unit that they speak for"):
        schedule(office, office="VU-BC")
    schedule(office, BOSS, office="VU-BC")


def test_a_change_that_came_second_is_refused(office: Office) -> None:
    made, by = schedule(office), place(office, COORDINATOR)
    with transaction(office.engine) as session:
        change_schedule(session, by, made, ScheduleSettings(own_day=21), AuditActor(at(2)), revision=0)
    with transaction(office.engine) as session, pytest.raises(Refused, match="meanwhile"):
        change_schedule(session, by, made, ScheduleSettings(own_day=22), AuditActor(at(2)), revision=0)
    assert rows(office, ReportSchedule)[0].own_day == 21
    assert compile_now(office, at_local(date(2004, 6, 18))) == 0
    assert compile_now(office, at(21)) == 1
