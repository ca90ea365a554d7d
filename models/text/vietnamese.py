"""Fold Vietnamese text for search (without marks, đ → d), and sort it by the Vietnamese alphabet."""

import unicodedata

_BASES = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_RANK = {letter: chr(ord("A") + index) for index, letter in enumerate(_BASES)}


def fold(text: str) -> str:
    """Return the text in lower case, without marks, with d for đ and single spaces."""
    stripped = "".join(
        char for char in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(char)
    )
    return " ".join(stripped.replace("đ", "d").replace("–", "-").split())


def without_marks(text: str) -> str:
    """Return the text in plain Latin characters, as a telephone without Vietnamese shows it: "Don doc"."""
    stripped = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    for marked, plain in (("đ", "d"), ("Đ", "D"), ("–", "-"), ("“", '"'), ("”", '"'), ("…", "...")):
        stripped = stripped.replace(marked, plain)
    return stripped


def search_words(text: str) -> str:
    """Return the folded words with single spaces: "06 2004 ct bbcvt"."""
    return _words(fold(text))


def search_text(*parts: str | None) -> str:
    """Return the words without marks, a bar, and the words with marks, each after a space.

    A word with marks has its tone at the end, so that "hoà" and "hòa" are one word.
    """
    text = " ".join(part for part in parts if part)
    return f" {search_words(text)} | {marked_words(text)} "


def marked_words(text: str) -> str:
    """Return the words in lower case, each with its tone at the end."""
    words = _words(unicodedata.normalize("NFC", text.casefold())).split()
    return " ".join(map(_tone_last, words))


def _words(text: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in text).split())


def _tone_last(word: str) -> str:
    tones = [part for part in unicodedata.normalize("NFD", word) if part in _TONES]
    if not tones:
        return word
    rest = "".join(part for part in unicodedata.normalize("NFD", word) if part not in _TONES)
    return unicodedata.normalize("NFC", rest) + "".join(tones)


def sort_key(text: str) -> str:
    """Return a key for sorting in Vietnamese order: by characters first (a ă â … d đ …), then by tones."""
    letters, tones = [], []
    for char in unicodedata.normalize("NFC", text.casefold()):
        tone, rest = "0", []
        for part in unicodedata.normalize("NFD", char):
            if part in _TONES:
                tone = _TONES[part]
            else:
                rest.append(part)
        base = unicodedata.normalize("NFC", "".join(rest))
        letters.append(_RANK.get(base, base))
        tones.append(tone)
    return "".join(letters) + " " + "".join(tones)


def person_sort_key(full_name: str) -> str:
    """Return a key for sorting people by given name (the last word), then by the other names."""
    *other_names, given_name = full_name.split() or [""]
    return sort_key(given_name) + " " + sort_key(" ".join(other_names))
