"""Defines the interface through which letters leave, and the possible ends of an attempt."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from models.i18n import Labelled, _
from notifications.smtp.clocks import Stopwatch


class SendOutcome(Labelled):
    ACCEPTED = "accepted", _("accepted by the server")
    TEMPORARY = "temporary", _("put off by the server")  # 4xx, or the line was lost before DATA: try again
    PERMANENT = "permanent", _("refused for good")  # 5xx: this address or this message, for good
    UNCERTAIN = "uncertain", _("uncertain")  # the line was lost between DATA and its reply: it may have arrived


class ConnectFault(StrEnum):
    """What an administrator must mend where no connection comes about."""

    CERTIFICATE = "certificate"  # it is not trusted
    LOG_IN = "log_in"  # it was refused
    REFUSAL = "refusal"  # the server refuses the connection
    CONNECTION = "connection"  # the server cannot be reached


@dataclass(frozen=True)
class Attempt:
    """How one attempt ended. `code` and `reply` are the server's, as far as it answered.

    Without a connection, `fault` says what is wrong, and `reason` quotes the server or the library.
    """

    outcome: SendOutcome
    code: int | None = None
    reply: str = ""
    of_server: bool = False  # the server does not talk to us or turns us away: it says nothing of this letter
    of_address: bool = False  # there is no such mailbox
    fault: ConnectFault | None = None
    reason: str = ""


STOOD_STILL = Attempt(SendOutcome.TEMPORARY, reply="the sending program stood still before it handed the letter over")
"""Another process may have called the letter uncertain and sent it meanwhile. So nothing of it was handed over."""


class Sender(AbstractContextManager["Sender"], Protocol):
    """Hands letters to a mail server. It is a context manager around a batch, which uses one connection."""

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        """Never raises for a fault of the mail server: every end is an `Attempt`.

        `since` started at the letter's mark. If the mark is too old for the text to begin, nothing is handed over
        (`STOOD_STILL`).
        """
        ...

    def leave(self, *, at_once: bool = False) -> None:
        """Let no further letter leave, as the program ends. Another thread calls it.

        A conversation is cut unless the server has begun to receive a letter's text; `at_once`, always.
        """
        ...
