"""Vietnamese text for search and order: folded without marks (đ → d), and sorted by the Vietnamese alphabet."""

import unicodedata

_BASES = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_RANK = {letter: chr(ord("A") + index) for index, letter in enumerate(_BASES)}


def fold(text: str) -> str:
    """Lower case, no marks, đ → d, single spaces: what search compares."""
    stripped = "".join(
        char for char in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(char)
    )
    return " ".join(stripped.replace("đ", "d").replace("–", "-").split())


def sort_key(text: str) -> str:
    """A key whose plain order is Vietnamese order.

    Letters first (a ă â … d đ …), then tones (ngang huyền hỏi ngã sắc nặng).
    """
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
    """People sort by given name (the last word), then by the rest."""
    *rest, given = full_name.split() or [""]
    return sort_key(given) + " " + sort_key(" ".join(rest))
