"""Orders a letter's items by section and date, and shortens a long letter to its most urgent items."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from models.letters.letter import LetterKind
from notifications.composing.facts import CountedItems, LetterFacts, LetterItem, LetterSection

MOST_NAMED = 20
"""A shortened letter names this many items and counts the others."""
SHORTENED = frozenset({LetterKind.DIGEST, LetterKind.SUMMARY, LetterKind.EVENT})
ASKING = frozenset({"submitted", "corrected", "extension_asked", "obstacle_raised", "lead_change_asked"})
"""Events that wait for their reader's decision."""
_OWN_ROLES = frozenset({"head", "deputy", "focal_point", "officer", "stand_in"})
_URGENT = (LetterSection.UNDELIVERABLE, LetterSection.UNCERTAIN, LetterSection.OVERDUE, LetterSection.DUE_TODAY)
_WATCHED = (LetterSection.DUE_SOON, LetterSection.OPEN)
_SECTIONS = list(LetterSection)
_LAST = datetime.max.replace(tzinfo=UTC)


def in_order(facts: LetterFacts) -> LetterFacts:
    """Return the letter with its items in order. An upward letter keeps the items of one unit together.

    The task's id decides last, so that the order does not depend on the tick that wrote a notice.
    """
    items = sorted(facts.items, key=_urgency)
    if facts.kind is LetterKind.UPWARD:
        items = _by_unit(items)
    return replace(facts, items=tuple(items))


def is_mine(facts: LetterFacts, item: LetterItem) -> bool:
    """Return whether the recipient's own unit leads the task, so that they must act and not only watch."""
    return item.role in _OWN_ROLES if item.role else item.lead_unit == facts.recipient.unit_name


def shorten(facts: LetterFacts, lists: Mapping[LetterSection, str]) -> LetterFacts:
    """Name only the most urgent items of a long letter, and count the others by section.

    What the reader must do or decide comes before what they only watch. `lists` holds the address of each section's
    list. Letters of other kinds stay as they are.
    """
    if facts.kind not in SHORTENED or len(facts.items) <= MOST_NAMED:
        return facts
    ordered = sorted(facts.items, key=lambda item: (_priority(facts, item), _urgency(item)))
    named, unnamed = ordered[:MOST_NAMED], ordered[MOST_NAMED:]
    named_letters = {letter.letter_id for item in named for letter in item.unsent}
    counted = []
    for section in _SECTIONS:
        items = [item for item in unnamed if item.section is section]
        if count := count_items(items, named_letters):
            undated = sum(item.due_at is None for item in items)
            counted.append(CountedItems(section, count, undated, _single_event(items), lists[section]))
    more_tasks = {item.task_id for item in unnamed} - {item.task_id for item in named}
    return replace(facts, items=tuple(named), counted_items=tuple(counted), more_tasks=len(more_tasks))


def count_items(items: Sequence[LetterItem], named_letters: Iterable[UUID] = ()) -> int:
    """Count items. Items about unsent letters count as the letters that are not named yet."""
    letter_ids = {letter.letter_id for item in items for letter in item.unsent}.difference(named_letters)
    return len(letter_ids) + sum(not item.unsent for item in items)


def _single_event(items: list[LetterItem]) -> str | None:
    events = {item.event for item in items}
    return events.pop() if len(events) == 1 else None


def _priority(facts: LetterFacts, item: LetterItem) -> int:
    if item.section in _URGENT:
        return 0
    if item.section is LetterSection.DECIDE or item.event in ASKING:
        return 1
    return 3 if item.section in _WATCHED and not is_mine(facts, item) else 2


def _urgency(item: LetterItem) -> tuple[object, ...]:
    # tasks of the same unsent letters stay together
    letters = tuple((letter.name, letter.letter_id.hex) for letter in item.unsent)
    return _SECTIONS.index(item.section), letters, item.due_at or _LAST, item.duty_path, item.task_id


def _by_unit(items: Iterable[LetterItem]) -> list[LetterItem]:
    first_positions: dict[tuple[LetterSection, str], int] = {}
    for position, item in enumerate(items):
        first_positions.setdefault((item.section, item.lead_unit), position)
    return sorted(items, key=lambda item: first_positions[item.section, item.lead_unit])
