"""The sender an installation's settings ask for, ready to use for as long as a run takes."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial

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


def sender_opener(
    settings: Settings, sender: Callable[[], Sender] | None = None
) -> Callable[[], AbstractContextManager[Sender]]:
    """Return what opens a sender for one line: the given one, else as the settings say."""
    return partial(open_sender, settings) if sender is None else lambda: nullcontext(sender())
