"""The port through which messages leave beside mail, and how one attempt can end."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from notifications.smtp.transport import SendOutcome


@dataclass(frozen=True)
class ShortMessage:
    """A short message to one person. `id` stays the same however often it is sent.

    `address` is what the channel sends to: a telephone number, or a browser's keys. `link` is a page of the site.
    """

    id: UUID
    address: str
    text: str
    link: str
    topic: str = ""  # of several messages with one topic only the last needs to be shown


@dataclass(frozen=True)
class Sent:
    """The end of one attempt: the HTTP status and the other side's words, as far as there were any.

    `is_gone`: nothing will ever arrive at this address again.
    """

    outcome: SendOutcome
    status: int | None = None
    reply: str = ""
    is_gone: bool = False


class Channel(Protocol):
    """Sends a message. Never raises for what the other side can do; every way it can end is a `Sent`."""

    def send(self, message: ShortMessage) -> Sent: ...
