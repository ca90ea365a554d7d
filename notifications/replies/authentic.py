"""Checks whether a message comes from its sender's domain, by DKIM or by the findings of the office's mail server.

A signature counts if it belongs to the sender's domain or one above it (RFC 7489, 3.1.1), covers From, To, Date and the
whole text, and is valid now.
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
"""Returns the TXT record of a name (bytes with a final dot) within `timeout` seconds, or None."""
DNS_SECONDS = 5
_MOST_SIGNATURES = 3
_BARE_RETURN = re.compile(rb"\r(?!\n)")
"""The library that reads messages takes it for a line end, the one that checks signatures does not."""
_log = get_log(__name__)


def prove(content: bytes, sender: str, token: str, settings: ReplySettings, look_up: LookUp = get_txt) -> ReplyProof:
    """Return the proof that a message comes from the domain of `sender`.

    The signed field To must hold `token`. Otherwise somebody who got a message from the sender could pass it on to an
    address of ours. There must be only one To, as a signature may cover either of two.
    """
    head, domain = read_head(content), sender.rpartition("@")[2]
    if head is None or not domain or token not in one_field(head, "To").lower():
        return ReplyProof.NONE
    if len(head.get_all("To", [])) != 1 or _BARE_RETURN.search(content):
        return ReplyProof.NONE
    if settings.authserv_id:
        return ReplyProof.SERVER if _server_confirms(head, domain, settings.authserv_id) else ReplyProof.NONE
    return ReplyProof.DKIM if _is_signed(content, head, domain, look_up) else ReplyProof.NONE


def is_trusted(sender: str, settings: ReplySettings) -> bool:
    """Return whether proved messages from an address's domain may act without a confirmation."""
    return sender.rpartition("@")[2].lower() in settings.trusted_domains


def _server_confirms(head: Message, domain: str, authserv_id: str) -> bool:
    for result in server_results(head, authserv_id):
        signers = [signer.rpartition("@")[2] for signer in passed(result, "dkim", "header.d", "header.i")]
        if signers and all(is_aligned(signer, domain) for signer in signers):
            return True
    return False


def _is_signed(content: bytes, head: Message, domain: str, look_up: LookUp) -> bool:
    signatures = head.get_all("DKIM-Signature", [])
    for number, value in enumerate(signatures[:_MOST_SIGNATURES]):
        tags = _tags(str(value))
        covered = {name.strip() for name in tags.get("h", "").split(":")}
        if "l" in tags:  # somebody could append words to those that are signed
            continue
        if not is_aligned(tags.get("d", ""), domain) or not {"from", "to", "date"} <= covered:
            continue
        if _verifies(content, number, look_up):
            return True
    return False


def _tags(signature: str) -> dict[str, str]:
    """Parse the tags of a signature as the library that verifies it does. Return none if it would refuse them."""
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
    except Exception:  # a stranger's message broke the library: nothing is proved
        _log.warning("signature_unreadable", exc_info=True)
    return False
