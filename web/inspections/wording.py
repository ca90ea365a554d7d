"""The words that every page of inspections needs (message ids)."""

from typing import Any

from models.directives.inspection import Verdict
from models.text.localtime import local_date
from web.request.request_context import RequestContext
from web.request.word_filters import TAG_WORDS, duty_words
from workflows.rules.tasks.inspection_policy import STATE_WORDS, VERDICT_WORDS
from workflows.rules.tasks.lifecycle import RELATION_WORDS, STATUS_WORDS, Relation

RELATIONS = {relation.value: words for relation, words in RELATION_WORDS.items() if relation is not Relation.SYSTEM}
SIGNS = {Verdict.MET: "✓", Verdict.PARTLY: "½", Verdict.NOT_MET: "✗", Verdict.NOT_APPLICABLE: "–"}
MARKS = {
    "planned": "waiting",
    "under_way": "waiting",
    "findings_sent": "blocked",
    "closed": "done",
    "cancelled": "calm",
}


def wording(visit: RequestContext) -> dict[str, Any]:
    """Return what templates call by name."""
    return {
        "duty_name": lambda path: visit.words(duty_words(path)),
        "state_words": STATE_WORDS,
        "state_marks": MARKS,
        "verdict_words": VERDICT_WORDS,
        "signs": SIGNS,
        "statuses": STATUS_WORDS,
        "tag_words": TAG_WORDS,
        "relations": RELATIONS,
        "today": local_date(visit.now),
    }
