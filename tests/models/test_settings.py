"""Settings: the environment goes before the file in the data folder, which goes before the defaults."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from models.settings import EdxmlSettings, Settings


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


def test_a_renamed_setting_is_read_by_its_former_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path))
    for number, name in enumerate(("evidence_max_bytes", "file_max_bytes"), start=1):
        (tmp_path / "dondoc.toml").write_text(f"{name} = {number}\n")
        assert Settings().file_max_bytes == number
    for number, name in enumerate(("EVIDENCE_MAX_BYTES", "FILE_MAX_BYTES"), start=3):
        monkeypatch.setenv(f"DONDOC_{name}", str(number))
        assert Settings().file_max_bytes == number, "before the file, by either name"


@pytest.mark.parametrize("field", Settings.model_fields)
def test_a_variable_without_the_programs_name_sets_nothing(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Settings()
    for name in (field, "evidence_max_bytes"):
        monkeypatch.setenv(name.upper(), "4711")
    assert Settings() == before


def test_a_relative_data_folder_is_resolved_once_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect's server, and a worker's runs, begin in another folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DONDOC_DATA", "var/demo")
    monkeypatch.setenv("DONDOC_EDXML", '{"organ_id": "a", "organ_name": "b", "folder": "exchange"}')
    settings, data = Settings(), tmp_path / "var" / "demo"
    assert settings.data == data == Settings(data=Path("var/demo")).data
    assert (settings.url, settings.edxml_folder) == (f"sqlite:///{data / 'dondoc.sqlite'}", data / "exchange")


@pytest.mark.parametrize("given", ["0770", "2750", "775", 0o770])
def test_permissions_of_the_exchanges_folders_are_octal(given: object) -> None:
    assert int(EdxmlSettings(organ_id="a", organ_name="b", mode=given).mode or "", 8) & 0o700 == 0o700  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", ["", "rwx", "0570", "0778", "4770", 770])
def test_permissions_that_would_shut_us_out_are_refused(wrong: object) -> None:
    with pytest.raises(ValidationError, match=r"mode(.|\n)*expected something like 0770"):
        EdxmlSettings(organ_id="a", organ_name="b", mode=wrong)  # type: ignore[arg-type]


def test_the_database_is_sqlite_in_the_data_folder_unless_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path))
    assert Settings().url == f"sqlite:///{tmp_path / 'dondoc.sqlite'}"
    monkeypatch.setenv("DONDOC_DATABASE_URL", "postgresql://user@host/name")
    assert Settings().url == "postgresql+psycopg://user@host/name"


@pytest.mark.parametrize("given", ["https://dondoc.example.vn/", " http://10.0.0.5:8000", "https://[2001:db8::5]:8443"])
def test_the_sites_address_has_no_slash_at_its_end_as_links_begin_with_one(given: str) -> None:
    assert Settings(base_url=given).base_url == given.strip().rstrip("/")


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "dondoc.example.vn",
        "dondoc.example.vn:8000",
        "ftp://dondoc.example.vn",
        "https://",
        "https://h:99999",
        "https://h/dondoc",
        "https://h/?a=b",
        "https://h#a",
        "https://a:b@h",
        "https://a b",
        "https:\\\\h",
    ],
)
def test_links_that_would_lead_nowhere_are_refused_before_a_letter_holds_one(wrong: str) -> None:
    with pytest.raises(ValidationError, match=r"base_url(.|\n)*expected something like https://dondoc\.example\.vn"):
        Settings(base_url=wrong)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"port": 8761}, "http://127.0.0.1:8761"),
        ({"port": 8761, "host": "0.0.0.0"}, "http://127.0.0.1:8761"),
        ({"port": 8761, "host": "::1"}, "http://[::1]:8761"),
        ({"port": 8761, "base_url": "https://dondoc.example.vn"}, "https://dondoc.example.vn"),
    ],
)
def test_links_lead_to_where_the_site_listens_unless_its_address_is_given(
    tmp_path: Path, given: dict[str, object], address: str
) -> None:
    assert Settings(data=tmp_path, **given).base_url == address  # type: ignore[arg-type]
