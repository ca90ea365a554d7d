"""What `message_list.html` needs, and what other channels said of a letter."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from models.channels.channel import MessageState
from web.request.visitors import device_name
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


def letter_messages(session: Session, letter_id: UUID) -> dict[str, Any]:
    return {"messages": messages_of_letter(session, letter_id)} | MESSAGE_WORDS
