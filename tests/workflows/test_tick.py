"""A tick's parts: one that fails holds up no other, and the tick goes on where it is repeated."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.run import Run
from models.database.session import reading
from models.operations.system_job import JobName
from models.operations.traces import tracing
from tests.collector import Collector
from tests.office import Office, at, furnish
from workflows.delivery.mail_lines import MailLines
from workflows.jobs import tick as ticking
from workflows.jobs.run_job import run_job


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    made = furnish(engine, tmp_path)
    made.launch("4")
    return made


def finished(office: Office) -> list[bool]:
    with reading(office.engine) as session:
        runs = session.exec(select(Run).order_by(Run.key)).all()
        return [run.finished_at is not None for run in runs if run.key.startswith("tick:")]


def test_letters_leave_though_periods_cannot_be_opened(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **more: object) -> None:
        raise OSError("broken on purpose")

    with monkeypatch.context() as patched:
        patched.setattr(ticking, "open_periods", broken)
        with pytest.raises(OSError, match="on purpose"):
            office.tick(at(1))
        sent = len(office.sender.letters)
        assert sent > 0
        assert finished(office) == [False]
    office.tick(at(1))  # the same moment goes on, and sends nothing twice
    assert finished(office) == [True]
    assert len(office.sender.letters) == sent


def test_several_faults_are_told_together(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **more: object) -> None:
        raise OSError("broken on purpose")

    monkeypatch.setattr(ticking, "open_periods", broken)
    monkeypatch.setattr(ticking, "sweep", broken)
    with pytest.raises(ExceptionGroup) as group:
        office.tick(at(1))
    assert len(group.value.exceptions) == 2
    assert office.sender.letters


def test_the_outcome_tells_what_every_part_did(office: Office) -> None:
    outcome = office.tick(at(1))
    assert outcome.sent == outcome.letters == len(office.sender.letters)
    later = office.tick(at(28))
    assert later.checked > 0
    assert later.notices > 0


def test_after_a_sweep_that_lasted_into_the_night_no_letter_leaves(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(ticking, "monotonic", lambda: clock[0])
    parts = ticking.tick_parts(office.engine, office.settings, lambda: office.sender, for_seconds=60)
    clock[0] = 13 * 3600
    assert parts["deliver"](at(1))["letters"] == 0, "it is 21:00 by then"
    assert office.tick(at(2)).sent > 0


def test_a_trace_shows_each_letter_within_its_job(office: Office, collector: Collector) -> None:
    with tracing():
        lines = MailLines(waits=True)
        run_job(office.engine, office.settings, JobName.DELIVER, now=at(1), sender=lambda: office.sender, lines=lines)
    job, part = collector.named("job deliver"), collector.named("deliver")
    letters = [one for one in collector.spans if one.name == "letter"]
    assert part.parent_span_id == job.span_id
    assert len(letters) == len(office.sender.letters) > 0
    assert {one.parent_span_id for one in letters} == {part.span_id}
    assert b".example" not in collector.raw and b".vn" not in collector.raw  # nobody's address
