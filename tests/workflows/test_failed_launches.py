"""A launch that fails on its day, when nobody looks on, is told to who planned it and to the administrators."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.ids import new_id
from models.database.session import reading, transaction
from models.errors import Refused
from models.i18n import translate
from models.letters.letter import Letter, LetterKind, LetterState
from models.operations.alert import Alert, AlertKind
from models.operations.background_job import BackgroundJob, BackgroundJobState
from models.organization.audit import Audit
from models.organization.person import Person
from models.text.localtime import at_local
from tests.office import COORDINATOR, ON, Office, at, body, furnish
from workflows.access.audit_log import AuditActor
from workflows.access.rights import read_principal
from workflows.jobs.cleanup.purge import purge
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.launch.failed_launches import dismiss, failed_of, is_told
from workflows.launch.launch_order import LaunchOrder, ask_launch
from workflows.launch.launch_tasks import Uncovered
from workflows.operations.setup import BUNDLED
from workflows.organization.audit_words import deed_words, fact_lines
from workflows.queue.alerts import raise_alert
from workflows.queue.background_jobs import resume

DAY = date(2004, 6, 7)
MORNING = at_local(DAY)  # a Monday, 08:00
ADMINISTRATOR = "dang.thu.thuy"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def plan(
    office: Office, *paths: str, who: str = COORDINATOR, on: date | None = DAY, now: datetime = ON, **more: Any
) -> UUID:
    order = LaunchOrder(
        directive=BUNDLED,
        paths=paths,
        coordinator_id=office.person(COORDINATOR).id,
        on=on,
        due_on=date(2004, 6, 30),
        **more,
    )
    with transaction(office.engine) as session:
        job_id = new_id()
        ask_launch(office.acting(session, office.person(who), now), order, job_id=job_id)
        return job_id


def lose_head(office: Office) -> None:
    office.change_unit("VU-KHTC", head_id=None)


def told(office: Office) -> list[Alert]:
    with reading(office.engine) as session:
        query = select(Alert).where(Alert.kind == AlertKind.LAUNCH_FAILED).order_by(col(Alert.raised_at))
        return list(session.exec(query))


def fail(office: Office, *paths: str, **more: Any) -> UUID:
    job_id = plan(office, *(paths or ("4",)), **more)
    lose_head(office)
    run_background_jobs(office.engine, office.settings, now=MORNING)
    return job_id


def test_who_planned_it_hears_with_the_next_tick_why_and_where_to_put_it_right(office: Office) -> None:
    job_id = fail(office)
    office.tick(MORNING + timedelta(minutes=1))
    (letter,) = office.sent(COORDINATOR)
    assert letter["Subject"].startswith("[Giao nhiệm vụ] có đợt giao nhiệm vụ không thực hiện được")
    text = body(letter)
    assert f"{office.settings.base_url}/background-jobs/{job_id}" in text
    assert "Chỉ thị số 06/2004/CT-BBCVT" in text and "VU-KHTC" in text
    assert "sửa điều vướng mắc, rồi giao lại" in text and "dondoc " not in text


def test_administrators_hear_in_their_own_language_as_of_other_troubles(office: Office) -> None:
    office.change_person(ADMINISTRATOR, language="en")
    job_id = fail(office)
    for minute in range(1, 8):
        office.tick(MORNING + timedelta(minutes=minute))
    (letter,) = office.sent(ADMINISTRATOR)
    text = body(letter)
    assert "[System alert] a launch failed" in letter["Subject"]
    assert "coverage: 1 gap" in text and f"/background-jobs/{job_id}" in text and "dondoc doctor" in text


def test_it_is_told_once(office: Office) -> None:
    fail(office)
    for minute in range(1, 30):
        run_background_jobs(office.engine, office.settings, now=MORNING + timedelta(minutes=minute))
        office.tick(MORNING + timedelta(minutes=minute))
    assert len(office.sent(COORDINATOR)) == 1
    assert [one.times for one in told(office)] == [1]


def test_an_administrator_who_planned_it_gets_one_letter_and_not_two(office: Office) -> None:
    fail(office, who=ADMINISTRATOR)
    for minute in range(1, 8):
        office.tick(MORNING + timedelta(minutes=minute))
    assert len(office.sent(ADMINISTRATOR)) == 1 and office.sent(COORDINATOR) == []


def test_each_of_two_who_planned_for_one_morning_hears_of_their_own_alone(office: Office) -> None:
    other = "le.thi.d"
    first, second = plan(office, "4"), plan(office, "4", who=other)
    lose_head(office)
    run_background_jobs(office.engine, office.settings, now=MORNING)
    office.tick(MORNING + timedelta(minutes=1))
    for who, own, others in ((COORDINATOR, first, second), (other, second, first)):
        (letter,) = office.sent(who)
        assert str(own) in body(letter) and str(others) not in body(letter)


@pytest.mark.parametrize("paths", [("4",), ("4", "2")])
def test_it_ends_once_the_same_is_launched_again(office: Office, paths: tuple[str, ...]) -> None:
    head = office.unit("VU-KHTC").head_id
    fail(office)
    office.change_unit("VU-KHTC", head_id=head)
    again = plan(office, *paths, on=None, now=MORNING + timedelta(hours=1))
    with reading(office.engine) as session:
        assert session.get_one(BackgroundJob, again).state is BackgroundJobState.DONE
    (alert,) = told(office)
    assert alert.ended_at is not None


def test_it_ends_as_well_once_it_is_launched_from_the_command_line(office: Office) -> None:
    head = office.unit("VU-KHTC").head_id
    fail(office)
    office.change_unit("VU-KHTC", head_id=head)
    office.launch("4", on=MORNING + timedelta(hours=1))
    assert [one.ended_at is None for one in told(office)] == [False]


def test_a_launch_of_something_else_does_not_end_it(office: Office) -> None:
    fail(office)
    office.launch("2", on=MORNING + timedelta(hours=1))
    assert [one.ended_at for one in told(office)] == [None]


def test_it_ends_as_well_once_it_was_done_over(office: Office) -> None:
    head = office.unit("VU-KHTC").head_id
    job_id = fail(office)
    office.change_unit("VU-KHTC", head_id=head)
    with transaction(office.engine) as session:
        job = session.get_one(BackgroundJob, job_id)
        principal = read_principal(session, session.get_one(Person, job.asked_by), MORNING.date())
        resume(session, principal, job, now=MORNING + timedelta(hours=1))
    run_background_jobs(office.engine, office.settings, now=MORNING + timedelta(hours=1))
    assert [one.ended_at is None for one in told(office)] == [False]


def test_who_no_longer_needs_it_says_so_and_it_ends(office: Office) -> None:
    job_id = fail(office)
    who = office.person(COORDINATOR).id
    with reading(office.engine) as session:
        assert [one.id for one in failed_of(session, who)] == [job_id] and is_told(session, job_id)
    with transaction(office.engine) as session:
        dismiss(session, session.get_one(BackgroundJob, job_id), AuditActor(MORNING + timedelta(hours=1), who))
    with reading(office.engine) as session:
        assert failed_of(session, who) == [] and not is_told(session, job_id)
    with transaction(office.engine) as session, pytest.raises(Refused, match="waits for nobody"):
        dismiss(session, session.get_one(BackgroundJob, job_id), AuditActor(MORNING + timedelta(hours=2), who))


def test_the_audit_keeps_who_said_that_it_is_no_longer_needed_once(office: Office) -> None:
    job_id = fail(office, "4", "2")
    who = office.person(ADMINISTRATOR).id
    moment = MORNING + timedelta(hours=1)
    with transaction(office.engine) as session:
        dismiss(session, session.get_one(BackgroundJob, job_id), AuditActor(moment, who, "10.1.2.3"))
    with transaction(office.engine) as session, pytest.raises(Refused):
        dismiss(session, session.get_one(BackgroundJob, job_id), AuditActor(moment, who))
    with reading(office.engine) as session:
        (line,) = session.exec(select(Audit).where(Audit.action == "failed_launch_dismissed"))
    assert (line.actor_id, line.recorded_at, line.object, line.address) == (who, moment, BUNDLED, "10.1.2.3")
    assert line.facts == {"reference": job_id.hex[-8:], "duties": ["4", "2"]}
    told = {translate(name, "vi"): translate(value, "vi") for name, value in fact_lines(line.facts)}
    assert translate(deed_words(line.action), "vi") == "báo một đợt giao hỏng là không cần nữa"
    assert told == {"mã tra cứu": job_id.hex[-8:], "các nhiệm vụ": "4, 2"}


def test_what_fails_before_the_eyes_of_who_asked_needs_no_letter(office: Office) -> None:
    lose_head(office)
    with pytest.raises(Uncovered):
        plan(office, "4", on=None)
    assert told(office) == []


def test_its_alert_does_not_outlive_its_record(office: Office) -> None:
    fail(office)
    purge(office.engine, office.settings, now=MORNING + timedelta(days=1))
    assert [one.ended_at for one in told(office)] == [None]
    purge(office.engine, office.settings, now=MORNING + timedelta(days=400))
    assert [one.ended_at is None for one in told(office)] == [False]


def test_empty_digest_beside_an_alert_is_not_unwritable(office: Office) -> None:
    """Both leave at eight; what is in the one does not make the other one full."""
    moment = at(3, hour=20)
    with transaction(office.engine) as session:
        raise_alert(session, AlertKind.JOB_FAILED, "purge", now=moment, calendar=office.calendar)
        slot = session.exec(select(Letter.slot).where(Letter.kind == LetterKind.ALERT).limit(1)).one()
        head = office.person("luong.thi.ngan").id
        session.add(Letter(recipient_id=head, slot=slot, kind=LetterKind.DIGEST, not_before=slot))
    office.tick(at(4))
    with reading(office.engine) as session:
        (digest,) = session.exec(select(Letter).where(Letter.kind == LetterKind.DIGEST))
    assert (digest.state, digest.error) == (LetterState.EMPTY, "")
