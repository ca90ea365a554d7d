"""Whether machines that watch are told the truth: alive, ready, and why not."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.database.session import open_engine
from models.letters.letter import Letter, LetterKind
from models.operations.system_job import Job, JobName
from models.settings import Settings
from models.text.localtime import at_local
from tests.web.site import LAUNCHED, Office, Reader
from web.app import create_app
from workflows.jobs.tick import begin_tick, finish_tick


def job(office: Office, **values: Any) -> None:
    office.change(lambda session: session.merge(Job(name=JobName.TICK, **values)))


def clock(office: Office) -> tuple[int, str]:
    answer = office.get("/ready")
    return answer.status_code, answer.json()["clock"]


def test_alive_and_version_ask_no_database(office: Office) -> None:
    office.change(lambda session: session.execute(text("DELETE FROM schema_version")))
    assert office.get("/health").json() == {"status": "ok"}
    version = office.get("/version").json()
    assert version["name"] == "dondoc" and version["version"][0].isdigit()
    assert office.reader.ask("HEAD", "/ready").status_code == 503


def test_ready_by_the_last_tick_that_did_not_fail(office: Office) -> None:
    assert clock(office) == (503, "no tick yet")
    job(office, last_started_at=LAUNCHED)
    assert clock(office) == (503, "no tick yet")
    job(office, last_done_at=LAUNCHED)
    assert clock(office) == (200, "ok")
    assert office.get("/ready").json()["last_tick"] == LAUNCHED.isoformat()
    office.now = LAUNCHED + timedelta(seconds=5 * office.settings.tick_seconds)
    assert clock(office) == (200, "ok")
    office.now += timedelta(seconds=1)
    assert clock(office) == (503, "late")


def test_a_quick_pace_is_not_judged_late_while_letters_are_being_delivered(office: Office) -> None:
    """A delivery, and then the next tick's, may take a minute each."""
    office.settings.tick_seconds = 5
    job(office, last_done_at=LAUNCHED)
    office.now = LAUNCHED + timedelta(seconds=125)
    assert clock(office) == (200, "ok")
    office.now += timedelta(seconds=1)
    assert clock(office) == (503, "late")


def test_a_job_that_never_ran_leaves_it_to_ticks_of_cron(office: Office) -> None:
    job(office, cron="* * * * *")
    begin_tick(office.engine, now=LAUNCHED)
    finish_tick(office.engine, {}, now=LAUNCHED)
    assert clock(office) == (200, "ok")


def test_whoever_goes_over_from_serve_to_cron_stays_ready(office: Office) -> None:
    job(office, last_done_at=LAUNCHED - timedelta(days=3))
    assert clock(office) == (503, "late")
    begin_tick(office.engine, now=LAUNCHED)
    finish_tick(office.engine, {}, now=LAUNCHED)
    assert clock(office) == (200, "ok")


def test_a_slower_expression_gets_five_of_its_own_paces(office: Office) -> None:
    job(office, last_done_at=LAUNCHED, cron="*/30 7-17 * * 1-5")  # a Monday, 08:00
    office.now = LAUNCHED + timedelta(minutes=150)
    assert clock(office) == (200, "ok")
    office.now += timedelta(seconds=1)
    assert clock(office) == (503, "late")


def test_the_night_an_expression_leaves_out_is_no_standstill(office: Office) -> None:
    evening = LAUNCHED + timedelta(hours=9, minutes=30)  # 17:30, the last one of the day
    job(office, last_done_at=evening, cron="*/30 7-17 * * 1-5")
    office.now = at_local((LAUNCHED + timedelta(days=1)).date())
    assert clock(office) == (200, "ok")


def test_an_expression_faster_than_the_settings_is_not_judged_more_strictly(office: Office) -> None:
    job(office, last_done_at=LAUNCHED, cron="* * * * * */10")
    office.now = LAUNCHED + timedelta(seconds=5 * office.settings.tick_seconds)
    assert clock(office) == (200, "ok")


def test_a_paused_tick_is_not_ready(office: Office) -> None:
    job(office, last_done_at=LAUNCHED, is_paused=True)
    assert clock(office) == (503, "paused")


def test_a_tick_of_the_future_does_not_count(office: Office) -> None:
    job(office, last_done_at=LAUNCHED + timedelta(hours=1))
    assert clock(office) == (503, "no tick yet")


def test_the_oldest_letter_that_should_have_left_is_told(office: Office) -> None:
    job(office, last_done_at=LAUNCHED)
    office.now = LAUNCHED - timedelta(days=30)
    assert office.get("/ready").json()["oldest_letter_waiting"] is None
    office.now = LAUNCHED
    head = office.head(office.task("4"))
    slot = LAUNCHED - timedelta(hours=2)
    office.change(
        lambda session: session.add(Letter(recipient_id=head.id, slot=slot, kind=LetterKind.EVENT, not_before=LAUNCHED))
    )
    told = office.get("/ready")
    assert (told.status_code, told.json()["oldest_letter_waiting"]) == (200, slot.isoformat())


@pytest.mark.parametrize(("revision", "told"), [("0045", "not migrated"), ("0044", "too old"), ("2099", "newer")])
def test_a_schema_of_another_version_is_not_ready(office: Office, revision: str, told: str) -> None:
    job(office, last_done_at=LAUNCHED)
    office.change(lambda session: session.execute(text(f"UPDATE schema_version SET version_num = '{revision}'")))
    answer = office.get("/ready")
    assert (answer.status_code, answer.json()["database"], answer.json()["clock"]) == (503, told, "unknown")


@pytest.mark.parametrize("path", ["/ready", "/metrics", "/health"])
def test_a_database_that_cannot_be_reached_is_an_answer_not_a_stack_trace(tmp_path: Path, path: str) -> None:
    engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2")
    answer = Reader(create_app(engine, Settings(data=tmp_path))).get(path)
    engine.dispose()
    assert answer.status_code == (503 if path == "/ready" else 200)
    assert {"/ready": "not reachable", "/metrics": "dondoc_database_up 0.0", "/health": "ok"}[path] in answer.text
