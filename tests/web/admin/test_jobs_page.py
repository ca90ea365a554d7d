"""The clock's jobs on the administration's pages."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from models.database.run import Run
from models.database.session import reading, transaction
from models.operations.system_job import Job, JobName, JobState
from models.organization.audit import Audit
from models.text.localtime import local_date
from tests.web.site import Office, Reader
from workflows.jobs.clock.clock_ahead import ClockHeld
from workflows.jobs.run_job import run_job
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.system_jobs import lock_job

PAGE = "/admin/jobs"


@pytest.fixture
def administrator(office: Office) -> Reader:
    return office.sign_in("dang.thu.thuy")


def job(office: Office, name: JobName) -> Job:
    with reading(office.engine) as session:
        return session.exec(select(Job).where(Job.name == name)).one()


def lines(office: Office) -> list[tuple[str, str]]:
    with reading(office.engine) as session:
        query = select(Audit.action, Audit.object).order_by(Audit.id)  # type: ignore[arg-type]
        return [(action, about) for action, about in session.exec(query)]


def ran(office: Office, name: JobName, **values: object) -> None:
    with transaction(office.engine) as session:
        row = lock_job(session, name)
        row.last_started_at, row.last_seconds = office.now - timedelta(seconds=30), 1.25
        row.last_state, row.last_outcome = JobState.DONE, {"checked": 7}
        for field, value in values.items():
            setattr(row, field, value)
        session.add(row)


def test_jobs_are_for_administrators_only(office: Office) -> None:
    for code in ("le.thi.c", "ngo.van.loc", "nguyen.minh.quan"):
        reader = office.sign_in(code)
        assert reader.get(PAGE).status_code == reader.get(f"{PAGE}/tick").status_code == 403
        for deed in ("run", "pause", "resume"):
            assert reader.send("/help", f"{PAGE}/tick/{deed}").status_code == 403
    assert lines(office) == []


def test_each_job_tells_when_it_runs_and_how_its_last_run_went(office: Office, administrator: Reader) -> None:
    assert "No clock is running" in administrator.get(f"{PAGE}?lang=en").text
    ran(office, JobName.TICK)
    ran(office, JobName.PURGE, last_state=JobState.FAILED, last_error="OSError: disk full")
    shown = administrator.get(f"{PAGE}?lang=en").text
    assert "No clock is running" not in shown
    assert "Tasks seen: 7" in shown and "1.2 seconds" in shown
    assert "disk full" in shown and "Daily at 02:30" in shown


def test_a_job_is_asked_for_and_one_is_told_whether_a_clock_runs(office: Office, administrator: Reader) -> None:
    told = administrator.follow(administrator.send(f"{PAGE}?lang=en", f"{PAGE}/open-periods/run")).text
    assert "no clock is running" in told and "dondoc schedule run open-periods" in told
    assert job(office, JobName.OPEN_PERIODS).asked_at == office.now
    ran(office, JobName.TICK)
    assert "within seconds" in administrator.follow(administrator.send(f"{PAGE}?lang=en", f"{PAGE}/tick/run")).text
    assert lines(office) == [("job_asked_for", "open-periods"), ("job_asked_for", "tick")]


def test_a_job_is_paused_and_resumed(office: Office, administrator: Reader) -> None:
    administrator.send(PAGE, f"{PAGE}/summaries/pause")
    assert job(office, JobName.SUMMARIES).is_paused
    assert f"{PAGE}/summaries/resume" in administrator.get(PAGE).text
    administrator.send(PAGE, f"{PAGE}/summaries/resume")
    assert not job(office, JobName.SUMMARIES).is_paused
    assert lines(office) == [("job_paused", "summaries"), ("job_resumed", "summaries")]


def test_another_expression_is_kept_and_the_usual_one_comes_back(office: Office, administrator: Reader) -> None:
    page = f"{PAGE}/purge"
    assert administrator.send(page, cron="15 3 * * *").headers["location"] == PAGE
    assert job(office, JobName.PURGE).cron == "15 3 * * *"
    assert "03:15, Tuesday 3 November 2026" in administrator.get(f"{page}?lang=en").text
    administrator.send(page, usual="1", cron="x")
    assert job(office, JobName.PURGE).cron == "30 2 * * *"
    assert lines(office) == [("job_moved", "purge"), ("job_moved", "purge")]


@pytest.mark.parametrize(
    ("name", "cron"), [("purge", "99 3 * * *"), ("purge", "0 0 30 2 *"), ("summaries", "0 7 * * 1")]
)
def test_a_wrong_expression_comes_back_with_what_is_right(
    office: Office, administrator: Reader, name: str, cron: str
) -> None:
    answer = administrator.send(f"{PAGE}/{name}", cron=cron)
    assert answer.status_code == 422 and f'value="{cron}"' in answer.text
    assert lines(office) == []


def test_a_job_that_is_none_is_not_there(administrator: Reader) -> None:
    assert administrator.get(f"{PAGE}/coffee").status_code == 404
    assert administrator.send(PAGE, f"{PAGE}/coffee/run").status_code == 404


def test_a_clock_far_ahead_is_shown_and_confirmed_with_todays_date(office: Office, administrator: Reader) -> None:
    last, now = office.now - timedelta(days=41), office.now
    with transaction(office.engine) as session:
        session.add(Run(key=f"tick:{last.isoformat()}", started_at=last, finished_at=last))
    with pytest.raises(ClockHeld):
        run_job(office.engine, office.settings, JobName.TICK, now=now, sender=RecordedSender, kept=lambda: False)
    assert "Cần xác nhận đồng hồ máy chủ" in administrator.get(PAGE).text
    assert "Hệ thống đang tạm dừng" in administrator.get("/admin").text
    assert administrator.get("/ready").json()["clock"] == "held"
    wrong = administrator.send(PAGE, "/admin/clock", today="2001-01-01")
    assert wrong.status_code == 422 and "chỉnh lại đồng hồ" in wrong.text
    administrator.send(PAGE, "/admin/clock", today=local_date(now).isoformat())
    assert "Cần xác nhận đồng hồ" not in administrator.get(PAGE).text
    assert ("clock_confirmed", "") in lines(office)
    run_job(office.engine, office.settings, JobName.TICK, now=now, sender=RecordedSender, kept=lambda: False)


def test_a_job_runs_at_a_time_on_weekdays(office: Office, administrator: Reader) -> None:
    page = f"{PAGE}/purge"
    assert re.search(r'<option value="weekly" selected>', administrator.get(page).text), "02:30 daily"
    weekly: dict[str, Any] = {"leaves": "weekly", "leaves_at": "04:05", "leaves_on": ["1", "7"], "cron": ""}
    assert administrator.send(page, **weekly).status_code == 303
    assert job(office, JobName.PURGE).cron == "5 4 * * 1,0"
    wrong = administrator.send(page, **weekly | {"leaves_on": []})
    assert wrong.status_code == 422 and 'id="w-leaves_on"' in wrong.text and 'value="04:05"' in wrong.text
    administrator.send(page, leaves="usual", cron="5 4 * * *")
    assert job(office, JobName.PURGE).cron is None
