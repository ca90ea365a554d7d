"""The stage that all stories of a test process are played on."""

from pathlib import Path

import pytest

from tests.soak.stage import OnSqlite, Stage


@pytest.fixture(scope="session")
def stage(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """SQLite, furnished once for each register."""
    folder = tmp_path_factory.mktemp("soak")
    return Stage(OnSqlite(folder, migrated_sqlite), folder)
