"""The port through which letters leave, and how one attempt can end."""

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from models.i18n import Labelled, _


class Outcome(Labelled):
    ACCEPTED = "accepted", _("accepted by the server")
    TEMPORARY = "temporary", _("put off by the server")  # 4xx, or the line was lost before DATA: try again
    PERMANENT = "permanent", _("refused for good")  # 5xx: this address or this message, for good
    UNCERTAIN = "uncertain", _("uncertain")  # the line was lost between DATA and its reply: it may have arrived


@dataclass(frozen=True)
class Attempt:
    """The end of one attempt: the server's code and words, as far as there were any."""

    outcome: Outcome
    code: int | None = None
    reply: str = ""
    of_server: bool = False  # no conversation came about, or it turns us away: it says nothing of this letter
    of_address: bool = False  # there is no such mailbox


STOOD_STILL = Attempt(Outcome.TEMPORARY, reply="the sending program stood still before it handed the letter over")
"""By now another may hold its lease over, and have sent the letter: nothing of it was handed over."""


Meanwhile = Callable[[], None]
"""Work that can be done while the server reads a letter."""


def idle() -> None:
    """Nothing to be done meanwhile."""


Watch = Callable[[bool], bool]
"""Asked about twice a second while a mail server keeps the sender waiting: whether to go on. It is told whether the
server has the letter's text, or a part of it: to leave then makes the letter uncertain.
"""


def watch_nothing(_has_text: bool) -> bool:
    """Go on, whatever happens."""
    return True


@runtime_checkable
class Watched(Protocol):
    """A sender that asks while it waits."""

    def watch(self, watch: Watch) -> None: ...


class Sender(Protocol):
    """Hands one message to a mail server. Used as a context manager around a batch: one connection, reused."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def announce(self, to_address: str, content: bytes) -> None:
        """Tell the server ahead whom the next letter is for, without waiting and without anything of the letter.

        Optional before `send` of that very letter, and pointless before another one.
        """
        ...

    def send(self, to_address: str, content: bytes, meanwhile: Meanwhile = idle) -> Attempt:
        """Never raises for what a mail server can do; every way it can end is an `Attempt`.

        `meanwhile` is called at most once, between the last byte of the letter and the server's answer. Who has stood
        still for longer than all its steps may take hands nothing over (`STOOD_STILL`).
        """
        ...
