"""Repair what tesseract misread where the language leaves one reading; what was read stays known beside it.

The lexicon `pairs.txt` has syllables that follow one another in official Vietnamese: on each line a syllable, and
those that were seen at least twice behind it in public directives, plans and letters. `docs/intake.md` says how
it was made.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path

from workflows.intake.files.characters.syllables import is_syllable
from workflows.intake.files.scans.misread_numbers import numbers_repaired
from workflows.intake.files.scans.scanned_words import ScannedWord, WordLine

_CORE = re.compile(r"([^\W\d_]+)\W*")
_STOP = re.compile(r"[.,;:!?)(“”\"]$")
_CERTAIN = 0.95
"""A syllable read as surely as this is taken for what is printed."""


@dataclass(frozen=True)
class Lexicon:
    """Pairs of syllables that follow one another, and syllables by their letters without marks."""

    pairs: frozenset[tuple[str, str]]
    by_letters: dict[str, tuple[str, ...]]

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
    words = [word for page in lines for line in page for word in line.words]
    for at, word in enumerate(words):
        words[at] = _better(word, *_neighbours(words, at))
    known = [replace(word, is_strange=_is_strange(word, *_neighbours(words, at))) for at, word in enumerate(words)]
    left = iter(known)
    return [[replace(line, words=tuple(islice(left, len(line.words)))) for line in page] for page in lines]


def _neighbours(words: Sequence[ScannedWord], at: int) -> tuple[ScannedWord | None, ScannedWord | None]:
    return words[at - 1] if at else None, words[at + 1] if at + 1 < len(words) else None


def _better(word: ScannedWord, before: ScannedWord | None, after: ScannedWord | None) -> ScannedWord:
    """Return the word as its neighbours want it; itself where it is well, or more than one reading is left."""
    found = _CORE.fullmatch(word.text.lstrip('“"('))
    if found is None or word.was or len(found[1]) < 2:
        return word
    core = found[1].lower()
    if is_syllable(core) and word.confidence >= _CERTAIN:
        return word
    last = _spelt(before, ended=True)
    following = "" if _STOP.search(word.text) else _spelt(after)
    known = lexicon()
    if (last, core) in known.pairs or (core, following) in known.pairs:
        return word
    candidates = set(_fitting(known.alike(core), last, following)) or set(_fitting(known.near(core), last, following))
    if len(candidates) != 1 or not ((last and following) or not is_syllable(core)):
        return word
    return replace(word, text=word.text.replace(found[1], _as_written(candidates.pop(), found[1])), was=word.text)


def _is_strange(word: ScannedWord, before: ScannedWord | None, after: ScannedWord | None) -> bool:
    """Return whether a word is known beside neither of its neighbours; of a number no lexicon knows."""
    text, pairs = word.text.strip('“”"(),.;:').lower(), lexicon().pairs
    return (_spelt(before, ended=True), text) not in pairs and (text, _spelt(after)) not in pairs


def _fitting(candidates: Iterable[str], last: str, following: str) -> list[str]:
    """Return the candidates that both neighbours know, where there are two."""
    pairs = lexicon().pairs
    return [
        one
        for one in candidates
        if (last or following) and (not last or (last, one) in pairs) and (not following or (one, following) in pairs)
    ]


def _spelt(word: ScannedWord | None, *, ended: bool = False) -> str:
    """Return a neighbour as the lexicon has it; "" for none, or where the sentence breaks between the two."""
    if word is None or (_STOP.search(word.text) if ended else word.text[:1] in '“"('):
        return ""
    found = _CORE.fullmatch(word.text.lstrip('“"('))
    return found[1].lower() if found else ""


def _as_written(word: str, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[:1].isupper() else word
