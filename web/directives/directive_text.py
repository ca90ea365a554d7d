"""A directive's text with the sentences of its duties marked in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """A stretch of the text; with a duty's path where it is that duty's sentence."""

    text: str
    path: str = ""


def mark_sentences(text: str, quotes: Sequence[tuple[str, str]]) -> list[Piece]:
    """Return the text in pieces; `quotes` are paths and sentences, found whatever the white space between their words.

    A sentence that is not in the text word for word, or lies within another's, is not marked.
    """
    found: list[tuple[int, int, str]] = []
    for path, quote in quotes:
        pattern = r"\s+".join(re.escape(word) for word in quote.split())
        if pattern and (match := re.search(pattern, text)):
            found.append((match.start(), match.end(), path))
    pieces, at = [], 0
    for start, end, path in sorted(found, key=lambda one: (one[0], -one[1])):
        if start < at:
            continue
        pieces += [Piece(text[at:start]), Piece(text[start:end], path)]
        at = end
    return [piece for piece in (*pieces, Piece(text[at:])) if piece.text]
