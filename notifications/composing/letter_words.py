"""What text and HTML of a letter say alike, worded once before either is laid out: plain words, which HTML escapes."""

from dataclasses import dataclass
from typing import Any

from notifications.composing.facts import Item
from notifications.composing.letter_templates import words_of
from notifications.composing.view import LetterView
from notifications.composing.wording import one_line

_AT_LENGTH = frozenset({"set_by", "counted_from", "partners", "product", "goes_to"})
_EACH_OWN = frozenset({"lead", "waiting"})


@dataclass(frozen=True)
class FactWords:
    """A fact of an item. `name`: the macro that words it, the same in each language."""

    name: str
    label: str
    words: str

    @property
    def is_brief(self) -> bool:
        """Whether it is told where items are not told at length."""
        return self.name not in _AT_LENGTH

    @property
    def is_shared(self) -> bool:
        """Whether it is told once for several units with the same duty."""
        return self.is_brief and self.name not in _EACH_OWN


@dataclass(frozen=True)
class ItemWords:
    """`name` as subjects call the item; `facts` are those that there is something to tell of."""

    name: str
    headline: str
    news: str
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


def _word_item(say: Any, letter: LetterView, item: Item) -> ItemWords:
    told = [FactWords(macro.name, label, one_line(macro(letter, item))) for label, macro in say.FACTS]
    return ItemWords(
        name=one_line(say.name(item)),
        headline=one_line(say.headline(item)),
        news=one_line(say.news(item)),
        step=one_line(say.step(letter, item)),
        facts=[fact for fact in told if fact.words],
    )
