"""The servers that letters are handed to, and how each side is set up to reach them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yagmail  # type: ignore[import-untyped]
from pydantic import SecretStr

from bench.sink import PASSWORD, USER, Certificate, Sink, self_signed
from models.settings import MailSettings, Settings
from notifications.smtp.sender import YagmailSender


@dataclass(frozen=True)
class MailServer:
    """A kind of server. `away`: seconds before each of its answers; `letters`: how many are measured with it;
    `limit`: so many times the floor's rate at least, where it has one.
    """

    name: str
    secure: bool
    away: float
    letters: int
    limit: float | None = None


PLAIN = MailServer("plain", secure=False, away=0.0, letters=500)
SECURE = MailServer("STARTTLS, log-in", secure=True, away=0.0, letters=500)
DISTANT = MailServer("the same, 5 ms away", secure=True, away=0.005, letters=60, limit=3.0)


@dataclass(frozen=True)
class Post:
    """A running server, and what leads to it. Can be handed to another process."""

    server: MailServer
    port: int
    folder: Path
    certificate: Certificate | None

    @property
    def settings(self) -> Settings:
        """An installation that sends there."""
        mail: dict[str, Any] = {"mode": "smtp", "host": "127.0.0.1", "port": self.port}
        if self.certificate is not None:
            mail |= {"security": "starttls", "user": USER, "password": SecretStr(PASSWORD)}
        return Settings(data=self.folder, mail=MailSettings(**mail))

    def sender(self) -> YagmailSender:
        """The product's own, trusting the bench's authority."""
        return YagmailSender(self.settings.mail, self.certificate.trusted() if self.certificate else None)

    def yagmail(self) -> Any:
        """yagmail set up for the same, with nothing that would cost it time."""
        mail = self.settings.mail
        return yagmail.SMTP(
            user={mail.user or mail.sender: mail.sender_name},
            password=PASSWORD,
            host=mail.host,
            port=mail.port,
            smtp_ssl=False,
            smtp_starttls={"context": self.certificate.trusted()} if self.certificate else False,
            smtp_skip_login=self.certificate is None,
            soft_email_validation=False,
            local_hostname="mpt.example",
        )


@contextmanager
def running(server: MailServer, folder: Path) -> Iterator[tuple[Post, Sink]]:
    """A server of that kind in a process of its own."""
    certificate = self_signed(folder) if server.secure else None
    with Sink(certificate, server.away) as sink:
        yield Post(server, sink.port, folder, certificate), sink
