"""The stage of a story: the bundled directive and its demo register, set up a moment before the launch."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.session import open_engine
from tests.acceptance.story import LAUNCH, Story, begin, give_police_addresses, tell_as_it_happens
from tests.keys import KEYS
from workflows.operations.setup import set_up


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that is set up, to be copied."""
    path = tmp_path_factory.mktemp("stage") / "dondoc.sqlite"
    engine = open_engine(f"sqlite:///{path}", KEYS)
    set_up(engine, now=LAUNCH, example=True)
    give_police_addresses(engine)
    tell_as_it_happens(engine)
    engine.dispose()
    return path


@pytest.fixture
def story(stage: Path, tmp_path: Path) -> Iterator[Story]:
    """A story on SQLite."""
    shutil.copyfile(stage, tmp_path / "dondoc.sqlite")
    engine = open_engine(f"sqlite:///{tmp_path / 'dondoc.sqlite'}", KEYS)
    with begin(engine, tmp_path) as story:
        yield story
    engine.dispose()


@pytest.fixture
def story_on_both(engine: Engine, tmp_path: Path) -> Iterator[Story]:
    """A story told twice: on SQLite and on PostgreSQL."""
    set_up(engine, now=LAUNCH, example=True)
    give_police_addresses(engine)
    tell_as_it_happens(engine)
    with begin(engine, tmp_path / "data") as story:
        yield story
