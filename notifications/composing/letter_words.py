"""What text and HTML of a letter say alike, worded once before either is laid out: plain words, which HTML escapes."""

from dataclasses import dataclass
from typing import Any

from models.letters.letter import LetterKind
from notifications.composing.facts import LetterItem
from notifications.composing.letter_templates import words_of
from notifications.composing.view import NEW_TASKS, LetterView
from notifications.composing.wording import one_line

_WHOLE = frozenset({LetterKind.ASSIGNED, LetterKind.EVENT, LetterKind.INCIDENT})
"""Letters that tell all their items at length."""
_AT_LENGTH = frozenset({"set_by", "counted_from", "partners", "product", "goes_to"})
_EACH_OWN = frozenset({"lead", "waiting"})


@dataclass(frozen=True)
class FactWords:
    """A fact of an item. `name`: the macro that words it, the same in each language."""

    name: str
    label: str
    words: str

    @property
    def is_shared(self) -> bool:
        """Whether it is told once for several units with the same duty."""
        return self.name not in _AT_LENGTH and self.name not in _EACH_OWN


@dataclass(frozen=True)
class ItemWords:
    """`name` as subjects call the item; `quote` and `facts` only as far as the letter tells them."""

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
    at_length = _is_at_length(letter.facts.kind, item)
    facts = [
        FactWords(macro.name, label, words)
        for label, macro in say.FACTS
        if (at_length or macro.name not in _AT_LENGTH) and (words := one_line(macro(letter, item)))
    ]
    return ItemWords(
        name=one_line(say.name(item)),
        headline=one_line(say.headline(item)),
        news=one_line(say.news(item)),
        quote=one_line(item.quote) if at_length else "",
        step=one_line(say.step(letter, item)),
        facts=facts,
    )


def _is_at_length(kind: LetterKind, item: LetterItem) -> bool:
    return kind in _WHOLE or (kind is not LetterKind.UPWARD and item.section in NEW_TASKS)
