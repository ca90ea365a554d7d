"""The local mailbox: a real SMTP server on loopback that keeps each letter as one .eml file and relays nothing."""

import asyncio
import logging
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from models.database.ids import new_id
from models.errors import BadInput, Refused
from models.text.hosts import is_loopback

LARGEST_LETTER = 10 * 1024 * 1024  # bytes
START_SECONDS = 30.0  # a busy machine may take its time


@dataclass(frozen=True)
class ReceivedLetter:
    """A letter as it arrived. `to` is the envelope's recipient, `date` is in UTC, `attachments` are file names."""

    path: Path
    to: str
    subject: str
    date: datetime | None
    message_id: str
    text: str
    html: str
    attachments: tuple[str, ...]

    def message(self) -> EmailMessage:
        """Read the file again, with every header and part."""
        return _parse(self.path)


class LocalMailbox:
    """Listens between `start` and `stop`, or inside `with`. Port 0 takes a free port, which `port` then names."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", port: int = 0, largest: int = LARGEST_LETTER) -> None:
        if not is_loopback(host):
            raise BadInput("local mailbox: {host} is not a loopback address, use 127.0.0.1 or ::1", host=host)
        self.folder, self.host, self.port, self.largest = folder, host, port, largest
        self._controller: _Listener | None = None

    def start(self) -> None:
        """Make the folder and listen. Raises `Refused` where the port is taken."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # else every command, addresses included, is logged
        try:
            family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
            listening = socket.create_server((self.host, self.port), family=family)
            # else each letter waits 40 ms for a delayed ACK: asyncio sets this only on sockets that it opens itself
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise Refused(
                "local mailbox: cannot listen on {host}:{port}: {reason}",
                host=self.host,
                port=self.port,
                reason=error.strerror,
            ) from error
        self.port = listening.getsockname()[1]
        self._controller = _Listener(listening, _Keeper(self.folder), self.largest)
        self._controller.start()

    def stop(self) -> None:
        controller, self._controller = self._controller, None
        if controller is not None:
            controller.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def read_mailbox(folder: Path) -> list[ReceivedLetter]:
    """Return letters in the order of arrival; none if there is no folder."""
    return [_received(path) for path in sorted(folder.glob("*.eml"))]


def read_letter(path: Path) -> ReceivedLetter:
    """Raises OSError where the letter is not there."""
    return _received(path)


@lru_cache(maxsize=100_000)
def read_recipient(path: Path) -> str:
    """Return to whom a letter went. The first lines of most files say it, and a file never changes."""
    with path.open("rb") as file:
        lines = file.read(2048).decode("utf-8", "replace").splitlines()
    delivered = [line.partition(":")[2].strip() for line in lines if line.startswith("Delivered-To:")]
    return ", ".join(delivered) or _received(path).to


class _Listener(Controller):
    """Listens on a socket that is bound beforehand.

    By itself the library connects to port 0, and reports a taken port only after its whole start-up time.
    """

    def __init__(self, listening: socket.socket, keeper: "_Keeper", largest: int) -> None:
        host, self.port = listening.getsockname()[:2]
        super().__init__(
            keeper,
            hostname=host,
            port=self.port,
            ready_timeout=START_SECONDS,
            server_hostname="localhost",  # else a look-up of this machine's name per connection
            ident="local mailbox",
            data_size_limit=largest,
            enable_SMTPUTF8=False,
        )
        self._listening = listening

    async def _create_server(self) -> asyncio.AbstractServer:
        return await self.loop.create_server(self._factory_invoker, sock=self._listening)


class TakesPipelines:
    """A handler whose server offers PIPELINING (RFC 2920), as every large mail server does."""

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]]


class _Keeper(TakesPipelines):
    """Writes each message to a file, its envelope in front, as a delivery agent does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        name = f"{new_id()}.eml"
        headers = [f"Return-Path: <{envelope.mail_from or ''}>", *(f"Delivered-To: {to}" for to in envelope.rcpt_tos)]
        content = envelope.original_content or b""
        unfinished = self._folder / f".{name}.part"
        try:
            unfinished.write_bytes("".join(f"{header}\r\n" for header in headers).encode() + content)
            os.replace(unfinished, self._folder / name)  # a reader never sees half a letter
        except OSError as error:
            return f"452 4.3.1 mailbox folder: {error.strerror}"  # a full disk passes: the letter must not be lost
        return "250 2.0.0 kept"


@lru_cache(maxsize=1024)
def _header(name: str, value: str) -> Any:
    return policy.default.header_fetch_parse(name, value)


class _RememberingPolicy(policy.EmailPolicy):
    """`email.policy.default`, which would parse a letter's Content-Type anew at each of a dozen look-ups."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return _header(name, value)


_POLICY: Any = _RememberingPolicy()


def _parse(path: Path) -> EmailMessage:
    message: EmailMessage = message_from_bytes(path.read_bytes(), policy=_POLICY)
    return message


def read_bytes(content: bytes) -> ReceivedLetter:
    """Read a letter as it was handed to the mail server. It lies in no folder."""
    return _from_message(message_from_bytes(content, policy=_POLICY), Path())


def read_attachment(content: bytes, number: int) -> EmailMessage | None:
    """`number` counts from 0; None where there are fewer."""
    message: EmailMessage = message_from_bytes(content, policy=_POLICY)
    return next(islice(_attachments(message), number, None), None)


def _received(path: Path) -> ReceivedLetter:
    return _from_message(_parse(path), path)


def _from_message(message: EmailMessage, path: Path) -> ReceivedLetter:
    recipients: Iterable[str] = message.get_all("Delivered-To") or [
        address for _, address in getaddresses([str(value) for value in message.get_all("To", [])])
    ]
    date: Any = message["Date"]
    moment = date.datetime if date is not None else None
    return ReceivedLetter(
        path=path,
        to=", ".join(str(address) for address in recipients),
        subject=str(message["Subject"] or ""),
        date=moment.astimezone(UTC) if moment is not None and moment.tzinfo else None,
        message_id=str(message["Message-ID"] or "").strip(),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(part.get_filename() or "" for part in _attachments(message)),
    )


def _attachments(message: EmailMessage) -> Iterable[EmailMessage]:
    return message.iter_attachments() if message.is_multipart() else ()


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except LookupError:  # an unknown charset
        return bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")
