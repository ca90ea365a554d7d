"""A mail server in a process of its own that accepts every letter and keeps none of them.

It does as little as a server can, a thread a connection and no look into a letter: what is measured is whoever sends.
Plain, or as an organisation's relay is: STARTTLS and a log-in before anything else is heard, and so many milliseconds
away.
"""

import ipaddress
import multiprocessing
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

START_SECONDS = 180.0  # a busy machine may take its time
USER, PASSWORD = "dondoc", "bench"


class Seen(NamedTuple):
    """What came in since it was last asked."""

    connections: int
    letters: int


@dataclass(frozen=True)
class Certificate:
    """A certificate for 127.0.0.1 that is its own authority."""

    certificate: Path
    key: Path

    def trusted(self) -> ssl.SSLContext:
        """What a client checks it with."""
        return ssl.create_default_context(cafile=self.certificate)


class Sink:
    """Listens on a free port of loopback inside `with`; `port` tells which.

    With a certificate it asks for STARTTLS and a log-in as `USER`. `away` (seconds) passes before each answer, and
    only once for commands that came together: a journey there and back.
    """

    port: int

    def __init__(self, certificate: Certificate | None = None, away: float = 0.0) -> None:
        self._certificate, self._away = certificate, away

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._certificate, self._away), daemon=True)
        self._process.start()
        if not self._ours.poll(START_SECONDS):
            raise RuntimeError("the sink did not start")
        self.port = self._ours.recv()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ours.send("stop")
        self._process.join(START_SECONDS)

    def seen(self) -> Seen:
        """Connections and letters since the last time; counting starts anew."""
        self._ours.send("seen")
        return Seen(*self._ours.recv())


def self_signed(folder: Path) -> Certificate:
    """A fresh one, on an elliptic curve: the cheapest handshake there is, which is to the floor's advantage."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made


@dataclass
class _Counts:
    connections: int = 0
    letters: int = 0


def _serve(theirs: Connection, certificate: Certificate | None, away: float) -> None:
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.certificate, certificate.key)
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    counts = _Counts()
    threading.Thread(target=_accept, args=(listening, context, away, counts), daemon=True).start()
    theirs.send(listening.getsockname()[1])
    while theirs.recv() == "seen":
        theirs.send((counts.connections, counts.letters))
        counts.connections, counts.letters = 0, 0


def _accept(listening: socket.socket, context: ssl.SSLContext | None, away: float, counts: _Counts) -> None:
    while True:
        line, _address = listening.accept()
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        counts.connections += 1
        threading.Thread(target=_Conversation(line, context, away, counts).hold, daemon=True).start()


class _Conversation:
    def __init__(self, line: socket.socket, context: ssl.SSLContext | None, away: float, counts: _Counts) -> None:
        self._line, self._context, self._away, self._counts = line, context, away, counts
        self._read = b""
        self._is_secure = self._is_known = context is None

    def hold(self) -> None:
        """Until the other side leaves."""
        try:
            self._answer(b"220 sink\r\n")
            while self._more():
                self._obey()
        except (OSError, EOFError):
            pass  # clients drop the line, as clients do
        finally:
            self._line.close()

    def _more(self) -> bool:
        # acknowledged at once: else a client that leaves Nagle's algorithm on, as the floor does, waits 40 ms a letter
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        came = self._line.recv(1 << 18)
        self._read += came
        return bool(came)

    def _answer(self, words: bytes) -> None:
        if words:
            if self._away:
                time.sleep(self._away)
            self._line.sendall(words)

    def _obey(self) -> None:
        """Everything that came whole: what was asked together is answered together."""
        answers = b""
        while (end := self._read.find(b"\r\n")) >= 0:
            command, self._read = self._read[:end], self._read[end + 2 :]
            verb = command[:4].upper()
            if verb == b"STAR" and self._context is not None:
                self._answer(answers + b"220 go ahead\r\n")
                self._line = self._context.wrap_socket(self._line, server_side=True)
                answers, self._is_secure = b"", True
            elif verb == b"DATA" and self._is_known:
                self._answer(answers + b"354 go on\r\n")
                self._take()
                answers = b"250 kept\r\n"
            elif verb == b"QUIT":
                self._answer(answers + b"221 bye\r\n")
                raise EOFError
            else:
                answers += self._said(verb)
        self._answer(answers)

    def _said(self, verb: bytes) -> bytes:
        if verb in (b"EHLO", b"HELO"):
            more = b"250-AUTH PLAIN LOGIN\r\n" if self._is_secure else b"250-STARTTLS\r\n"
            return b"250-sink\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n" + (
                b"250 HELP\r\n" if self._context is None else more + b"250 HELP\r\n"
            )
        if verb == b"AUTH" and self._is_secure:
            self._is_known = True  # whoever it is: a real server would take longer to find out
            return b"235 welcome\r\n"
        return b"250 ok\r\n" if self._is_known else b"530 log in first\r\n"

    def _take(self) -> None:
        """A letter, up to its final dot."""
        start = 0
        while (end := self._read.find(b"\r\n.\r\n", start)) < 0:
            start = max(0, len(self._read) - 4)
            if not self._more():
                raise EOFError
        self._read = self._read[end + 5 :]
        self._counts.letters += 1
