"""Report schedules in the browser: made, looked at, changed, paused; not there for others."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from models.database.session import reading
from models.papers.report_schedule import ReportSchedule
from tests.page import Page
from tests.web.site import Office, Reader
from workflows.papers.compile_reports import compile_reports
from workflows.rules.calendar.workdays import WorkCalendar

COORDINATOR, BOSS, HEAD = "le.thi.c", "dang.thu.thuy", "ta.chi.thanh"
PAGE = "/papers/schedules"
FORM = {"kind": "directive", "collects": "ct-06-2004/results", "language": "vi"}


@pytest.fixture
def coordinator(office: Office) -> Reader:
    return office.sign_in(COORDINATOR)


def made(office: Office, reader: Reader, **more: str) -> str:
    """A schedule's page."""
    answer = reader.send(f"{PAGE}/new", **(FORM | more))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def row(office: Office) -> ReportSchedule:
    with reading(office.engine) as session:
        return session.exec(select(ReportSchedule)).one()


def test_from_the_papers_to_a_scheduled_report_and_its_days(office: Office, coordinator: Reader) -> None:
    assert f'href="{PAGE}"' in coordinator.get("/papers").text
    assert "Chưa có báo cáo nào" in coordinator.get(PAGE).text
    page = coordinator.get(made(office, coordinator, to_issuer="on")).text
    assert "thủ trưởng Văn phòng Bộ" in page
    days = re.sub(r"<[^>]+>", " ", page)
    assert "04/12/2026" in days, "the 6th of December is a Sunday: enterprises send on the Friday before"
    assert "18/12/2026" in days and "chuyển từ ngày 20/12/2026, là ngày nghỉ" in days
    assert "18/12/2026" in coordinator.get(PAGE).text
    assert (row(office).to_issuer, row(office).own_day) == (True, None)


def test_settings_are_changed_and_faults_keep_what_was_typed(office: Office, coordinator: Reader) -> None:
    page = made(office, coordinator)
    given = {"seen": "0", "language": "en", "own_day": "22", "own_months": ""}
    assert coordinator.send(page, **given).status_code == 303
    assert (row(office).language, row(office).own_day, row(office).own_months_before) == ("en", 22, 0)
    late = coordinator.send(page, **given)
    assert late.status_code == 409 and "vừa được người khác thay đổi" in late.text
    seen = Page(late.text).value("seen")
    assert coordinator.send(page, **(given | {"seen": seen, "language": "vi"})).status_code == 409, "nobody has looked"
    wrong = coordinator.send(page, **(given | {"seen": "1", "own_day": "3"}))
    assert wrong.status_code == 422 and 'value="3"' in wrong.text and "sớm hơn ngày gửi cuối cùng" in wrong.text
    assert coordinator.send(page, **(given | {"seen": "1", "own_day": "²"})).status_code == 422


def test_it_is_paused_and_goes_on(office: Office, coordinator: Reader) -> None:
    page = made(office, coordinator)
    coordinator.follow(coordinator.send(page, f"{page}/switch", on="no"))
    assert row(office).is_paused and "tạm dừng" in coordinator.get(PAGE).text
    coordinator.follow(coordinator.send(page, f"{page}/switch", on="yes"))
    assert not row(office).is_paused


def test_what_was_compiled_is_listed_and_leads_to_the_draft(office: Office, coordinator: Reader) -> None:
    page = made(office, coordinator)
    compile_reports(office.engine, now=office.now + timedelta(days=74), calendar=WorkCalendar())
    found = re.findall(r'href="(/papers/[0-9a-f]{32})"', coordinator.get(page).text)
    assert len(found) == 1
    assert "Kỳ báo cáo: quý IV/2026" in coordinator.get(found[0]).text


def test_the_same_report_twice_is_refused_with_words(office: Office, coordinator: Reader) -> None:
    made(office, coordinator)
    again = coordinator.send(f"{PAGE}/new", **FORM)
    assert again.status_code == 409 and "đã có lịch" in again.text


@pytest.mark.parametrize("form", [{"kind": "unit"}, {"collects": ""}, {"collects": "ct-06-2004/4"}, {"kind": "x"}])
def test_nonsense_is_answered_with_the_form(coordinator: Reader, form: dict[str, str]) -> None:
    answer = coordinator.send(f"{PAGE}/new", **(FORM | form))
    assert answer.status_code == 422 and "<form" in answer.text


def test_an_administrator_finds_them_and_the_template_behind(office: Office, coordinator: Reader) -> None:
    page, boss = made(office, coordinator), office.sign_in(BOSS)
    assert f'href="{PAGE}"' in boss.get("/admin/jobs").text
    assert 'href="/admin/templates/ct-06-2004/results"' in boss.get(page).text
    assert 'href="/admin/templates/ct-06-2004/results"' not in coordinator.get(page).text


def test_for_others_there_are_none(office: Office, coordinator: Reader) -> None:
    page, other = made(office, coordinator), office.sign_in(HEAD)
    assert other.get(PAGE).status_code == 403
    assert other.get(f"{PAGE}/new").status_code == 403
    assert other.get(page).status_code in (403, 404)
    for action in (f"{PAGE}/new", page, f"{page}/switch"):
        assert other.send("/work", action, **FORM, own_day="", on="no").status_code in (403, 404)
    assert not row(office).is_paused
