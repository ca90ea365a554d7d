"""Health, the front page, and what every answer carries."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.page import Page
from tests.rooms import of_room
from tests.web.site import LAUNCHED, Office
from workflows.jobs.tick import begin_tick, finish_tick

TEMPLATES = Path("web/templates")


def tick(office: Office) -> None:
    begin_tick(office.engine, now=office.now)
    finish_tick(office.engine, {}, now=office.now)


def test_alive_says_only_that_the_process_answers(office: Office) -> None:
    assert office.get("/health").json() == {"status": "ok"}
    assert office.get("/version").json()["name"] == "dondoc"


def test_ready_means_a_tick_not_long_ago(office: Office) -> None:
    assert office.get("/ready").json()["clock"] == "no tick yet"
    tick(office)
    assert office.get("/ready").json()["status"] == "ready"
    office.now = LAUNCHED + timedelta(seconds=5 * office.settings.tick_seconds)
    assert office.get("/ready").status_code == 200
    office.now += timedelta(seconds=1)
    late = office.get("/ready")
    assert (late.status_code, late.json()["clock"]) == (503, "late")


def test_a_tick_run_ahead_of_the_clock_does_not_count(office: Office) -> None:
    office.now = LAUNCHED + timedelta(days=30)
    tick(office)
    office.now = LAUNCHED
    assert office.get("/ready").status_code == 503


def overdue(text: str) -> str:
    """Return the number that the administrator's page gives of what is overdue."""
    return re.split(r"</?dd>", text.split(">of these overdue<")[1], maxsplit=2)[1]


def test_the_administrators_page_counts_and_names_nobody(office: Office) -> None:
    office.now = LAUNCHED + timedelta(days=1)
    before = office.sign_in("dang.thu.thuy").get("/admin?lang=en").text
    assert overdue(before) == "0"
    assert office.head(office.task("4")).full_name not in before
    office.now = LAUNCHED + timedelta(days=60)
    assert overdue(office.sign_in("dang.thu.thuy").get("/admin?lang=en").text) not in ("", "0")


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page_and_back(office: Office) -> None:
    answer = office.get("/admin?tab=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/admin%3Ftab%3D1")


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(office: Office, to: str) -> None:
    reader = office.sign_in("dang.thu.thuy")
    assert reader.get("/sign-in", params={"next": to}).headers["location"] == "/"


def test_a_form_from_another_site_or_an_old_session_is_refused(office: Office) -> None:
    reader = office.sign_in("dang.thu.thuy")
    page = reader.get("/admin").text
    csrf = Page(page).value("csrf")
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert reader.ask("POST", "/sign-out", data={"csrf": csrf}, headers=foreign).status_code == 409
    assert reader.ask("POST", "/sign-out", data={"csrf": "AAAA"}).status_code == 409
    assert office.sign_in("dang.thu.thuy").ask("POST", "/sign-out", data={"csrf": csrf}).status_code == 409
    assert reader.ask("POST", "/sign-out", data={"csrf": csrf}).status_code == 303
    assert reader.get("/admin").status_code == 303  # the session has ended


def test_a_right_that_one_has_not_is_told_in_words(office: Office) -> None:
    answer = office.sign_in("ngo.van.loc").get("/admin?lang=en")
    assert answer.status_code == 403
    assert "Ngô Văn Lộc may not do this" in answer.text
    answer = office.sign_in("ngo.van.loc").get("/admin?lang=vi")
    assert "Ngô Văn Lộc không có quyền thực hiện việc này: " in answer.text


def test_no_answer_may_be_framed_cached_or_run_a_script_of_its_own(office: Office) -> None:
    for path in ("/", "/health", "/v/none", "/nowhere"):
        headers = office.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "'unsafe" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "<script>" not in office.get(path).text


def test_an_unknown_address_gets_a_page_not_a_stack_trace(office: Office) -> None:
    answer = office.get("/nowhere?lang=en")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/inspections/",
        "/letters/",
        "/background-jobs/",
        "/inbox?page=",
        pytest.param("/intake/", marks=of_room("intake")),
        pytest.param("/papers/", marks=of_room("papers")),
        pytest.param("/papers/schedules/", marks=of_room("papers")),
    ],
)
def test_an_address_that_lost_its_end_gets_the_same_page(office: Office, path: str) -> None:
    answer = office.sign_in("le.thi.c").get(f"{path}01a2196af84c")
    assert answer.status_code == 404
    assert "Không có trang này." in answer.text


def test_the_language_link_stays_on_the_page(office: Office) -> None:
    assert 'href="/sign-in?lang=vi"' in office.get("/sign-in?lang=en").text


def test_only_a_badge_wears_the_badges_class() -> None:
    """A paragraph that does is drawn as a clipped pill."""
    worn = re.compile(r'<(\w+)[^<>]*\sclass="(?:[^"]* )?count(?: [^"]*)?"')
    assert {tag for one in TEMPLATES.rglob("*.html") for tag in worn.findall(one.read_text(encoding="utf-8"))} == {
        "span"
    }
