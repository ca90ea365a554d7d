"""What people read of an attempt of a channel: whole sentences, in their own language."""

from datetime import UTC, datetime

import pytest

from models.channels.channel import ChannelAttempt
from models.database.ids import new_id
from models.i18n import translate
from workflows.channels.messages_view import MESSAGE_REASONS, attempt_words, is_explained

NOT_FOUND = "host sms.example: cannot be found"


@pytest.mark.parametrize(
    ("outcome", "status", "reply", "expected", "explained"),
    [
        ("temporary", None, NOT_FOUND, "The address sms.example does not exist", True),
        ("temporary", None, "ConnectError: refused", "The server cannot be reached", False),
        ("temporary", 503, "busy", "The server did not take the message this time", False),
        ("permanent", 400, "bad number", "refused for good", False),
    ],
)
def test_an_attempt_is_told_in_a_sentence(
    outcome: str, status: int | None, reply: str, expected: str, explained: bool
) -> None:
    attempt = ChannelAttempt(
        message_id=new_id(),
        lease_token=1,
        started_at=datetime(2026, 11, 2, tzinfo=UTC),
        outcome=outcome,
        status=status,
        reply=reply,
    )
    words = attempt_words(attempt)
    assert expected in words and is_explained(attempt) is explained
    vietnamese = translate(words, "vi")
    assert vietnamese != words and "cannot" not in vietnamese


def test_every_reason_of_a_message_is_told_in_vietnamese() -> None:
    for reason, words in MESSAGE_REASONS.items():
        assert translate(words, "vi") not in (reason, words), reason
