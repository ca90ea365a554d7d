"""The order of a letter's items: the most urgent section first, then the earliest date; and which of many it names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from models.letters.letter import LetterKind
from notifications.composing.facts import LetterFacts, LetterItem, LetterSection, Rest

MOST_NAMED = 20
"""So many items a digest names; it counts the others."""
SHORTENED = frozenset({LetterKind.DIGEST, LetterKind.SUMMARY, LetterKind.EVENT})
ASKING = frozenset({"submitted", "corrected", "extension_asked", "obstacle_raised", "lead_change_asked"})
"""Events that wait for their reader's decision."""
_OWN = frozenset({"head", "deputy", "focal_point", "officer", "stand_in"})
_FIRST = (LetterSection.UNDELIVERABLE, LetterSection.UNCERTAIN, LetterSection.OVERDUE, LetterSection.DUE_TODAY)
_WATCHED = (LetterSection.DUE_SOON, LetterSection.OPEN)
_SECTIONS = list(LetterSection)
_LAST = datetime.max.replace(tzinfo=UTC)


def in_order(facts: LetterFacts) -> LetterFacts:
    """Return the letter with its items in order; upwards, the items of one unit stand together.

    The task's id decides last, so that the order does not depend on which tick wrote a notice.
    """
    items = sorted(facts.items, key=_urgency)
    if facts.kind is LetterKind.UPWARD:
        items = _by_unit(items)
    return replace(facts, items=tuple(items))


def is_mine(facts: LetterFacts, item: LetterItem) -> bool:
    """Return whether the recipient's own unit leads the task: they act, instead of watching somebody else act."""
    return item.role in _OWN if item.role else item.lead_unit == facts.recipient.unit_name


def shorten(facts: LetterFacts, lists: Mapping[LetterSection, str]) -> LetterFacts:
    """Return the letter with the most urgent items named and the others counted, each section with its list's address.

    What its reader only watches comes after what they must do or decide. Letters of other kinds stay as they are.
    """
    if facts.kind not in SHORTENED or len(facts.items) <= MOST_NAMED:
        return facts
    ordered = sorted(facts.items, key=lambda item: (_need(facts, item), _urgency(item)))
    named, counted = ordered[:MOST_NAMED], ordered[MOST_NAMED:]
    letters = {one.letter_id for item in named for one in item.unsent}
    rest = tuple(
        Rest(section, count, sum(item.due_at is None for item in group), _event(group), lists[section])
        for section in _SECTIONS
        if (group := [item for item in counted if item.section is section]) and (count := count_items(group, letters))
    )
    more = {item.task_id for item in counted} - {item.task_id for item in named}
    return replace(facts, items=tuple(named), rest=rest, more_tasks=len(more))


def count_items(items: Sequence[LetterItem], named: Iterable[UUID] = ()) -> int:
    """Return how many there are: of refused letters those not named yet; of all else the items."""
    letters = {one.letter_id for item in items for one in item.unsent}.difference(named)
    return len(letters) + sum(not item.unsent for item in items)


def _event(group: list[LetterItem]) -> str | None:
    events = {item.event for item in group}
    return events.pop() if len(events) == 1 else None


def _need(facts: LetterFacts, item: LetterItem) -> int:
    if item.section in _FIRST:
        return 0
    if item.section is LetterSection.DECIDE or item.event in ASKING:
        return 1
    return 3 if item.section in _WATCHED and not is_mine(facts, item) else 2


def _urgency(item: LetterItem) -> tuple[object, ...]:
    letters = tuple((one.name, one.letter_id.hex) for one in item.unsent)  # tasks of one refused letter stay together
    return _SECTIONS.index(item.section), letters, item.due_at or _LAST, item.duty_path, item.task_id


def _by_unit(items: Iterable[LetterItem]) -> list[LetterItem]:
    first: dict[tuple[LetterSection, str], int] = {}
    for position, item in enumerate(items):
        first.setdefault((item.section, item.lead_unit), position)
    return sorted(items, key=lambda item: first[item.section, item.lead_unit])
