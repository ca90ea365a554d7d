"""The only module that knows yagmail. It makes a client that guesses nothing, over a line that can be cut."""

import ssl
from contextlib import suppress
from functools import cache, partial
from typing import Any, Protocol, cast

import yagmail  # type: ignore[import-untyped]

from models.errors import BadInput
from models.settings import MailSettings
from models.text.hosts import is_loopback
from notifications.composing.mime import address_fault
from notifications.smtp.line import SmtpLine

MOST_LINES = 200
"""Lines of one reply. RFC 5321 sets no number, and the library reads on until a line says that it is the last."""


class SmtpConnection(Protocol):
    """The part of the library's connection that the sender uses."""

    sock: Any

    def ehlo_or_helo_if_needed(self) -> None: ...

    def has_extn(self, opt: str) -> bool: ...

    def send(self, s: str | bytes) -> None: ...

    def getreply(self) -> tuple[int, bytes]: ...

    def close(self) -> None: ...


class MailClient(Protocol):
    """The part of yagmail's client that the sender uses."""

    smtp: SmtpConnection  # None before `login` connects
    is_closed: bool | None

    def login(self) -> None: ...

    def close(self) -> None: ...


def check_settings(settings: MailSettings) -> None:
    """Refuse settings that yagmail would answer with a prompt, a guess or a password in the clear."""
    if address_fault(settings.sender):
        raise BadInput("mail.sender: {value} is not a plain mail address", value=repr(settings.sender))
    if not settings.user:
        return
    if settings.password is None or not settings.password.get_secret_value():
        raise BadInput("mail.password is missing for mail.user {user}", user=settings.user)
    if settings.security == "none" and not is_loopback(settings.host):
        raise BadInput(
            "mail.security: none would send the password to {host} in the clear; use starttls or tls",
            host=settings.host,
        )


def make_client(settings: MailSettings, context: ssl.SSLContext | None, line: SmtpLine) -> MailClient:
    """Make a client without yagmail's defaults: they guess Gmail, a keyring, a home file, no time-out."""
    if context is None and settings.security != "none":
        context = ssl.create_default_context()
    options: dict[str, Any] = {
        "local_hostname": settings.sender.rpartition("@")[2]  # else a reverse look-up of this machine per connection
    }
    if settings.security == "tls":
        options["context"] = context
    client = _SmtpClient(
        user={settings.user or settings.sender: settings.sender},  # as a plain str, "dondoc" becomes dondoc@gmail.com
        password=settings.password.get_secret_value() if settings.user and settings.password else "",
        host=settings.host,
        port=settings.port,
        smtp_ssl=settings.security == "tls",
        smtp_starttls={"context": context} if settings.security == "starttls" else False,
        smtp_skip_login=not settings.user,
        soft_email_validation=False,
        **options,
    )
    client.line = line
    return cast(MailClient, client)


class _SmtpClient(yagmail.SMTP):  # type: ignore[misc]
    """yagmail's client, over a line that can be cut before the server has said a word."""

    line: SmtpLine

    @property
    def connection(self) -> Any:
        """Return what the library calls to connect. Its own class shows its socket only once TLS has begun."""
        return partial(_connection_class(super().connection), self.line)


@cache
def _connection_class(library_class: Any) -> Any:
    class Connection(library_class):  # type: ignore[misc]
        file: Any

        def __init__(self, line: SmtpLine, *args: Any, **kwargs: Any) -> None:
            self._line = line
            super().__init__(*args, **kwargs)

        def connect(self, host: str = "localhost", port: int = 0, _source: Any = None) -> Any:
            self.sock = self._line.open(host, int(port), getattr(self, "context", None))
            self.file = None
            return self.getreply()

        def getreply(self) -> Any:
            file = self.sock.makefile("rb") if self.file is None else self.file.file
            self.file = _ReplyReader(file)
            return super().getreply()

    return Connection


class _ReplyReader:
    """The file from which the library reads one reply."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self._lines = 0

    def readline(self, limit: int) -> bytes:
        self._lines += 1
        if self._lines > MOST_LINES:
            raise OSError(f"a reply of more than {MOST_LINES} lines")
        line = bytes(self.file.readline(limit))
        # of a "250" that was cut off after its "2", the library would take "2" for an answer
        return line if line.endswith(b"\n") or len(line) == limit else b""

    def close(self) -> None:
        self.file.close()


def abandon(client: MailClient) -> None:
    """Close the socket, without a QUIT that would wait for a dead server."""
    if client.smtp is not None:
        with suppress(OSError):
            client.smtp.close()
