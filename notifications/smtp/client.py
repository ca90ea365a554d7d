"""yagmail's client, with nothing left to its guesses: no other module knows that library."""

import ssl
from contextlib import suppress
from functools import cache, partial
from typing import Any

import yagmail  # type: ignore[import-untyped]

from models.errors import BadInput
from models.settings import MailSettings
from models.text.hosts import is_loopback
from notifications.composing.mime import address_fault
from notifications.smtp.line import Patience, Replies, dial, send_all

QUIT_SECONDS = 2.0
"""Nobody waits longer for a goodbye."""


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


def make_client(settings: MailSettings, context: ssl.SSLContext | None, patience: Patience) -> Any:
    """Return a yagmail client without its defaults: they guess Gmail, a keyring, a home file, no time-out."""
    if context is None and settings.security != "none":
        context = ssl.create_default_context()
    options: dict[str, Any] = {
        "local_hostname": settings.sender.rpartition("@")[2]  # else a reverse look-up of this machine per connection
    }
    if settings.security == "tls":
        options["context"] = context
    client = _Client(
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
    client.terms = settings, patience
    return client


class _Client(yagmail.SMTP):  # type: ignore[misc]
    """yagmail's, over lines on which every wait ends."""

    terms: tuple[MailSettings, Patience]

    @property
    def connection(self) -> Any:
        """Return what the library calls to connect, whose own has no deadline for a whole reply."""
        return partial(_patient(super().connection), self.terms)

    def __del__(self) -> None:
        abandon(self)  # the library's says QUIT whenever it is collected, and waits for an answer


@cache
def _patient(library: Any) -> Any:
    """Return the library's connection with deadlines by RFC 5321, 4.5.3.2, for replies and for what is sent."""

    class Connection(library):  # type: ignore[misc]
        def __init__(self, terms: tuple[MailSettings, Patience], *given: Any, **named: Any) -> None:
            self.settings, self.patience = terms
            self.file: Replies | None = None
            self.step = ""  # whose reply comes next; the greeting's at first
            super().__init__(*given, **named)

        def _get_socket(self, host: str, port: int, _timeout: Any) -> Any:
            line = dial(host, port, self.patience)
            context = getattr(self, "context", None)  # of TLS from the first byte on
            return line if context is None else context.wrap_socket(line, server_hostname=host)

        def putcmd(self, cmd: str, args: str = "") -> None:
            self.step = cmd.upper()
            super().putcmd(cmd, args)

        def send(self, s: bytes | str) -> None:
            if self.sock is None:
                raise OSError("not connected")
            data = s.encode(self.command_encoding) if isinstance(s, str) else s
            try:
                send_all(self.sock, data, self.patience, self.settings.block_seconds)
            except OSError:
                self.close()
                raise

        def getreply(self) -> Any:
            if self.file is None:
                self.file = Replies(self.sock, self.patience)
            self.file.begin(self._seconds())
            return super().getreply()

        def _seconds(self) -> float:
            waits: dict[str, float] = {
                "DATA": self.settings.data_seconds,
                ".": self.settings.dot_seconds,
                "QUIT": QUIT_SECONDS,
            }
            return waits.get(self.step, self.settings.timeout_seconds)

    return Connection


def abandon(yag: Any) -> None:
    """Close the socket and keep yagmail's `__del__` from a QUIT that would wait for a dead server."""
    yag.is_closed = True
    if getattr(yag, "smtp", None) is not None:
        with suppress(OSError):
            yag.smtp.close()
