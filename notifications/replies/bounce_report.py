"""Reads a mail server's report about a letter (RFC 3464), from its fields and never from its words to people.

Anybody can write to the mailbox of returned letters, so reading never raises: a message that cannot be read is returned
with the reason.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from typing import NamedTuple

from models.letters.bounce import BounceAction, BounceAside
from models.operations.logs import get_log
from notifications.composing.keys import RETURN_HEADER
from notifications.replies.message_parts import is_too_deep, one_field, read_head, recipients, tokens
from notifications.replies.server_results import is_aligned, passed, server_results

LARGEST = 5 * 1024 * 1024  # bytes: twice a report that returns a whole letter
_MOST_BLOCKS = 40  # of fields in one part
_MOST_TOKENS = 20
_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED = frozenset(
    {*("message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"), "message/global-headers"}
)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_TOKEN = re.compile(r"[a-z2-7]{48}")
_ARRIVED = frozenset({BounceAction.DELIVERED, BounceAction.RELAYED, BounceAction.EXPANDED})
_log = get_log(__name__)


@dataclass(frozen=True)
class BounceReport:
    """`tokens` may name the letter, the most reliable first. They are not verified yet."""

    message_id: str = ""
    tokens: tuple[str, ...] = ()
    action: BounceAction | None = None
    status: str = ""
    diagnostic: str = ""
    aside: BounceAside | None = None


class _BlockAction(NamedTuple):
    action: BounceAction
    block: Message


def read_report(content: bytes) -> BounceReport:
    """Read a message as it lies in the mailbox. Never raises; `aside` says why the message is no usable report."""
    if len(content) > LARGEST:
        return BounceReport(aside=BounceAside.TOO_LARGE)
    if is_too_deep(content):
        return BounceReport(aside=BounceAside.TOO_DEEP)  # the library would recurse too deeply
    try:
        return _read(message_from_bytes(content))
    except Exception:  # a stranger's message broke the library: set it aside, and go on with the next
        _log.warning("report_unreadable", size=len(content), exc_info=True)
        return BounceReport(aside=BounceAside.BROKEN)


def _read(message: Message) -> BounceReport:
    message_id = one_field(message, "Message-ID")
    parts = message.get_payload()
    if message.get_content_type() != "multipart/report" or not isinstance(parts, list):
        return BounceReport(message_id, aside=BounceAside.NOT_A_REPORT)
    inner_parts = [part for part in parts if isinstance(part, Message)]
    status_part = next((part for part in inner_parts if part.get_content_type() in _STATUS_PARTS), None)
    if status_part is None:  # a report about something else: a read receipt or spam
        return BounceReport(message_id, aside=BounceAside.NOT_A_REPORT)
    blocks = list(_blocks(status_part))
    actions = [_BlockAction(action, block) for block in blocks if (action := _action(block)) is not None]
    if not actions:
        return BounceReport(message_id, aside=BounceAside.BROKEN)
    action, block = _decisive(actions)
    status = _STATUS.match(one_field(block, "Status"))
    found_tokens = tuple(dict.fromkeys(_tokens(message, blocks, inner_parts)))[:_MOST_TOKENS]
    return BounceReport(
        message_id=message_id,
        tokens=found_tokens,
        action=action,
        status=status[0] if status else "",
        diagnostic=one_field(block, "Diagnostic-Code")[:500],
        aside=None if found_tokens else BounceAside.UNSIGNED,
    )


def is_from_server_of(content: bytes, address: str | None, authserv_id: str) -> bool:
    """Return whether a report is proved to come from a mail server of an address's domain.

    The proof is what our own server found: SPF of the sending server's name, or DKIM. The report must have an empty
    return path, and nobody may have logged in to send it.
    """
    head, domain = read_head(content), (address or "").rpartition("@")[2].lower()
    if head is None or not domain or not authserv_id or one_field(head, "Return-Path") != "<>":
        return False
    results = server_results(head, authserv_id)
    if any(result.method == "auth" and result.result == "pass" for result in results):
        return False
    proved = [host for result in results for host in passed(result, "spf", "smtp.helo")]
    for result in results:
        proved += [signer.rpartition("@")[2] for signer in passed(result, "dkim", "header.d", "header.i")]
    return any(is_aligned(name, domain) or is_aligned(domain, name) for name in proved)


def _blocks(status: Message) -> Iterator[Message]:
    """Yield the fields of the message, then those of each recipient."""
    payload = status.get_payload()
    for block in payload if isinstance(payload, list) else []:
        if not isinstance(block, Message):
            continue
        yield block
        body = block.get_payload()  # for some content types the library puts the further blocks here
        if isinstance(body, str):
            for text in re.split(r"\r?\n[ \t]*\r?\n", body)[:_MOST_BLOCKS]:
                yield message_from_string(text.lstrip())


def _decisive(actions: Sequence[_BlockAction]) -> _BlockAction:
    """Choose the action that decides. A letter to a list came back only if it reached nobody."""
    arrived = [choice for choice in actions if choice.action in _ARRIVED]
    delayed = [choice for choice in actions if choice.action is BounceAction.DELAYED]
    permanent = [choice for choice in actions if one_field(choice.block, "Status").startswith("5")]
    return (arrived or delayed or permanent or actions)[0]


def _action(block: Message) -> BounceAction | None:
    word = re.match(r"[a-z]+", one_field(block, "Action").lower())
    return BounceAction(word[0]) if word and word[0] in set(BounceAction) else None


def _tokens(message: Message, blocks: Sequence[Message], parts: Sequence[Message]) -> Iterator[str]:
    for block in blocks:
        yield from _TOKEN.findall(one_field(block, "Original-Envelope-Id").lower())
    yield from tokens(recipients(message))
    for part in parts:
        if part.get_content_type() in _RETURNED:
            headers = _headers(part)
            yield from _TOKEN.findall(one_field(headers, RETURN_HEADER).lower())
            yield from tokens([one_field(headers, "Return-Path").lower()])


def _headers(part: Message) -> Message:
    """Return the headers of the returned letter, which the report encloses whole or as text."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return payload[0] if payload and isinstance(payload[0], Message) else Message()
    raw = part.get_payload(decode=True)
    return message_from_bytes(raw) if isinstance(raw, bytes) else Message()
