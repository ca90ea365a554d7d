"""The sender an installation's settings ask for, ready to use for as long as a run takes."""

from collections.abc import Iterator
from contextlib import contextmanager

from models.settings import Settings
from notifications.smtp.mailbox import LocalMailbox
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Sender


@contextmanager
def open_sender(settings: Settings) -> Iterator[Sender]:
    """SMTP as configured; in mode `local`, SMTP to a mailbox of our own on a free port of loopback.

    The port is never the configured one: what listens there may be another installation's mailbox. Several mailboxes
    over one folder get on, since each letter is a file with a name of its own.
    """
    if settings.mail.mode == "smtp":
        yield YagmailSender(settings.mail)
        return
    with LocalMailbox(settings.mailbox) as mailbox:
        here = {"host": mailbox.host, "port": mailbox.port, "security": "none", "user": None, "password": None}
        yield YagmailSender(settings.mail.model_copy(update=here))
