"""Examines incoming messages before they are parsed whole: their depth, their headers and their tokens."""

import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses

_NESTING = re.compile(rb"boundary\s*=|message/(?:rfc822|global)\b", re.IGNORECASE)
_MOST_NESTED = 40  # parts that hold parts; a report has three or four
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_TO_US = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To", "Cc")
"""Fields with the address that a message was sent to."""
_TOKEN = re.compile(r"\+([a-z2-7]{48})@")
_MOST_TOKENS = 20
_HEAD = 256 * 1024  # bytes within which a message's headers must end


def is_too_deep(content: bytes) -> bool:
    """Return whether parts are nested so deeply that the library would recurse too often."""
    return sum(1 for _match in _NESTING.finditer(content)) > _MOST_NESTED


def read_head(content: bytes) -> Message | None:
    """Return None if the headers do not end."""
    positions = [content.find(blank_line, 0, _HEAD) for blank_line in (b"\r\n\r\n", b"\n\n")]
    end = min((position for position in positions if position >= 0), default=None)
    return None if end is None else message_from_bytes(content[:end])


def one_field(message: Message, name: str) -> str:
    """Return a field as one printable line, empty if it is missing."""
    return " ".join(_CONTROL.sub(" ", str(message.get(name, ""))).split())


def recipients(message: Message) -> list[str]:
    """Return the addresses in lower case, the most reliable first."""
    values = [str(value) for name in _TO_US for value in message.get_all(name, [])[:_MOST_TOKENS]]
    # One field at a time: newer versions of Python return nothing if one of several fields is malformed.
    return [address.lower() for value in values for _name, address in getaddresses([value]) if address]


def tokens(addresses: Iterable[str]) -> Iterator[str]:
    """Yield each token (48 characters) once."""
    unique = dict.fromkeys(token for address in addresses for token in _TOKEN.findall(address))
    yield from list(unique)[:_MOST_TOKENS]


def is_delivery_report(message: Message) -> bool:
    """Return whether a mail server reports about a letter (RFC 3464)."""
    kind = str(message.get_param("report-type", "")).lower()
    return message.get_content_type() == "multipart/report" and kind in (
        "delivery-status",
        "global-delivery-status",
        "",
    )
