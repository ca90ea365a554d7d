"""Words the sentences that the text and the HTML of a letter share. They are plain text, which the HTML escapes."""

from dataclasses import dataclass
from typing import Any

from models.letters.letter import LetterKind
from notifications.composing.facts import LetterItem
from notifications.composing.letter_templates import words_of
from notifications.composing.view import NEW_TASKS, LetterView
from notifications.composing.wording import one_line

_DETAILED_KINDS = frozenset({LetterKind.ASSIGNED, LetterKind.EVENT, LetterKind.INCIDENT})
"""Kinds that give all details of each item."""
_DETAILS = frozenset({"set_by", "counted_from", "partners", "product", "goes_to"})
_OF_ONE_UNIT = frozenset({"lead", "waiting"})


@dataclass(frozen=True)
class FactWords:
    """A fact of an item. `name` is the macro that words it, the same in each language."""

    name: str
    label: str
    words: str

    @property
    def is_shared(self) -> bool:
        """Whether a paragraph about several units with the same duty states it once."""
        return self.name not in _DETAILS and self.name not in _OF_ONE_UNIT


@dataclass(frozen=True)
class ItemWords:
    """`name` is the one that subjects use. `quote` and `facts` hold only what the letter states."""

    name: str
    headline: str
    news: str
    quote: str
    step: str
    facts: list[FactWords]


@dataclass(frozen=True)
class LetterWords:
    """`items` by their numbers in the letter."""

    greeting: str
    stand_in: str
    copied: str
    attached: str
    signature: str
    items: dict[int, ItemWords]


def word_letter(letter: LetterView) -> LetterWords:
    say = words_of(f"_shared/{letter.language}", letter.language)
    return LetterWords(
        greeting=one_line(say.greeting(letter)),
        stand_in=one_line(say.stand_in(letter)),
        copied=one_line(say.copied(letter)),
        attached=one_line(say.attached(letter)),
        signature=one_line(say.signature(letter)),
        items={number: _word_item(say, letter, item) for number, item in enumerate(letter.items, 1)},
    )


def _word_item(say: Any, letter: LetterView, item: LetterItem) -> ItemWords:
    is_detailed = _is_detailed(letter.facts.kind, item)
    facts = []
    for label, macro in say.FACTS:
        if is_detailed or macro.name not in _DETAILS:
            words = one_line(macro(letter, item))
            if words:
                facts.append(FactWords(macro.name, label, words))
    return ItemWords(
        name=one_line(say.name(item)),
        headline=one_line(say.headline(item)),
        news=one_line(say.news(item)),
        quote=one_line(item.quote) if is_detailed else "",
        step=one_line(say.step(letter, item)),
        facts=facts,
    )


def _is_detailed(kind: LetterKind, item: LetterItem) -> bool:
    return kind in _DETAILED_KINDS or (kind is not LetterKind.UPWARD and item.section in NEW_TASKS)
