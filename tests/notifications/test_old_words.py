"""Rows of programs before 0.4 that a clock ahead of time had written still say so, in both languages."""

from datetime import UTC, datetime

import pytest

from models.database.ids import new_id
from models.i18n import LANGUAGES, translate
from models.letters.letter import NOTICE_REASON_WORDS, Letter, LetterKind, LetterState
from models.words import EVENT_WORDS
from notifications.outbox.explain import ended_because, explain
from workflows.organization.audit_words import DEED_WORDS

NOON = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
OLD = "clock ahead"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", [LetterState.SENT, LetterState.EMPTY])
def test_a_letter_with_the_old_error_says_what_became_of_it(state: LetterState, language: str) -> None:
    letter = Letter(
        recipient_id=new_id(), slot=NOON, not_before=NOON, kind=LetterKind.DIGEST, state=state, attempts=1, error=OLD
    )
    words = translate(explain(letter.model_dump() | {"last_outcome": None}), language)
    assert OLD not in words and len(words) > 20
    assert OLD not in translate(ended_because(OLD), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_notice_history_and_audit_of_then_are_worded(language: str) -> None:
    for words in (NOTICE_REASON_WORDS[OLD], EVENT_WORDS["clock_ahead"], DEED_WORDS["clock_made_good"]):
        assert len(translate(words, language)) > 20
