"""The demo's 120 days: each of the directive's eleven rows is alive, and nobody outside is written to."""

from collections.abc import Iterator
from datetime import date, time

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.secret_keys import keys_of
from models.database.session import open_engine, reading
from models.letters.letter import Letter, LetterKind
from models.organization.person import Person
from models.organization.unit import Unit
from models.settings import MailSettings, Settings
from models.text.localtime import at_local
from tests.acceptance.demo_rows import Row, outside_letters, play_demo, read_rows

pytestmark = pytest.mark.long

NOW = at_local(date(2026, 12, 1), time(12, 0))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("demo")
    settings = Settings(data=folder, mail=MailSettings(mode="local"))
    engine = open_engine(settings.url, keys_of(settings))
    play_demo(engine, settings, now=NOW)
    yield engine
    engine.dispose()


@pytest.fixture
def rows(played: Engine) -> dict[str, Row]:
    with reading(played) as session:
        return read_rows(session)


def test_every_row_is_submitted_decided_on_and_told(rows: dict[str, Row]) -> None:
    assert list(rows) == ["1", "2", "2.a", "2.b", "2.c", "3", "4", "5", "results", "obstacles", "oversight"]
    for path, row in rows.items():
        assert row.tasks.total() and row.submitted and row.decided and row.letters, path


def test_an_incident_ended_with_results_for_both_of_its_rows(rows: dict[str, Row]) -> None:
    for path, withdrawn in (("2.a", 0), ("2.c", 1)):
        assert rows[path].tasks == {"approved": 4 - withdrawn} | ({"withdrawn": 1} if withdrawn else {})
        assert rows[path].letters[LetterKind.INCIDENT] > 0


def test_the_police_ask_for_figures_and_for_measures(rows: dict[str, Row]) -> None:
    assert rows["3"].asked["request"] == rows["1"].asked["request"] == 2


def test_a_difficulty_with_the_directive_is_answered_on_its_own_row(rows: dict[str, Row]) -> None:
    assert rows["obstacles"].tasks == {"approved": 1}
    assert set(rows["obstacles"].submitted) == {"VU-VT"}
    assert set(rows["obstacles"].decided) == {"BD-C approved"}, "by the unit that raised it"


def test_oversight_is_decided_by_the_ministers_office_and_inspects(rows: dict[str, Row]) -> None:
    row = rows["oversight"]
    assert set(row.submitted) == {"VU-VT", "VU-BC"} and set(row.decided) == {"VP approved"}
    assert (row.inspections, row.findings) == (1, 1)


def test_neither_the_police_nor_the_minister_gets_a_letter(played: Engine) -> None:
    with reading(played) as session:
        assert outside_letters(session) == 0
        minister = session.exec(select(Unit.head_id).where(Unit.code == "BO")).one()
        assert session.get_one(Person, minister).title == "Bộ trưởng"
        assert session.exec(select(Letter.id).where(col(Letter.recipient_id) == minister)).all() == []
