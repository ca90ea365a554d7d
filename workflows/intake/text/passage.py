"""A stretch of cleaned text that knows, for each of its characters, where it stands in the text it was read from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) of the original text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Cleaned text and the original offset of each character, which never decreases."""

    text: str
    offsets: tuple[int, ...]

    def cut(self, start: int, end: int | None = None) -> Self:
        """Return the part between two of its own positions, without blanks at its ends."""
        end = len(self.text) if end is None else end
        piece = self.text[start:end]
        start, end = start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
        return type(self)(self.text[start:end], self.offsets[start:end]) if start < end else type(self)("", ())

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Return where its characters `start` to `end` stand in the original; an empty part is an empty span."""
        covered = self.offsets[start:end]
        return Span(covered[0], covered[-1] + 1) if covered else Span(0, 0)

    @classmethod
    def joined(cls, parts: Iterable["Passage"], glue: str = "\n") -> Self:
        """Return several passages as one, in their order, a glue character between each two."""
        texts: list[str] = []
        offsets: list[int] = []
        for part in parts:
            if not part.text:
                continue
            if offsets:
                texts.append(glue)
                offsets.append(offsets[-1])
            texts.append(part.text)
            offsets.extend(part.offsets)
        return cls("".join(texts), tuple(offsets))
