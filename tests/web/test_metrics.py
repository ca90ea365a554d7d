"""`/metrics`: what a watching machine reads, and what it costs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, text, update
from sqlmodel import Session, select

from models.letters.bounce import Bounce, BounceAction, BounceAside
from models.letters.letter import Letter, LetterKind, LetterState, MailWindow
from models.operations.alert import Alert, AlertKind
from models.operations.system_job import Job, JobName, JobState
from models.organization.person import Person
from models.tasks.task import Task
from models.text.localtime import at_local
from tests.web.site import LAUNCHED, Office


def figures(office: Office) -> dict[str, float]:
    """Every sample as `name{label}`, read by the library's own parser."""
    found = {}
    for family in text_string_to_metric_families(office.get("/metrics").text):
        for sample in family.samples:
            labels = ",".join(sample.labels.values())
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def letters(office: Office, **states: int) -> None:
    def add(session: Session) -> None:
        head, number = office.head(office.task("4")).id, 0
        for state, count in states.items():
            for _one in range(count):
                number += 1
                slot = LAUNCHED - timedelta(minutes=number)
                letter = Letter(recipient_id=head, slot=slot, kind=LetterKind.EVENT, not_before=slot)
                letter.state = LetterState(state)
                letter.lease_until = LAUNCHED if state == "claimed" else None
                session.add(letter)

    office.change(add)


def test_the_figures_are_those_of_the_moment(office: Office) -> None:
    def prepare(session: Session) -> None:
        session.execute(update(Task).values(next_check_at=None))
        first = session.get_one(Task, office.task("4").id)
        first.next_check_at = LAUNCHED - timedelta(seconds=90)
        second = session.get_one(Task, office.task("2").id)
        second.next_check_at = LAUNCHED + timedelta(seconds=90)
        done, failed = JobState.DONE, JobState.FAILED
        session.add(
            Job(name=JobName.TICK, last_done_at=LAUNCHED - timedelta(seconds=7), last_seconds=1.5, last_state=done)
        )
        session.add(Job(name=JobName.PURGE, last_seconds=2.0, last_state=failed, is_paused=True))
        at: dict[str, Any] = {"raised_at": LAUNCHED, "last_seen_at": LAUNCHED, "slot": LAUNCHED}
        session.add(Alert(kind=AlertKind.TASK_STUCK, subject="a", **at))
        session.add(Alert(kind=AlertKind.TASK_STUCK, subject="b", **at))
        session.add(Alert(kind=AlertKind.MAIL_FAILING, ended_at=LAUNCHED, **at))
        session.add(MailWindow(span="day", starts_at=at_local(LAUNCHED.date()) - timedelta(hours=8), used=30))
        session.add(MailWindow(span="minute", starts_at=LAUNCHED - timedelta(minutes=1), used=9))

    office.change(lambda session: session.execute(text("DELETE FROM letter")))
    office.change(prepare)
    letters(office, queued=3, claimed=1, uncertain=2, failed=4, held=5, sent=6, empty=1)
    told = figures(office)
    assert told["dondoc_database_up"] == 1
    assert (told["dondoc_tasks_due"], told["dondoc_tick_lag_seconds"], told["dondoc_tick_age_seconds"]) == (1, 90, 7)
    states = {state: told.get(f"dondoc_letters{{{state}}}") for state in LetterState}
    assert states == {
        "queued": 3,
        "claimed": 1,
        "uncertain": 2,
        "failed": 4,
        "held": 5,
        "sent": None,
        "empty": None,
        "dropped": None,
    }
    assert told["dondoc_oldest_unsent_letter_seconds"] == 4 * 60  # the claimed one; uncertain ones have left
    assert told["dondoc_job_last_duration_seconds{tick}"] == 1.5
    assert (told["dondoc_job_failed{tick}"], told["dondoc_job_failed{purge}"]) == (0, 1)
    assert (told["dondoc_job_paused{tick}"], told["dondoc_job_paused{purge}"]) == (0, 1)
    alerts = {kind: told[f"dondoc_alerts_open{{{kind}}}"] for kind in AlertKind}
    assert alerts == dict.fromkeys(AlertKind, 0) | {AlertKind.TASK_STUCK: 2}
    assert (told["dondoc_mail_quota_used{day}"], told["dondoc_mail_quota_used{minute}"]) == (30, 0)
    office.now = LAUNCHED + timedelta(seconds=90)
    assert figures(office)["dondoc_tasks_due"] == 2


