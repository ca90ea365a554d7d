"""Does a message come from the domain of its sender? By its DKIM signature, or by what the office's mail server found.

A signature counts where it is of the sender's very domain or one above it (RFC 7489, 3.1.1), covers From, To, Date
and the whole text, and holds now.
"""

import re
from collections.abc import Callable
from email.message import Message
from typing import Any

import dkim
from dkim.dnsplug import get_txt
from dkim.util import InvalidTagValueList, parse_tag_value

from models.operations.logs import get_log
from models.replies.reply import ReplyProof
from models.settings import ReplySettings
from notifications.replies.message_parts import one_field, read_head
from notifications.replies.server_results import is_aligned, passed, server_results

LookUp = Callable[..., bytes | None]
"""Returns the TXT record of a name (bytes, a dot at its end) within `timeout` seconds; None where there is none."""
DNS_SECONDS = 5
_MOST_SIGNATURES = 3
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


def _server_found(head: Message, domain: str, authserv_id: str) -> bool:
    for result in server_results(head, authserv_id):
        named = [one.rpartition("@")[2] for one in passed(result, "dkim", "header.d", "header.i")]
        if named and all(is_aligned(one, domain) for one in named):
            return True
    return False


def _is_signed(content: bytes, head: Message, domain: str, look_up: LookUp) -> bool:
    signatures = head.get_all("DKIM-Signature", [])
    for number, value in enumerate(signatures[:_MOST_SIGNATURES]):
        tags = _tags(str(value))
        covered = {one.strip() for one in tags.get("h", "").split(":")}
        if "l" in tags or not is_aligned(tags.get("d", ""), domain) or not {"from", "to", "date"} <= covered:
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
