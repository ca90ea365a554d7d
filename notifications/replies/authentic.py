"""Does a message come from the domain of its sender? By its DKIM signature, or by what the office's mail server found.

A signature counts where it is of the sender's very domain or one above it (RFC 7489, 3.1.1), covers From, To, Date
and the whole text, and holds now. Of headers Authentication-Results only the topmost of the named server counts: it
removes such headers that come from outside (RFC 8601, 5), and others' are anybody's words.
"""

import re
from collections.abc import Callable
from email.message import Message
from typing import Any

import dkim
from dkim.dnsplug import get_txt
from dkim.util import InvalidTagValueList, parse_tag_value

from models.letters.reply import ReplyProof
from models.operations.logs import get_log
from models.settings import ReplySettings
from notifications.incoming.message_parts import one_field, read_head

LookUp = Callable[..., bytes | None]
"""Returns the TXT record of a name (bytes, a dot at its end) within `timeout` seconds; None where there is none."""
DNS_SECONDS = 5
_MOST_SIGNATURES = 3
_PROPERTY = re.compile(r"header\.[di]\s*=\s*([^\s;]+)", re.IGNORECASE)
_BARE_RETURN = re.compile(rb"\r(?!\n)")
"""Ends a line for the library that reads messages, and not for the one that checks signatures."""
_log = get_log(__name__)


def prove(content: bytes, sender: str, token: str, settings: ReplySettings, look_up: LookUp = get_txt) -> ReplyProof:
    """Return by what a message is known to come from the domain of `sender`; NONE where nothing proves it.

    Nor is it known where `token` does not stand in To, which is signed: somebody who was written to could send that
    letter on to an address of ours. Of two fields To a signature may cover either, so there must be one.
    """
    head, domain = read_head(content), sender.rpartition("@")[2]
    if head is None or not domain or token not in one_field(head, "To").lower():
        return ReplyProof.NONE
    if len(head.get_all("To", [])) != 1 or _BARE_RETURN.search(content):
        return ReplyProof.NONE
    if settings.authserv_id:
        return ReplyProof.SERVER if _server_found(head, domain, settings.authserv_id) else ReplyProof.NONE
    return ReplyProof.DKIM if _is_signed(content, head, domain, look_up) else ReplyProof.NONE


def is_trusted(sender: str, settings: ReplySettings) -> bool:
    """Return whether what comes from the domain of an address, and proves it, may act at once."""
    return sender.rpartition("@")[2].lower() in settings.trusted_domains


def _is_aligned(signed_by: str, domain: str) -> bool:
    """Return whether a signing domain stands for that of the sender: the same, or one above it, never a bare TLD."""
    signed_by = signed_by.strip().rstrip(".").lower()
    return signed_by == domain or ("." in signed_by and domain.endswith(f".{signed_by}"))


def _server_found(head: Message, domain: str, authserv_id: str) -> bool:
    for value in head.get_all("Authentication-Results", []):
        name, _semicolon, results = _plain(str(value)).partition(";")
        if name.split()[:1] != [authserv_id]:
            continue
        return any(_is_pass(one, domain) for one in results.split(";"))
    return False


def _plain(value: str) -> str:
    """Return a field without comments and quotation marks; signs within quotation marks part nothing any more."""
    kept, depth, is_quoted, is_escaped = [], 0, False, False
    for letter in value:
        if is_escaped:
            is_escaped = False
        elif letter == "\\" and (depth or is_quoted):
            is_escaped = True
        elif letter == '"' and not depth:
            is_quoted = not is_quoted
        elif is_quoted:
            kept.append(letter if letter.isalnum() or letter in "@.-" else "_")
        elif letter == "(" or (letter == ")" and depth):
            depth += 1 if letter == "(" else -1
        elif not depth:
            kept.append(letter)
    return "".join(kept)


def _is_pass(result: str, domain: str) -> bool:
    """Return whether one result tells of a DKIM signature of that domain that holds."""
    if not re.match(r"\s*dkim\s*=\s*pass\b", result, re.IGNORECASE):
        return False
    named = [value.rpartition("@")[2] for value in _PROPERTY.findall(result)]
    return bool(named) and all(_is_aligned(one, domain) for one in named)


def _is_signed(content: bytes, head: Message, domain: str, look_up: LookUp) -> bool:
    signatures = head.get_all("DKIM-Signature", [])
    for number, value in enumerate(signatures[:_MOST_SIGNATURES]):
        tags = _tags(str(value))
        covered = {one.strip() for one in tags.get("h", "").split(":")}
        if "l" in tags or not _is_aligned(tags.get("d", ""), domain) or not {"from", "to", "date"} <= covered:
            continue  # with l= words can be put after those that were signed
        if _verifies(content, number, look_up):
            return True
    return False


def _tags(signature: str) -> dict[str, str]:
    """Return the tags of a signature, told apart as the library does that checks it; none where it would refuse."""
    try:
        tags = parse_tag_value(" ".join(signature.split()).encode())
    except InvalidTagValueList:
        return {}
    return {name.decode(): value.decode().lower() for name, value in tags.items()}


def _verifies(content: bytes, number: int, look_up: LookUp) -> bool:
    try:
        message: Any = dkim.DKIM(content, timeout=DNS_SECONDS)
        return bool(message.verify(number, dnsfunc=look_up))
    except dkim.DKIMException as error:
        _log.info("signature_unchecked", reason=str(error))
    except Exception:  # the library, on what a stranger wrote: nothing is proved
        _log.warning("signature_unreadable", exc_info=True)
    return False
