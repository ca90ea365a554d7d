"""The blocks of a document: every character of its text is of one kind, and what nothing was read from is *unread*."""

import re
from collections.abc import Iterable, Iterator, Sequence

from workflows.intake.text.no_order import NoOrder, no_order
from workflows.intake.text.paragraphs import TextLine, TextParagraph, raw_lines
from workflows.intake.text.reading import Block, BlockKind, Span

_KINDS = [BlockKind.FURNITURE, *(kind for kind in BlockKind if kind is not BlockKind.FURNITURE)]
_CODES = [*((kind, None) for kind in _KINDS), *((BlockKind.NO_ORDER, why) for why in NoOrder)]
_FURNITURE, _UNREAD = 0, _KINDS.index(BlockKind.UNREAD)
_LABEL = 12
"""Characters at the beginning or end of a line that go with what they stand beside: "Điều 12. ", "./."."""


class Blocks:
    """The kind of each character. A later mark goes over an earlier one; page numbers and rules stay what they are."""

    def __init__(self, text: str, lines: Sequence[TextLine]) -> None:
        self._text = text
        self._codes = bytearray(len(text))
        says = {line.passage.offsets[0] for line in lines}
        for line in raw_lines(text):
            begin = next((at for at in range(line.start, line.end) if at in says), None)
            if begin is not None:
                self._codes[line.start : line.end] = bytes([_UNREAD]) * (line.end - line.start)

    def mark(self, kind: BlockKind, span: Span, why: NoOrder | None = None) -> None:
        code = _CODES.index((kind, why))
        over = bytes([_FURNITURE, *[code] * 255])
        self._codes[span.start : span.end] = self._codes[span.start : span.end].translate(over)

    def mark_all(self, kind: BlockKind, paragraphs: Iterable[TextParagraph], why: NoOrder | None = None) -> None:
        for paragraph in paragraphs:
            self.mark(kind, paragraph.passage.span(), why)

    def read(self) -> Iterator[Block]:
        """Yield the blocks in their order; together they are the whole text."""
        self._say_why()
        begin = 0
        for end in self._ends():
            kind, why = _CODES[self._codes[begin]]
            yield Block(kind, Span(begin, end), why)
            begin = end

    def _say_why(self) -> None:
        """Mark what was left unread but begins as what orders nobody; labels go with what they stand before."""
        for begin, end in list(self._runs()):
            words = self._text[begin:end]
            if begin and (not words.strip() or (self._codes[begin] == _UNREAD and not any(map(str.isalnum, words)))):
                self._codes[begin:end] = bytes([self._codes[begin - 1]]) * (end - begin)
            elif self._codes[begin] != _UNREAD:
                continue
            elif "\n" not in words.strip() and len(words.strip()) <= _LABEL and (beside := self._beside(begin, end)):
                self._codes[begin:end] = bytes([beside]) * (end - begin)
            elif why := no_order(" ".join(words.split())):
                self.mark(BlockKind.NO_ORDER, Span(begin, end), why)

    def _beside(self, begin: int, end: int) -> int | None:
        """Return the code of what stands in the same line behind these characters, else before them."""
        words = self._text[begin:end].lstrip()
        if end < len(self._text) and "\n" not in words and self._codes[end] != _FURNITURE:
            return self._codes[end]
        if begin and self._text[begin - 1] != "\n" and self._codes[begin - 1] != _FURNITURE:
            return self._codes[begin - 1]
        return None

    def _runs(self) -> Iterator[tuple[int, int]]:
        begin = 0
        for end in self._ends():
            yield begin, end
            begin = end

    def _ends(self) -> Iterator[int]:
        """Yield where each run of one kind ends."""
        at, size = 0, len(self._codes)
        while at < size:
            other = _OTHERS[self._codes[at]].search(self._codes, at)
            at = other.start() if other else size
            yield at


_OTHERS = [re.compile(b"[^" + re.escape(bytes([code])) + b"]") for code in range(len(_CODES))]
