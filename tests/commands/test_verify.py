"""`dondoc verify` and `dondoc directive export`: what they say, in both languages, and how they end."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col, select

from models.database.session import open_engine, reading
from models.organization.audit import Audit
from models.tasks.history import History
from tests.commands.terminal import Cli
from tests.tampering import unguarded

pytestmark = pytest.mark.long

DIRECTIVE = "ct-06-2004"


@pytest.fixture
def sealed(launched: Path, cli: Cli) -> Path:
    """Two duties launched, and a tick that sealed it."""
    cli.json("tick", "--now", "2004-05-18")
    return launched


@pytest.fixture
def engine(sealed: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{sealed / 'dondoc.sqlite'}")
    yield engine
    engine.dispose()


def change(engine: Engine) -> str:
    """Somebody makes a launch's line say another date; its id."""
    with reading(engine) as session:
        row = session.scalars(select(History).where(History.event == "assigned").order_by(col(History.id))).first()
    assert row is not None
    with unguarded(engine) as connection:
        connection.execute(update(History).where(col(History.id) == row.id).values(facts=row.facts | {"due_on": None}))
    engine.dispose()
    return row.id.hex


def test_a_whole_chain_is_told_with_its_head(sealed: Path, cli: Cli) -> None:
    told = cli.json("verify")
    assert told["whole"] is True and "break" not in told
    assert told["rows"] > 0 and told["tail"] == 0 and len(told["head"]) == 64
    answer = cli("verify", "--directive", DIRECTIVE, "--head", told["head"][:16])
    assert answer.code == 0
    assert "whole: nothing that was sealed has been changed" in answer.out and told["head"] in answer.out
    assert "nguyên vẹn" in cli("verify", "--language", "vi").out


def test_what_is_not_sealed_yet_is_told(sealed: Path, cli: Cli) -> None:
    cli.json("launch", DIRECTIVE, "--duty", "3", "--on", "2004-05-18", "--due", "2004-06-30", "--override")
    told = cli.json("verify")
    assert told["whole"] is True and told["tail"] > 0 and told["tail_since"]
    assert f"not sealed yet: {told['tail']} lines" in cli("verify").out


def test_a_break_is_named_and_ends_with_1(sealed: Path, cli: Cli, engine: Engine) -> None:
    row = change(engine)
    answer = cli("verify", "--json")
    assert answer.code == 1
    assert (answer.json["whole"], answer.json["break"]["fault"], answer.json["break"]["row"]) == (
        False,
        "row_changed",
        row,
    )
    assert answer.json["break"]["task"] and answer.json["break"]["seal"] and answer.json["break"]["position"]
    told = cli("verify")
    assert told.code == 1 and "BROKEN: a line was changed after it was sealed" in told.out and row in told.out
    assert "HỎNG" in cli("verify", "--language", "vi").out


def test_wrong_usage(sealed: Path, cli: Cli) -> None:
    assert cli("verify", "--head", "xyz").code == 2
    assert cli("verify", "--directive", "nothing").code == 2
    answer = cli("verify", "--head", "0" * 64)
    assert answer.code == 1 and "kept elsewhere" in answer.out


def test_a_directives_whole_file_is_taken_out_and_proves_itself(
    sealed: Path, cli: Cli, tmp_path: Path, engine: Engine
) -> None:
    archive = tmp_path / "ct-06.zip"
    told = cli.json("directive", "export", DIRECTIVE, archive)
    assert told["head"] == cli.json("verify")["head"] and told["size"] == archive.stat().st_size
    with zipfile.ZipFile(archive) as packed:
        packed.extract("verify.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "verify.py"), str(archive)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "NGUYÊN VẸN / WHOLE" in done.stdout
    with reading(engine) as session:
        assert session.scalars(select(Audit.action).where(Audit.action == "directive_exported")).one()
    again = cli("directive", "export", DIRECTIVE, archive)
    assert again.code == 2 and "it is there already" in again.err


def test_no_file_is_taken_out_of_a_broken_history(sealed: Path, cli: Cli, tmp_path: Path, engine: Engine) -> None:
    change(engine)
    answer = cli("directive", "export", DIRECTIVE, tmp_path / "a.zip")
    assert answer.code == 1 and "dondoc verify" in answer.err
    assert not (tmp_path / "a.zip").exists()
