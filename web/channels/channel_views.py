"""Prepares what pages show of channels beside mail: the messages of a letter, and a person's choice of channels."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from models.channels.channel import MessageState
from models.database.sealed import Locked
from notifications.channels.message_text import write_sample
from web.request.request_context import RequestContext
from web.request.visitors import device_name
from workflows.channels.choices import browser_key, list_browsers, offered_gateways, telephone
from workflows.channels.gateways import LENGTHS
from workflows.channels.messages_view import MESSAGE_REASONS, attempt_words, is_explained, messages_of_letter

_MESSAGE_MARKS = {
    MessageState.QUEUED: "waiting",
    MessageState.CLAIMED: "waiting",
    MessageState.SENT: "done",
    MessageState.UNCERTAIN: "late",
    MessageState.FAILED: "late",
}
MESSAGE_WORDS: dict[str, Any] = {
    "message_marks": _MESSAGE_MARKS,
    "message_reasons": MESSAGE_REASONS,
    "attempt_words": attempt_words,
    "is_explained": is_explained,
    "device_name": device_name,
}
"""What `message_list.html` needs beside the messages."""


def letter_messages(session: Session, letter_id: UUID) -> dict[str, Any]:
    return {"messages": messages_of_letter(session, letter_id)} | MESSAGE_WORDS


def channel_choices(context: RequestContext, session: Session) -> dict[str, Any]:
    try:
        push_key = browser_key(session)
    except Locked:  # `dondoc doctor` reports it
        push_key = None
    return {
        "gateways": offered_gateways(session, context.person.id),
        "number": telephone(context.person),
        "push_key": push_key,
        "browsers": list_browsers(session, context.person.id),
        "here": context.session_row.id if context.session_row else None,
        "device_name": device_name,
        "sample": lambda longest=LENGTHS[0], is_unmarked=False: write_sample(
            context.language, longest=longest, is_unmarked=is_unmarked
        ),
    }