def test_nothing_has_happened_yet(office: Office) -> None:
    office.now = LAUNCHED - timedelta(days=400)
    told = figures(office)
    assert "dondoc_tick_age_seconds" not in told
    assert told["dondoc_tasks_due"] == told["dondoc_tick_lag_seconds"] == 0
    assert told["dondoc_oldest_unsent_letter_seconds"] == 0


def test_it_is_what_prometheus_expects_and_holds_only_ours(office: Office) -> None:
    answer = office.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers.get_list("content-type") == [answer.headers["content-type"]]
    assert "dondoc_build_info{version=" in answer.text
    names = [line.split()[2] for line in answer.text.splitlines() if line.startswith("# TYPE")]
    assert all(name.startswith("dondoc_") for name in names) and len(names) == len(set(names)) == 15
    assert "python_info" not in answer.text


def test_nobody_is_named(office: Office) -> None:
    letters(office, failed=1)
    told = office.get("/metrics").text
    with Session(office.engine) as session:
        people = session.exec(select(Person)).all()
    assert not [one.code for one in people if one.code in told or one.full_name in told or (one.email or "@") in told]


@contextmanager
def statements(office: Office) -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_others: Any) -> None:
        seen.append((statement, parameters))

    event.listen(office.engine, "before_cursor_execute", hear)
    yield seen
    event.remove(office.engine, "before_cursor_execute", hear)


def test_no_look_reads_a_whole_table(office: Office) -> None:
    if office.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL reads small tables whole, however they are indexed")
    letters(office, queued=1, sent=1, failed=1)
    with statements(office) as seen:
        office.get("/metrics")
        office.get("/ready")
    plans: list[tuple[str, str]] = []
    with office.engine.connect() as connection:
        for statement, parameters in seen:
            if not any(f"FROM {table}" in statement for table in ("letter", "task", "run", "alert")):
                continue
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            plans += [(str(row[3]), statement) for row in plan]
    assert len(plans) > 6
    whole = r"SCAN (letter|task|run|alert)(?! USING)"
    assert [one for one in plans if re.match(whole, one[0])] == []


@pytest.mark.parametrize("table", ["letter", "task"])
def test_a_look_at_many_rows_is_as_quick_as_at_few(office: Office, table: str) -> None:
    """By PostgreSQL's own estimate: its planner takes the partial indexes once the tables are large."""
    if office.engine.dialect.name != "postgresql":
        pytest.skip("SQLite's plan is asked above")
    with statements(office) as seen:
        office.get("/metrics")
    with office.engine.connect() as connection:
        connection.exec_driver_sql("SET enable_seqscan = off")
        for statement, parameters in seen:
            if f"FROM {table}" in statement:
                plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()
                assert not any("Seq Scan" in line for line in plan), plan


def test_reports_of_mail_servers_are_counted_for_a_day(office: Office) -> None:
    def add(session: Session) -> None:
        for hours, action, aside in ((1, BounceAction.FAILED, None), (2, None, BounceAside.FORGED), (25, None, None)):
            read_at = LAUNCHED - timedelta(hours=hours)
            session.add(Bounce(key=f"{hours}", action=action, aside=aside, read_at=read_at))

    office.change(add)
    told = figures(office)
    assert [told[f"dondoc_bounces{{{one}}}"] for one in ("failed", "aside", "delayed")] == [1, 1, 0]
