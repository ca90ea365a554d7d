"""A real HTTP server on this machine that plays an office's gateway, or a browser's push service."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Gateway(ThreadingHTTPServer):
    """Keeps what it was sent, and answers with the next of `answers` (200 once they are used up)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Ear)
        self.told: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.meanwhile: Callable[[], object] = lambda: None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}"

    @property
    def keys(self) -> list[str]:
        """The Idempotency-Key of each call."""
        return [headers["idempotency-key"] for _path, headers, _body in self.told]


class _Ear(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        gateway = self.server
        assert isinstance(gateway, Gateway)
        body = self.rfile.read(int(self.headers["content-length"]))
        gateway.told.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        if self.path.endswith("/drip"):
            return self._drip()
        if self.path.endswith("/hang-up"):
            self.connection.close()
            return None
        with suppress(OSError):
            gateway.meanwhile()
            self.send_response(gateway.answers.pop(0) if gateway.answers else 200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

    def _drip(self) -> None:
        """An answer that comes byte by byte, and would end after ten seconds."""
        with suppress(OSError):  # cut
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"." * 200 + b"\r\ncontent-length: 0\r\n\r\n":
                self.wfile.write(bytes([byte]))
                time.sleep(0.05)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def listening() -> Iterator[Gateway]:
    """Listens until the block ends."""
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
