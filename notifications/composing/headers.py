"""The headers of a letter: who writes to whom, what it answers, and what marks it as written by a machine."""

import re

from models.letters.letter import LetterKind
from models.text.localtime import local
from notifications.composing import mime
from notifications.composing.facts import LetterFacts
from notifications.composing.keys import RETURN_HEADER, TASKS_HEADER, thread_id

MOST_NUMBERED = 60
"""So many tasks of a letter can be named by their number in a reply."""
MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")
_THREADED = frozenset({LetterKind.ASSIGNED, LetterKind.EVENT, LetterKind.INCIDENT})


def sender_domain(facts: LetterFacts) -> str:
    """Return the domain of the sender's address."""
    return facts.sender_address.rpartition("@")[2]


def write_headers(facts: LetterFacts, subject: str) -> list[str]:
    """Return the header lines of a letter, in their order."""
    domain = sender_domain(facts)
    tasks = {item.task_id for item in facts.items}
    root = thread_id(tasks.pop(), domain) if facts.kind in _THREADED and len(tasks) == 1 and not facts.is_test else None
    answers = facts.answers if MESSAGE_ID.fullmatch(facts.answers) and len(facts.answers) < 500 else ""
    root = answers or root
    return [
        mime.mailbox("From", facts.sender_name, facts.sender_address),
        # a test speaks to somebody else than its reader
        mime.mailbox("To", "" if facts.is_test else facts.recipient.name, facts.recipient.email),
        *([mime.mailbox("Reply-To", "", facts.reply_to)] if facts.reply_to else []),
        mime.unstructured("Subject", subject),
        mime.moment("Date", local(facts.written_at or facts.slot)),
        mime.identifier("Message-ID", facts.message_id),
        *([mime.identifier("In-Reply-To", root), mime.identifier("References", root)] if root else []),
        mime.identifier("List-Id", f"Don doc <dondoc.{domain}>"),
        *_fewer(facts),
        f"Auto-Submitted: {'auto-replied' if facts.account and facts.account.answer else 'auto-generated'}",
        f"Content-Language: {facts.recipient.language}",
        *([f"{TASKS_HEADER}: {_numbered(facts)}"] if facts.reply_to and facts.items else []),
        *([f"{RETURN_HEADER}: {facts.return_token}"] if facts.return_token else []),
    ]


def _numbered(facts: LetterFacts) -> str:
    """Return the tasks in the order of their numbers, for a reply that names one (“#2”)."""
    return f"{mime.CRLF} ".join(item.task_id.hex for item in facts.items[:MOST_NUMBERED])


def _fewer(facts: LetterFacts) -> list[str]:
    """Return what a mail reader's own "unsubscribe" asks: one press, without signing in (RFC 8058)."""
    if not facts.fewer_url:
        return []
    return [
        mime.identifier("List-Unsubscribe", f"<{facts.fewer_url}>"),
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ]
