"""The port through which letters leave, and how one attempt can end."""

from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from models.i18n import Labelled, _
from notifications.smtp.clocks import Stopwatch


class SendOutcome(Labelled):
    ACCEPTED = "accepted", _("accepted by the server")
    TEMPORARY = "temporary", _("put off by the server")  # 4xx, or the line was lost before DATA: try again
    PERMANENT = "permanent", _("refused for good")  # 5xx: this address or this message, for good
    UNCERTAIN = "uncertain", _("uncertain")  # the line was lost between DATA and its reply: it may have arrived


@dataclass(frozen=True)
class Attempt:
    """The end of one attempt: the server's code and words, as far as there were any."""

    outcome: SendOutcome
    code: int | None = None
    reply: str = ""
    of_server: bool = False  # no conversation came about, or it turns us away: it says nothing of this letter
    of_address: bool = False  # there is no such mailbox


STOOD_STILL = Attempt(SendOutcome.TEMPORARY, reply="the sending program stood still before it handed the letter over")
"""By now another may have taken the letter for uncertain, and have sent it: nothing of it was handed over."""


class Sender(Protocol):
    """Hands one message to a mail server. Used as a context manager around a batch: one connection, reused."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        """Never raises for what a mail server can do; every way it can end is an `Attempt`.

        `since`: the letter's mark. Who comes to its text later than the mark allows hands nothing over (`STOOD_STILL`).
        """
        ...

    def leave(self, *, at_once: bool = False) -> None:
        """Let no further letter leave, as the program ends; called by another thread.

        What is under way ends unless the server has begun to get a letter's text; `at_once`, whatever it has.
        """
        ...
