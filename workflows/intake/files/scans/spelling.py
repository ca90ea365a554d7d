"""Repair what tesseract misread where the language leaves one reading; what was read stays known beside it.

The lexicon `pairs.txt` has syllables that follow one another in official Vietnamese: on each line a syllable, and
those that were seen at least twice behind it in public directives, plans and letters. `docs/intake-files.md` says how
it was made.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from workflows.intake.files.characters.syllables import is_syllable
from workflows.intake.files.scans.misread_numbers import numbers_repaired
from workflows.intake.files.scans.scanned_words import Word, WordLine

_CORE = re.compile(r"([^\W\d_]+)\W*")
_STOP = re.compile(r"[.,;:!?)(“”\"]$")
_CERTAIN = 0.95
"""A syllable read as surely as this is taken for what is printed."""
Place = tuple[int, int, int]
"""Page, line, word."""


@dataclass(frozen=True)
class Lexicon:
    """Pairs of syllables, and syllables by their letters without marks."""

    pairs: frozenset[tuple[str, str]]
    by_letters: dict[str, tuple[str, ...]]

    def are_near(self, first: str, second: str) -> bool:
        """Return whether two syllables follow one another in official Vietnamese."""
        return (first, second) in self.pairs

    def alike(self, word: str) -> tuple[str, ...]:
        """Return the syllables that a misread word may be: with other marks, else with one other letter."""
        return self.by_letters.get(_letters(word), ())

    def near(self, word: str) -> tuple[str, ...]:
        """Return the syllables that differ from a word in one letter, whatever their marks."""
        letters = _letters(word)
        found: list[str] = []
        for at in range(len(letters)):
            for other in _CONFUSED.get(letters[at], ""):
                found += self.by_letters.get(letters[:at] + other + letters[at + 1 :], ())
        return tuple(found)


_LOOKALIKES = ("hbr", "ec", "ltif", "ng", "mn", "oc", "uv", "hk", "dđ")
_CONFUSED = {
    letter: "".join({other for group in _LOOKALIKES if letter in group for other in group if other != letter})
    for letter in set("".join(_LOOKALIKES))
}


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    pairs: set[tuple[str, str]] = set()
    by_letters: dict[str, set[str]] = defaultdict(set)
    for line in Path(__file__).with_name("pairs.txt").read_text(encoding="utf-8").splitlines():
        first, *others = line.split()
        pairs |= {(first, other) for other in others}
        for word in (first, *others):
            by_letters[_letters(word)].add(word)
    return Lexicon(frozenset(pairs), {letters: tuple(sorted(words)) for letters, words in by_letters.items()})


@lru_cache(maxsize=20_000)
def _letters(word: str) -> str:
    parts = unicodedata.normalize("NFD", word.lower().replace("đ", "d"))
    return "".join(char for char in parts if not unicodedata.combining(char))


def repaired(pages: Sequence[Sequence[WordLine]]) -> list[list[WordLine]]:
    """Return the lines of all pages with the words repaired of which only one reading is left."""
    lines = numbers_repaired(pages)
    words = {place: word for place, word in _placed(lines)}
    order = [place for place, _word in _placed(lines)]
    around = list(zip([None, *order], order, [*order[1:], None], strict=False))
    for before, place, after in around:
        better = _better(words, before, place, after)
        if better is not None:
            words[place] = better
    strange = [place for before, place, after in around if _is_strange(words, before, place, after)]
    for place in strange:
        words[place] = replace(words[place], is_strange=True)
    return [
        [
            replace(line, words=tuple(words[page, row, at] for at in range(len(line.words))))
            for row, line in enumerate(of)
        ]
        for page, of in enumerate(lines)
    ]


def _placed(pages: Sequence[Sequence[WordLine]]) -> Iterator[tuple[Place, Word]]:
    for page, lines in enumerate(pages):
        for row, line in enumerate(lines):
            for at, word in enumerate(line.words):
                yield (page, row, at), word


def _better(words: dict[Place, Word], before: Place | None, place: Place, after: Place | None) -> Word | None:
    """Return the word as its neighbours want it; None where it is well, or more than one reading is left."""
    word = words[place]
    found = _CORE.fullmatch(word.text.lstrip('“"('))
    if found is None or word.was or len(found[1]) < 2:
        return None
    core = found[1].lower()
    if is_syllable(core) and word.confidence >= _CERTAIN:
        return None
    last = _neighbour(words[before], ended=True) if before else ""
    following = _neighbour(words[after]) if after and not _STOP.search(word.text) else ""
    known = lexicon()
    if (last and known.are_near(last, core)) or (following and known.are_near(core, following)):
        return None
    candidates = set(_fitting(known.alike(core), last, following)) or set(_fitting(known.near(core), last, following))
    if len(candidates) != 1 or not ((last and following) or not is_syllable(core)):
        return None
    return replace(word, text=word.text.replace(found[1], _as_written(candidates.pop(), found[1])), was=word.text)


def _is_strange(words: dict[Place, Word], before: Place | None, place: Place, after: Place | None) -> bool:
    """Return whether a word is known beside neither of its neighbours; of a number no lexicon knows."""
    word = words[place].text.strip('“”"(),.;:').lower()
    last = _neighbour(words[before], ended=True) if before else ""
    following = _neighbour(words[after]) if after else ""
    return not (lexicon().are_near(last, word) or lexicon().are_near(word, following))


def _fitting(candidates: Iterable[str], last: str, following: str) -> list[str]:
    """Return the candidates that both neighbours know, where there are two."""
    known = lexicon()
    return [
        one
        for one in candidates
        if (last or following)
        and (not last or known.are_near(last, one))
        and (not following or known.are_near(one, following))
    ]


def _neighbour(word: Word, *, ended: bool = False) -> str:
    """Return a neighbour as the lexicon has it; "" where the sentence breaks between the two."""
    if ended and _STOP.search(word.text):
        return ""
    found = _CORE.fullmatch(word.text.lstrip('“"(')) if not (not ended and word.text[:1] in '“"(') else None
    return found[1].lower() if found else ""


def _as_written(word: str, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[:1].isupper() else word
