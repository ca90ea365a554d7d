"""Asks the site as a browser does, over kept connections, and measures how long the whole answer takes."""

import http.client
import re
import statistics
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

_CLIENTS = 32
_LOADED_AT_FIRST = re.compile(r'<link [^>]*rel="stylesheet"[^>]*>|<script [^>]*src="[^"]*"[^>]*>')
_ADDRESS = re.compile(r'(?:href|src)="([^"]*)"')


@dataclass(frozen=True)
class Asked:
    """One address, asked for with these cookies (a whole `Cookie` header; empty for a stranger)."""

    path: str
    cookies: str = ""


@dataclass(frozen=True)
class Answer:
    """What came: `wire` are the bytes of head and body as they were sent, compressed if they were."""

    status: int
    seconds: float
    wire: int
    body: bytes
    encoding: str


class Client:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, asked: Asked) -> Answer:
        """GETs it. Time runs from the first byte sent to the last one received."""
        headers = {"Accept": "text/html", "Accept-Encoding": "gzip", "Accept-Language": "vi"}
        if asked.cookies:
            headers["Cookie"] = asked.cookies
        started = time.perf_counter()
        try:
            response = self._send(asked.path, headers)
        except http.client.RemoteDisconnected:  # the site closes a connection that was idle for some seconds
            self._connection.close()
            response = self._send(asked.path, headers)
        body = response.read()
        seconds = time.perf_counter() - started
        head = sum(len(name) + len(value) + 4 for name, value in response.getheaders())
        return Answer(response.status, seconds, head + len(body), body, response.getheader("Content-Encoding", ""))

    def _send(self, path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        self._connection.request("GET", path, headers=headers)
        return self._connection.getresponse()

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()


def percentile_95(port: int, pages: Sequence[Asked], *, a_second: float, seconds: float) -> float:
    """How long 95 of 100 answers took at most (s), asked for at a fixed rate however slowly the site answers.

    Counted from the moment a request was due: waiting for a free client would be waiting for the site.
    """
    local = threading.local()
    clients: list[Client] = []

    def ask(number: int, due: float) -> float:
        if not hasattr(local, "client"):
            local.client = Client(port)
            clients.append(local.client)
        local.client.ask(pages[number % len(pages)])
        return time.perf_counter() - due

    with ThreadPoolExecutor(_CLIENTS) as pool:
        begun, answers = time.perf_counter(), []
        for number in range(int(a_second * seconds)):
            due = begun + number / a_second
            time.sleep(max(0.0, due - time.perf_counter()))
            answers.append(pool.submit(ask, number, due))
        taken = [answer.result() for answer in answers]
    for client in clients:
        client.close()
    return statistics.quantiles(taken, n=20)[-1]


def loaded_at_first(html: str) -> list[str]:
    """Addresses of the styles and scripts that a page brings along; pictures are not among them."""
    return [_ADDRESS.findall(tag)[0] for tag in _LOADED_AT_FIRST.findall(html)]
