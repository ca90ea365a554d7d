"""`dondoc doctor` tells what leaves this machine unencrypted, or to a server that nobody has made sure of."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from models.settings import MailSettings, Settings
from workflows.operations.doctor.finding import CheckedInstallation, Finding, State
from workflows.operations.doctor.network import connections


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of PostgreSQL's own library."""
    for name in ("PGSSLMODE", "PGHOST"):
        monkeypatch.delenv(name, raising=False)


def look(folder: Path, **settings: Any) -> Finding:
    return connections(CheckedInstallation(Settings(data=folder, **settings), datetime(2026, 11, 5, tzinfo=UTC)))


def database(url: str) -> dict[str, Any]:
    return {"database_url": SecretStr(url)}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        database("no URL"),
        database("postgresql:///dondoc"),
        database("postgresql://u:p@localhost/dondoc"),
        database("postgresql://u:p@127.0.0.1:5433/dondoc"),
        database("postgresql://u:p@/dondoc?host=/var/run/postgresql"),
        database("postgresql://u:p@db.mpt.example/dondoc?sslmode=verify-full"),
        {"prefect_database_url": SecretStr("postgresql://u:p@db.mpt.example/prefect?ssl=verify-full")},
        {"prefect_api_url": "https://prefect.mpt.example/api"},
        {"prefect_api_url": "http://127.0.0.1:4210/api"},
        {"mail": MailSettings(mode="smtp", host="localhost", port=25)},
        {"mail": MailSettings(mode="smtp", host="mail.mpt.example", port=587, security="starttls")},
        {"mail": MailSettings(mode="local", host="mail.mpt.example")},
    ],
)
def test_what_stays_here_or_is_encrypted_to_a_server_that_is_checked_is_well(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    assert look(tmp_path, **settings).state is State.OK


@pytest.mark.parametrize(
    ("settings", "words", "advice"),
    [
        (
            database("postgresql://u:geheim@db.mpt.example/dondoc"),
            "the database: nobody checks whether its server is the right one (sslmode=prefer)",
            "add sslmode=verify-full to DONDOC_DATABASE_URL",
        ),
        (
            database("postgresql://u:geheim@10.0.0.5/dondoc?sslmode=require"),
            "the database: nobody checks whether its server is the right one (sslmode=require)",
            "add sslmode=verify-full to DONDOC_DATABASE_URL",
        ),
        (
            database("postgresql://u:geheim@/dondoc?host=127.0.0.1:5432&host=10.0.0.6:5432"),
            "the database: nobody checks whether its server is the right one (sslmode=prefer)",
            "add sslmode=verify-full to DONDOC_DATABASE_URL",
        ),
        (
            {"prefect_database_url": SecretStr("postgresql://u:geheim@db.mpt.example/prefect")},
            "Prefect's database: nobody checks whether its server is the right one (ssl=prefer)",
            "add ssl=verify-full to DONDOC_PREFECT_DATABASE_URL",
        ),
        (
            {"mail": MailSettings(mode="smtp", host="mail.mpt.example", port=25)},
            "letters travel to mail.mpt.example:25 unencrypted",
            "set mail.security to starttls or tls",
        ),
        (
            {"prefect_api_url": "http://10.0.0.5:4210/api"},
            "Prefect's server at 10.0.0.5:4210 is spoken to unencrypted",
            "put a reverse proxy with a certificate in front of it, and https:// into DONDOC_PREFECT_API_URL",
        ),
        (
            {"prefect_host": "0.0.0.0", "prefect_auth": SecretStr("dondoc:mot-mat-khau-dai")},
            "Prefect's server at 0.0.0.0:4210 is spoken to unencrypted",
            "put a reverse proxy with a certificate in front of it, and https:// into DONDOC_PREFECT_API_URL",
        ),
    ],
)
def test_what_leaves_unprotected_is_named_with_what_to_do(
    tmp_path: Path, settings: dict[str, Any], words: str, advice: str
) -> None:
    found = look(tmp_path, **settings)
    assert (found.state, str(found.words), str(found.advice)) == (State.WARNING, words, advice)


def test_of_several_each_is_named_and_advice_once(tmp_path: Path) -> None:
    found = look(
        tmp_path,
        prefect_api_url="http://10.0.0.5:4210/api",
        prefect_host="10.0.0.5",
        prefect_auth=SecretStr("dondoc:mot-mat-khau-dai"),
        mail=MailSettings(mode="smtp", host="mail.mpt.example", port=25),
    )
    assert str(found.words).count("unencrypted") == 3
    assert str(found.advice).count("reverse proxy") == 1


def test_what_the_environment_tells_postgresqls_own_library_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGHOST", "db.mpt.example")
    assert look(tmp_path, **database("postgresql:///dondoc")).state is State.WARNING
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert look(tmp_path, **database("postgresql:///dondoc")).state is State.OK
