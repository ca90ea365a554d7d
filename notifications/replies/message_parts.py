"""What every message that comes in is asked first: is it small and shallow enough to be read, and for whom is it?"""

import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses

_NESTING = re.compile(rb"boundary\s*=|message/(?:rfc822|global)\b", re.IGNORECASE)
_MOST_NESTED = 40  # parts that hold parts; a report has three or four
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_TO_US = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To", "Cc")
"""Where the address stands that a message came to."""
_TOKEN = re.compile(r"\+([a-z2-7]{48})@")
_MOST_TOKENS = 20
_HEAD = 256 * 1024
"""Bytes in which a message's own headers end."""


def is_too_deep(content: bytes) -> bool:
    """Return whether parts hold parts so often that the library would go down too many steps."""
    return sum(1 for _found in _NESTING.finditer(content)) > _MOST_NESTED


def read_head(content: bytes) -> Message | None:
    """None where the headers do not end."""
    ends = min((at for end in (b"\r\n\r\n", b"\n\n") if (at := content.find(end, 0, _HEAD)) >= 0), default=-1)
    return message_from_bytes(content[:ends]) if ends >= 0 else None


def one_field(message: Message, name: str) -> str:
    """Return a field as one printable line; empty where it is not there."""
    return " ".join(_CONTROL.sub(" ", str(message.get(name, ""))).split())


def recipients(message: Message) -> list[str]:
    """Addresses are in small letters, the surest first."""
    given = [str(value) for name in _TO_US for value in message.get_all(name, [])[:_MOST_TOKENS]]
    # one field at a time: where one is malformed, newer Pythons give up all that they were handed with it
    return [address.lower() for value in given for _name, address in getaddresses([value]) if address]


def tokens(addresses: Iterable[str]) -> Iterator[str]:
    """A token has 48 characters; each comes once."""
    found = dict.fromkeys(token for address in addresses for token in _TOKEN.findall(address))
    yield from list(found)[:_MOST_TOKENS]


def is_delivery_report(message: Message) -> bool:
    """Return whether it is what a mail server reports of a letter (RFC 3464)."""
    kind = str(message.get_param("report-type", "")).lower()
    return message.get_content_type() == "multipart/report" and kind in (
        "delivery-status",
        "global-delivery-status",
        "",
    )
