"""Before work is shared between machines: what is not so is said by the name of the setting, with what is right."""

import socket
from pathlib import Path

import pytest
from pydantic import ValidationError

from models.settings import MailSettings, Settings
from tests.commands.terminal import Cli
from tests.serve.serving import free_port
from workflows.jobs.prefect.prefect_remote import worker_environment


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DONDOC_LANGUAGE", "en")
    return tmp_path / "data"


@pytest.mark.parametrize("name", ["clock", "worker", "serve"])
def test_many_machines_do_not_share_an_sqlite_file(name: str, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli("init").code == 0
    monkeypatch.setenv("DONDOC_PREFECT_API_URL", "http://127.0.0.1:9/api")
    monkeypatch.setenv("DONDOC_PORT", str(free_port()))
    answer = cli(name)
    assert answer.code == 2
    assert "database_url: work shared between machines needs PostgreSQL, not SQLite" in answer.err
    assert "postgresql://user:password@host/dondoc" in answer.err


@pytest.mark.parametrize("name", ["clock", "worker", "deploy"])
def test_without_the_servers_address_it_is_asked_for(name: str, cli: Cli) -> None:
    assert cli("init").code == 0
    answer = cli(name)
    assert answer.code == 2
    assert "prefect_api_url: needed here" in answer.err


def test_a_server_that_does_not_answer_is_said_with_what_to_start(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_PREFECT_API_URL", "http://127.0.0.1:9/api")
    answer = cli("deploy")
    assert answer.code == 1
    assert (
        "Prefect does not answer at http://127.0.0.1:9 (Connection refused)" in answer.err
        and "`dondoc prefect-server`" in answer.err
    )


def test_the_server_does_not_move_to_another_port(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("DONDOC_PREFECT_PORT", str(port))
        answer = cli("prefect-server")
    assert answer.code == 1
    assert f"prefect_port {port}: something else listens there" in answer.err


@pytest.mark.parametrize("url", ["10.0.0.5:4200/api", "http://10.0.0.5:4200", "ftp://host/api", "http://a b/api"])
def test_an_address_that_is_none_of_an_api_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match=r"prefect_api_url(.|\n)*expected something like http://"):
        Settings(prefect_api_url=url)


def test_an_address_may_end_in_a_slash() -> None:
    assert (
        Settings(prefect_api_url="https://prefect.example/sub/api/").prefect_api_url
        == "https://prefect.example/sub/api"
    )


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+asyncpg"])
def test_prefects_database_is_spoken_to_by_asyncpg_however_it_is_written(scheme: str) -> None:
    settings = Settings.model_validate({"prefect_database_url": f"{scheme}://u:p@host/prefect"})
    assert settings.prefect_database_url is not None
    assert settings.prefect_database_url.get_secret_value() == "postgresql+asyncpg://u:p@host/prefect"


@pytest.mark.parametrize("url", ["sqlite:///x", "mysql://u:p@host/x", "postgresql://u:p@host"])
def test_prefects_database_is_postgresql_or_left_out(url: str) -> None:
    with pytest.raises(ValidationError, match=r"prefect_database_url(.|\n)*expected postgresql://"):
        Settings.model_validate({"prefect_database_url": url})


def test_limits_are_at_least_one() -> None:
    for wrong in ({"shares": 0}, {"bulk_at_once": 0}, {"work_pool": "a/b"}):
        with pytest.raises(ValidationError, match=next(iter(wrong))):
            Settings.model_validate(wrong)
    with pytest.raises(ValidationError, match="connections"):
        MailSettings(connections=0)


def test_the_configuration_shows_no_password_of_prefects_database(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_PREFECT_DATABASE_URL", "postgresql://prefect:hidden-word@host/prefect")
    shown = cli("config", "--json")
    assert shown.code == 0
    assert "hidden-word" not in shown.out and "postgresql+asyncpg://prefect:***@host/prefect" in shown.out


def test_a_run_is_told_what_it_needs_and_nothing_else(tmp_path: Path) -> None:
    inherited = {
        "PATH": "/bin",
        "LC_ALL": "C.UTF-8",
        "AWS_SECRET_ACCESS_KEY": "of somebody else",
        "DONDOC_MAIL_PASSWORD": "needed",
        "DONDOC_PREFECT_DATABASE_URL": "of the server",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": "of the server",
        "PREFECT_API_URL": "http://host/api",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318",
    }
    told = worker_environment(inherited, Settings(data=tmp_path))
    assert {"PATH", "LC_ALL", "DONDOC_MAIL_PASSWORD", "PREFECT_API_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"} <= told.keys()
    assert "of somebody else" not in told.values() and "of the server" not in told.values()
    assert told["DONDOC_DATA"] == str(tmp_path)
