"""How Vietnamese a text looks, by the syllables of its words with marks: the statistic that tells encodings apart."""

import re
import unicodedata
from functools import lru_cache

_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_WORD = re.compile(r"[A-Za-z\x80-\x9f\xa1-\u02af\u0300-\u036f\u1e00-\u1eff]+")
_SYLLABLE = re.compile(
    r"(?:b|ch|c|d|đ|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|r|s|th|tr|t|v|x)?"
    r"(?:iê|yê|ia|ya|uô|ua|ươ|ưa|oa|oă|oe|oo|uâ|uê|uơ|uyê|uya|uy|[aăâeêioôơuưy])"
    r"(?:ch|nh|ng|[cmnptiyou])?"
)
_NEVER = re.compile(r"(?<!ư)ơ(?:c|ng)$|[ăâ]$|[ăâ](?:ch|nh)$|ư[mnp]$")
"""Rhymes that the pattern of parts would allow and the language has not."""

_STOP = re.compile(r"(?:c|ch|p|t)$")
_OF_STOPS = ("\u0301", "\u0323")
"""A syllable that ends in a stop has one of these tones."""


@lru_cache(maxsize=20_000)
def is_syllable(word: str) -> bool:
    """Return whether a word can be one Vietnamese syllable, written in Unicode."""
    parts = unicodedata.normalize("NFD", word.lower())
    tones = _TONES.findall(parts)
    bare = unicodedata.normalize("NFC", _TONES.sub("", parts))
    if len(tones) > 1 or not _SYLLABLE.fullmatch(bare) or _NEVER.search(bare):
        return False
    return not _STOP.search(bare) or "".join(tones) in _OF_STOPS


def likeness(text: str) -> tuple[int, int]:
    """Return the number of words with marks that are Vietnamese syllables, and of all words with marks."""
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    return sum(map(is_syllable, words)), len(words)
