"""Errands beside the clock: through Prefect or without it, at once when nudged, and stopped cleanly."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading
from models.operations.background_job import BackgroundJob, BackgroundJobState
from tests.fire.processes import until
from tests.office import ON, Office, furnish
from tests.workflows.test_errands import look, order_launch
from workflows.jobs.background_runner import BackgroundRunner
from workflows.jobs.prefect.prefect_watch import PrefectWatch
from workflows.jobs.prefect.watched import PrefectFailed


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def runner(office: Office, prefect: Any = None) -> BackgroundRunner:
    watch = cast(PrefectWatch, prefect) if prefect else None
    return BackgroundRunner(office.engine, office.settings, watch, threading.Event(), lambda: ON)


def through(monkeypatch: pytest.MonkeyPatch, flow: Callable[..., Any]) -> Any:
    flows = ModuleType("workflows.jobs.prefect.run_flow")
    flows.__dict__.update(run_flow=flow)
    monkeypatch.setitem(sys.modules, "workflows.jobs.prefect.run_flow", flows)
    return SimpleNamespace(check=lambda: True, server=SimpleNamespace(api_url="", home=Path()))


def test_it_does_what_waits_and_is_idle_without_anything_to_do(office: Office) -> None:
    assert runner(office).look(ON) == {}
    errand_id = order_launch(office, "4")
    assert runner(office).look(ON) == {"errands": 1, "errands_failed": 0, "chunks": 1}
    assert look(office, errand_id).state is BackgroundJobState.DONE


def test_prefect_runs_one_flow_for_all_that_wait(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    order_launch(office, "4")
    order_launch(office, "2")
    flows: list[str] = []

    def flow(api_url: str, home: Path, name: str, work: Any, now: Any) -> Any:
        flows.append(name)
        return work.others[name](now)

    one = runner(office, through(monkeypatch, flow))
    assert one.look(ON)["errands"] == 2 and flows == ["errands"] and one.used_flows


def test_what_prefect_fails_is_done_without_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    errand_id = order_launch(office, "4")

    def flow(*_given: Any) -> Any:
        raise PrefectFailed("gone", {})

    runner(office, through(monkeypatch, flow)).look(ON)
    assert look(office, errand_id).state is BackgroundJobState.DONE


def test_a_nudge_has_it_begin_and_a_stop_ends_it(office: Office) -> None:
    stop = threading.Event()
    one = BackgroundRunner(office.engine, office.settings, None, stop, lambda: ON)
    one.start()
    order_launch(office, "4")
    one.nudge()

    def done() -> bool:
        with reading(office.engine) as session:
            return (
                session.exec(select(BackgroundJob).where(col(BackgroundJob.state) == BackgroundJobState.DONE)).first()
                is not None
            )

    until(done, "the errand")
    stop.set()
    one.join()
