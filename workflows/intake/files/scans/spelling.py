"""Repair what tesseract misread where the language leaves one reading. What was read is stored beside it.

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
_CERTAIN_CONFIDENCE = 0.95
"""A syllable read as surely as this is taken for what is printed."""


@dataclass(frozen=True)
class Lexicon:
    """Pairs of syllables that follow one another, and syllables by their characters without marks."""

    pairs: frozenset[tuple[str, str]]
    by_letters: dict[str, tuple[str, ...]]

    def alike(self, word: str) -> tuple[str, ...]:
        """Return the syllables that a misread word may be: with other marks, else with one other letter."""
        return self.by_letters.get(_letters(word), ())

    def near(self, word: str) -> tuple[str, ...]:
        """Return the syllables that differ from a word in one character, whatever their marks."""
        letters = _letters(word)
        syllables: list[str] = []
        for position in range(len(letters)):
            for other in _CONFUSED.get(letters[position], ""):
                syllables += self.by_letters.get(letters[:position] + other + letters[position + 1 :], ())
        return tuple(syllables)


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
    """Repair the words of all pages for which only one reading is possible."""
    lines = numbers_repaired(pages)
    words = [word for page in lines for line in page for word in line.words]
    for position, word in enumerate(words):
        words[position] = _repair_word(word, *_neighbours(words, position))
    judged_words = [
        replace(word, is_strange=_is_strange(word, *_neighbours(words, position)))
        for position, word in enumerate(words)
    ]
    remaining = iter(judged_words)
    return [[replace(line, words=tuple(islice(remaining, len(line.words)))) for line in page] for page in lines]


def _neighbours(words: Sequence[ScannedWord], position: int) -> tuple[ScannedWord | None, ScannedWord | None]:
    return words[position - 1] if position else None, words[position + 1] if position + 1 < len(words) else None


def _repair_word(word: ScannedWord, before: ScannedWord | None, after: ScannedWord | None) -> ScannedWord:
    """Repair a word by its neighbours. A good word, or one with several possible readings, stays as it is."""
    match = _CORE.fullmatch(word.text.lstrip('“"('))
    if match is None or word.was or len(match[1]) < 2:
        return word
    core = match[1].lower()
    if is_syllable(core) and word.confidence >= _CERTAIN_CONFIDENCE:
        return word
    last = _lexicon_form(before, ended=True)
    following = "" if _STOP.search(word.text) else _lexicon_form(after)
    known_pairs = lexicon()
    if (last, core) in known_pairs.pairs or (core, following) in known_pairs.pairs:
        return word
    candidates = set(_candidates_between(known_pairs.alike(core), last, following)) or set(
        _candidates_between(known_pairs.near(core), last, following)
    )
    if len(candidates) != 1 or not ((last and following) or not is_syllable(core)):
        return word
    return replace(word, text=word.text.replace(match[1], _as_written(candidates.pop(), match[1])), was=word.text)


def _is_strange(word: ScannedWord, before: ScannedWord | None, after: ScannedWord | None) -> bool:
    """Return whether the lexicon knows a word beside neither of its neighbours. It never knows numbers."""
    text, pairs = word.text.strip('“”"(),.;:').lower(), lexicon().pairs
    return (_lexicon_form(before, ended=True), text) not in pairs and (text, _lexicon_form(after)) not in pairs


def _candidates_between(candidates: Iterable[str], last: str, following: str) -> list[str]:
    """Return the candidates that fit all neighbours."""
    pairs = lexicon().pairs
    return [
        candidate
        for candidate in candidates
        if (last or following)
        and (not last or (last, candidate) in pairs)
        and (not following or (candidate, following) in pairs)
    ]


def _lexicon_form(word: ScannedWord | None, *, ended: bool = False) -> str:
    """Return a neighbour as the lexicon has it, "" for none or where a sentence ends between the two."""
    if word is None or (_STOP.search(word.text) if ended else word.text[:1] in '“"('):
        return ""
    match = _CORE.fullmatch(word.text.lstrip('“"('))
    return match[1].lower() if match else ""


def _as_written(word: str, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[:1].isupper() else word
