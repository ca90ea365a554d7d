"""The migrations build exactly what the models say, in one transaction, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, inspect, text
from sqlmodel import SQLModel

import models
from models.database.schema import migrate
from models.database.schema_state import VERSION_TABLE, is_current, known_revisions
from models.database.session import open_engine
from tests.models.schemas import differences, rules


@pytest.fixture
def blank(blank_url: str) -> Iterator[Engine]:
    engine = open_engine(blank_url)
    yield engine
    engine.dispose()


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {VERSION_TABLE}


def test_a_new_database_gets_every_table_of_the_models(blank: Engine) -> None:
    assert not is_current(blank)
    migrate(blank)
    assert is_current(blank)
    assert _tables(blank) == set(SQLModel.metadata.tables)
    assert differences(blank) == []


def test_migrating_twice_changes_nothing(blank: Engine) -> None:
    migrate(blank)
    migrate(blank)
    assert is_current(blank)


def test_nothing_is_left_of_a_migration_that_fails(blank: Engine) -> None:
    with blank.begin() as connection:
        connection.execute(text("CREATE TABLE task (id INTEGER)"))  # in the way of the first migration
    with pytest.raises(Exception, match="already exists"):
        migrate(blank)
    assert _tables(blank) == {"task"}
    assert not is_current(blank)


def test_every_constraint_of_the_models_is_in_the_database_by_its_name(engine: Engine) -> None:
    # Alembic's comparison passes over check constraints
    found = inspect(engine)
    for name, table in SQLModel.metadata.tables.items():
        declared = {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
        assert {check["name"] for check in found.get_check_constraints(name)} == declared, name
        assert found.get_pk_constraint(name)["name"] == f"pk_{name}"
        assert {key["name"] for key in found.get_foreign_keys(name)} == {
            f"fk_{name}_{constraint.column_keys[0]}" for constraint in table.foreign_key_constraints
        }, name


def test_every_rule_says_what_the_models_say(engine: Engine, blank: Engine) -> None:
    if engine.dialect.name != blank.dialect.name:
        pytest.skip("of one database by the migrations and by the models")
    SQLModel.metadata.create_all(blank)
    assert rules(engine) == rules(blank)


def test_the_files_names_are_the_revisions_in_their_order() -> None:
    known = ScriptDirectory(str(Path(models.__file__).parent / "migrations")).walk_revisions()
    assert known_revisions() == [one.revision for one in known][::-1]
