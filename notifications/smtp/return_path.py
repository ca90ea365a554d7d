"""Where the report of a letter that does not arrive goes to, and what it names the letter by."""

import re

from models.settings import MailSettings
from notifications.composing.keys import RETURN_HEADER

_TOKEN = re.compile(rf"^{RETURN_HEADER}: ([a-z2-7]{{48}})\r?$".encode(), re.MULTILINE)
_HEADERS = 8192  # bytes in which a letter's own headers are


def return_token(content: bytes) -> str:
    """Return the token among a letter's headers; empty where it has none."""
    end = content.find(b"\r\n\r\n", 0, _HEADERS)
    found = _TOKEN.search(content, 0, end + 2) if end >= 0 else None
    return found[1].decode() if found else ""


def return_address(settings: MailSettings, token: str) -> str:
    """Return where a report of this very letter goes: an address of its own, where there is a mailbox for such."""
    if settings.bounce_address is None:
        return settings.sender
    if not token:
        return settings.bounce_address
    name, _at, domain = settings.bounce_address.rpartition("@")
    return f"{name}+{token}@{domain}"
