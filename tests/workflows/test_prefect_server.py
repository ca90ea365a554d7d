"""Prefect's server is for this machine, or for those who know its password."""

import socket
from pathlib import Path

import pytest

from models.errors import BadInput
from workflows.jobs.prefect.prefect_server import PrefectServer, prefect_environment

AUTH = "dondoc:a-long-password"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "prefect.mpt.example"])
def test_elsewhere_than_on_loopback_it_is_refused_without_a_password(tmp_path: Path, host: str) -> None:
    with pytest.raises(BadInput, match="set prefect_auth too"):
        PrefectServer(tmp_path, 4210, host=host)
    assert PrefectServer(tmp_path, 4210, host=host, auth=AUTH).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_on_loopback_it_needs_none(tmp_path: Path, host: str) -> None:
    assert PrefectServer(tmp_path, 4210, host=host).host == host


@pytest.mark.parametrize("auth", ["secret", "dondoc:short", "dondoc:", ":a-long-password", "two words:a-long-password"])
def test_a_password_that_protects_nothing_is_refused(tmp_path: Path, auth: str) -> None:
    with pytest.raises(BadInput, match="user:password"):
        PrefectServer(tmp_path, 4210, auth=auth)


def test_our_own_flows_know_the_password_and_the_addresses_show_none(tmp_path: Path) -> None:
    assert prefect_environment(tmp_path, AUTH)["PREFECT_API_AUTH_STRING"] == AUTH
    assert "PREFECT_API_AUTH_STRING" not in prefect_environment(tmp_path)
    for host, url in (("0.0.0.0", "http://127.0.0.1:4210"), ("::1", "http://[::1]:4210")):
        assert PrefectServer(tmp_path, 4210, host=host, auth=AUTH).url == url


def test_its_port_is_looked_for_where_it_listens(tmp_path: Path) -> None:
    from workflows.jobs.prefect.prefect_server import free_port

    with socket.create_server(("127.0.0.2", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port(port, "127.0.0.2") != port
        assert free_port(port, "127.0.0.1") == port
