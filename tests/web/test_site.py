"""Health, the front page, and what every answer carries."""

from datetime import timedelta

from tests.web.conftest import LAUNCHED, Office
from workflows.tick import TickOutcome, begin_tick, finish_tick


def tick(office: Office) -> None:
    begin_tick(office.engine, now=office.now)
    finish_tick(office.engine, now=office.now, outcome=TickOutcome())


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


def test_the_front_page_counts_and_names_nobody(office: Office) -> None:
    office.now = LAUNCHED + timedelta(days=1)
    before = office.get("/?lang=en").text
    assert "<dt>of these overdue</dt><dd>0</dd>" in before
    assert office.head(office.task("4")).full_name not in before
    office.now = LAUNCHED + timedelta(days=60)
    assert "<dt>of these overdue</dt><dd>0</dd>" not in office.get("/?lang=en").text


def test_no_answer_may_be_framed_cached_or_run_a_script(office: Office) -> None:
    for path in ("/", "/health", "/v/none", "/nowhere"):
        headers = office.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "<script" not in office.get(path).text


def test_an_unknown_address_gets_a_page_not_a_stack_trace(office: Office) -> None:
    answer = office.get("/nowhere?lang=en")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text


def test_the_language_link_stays_on_the_page(office: Office) -> None:
    assert 'href="/?lang=vi"' in office.get("/?lang=en").text
