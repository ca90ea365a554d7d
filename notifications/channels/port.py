"""Defines the interface of channels beside mail, their messages, and the possible ends of an attempt."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from notifications.smtp.transport import SendOutcome


@dataclass(frozen=True)
class ShortMessage:
    """A short message to one person."""

    id: UUID  # the same for each attempt
    address: str  # a telephone number, or a browser's keys
    text: str
    link: str  # a page of the site
    topic: str = ""  # a browser may show only the last message of a topic


@dataclass(frozen=True)
class Sent:
    """The end of one attempt."""

    outcome: SendOutcome
    status: int | None = None  # of HTTP
    reply: str = ""  # the server's words
    is_gone: bool = False  # no message will ever arrive at this address again


class Channel(Protocol):
    def send(self, message: ShortMessage) -> Sent:
        """Never raises for a fault of the other side: every end is a `Sent`."""
        ...
