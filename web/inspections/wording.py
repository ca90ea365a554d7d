"""The words that every page of inspections needs (message ids)."""

from typing import Any

from models.inspections.inspection import InspectionState, Verdict
from models.words import TAG_WORDS

SIGNS = {Verdict.MET: "✓", Verdict.PARTLY: "½", Verdict.NOT_MET: "✗", Verdict.NOT_APPLICABLE: "–"}
MARKS = {
    "planned": "waiting",
    "under_way": "waiting",
    "findings_sent": "blocked",
    "closed": "done",
    "cancelled": "calm",
}


WORDING: dict[str, Any] = {
    "state_words": InspectionState.labels(),
    "state_marks": MARKS,
    "verdict_words": Verdict.labels(),
    "signs": SIGNS,
    "tag_words": TAG_WORDS,
}
"""The words by the names under which templates use them."""
