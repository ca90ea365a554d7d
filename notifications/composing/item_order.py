"""The order of a letter's items: the most urgent section first, then the earliest date."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from models.letters.letter import LetterKind
from notifications.composing.facts import Item, LetterFacts, Section

_SECTIONS = list(Section)
_LAST = datetime.max.replace(tzinfo=UTC)


def in_order(facts: LetterFacts) -> LetterFacts:
    """Return the letter with its items in order; upwards, the items of one unit stand together.

    The task's id decides last, so that the order does not depend on which tick wrote a notice.
    """
    items = sorted(facts.items, key=_urgency)
    if facts.kind is LetterKind.UPWARD:
        items = _by_unit(items)
    return replace(facts, items=tuple(items))


def _urgency(item: Item) -> tuple[object, ...]:
    letters = tuple((one.name, one.letter_id.hex) for one in item.unsent)  # tasks of one refused letter stay together
    return _SECTIONS.index(item.section), letters, item.due_at or _LAST, item.duty_path, item.task_id


def _by_unit(items: Iterable[Item]) -> list[Item]:
    first: dict[tuple[Section, str], int] = {}
    for position, item in enumerate(items):
        first.setdefault((item.section, item.lead_unit), position)
    return sorted(items, key=lambda item: first[item.section, item.lead_unit])
