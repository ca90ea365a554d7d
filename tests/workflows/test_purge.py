"""Purge: old ticks' keys and quota counts go; letters, history, summaries' keys and the newest tick stay."""

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.run import Run
from models.database.session import reading, transaction
from models.letters.letter import MailWindow
from models.settings import Settings
from models.tasks.evidence_files import GivenFile, evidence_path, store_file
from tests.office import at, furnish
from workflows.jobs.cleanup import purge as deleting
from workflows.jobs.cleanup import purge as left_files
from workflows.jobs.cleanup.purge import Purged, purge

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def add_tick(engine: Engine, at: datetime, *, is_finished: bool = True) -> str:
    key = f"tick:{at.isoformat()}"
    with transaction(engine) as session:
        session.add(Run(key=key, started_at=at, finished_at=at if is_finished else None))
    return key


def keys(engine: Engine) -> set[str]:
    with reading(engine) as session:
        return set(session.exec(select(Run.key)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, keep_runs_days=30)


def test_finished_ticks_older_than_the_setting_go_and_nothing_else(engine: Engine, settings: Settings) -> None:
    add_tick(engine, NOW - timedelta(days=31))
    kept = {
        add_tick(engine, NOW - timedelta(days=29)),
        add_tick(engine, NOW + timedelta(days=400)),  # one that ran ahead of the clock
    }
    with transaction(engine) as session:
        old = NOW - timedelta(days=300)
        session.add(Run(key="summary:2026-W05", started_at=old, finished_at=old))
    assert purge(engine, settings, now=NOW) == Purged(runs=1)
    assert keys(engine) == kept | {"summary:2026-W05"}
    assert purge(engine, settings, now=NOW) == Purged()


def test_the_newest_finished_tick_stays_however_old(engine: Engine, settings: Settings) -> None:
    add_tick(engine, NOW - timedelta(days=101))
    newest = add_tick(engine, NOW - timedelta(days=100))
    assert purge(engine, settings, now=NOW).runs == 1
    assert keys(engine) == {newest}


def test_ticks_that_died_unfinished_go_with_the_others(engine: Engine, settings: Settings) -> None:
    add_tick(engine, NOW - timedelta(days=31), is_finished=False)
    kept = {
        add_tick(engine, NOW - timedelta(days=60)),  # the newest that finished
        add_tick(engine, NOW - timedelta(days=29), is_finished=False),
    }
    assert purge(engine, settings, now=NOW) == Purged(runs=1)
    assert keys(engine) == kept


def test_many_go_in_batches(engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleting, "BATCH", 4)
    for minute in range(10):
        add_tick(engine, NOW - timedelta(days=60, minutes=minute))
    with transaction(engine) as session:
        for minute in range(9):
            session.add(MailWindow(span="minute", starts_at=NOW - timedelta(days=3, minutes=minute), used=1))
        session.add(MailWindow(span="day", starts_at=NOW - timedelta(days=1), used=9))
    assert purge(engine, settings, now=NOW) == Purged(runs=9, windows=9)
    with reading(engine) as session:
        assert [one.span for one in session.exec(select(MailWindow))] == ["day"]


def test_evidence_is_never_touched(engine: Engine, tmp_path: Path) -> None:
    office = furnish(engine, tmp_path)
    office.launch("4")
    office.days(at(1), at(4))
    before: dict[str, Any] = office.rows()
    assert purge(engine, office.settings, now=NOW).runs == 3
    links = {"letter_link": 0}  # of letters of years ago
    assert office.rows() == before | links | {"run": before["run"] - 3}


def test_files_that_no_result_has_go_after_two_days(engine: Engine, tmp_path: Path) -> None:
    office = furnish(engine, tmp_path)
    office.launch("4")
    folder, kept = office.settings.evidence, GivenFile("a.txt", lambda: io.BytesIO(b"of a result"))
    office.act(
        office.task(),
        "submit",
        "luong.thi.ngan",
        at(1, hour=9),
        number="1",
        date=at(1).date(),
        subject="a",
        signer="b",
        file=(kept,),
    )
    left = [
        store_file(folder, GivenFile("b.txt", lambda text=text: io.BytesIO(text)), max_bytes=99)  # type: ignore[misc]
        for text in (b"old", b"new")
    ]
    for path in folder.glob("*/*"):
        days = 1 if path.name == left[1].sha256 else 3
        os.utime(path, times=((NOW - timedelta(days=days)).timestamp(),) * 2)
    assert purge(engine, office.settings, now=NOW).files == 1
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    assert len(names) == 2 and left[1].sha256 in names and left[0].sha256 not in names


def test_a_content_that_is_stored_again_meanwhile_stays(engine: Engine, tmp_path: Path) -> None:
    file = store_file(tmp_path, GivenFile("b.txt", lambda: io.BytesIO(b"again")), max_bytes=99)
    path = evidence_path(tmp_path, file.sha256)
    assert not left_files._delete(path, path.stat().st_mtime - 1)
    assert path.read_bytes() == b"again"
