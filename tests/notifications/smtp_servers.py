"""Mail servers for tests: small ones that misbehave at a chosen step, and a strict one with TLS and log-in."""

import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DROP = "drop"  # closes the connection without a word
CUT_SHORT = "cut short"  # closes the connection in the midst of an answer
HANG = "hang"  # says nothing more until the test is over
DRIP = "drip"  # begins an answer, and goes on with it for ever: each line comes long before a time-out of the socket
DRIP_BYTES = "drip bytes"  # the same, and no line ever ends
DEAF = "deaf"  # of BODY: reads nothing more, so that the sender's writes come to a stand

USUAL = {
    "CONNECT": "220 test",
    "EHLO": "250-test\r\n250-SIZE 1000000\r\n250 8BITMIME",
    "DATA": "354 go on",
    "DOT": "250 kept",
    "QUIT": "221 bye",
}


class ScriptedServer(socketserver.ThreadingTCPServer):
    """Answers as usual except where the script says otherwise.

    `script` maps a step (CONNECT, EHLO, MAIL, RCPT, DATA, BODY, DOT, RSET, QUIT) to an answer, `DROP`, `HANG`, `DRIP`,
    or to a list of them: one per occurrence over all connections, then as usual. BODY is the first line after 354;
    HANDSHAKE, whatever it says, drips after STARTTLS.
    """

    daemon_threads = True

    def __init__(self, **script: str | list[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.script = {step: [a] * 1000 if isinstance(a, str) else list(a) for step, a in script.items()}
        self.connections = 0
        self.commands: list[str] = []
        self.messages: list[bytes] = []  # as they came over the wire, dots still doubled
        self.hangs = threading.Event()
        self.over = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def answer(self, step: str) -> str:
        planned = self.script.get(step)
        return planned.pop(0) if planned else USUAL.get(step, "250 ok")

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


class _Conversation(socketserver.StreamRequestHandler):
    server: ScriptedServer

    def handle(self) -> None:
        self.server.connections += 1
        if not self._answer("CONNECT"):
            return
        while line := self.rfile.readline():
            verb, _, argument = line.decode("latin-1").strip().partition(" ")
            verb = verb.upper()
            self.server.commands.append(f"{verb} {argument}".strip())
            reply = self._answer(verb)
            if not reply or verb == "QUIT":
                return
            if verb == "STARTTLS" and self.server.script.get("HANDSHAKE"):
                self.wfile.write(b"\x16\x03\x03\x3f\xff")  # the head of a record that never becomes whole
                return self._drip(b"\x02")
            if verb == "DATA" and reply.startswith("354") and not self._receive():
                return

    def _answer(self, step: str) -> str:
        answer = self.server.answer(step)
        if answer in (HANG, DEAF):
            self.server.hangs.set()
            self.server.over.wait(300)
        if answer in (DRIP, DRIP_BYTES):
            self._drip(b"250-wait\r\n" if answer == DRIP else b"2")
        if answer == CUT_SHORT:
            self.wfile.write(b"25")
        if answer in (HANG, DEAF, DROP, CUT_SHORT, DRIP, DRIP_BYTES):
            return ""
        self.wfile.write(answer.encode() + b"\r\n")
        return "" if answer.startswith("421") else answer

    def _drip(self, piece: bytes) -> None:
        with suppress(OSError):
            while not self.server.over.wait(0.02):
                self.wfile.write(piece)

    def _receive(self) -> bool:
        lines: list[bytes] = []
        while line := self.rfile.readline():
            if not lines and self.server.script.get("BODY"):
                return bool(self._answer("BODY"))
            if line == b".\r\n":
                self.server.messages.append(b"".join(lines))
                return bool(self._answer("DOT"))
            lines.append(line)
        return False


def self_signed(folder: Path, *, host: str | None = None, until: datetime | None = None) -> tuple[ssl.SSLContext, Path]:
    """A certificate that is its own authority: the server's context, and the file that trusts it.

    For 127.0.0.1 unless a `host` is named, and until tomorrow.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host or "127.0.0.1")])
    owner = x509.DNSName(host) if host else x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=2))
        .not_valid_after(until or today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([owner]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = folder / "certificate.pem", folder / "key.pem"
    trusted.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, secret)
    return context, trusted


class _Inbox:
    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.received.append((envelope.rcpt_tos[0], envelope.content))
        return "250 kept"


class _Listener(Controller):
    def _create_server(self) -> Any:
        return self._bound()

    async def _bound(self) -> Any:
        server = await self.loop.create_server(self._factory_invoker, self.hostname, 0, ssl=self.ssl_context)
        self.port = server.sockets[0].getsockname()[1]
        return server


@contextmanager
def strict_server(
    context: ssl.SSLContext, user: str, password: str, implicit: bool = False
) -> Iterator[tuple[int, list[tuple[str, bytes]]]]:
    """A server that wants TLS (STARTTLS, or from the first byte) and a log-in; gives its port and what it received."""

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = LoginPassword(user.encode(), password.encode())
        return AuthResult(success=data == right, handled=False)

    inbox = _Inbox()
    tls: dict[str, Any] = {"ssl_context": context} if implicit else {"tls_context": context, "require_starttls": True}
    listener = _Listener(
        inbox,
        hostname="127.0.0.1",
        ready_timeout=30,
        server_hostname="localhost",
        auth_required=True,
        auth_require_tls=not implicit,  # the library does not see TLS that was there from the first byte
        authenticator=check,
        **tls,
    )
    listener.start()
    try:
        yield listener.port, inbox.received
    finally:
        listener.stop()
