"""Setting up: once, twice, with the example; and what happens before it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, func, select

from models.database.run import Installation
from models.database.session import open_engine
from models.directives.template import TemplateVersion
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.history import History
from tests.commands.terminal import Cli
from tests.keys import KEYS
from workflows.operations.setup import SetUp, set_up

NOW = datetime(2004, 5, 10, 1, tzinfo=UTC)


def test_init_loads_and_publishes_the_bundled_directive(cli: Cli, folder: Path) -> None:
    done = cli.json("init", "--example")
    assert done["changed"] and done["directive"] == "ct-06-2004" and done["templates"] == 11
    duties = "1 2 2.a 2.b 2.c 3 4 5 results obstacles oversight".split()
    templates = cli.json("template", "list")
    assert [row["duty"] for row in templates] == duties
    assert {row["state"] for row in templates} == {"published"}


def test_a_second_init_changes_nothing(cli: Cli, data: Path) -> None:
    before = (cli.json("unit", "list"), cli.json("person", "list"), cli.json("template", "list", "--all"))
    assert cli.json("init")["changed"] is False
    assert (cli.json("unit", "list"), cli.json("person", "list"), cli.json("template", "list", "--all")) == before


def test_init_leaves_a_register_alone_that_was_edited_since(cli: Cli, data: Path) -> None:
    cli.json("person", "handover", "VU-KHTC", "head", "ta.ba.toan")
    cli.json("init")
    head = next(unit["head"] for unit in cli.json("unit", "list") if unit["code"] == "VU-KHTC")
    assert head == "ta.ba.toan"


def test_init_makes_the_schema_and_nothing_else_and_can_be_filled_later(cli: Cli, folder: Path) -> None:
    assert cli.json("init")["units"] == 0
    assert cli.json("unit", "list") == cli.json("directive", "list") == cli.json("task", "list") == []
    assert cli.json("init", "--example")["units"] > 50
    assert cli("init", "--empty").code == 2


@pytest.mark.parametrize("command", ["task list", "tick", "report", "unit list", "outbox list"])
def test_every_other_command_asks_for_init_first_and_makes_no_database(cli: Cli, folder: Path, command: str) -> None:
    answer = cli(*command.split())
    assert answer.code == 2
    assert "dondoc init" in answer.err
    assert not folder.exists()


def test_a_data_folder_that_is_a_file_is_told_without_a_traceback(cli: Cli, folder: Path) -> None:
    folder.write_text("not a folder")
    answer = cli("init")
    assert answer.code == 1
    assert str(folder) in answer.err


def test_set_up_twice_on_either_database(blank_url: str) -> None:
    engine = open_engine(blank_url, KEYS)

    def counted() -> list[int]:
        with Session(engine) as session:
            tables = (Installation, Unit, Person, TemplateVersion, History)
            return [session.exec(select(func.count()).select_from(table)).one() for table in tables]

    first = set_up(engine, now=NOW, example=True)
    rows = counted()
    second = set_up(engine, now=NOW, example=True)
    assert first.migrated and first.key_made and first.units == rows[1]
    assert second == SetUp() and not second.changed
    assert counted() == rows
    engine.dispose()
