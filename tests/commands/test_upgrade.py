"""`dondoc upgrade`: what would be done, and then done, in the words of whoever asks."""

from pathlib import Path

import pytest
from alembic import command

from models.database.schema_state import config
from models.database.session import open_engine
from tests.commands.terminal import Cli

NARROW = {
    "vi": "0016: Thời điểm xét nhiệm vụ lần tới nằm ở một bảng hẹp riêng",
    "en": "0016: When a task is looked at next stands in a narrow table of its own",
}


@pytest.fixture
def older(folder: Path) -> Path:
    """A data folder with the schema of some versions ago."""
    folder.mkdir()
    engine = open_engine(f"sqlite:///{folder / 'dondoc.sqlite'}")
    with engine.connect() as connection:
        told = config()
        told.attributes["connection"] = connection
        command.upgrade(told, "0015")
        connection.commit()
    engine.dispose()
    return folder


@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_step_is_told_in_the_language_of_whoever_asks(
    older: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("DONDOC_LANGUAGE", language)
    planned = cli("upgrade", "--plan")
    assert planned.code == 0 and NARROW[language] in " ".join(planned.out.split())
    done = cli("upgrade")
    assert done.code == 0 and NARROW[language] in " ".join((done.out + done.err).split())


def test_a_second_time_there_is_nothing_to_do(older: Path, cli: Cli) -> None:
    assert cli.json("upgrade")["changed"] is True
    assert cli.json("upgrade")["changed"] is False
    assert cli.json("upgrade", "--plan") == {"schema": "current", "upgrade": [], "finish": []}


def test_a_database_that_is_none_yet_is_told_to_be_set_up_first(folder: Path, cli: Cli) -> None:
    answer = cli("upgrade")
    assert answer.code == 1 and "dondoc init" in answer.err
    assert not folder.exists(), "and nothing was made"


@pytest.mark.parametrize("command_line", [("verify",), ("report",)])
def test_a_command_on_an_older_database_names_the_upgrade(older: Path, cli: Cli, command_line: tuple[str, ...]) -> None:
    answer = cli(*command_line)
    assert answer.code == 1 and "dondoc upgrade" in answer.err
