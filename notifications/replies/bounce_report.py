"""What a mail server reports of a letter (RFC 3464): read from the report's own fields, never from words to people.

Whatever is handed in, an answer comes out: anybody can write to the mailbox that letters come back to.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message

from models.letters.bounce import BounceAction, BounceAside
from models.operations.logs import get_log
from notifications.composing.keys import RETURN_HEADER
from notifications.replies.message_parts import is_too_deep, one_field, read_head, recipients, tokens
from notifications.replies.server_results import is_aligned, passed, server_results

LARGEST = 5 * 1024 * 1024  # bytes: a report with the whole letter in it, and as much again
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
    """What was read. `tokens`: by which it may name a letter, the surest first; nobody has looked at them yet."""

    message_id: str = ""
    tokens: tuple[str, ...] = ()
    action: BounceAction | None = None
    status: str = ""
    diagnostic: str = ""
    aside: BounceAside | None = None


def read_report(content: bytes) -> BounceReport:
    """Read a message as it lies in the mailbox. Never raises; `aside` says why it is no report to be read."""
    if len(content) > LARGEST:
        return BounceReport(aside=BounceAside.TOO_LARGE)
    if is_too_deep(content):
        return BounceReport(aside=BounceAside.TOO_DEEP)  # before the library goes down all those steps
    try:
        return _read(message_from_bytes(content))
    except Exception:  # what a stranger wrote broke the library: that message is set aside, and the next one read
        _log.warning("report_unreadable", size=len(content), exc_info=True)
        return BounceReport(aside=BounceAside.BROKEN)


def _read(message: Message) -> BounceReport:
    message_id = one_field(message, "Message-ID")
    parts = message.get_payload()
    if message.get_content_type() != "multipart/report" or not isinstance(parts, list):
        return BounceReport(message_id, aside=BounceAside.NOT_A_REPORT)
    inside = [part for part in parts if isinstance(part, Message)]
    status = next((part for part in inside if part.get_content_type() in _STATUS_PARTS), None)
    if status is None:
        return BounceReport(message_id, aside=BounceAside.NOT_A_REPORT)  # of something else: that it was read, or spam
    blocks = list(_blocks(status))
    told = [(action, block) for block in blocks if (action := _action(block)) is not None]
    if not told:
        return BounceReport(message_id, aside=BounceAside.BROKEN)
    action, block = _decisive(told)
    found = _STATUS.match(one_field(block, "Status"))
    named = tuple(dict.fromkeys(_tokens(message, blocks, inside)))[:_MOST_TOKENS]
    return BounceReport(
        message_id,
        named,
        action,
        found[0] if found else "",
        one_field(block, "Diagnostic-Code")[:500],
        None if named else BounceAside.UNSIGNED,
    )


def is_from_server_of(content: bytes, address: str | None, authserv_id: str) -> bool:
    """Return whether a report is known to come from a mail server of an address's domain: by what ours found (SPF of
    the name that server gave, or DKIM), of a message with an empty return path that nobody had logged in to send.
    """
    head, domain = read_head(content), (address or "").rpartition("@")[2].lower()
    if head is None or not domain or not authserv_id or one_field(head, "Return-Path") != "<>":
        return False
    results = server_results(head, authserv_id)
    hosts = [one for result in results for one in passed(result, "spf", "smtp.helo")]
    signers = [one.rpartition("@")[2] for result in results for one in passed(result, "dkim", "header.d", "header.i")]
    is_logged_in = any(one.method == "auth" and one.result == "pass" for one in results)
    return not is_logged_in and any(is_aligned(one, domain) or is_aligned(domain, one) for one in (*hosts, *signers))


def _blocks(status: Message) -> Iterator[Message]:
    """Yield the fields of the message, then those of each recipient."""
    found = status.get_payload()
    for block in found if isinstance(found, list) else []:
        if not isinstance(block, Message):
            continue
        yield block
        rest = block.get_payload()  # of a kind that the library takes for a message with a body
        if isinstance(rest, str):
            for text in re.split(r"\r?\n[ \t]*\r?\n", rest)[:_MOST_BLOCKS]:
                yield message_from_string(text.lstrip())


def _decisive(told: Sequence[tuple[BounceAction, Message]]) -> tuple[BounceAction, Message]:
    """Choose the report that decides: a letter, perhaps to a list, came back only where it reached nobody."""
    arrived = [one for one in told if one[0] in _ARRIVED]
    delayed = [one for one in told if one[0] is BounceAction.DELAYED]
    for_good = [one for one in told if one_field(one[1], "Status").startswith("5")]
    return (arrived or delayed or for_good or told)[0]


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
    """Return the returned letter's own headers: of a whole letter, or written down as text."""
    inside = part.get_payload()
    if isinstance(inside, list):
        return inside[0] if inside and isinstance(inside[0], Message) else Message()
    raw = part.get_payload(decode=True)
    return message_from_bytes(raw) if isinstance(raw, bytes) else Message()
