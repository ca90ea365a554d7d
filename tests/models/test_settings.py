"""Settings: the environment goes before the file in the data folder, which goes before the defaults."""

from pathlib import Path

import pytest

from models.settings import Settings


def test_the_environment_goes_before_the_file_for_mail_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dondoc.toml").write_text('port = 8080\n[mail]\nhost = "file.example"\nport = 26\n')
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path))
    monkeypatch.setenv("DONDOC_MAIL_HOST", "environment.example")
    monkeypatch.setenv("DONDOC_MAIL_LETTERS_PER_CONNECTION", "7")
    settings = Settings()
    assert settings.mail.host == "environment.example"
    assert settings.mail.letters_per_connection == 7
    assert (settings.mail.port, settings.port) == (26, 8080)
    assert settings.mail.mode == "local"


def test_the_database_is_sqlite_in_the_data_folder_unless_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path))
    assert Settings().url == f"sqlite:///{tmp_path / 'dondoc.sqlite'}"
    monkeypatch.setenv("DONDOC_DATABASE_URL", "postgresql://user@host/name")
    assert Settings().url == "postgresql+psycopg://user@host/name"
