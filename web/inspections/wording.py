"""The words that every page of inspections needs (message ids)."""

from typing import Any

from models.directives.inspection import InspectionState, Verdict
from models.tasks.task import TaskStatus
from models.text.localtime import local_date
from web.request.request_context import RequestContext
from web.request.word_filters import TAG_WORDS, duty_words
from workflows.rules.tasks.lifecycle import Relation

RELATIONS = {relation.value: words for relation, words in Relation.labels().items() if relation is not Relation.SYSTEM}
SIGNS = {Verdict.MET: "✓", Verdict.PARTLY: "½", Verdict.NOT_MET: "✗", Verdict.NOT_APPLICABLE: "–"}
MARKS = {
    "planned": "waiting",
    "under_way": "waiting",
    "findings_sent": "blocked",
    "closed": "done",
    "cancelled": "calm",
}


def wording(context: RequestContext) -> dict[str, Any]:
    """Return what templates call by name."""
    return {
        "duty_name": lambda path: context.words(duty_words(path)),
        "state_words": InspectionState.labels(),
        "state_marks": MARKS,
        "verdict_words": Verdict.labels(),
        "signs": SIGNS,
        "statuses": TaskStatus.labels(),
        "tag_words": TAG_WORDS,
        "relations": RELATIONS,
        "today": local_date(context.now),
    }
