"""A directive's text with the sentences of its duties marked in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty


@dataclass(frozen=True)
class Piece:
    """A stretch of the text; with a duty's path where it is that duty's sentence."""

    text: str
    path: str = ""


def duties_with_quotes(session: Session, directive: Directive) -> list[Any]:
    """Path, title, kind and sentence of each duty, in the directive's order."""
    query: Any = select(col(Duty.path), col(Duty.title), col(Duty.kind), col(Duty.quote))
    order = (col(Duty.position), col(Duty.path))
    return list(session.execute(query.where(col(Duty.directive_id) == directive.id).order_by(*order)))


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
