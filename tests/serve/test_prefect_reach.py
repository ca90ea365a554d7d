"""Prefect's server as it is run: out of reach from outside, and with a password nobody does anything without it."""

import base64
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.serve.serving import free_port
from workflows.jobs.prefect.prefect_server import PrefectServer

pytestmark = pytest.mark.long

AUTH = "dondoc:a-long-password"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    server = PrefectServer(tmp_path_factory.mktemp("prefect") / "home", free_port(), auth=AUTH)
    server.start()
    try:
        assert server.wait_until_healthy(180)
        yield server
    finally:
        server.stop()


def listening(port: int) -> set[str]:
    """The addresses on which something of this machine listens at a port, as the kernel writes them."""
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {
        local.split(":")[0]
        for _n, local, _remote, state, *_rest in rows
        if state == "0A" and int(local.split(":")[1], 16) == port
    }


def test_it_listens_on_loopback_and_nowhere_else(server: PrefectServer) -> None:
    assert listening(server.port) == {"0100007F"}  # 127.0.0.1
    others = {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in others:
        if not address.startswith("127."):
            with socket.socket() as line:
                line.settimeout(2)
                assert line.connect_ex((address, server.port)) != 0


def test_with_a_password_nothing_is_told_or_done_without_it(server: PrefectServer) -> None:
    def ask(path: str, **headers: str) -> int:
        return httpx.get(f"{server.api_url}{path}", headers=headers, timeout=30, trust_env=False).status_code

    right, wrong = (base64.b64encode(one.encode()).decode() for one in (AUTH, "dondoc:another-password"))
    assert ask("/health") == 200  # that it lives, and nothing more
    assert ask("/admin/settings") == 401
    assert ask("/admin/settings", Authorization=f"Basic {wrong}") == 401
    assert ask("/admin/settings", Authorization=f"Basic {right}") == 200
    posted = httpx.post(f"{server.api_url}/flows/filter", json={}, timeout=30, trust_env=False)
    assert posted.status_code == 401


def test_a_second_process_attaches_to_it_with_the_password_alone(server: PrefectServer) -> None:
    other = PrefectServer(server.home, server.port, auth=AUTH)
    other.start()
    assert other.answers() and other.is_known and not other.owned
    stranger = PrefectServer(server.home, server.port)
    stranger.start()
    assert not stranger.answers()
