"""A mail server with STARTTLS and a log-in that drips at one step of a conversation, or takes its time over it."""

import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from email.parser import BytesHeaderParser

from bench.sink import Certificate

GREETING, EHLO, STARTTLS, HANDSHAKE, AUTH, MAIL, RCPT, DATA, TEXT, DOT, SCAN = STEPS = (
    "greeting",
    "EHLO",
    "STARTTLS",
    "handshake",
    "AUTH",
    "MAIL",
    "RCPT",
    "DATA",
    "text",
    "dot",
    "scan",
)
"""In the order of a conversation. At the text it reads slowly; at the dot it keeps the letter and drips its answer; the
last takes half a minute over the answer, and gives it.
"""
DRIP_SECONDS, BYTES_A_SECOND, SCAN_SECONDS, USUAL_SECONDS = 2.0, 500, 25.0, 1.5
_LINE_STEPS = (GREETING, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, DOT)


class DrippingServer:
    """Listens on a free port of loopback inside `with`. `at`: the step at which it misbehaves now, or None."""

    def __init__(self, certificate: Certificate) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate.certificate, certificate.key)
        self.at: str | None = None
        self.usual_seconds = USUAL_SECONDS  # over the answer to a letter where it is well
        self.arrived: Counter[str] = Counter()  # by Message-ID
        self.arrivals: list[tuple[float, str]] = []  # the second of the monotonic clock, and the name
        self.lines, self.most_lines = 0, 0
        self._lock, self._over = threading.Lock(), threading.Event()

    def __enter__(self) -> "DrippingServer":
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_how: object) -> None:
        self._over.set()
        self._listening.close()

    def take_most_lines(self) -> int:
        """Return how many conversations there were at once since the last time."""
        with self._lock:
            most, self.most_lines = self.most_lines, self.lines
        return most

    def count(self, by: int) -> None:
        """One conversation more, or less."""
        with self._lock:
            self.lines += by
            self.most_lines = max(self.most_lines, self.lines)

    def _accept(self) -> None:
        while not self._over.is_set():
            with suppress(OSError):
                line, _address = self._listening.accept()
                threading.Thread(target=self._hold, args=(line,), daemon=True).start()

    def _hold(self, line: socket.socket) -> None:
        self.count(1)
        with suppress(OSError, EOFError, ssl.SSLError):
            self._converse(line)
        self.count(-1)

    def _converse(self, line: socket.socket) -> None:
        self._say(line, GREETING, "220", "sink")
        read = _Reader(line)
        while command := read.line():
            verb = command[:4].upper()
            if verb == b"EHLO":
                self._say(line, EHLO, "250", "sink", "STARTTLS" if read.is_plain else "AUTH PLAIN", "8BITMIME")
            elif verb == b"STAR":
                self._say(line, STARTTLS, "220", "go ahead")
                self._handshake(line)
                line = self._context.wrap_socket(line, server_side=True)
                read = _Reader(line, is_plain=False)
            elif verb == b"AUTH":
                self._say(line, AUTH, "235", "welcome")
            elif verb == b"DATA":
                self._say(line, DATA, "354", "go on")
                self._take(line, read)
            elif verb == b"QUIT":
                line.sendall(b"221 bye\r\n")
                return
            else:
                self._say(line, {b"MAIL": MAIL, b"RCPT": RCPT}.get(verb, ""), "250", "ok")

    def _say(self, line: socket.socket, step: str, code: str, *words: str) -> None:
        if step in _LINE_STEPS and step == self.at:
            while True:
                line.sendall(f"{code}-wait\r\n".encode())
                self._pause(DRIP_SECONDS)
        *more, last = words
        line.sendall("".join(f"{code}-{one}\r\n" for one in more).encode() + f"{code} {last}\r\n".encode())

    def _handshake(self, line: socket.socket) -> None:
        if self.at == HANDSHAKE:
            line.sendall(b"\x16\x03\x03\x3f\xff")
            while True:
                line.sendall(b"\x02")
                self._pause(DRIP_SECONDS)

    def _take(self, line: socket.socket, read: "_Reader") -> None:
        text = b"".join(self._text(read))
        name = str(BytesHeaderParser().parsebytes(text)["Message-ID"]).strip()
        self._pause(SCAN_SECONDS if self.at == SCAN else self.usual_seconds)
        with self._lock:
            self.arrived[name] += 1
            self.arrivals.append((time.monotonic(), name))
        self._say(line, DOT, "250", "kept")

    def _text(self, read: "_Reader") -> Iterator[bytes]:
        while (line := read.line()) != b".\r\n":
            yield line
            if self.at == TEXT:
                self._pause(len(line) / BYTES_A_SECOND)

    def _pause(self, seconds: float) -> None:
        if self._over.wait(seconds):
            raise EOFError


class _Reader:
    """Lines of a connection; the little that it reads ahead keeps a slow reader slow."""

    def __init__(self, line: socket.socket, *, is_plain: bool = True) -> None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._line, self._read, self.is_plain = line, b"", is_plain

    def line(self) -> bytes:
        while b"\n" not in self._read:
            came = self._line.recv(1024)
            if not came:
                raise EOFError
            self._read += came
        found, _, self._read = self._read.partition(b"\n")
        return found + b"\n"
