"""Letters of every kind, and what a reader sees of one."""

from collections.abc import Callable
from functools import partial

from notifications.composing.facts import LetterFacts
from tests.notifications import samples
from tests.page import Page

EVENTS = (
    "due_set",
    "due_moved",
    "returned",
    "approved",
    "extension_accepted",
    "extension_refused",
    "extension_countered",
    "obstacle_answered",
    "withdrawn",
    "lead_changed",
    "lead_kept",
    "coordinator_changed",
    "reminded",
    "reopened",
    "submitted",
    "received",
    "extension_asked",
    "obstacle_raised",
    "lead_change_asked",
    "contributed",
    "assigned_on",
    "children_closed",
    "template_changed",
    "incident_stood_down",
)
ALL: dict[str, Callable[[str], LetterFacts]] = {
    "assigned": samples.assigned,
    "digest": samples.digest,
    "upward": samples.upward,
    "to the issuer": lambda language: samples.upward(language, rung="to_issuer", press_number=3),
    "incident": samples.incident,
    "drill": lambda language: samples.incident(language, is_drill=True),
    "summary": samples.summary,
    **{name: partial(samples.event, name, note="Đề nghị bổ sung phụ lục") for name in EVENTS},
}


def visible(html: str) -> str:
    return Page(html).words()[0]
