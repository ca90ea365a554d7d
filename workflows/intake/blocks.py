"""The blocks of a document: every character of its text is of one kind, and what nothing was read from is *unread*."""

import re
from collections.abc import Iterable, Iterator, Sequence

from workflows.intake.text.no_order import NoOrder, no_order
from workflows.intake.text.paragraphs import TextLine, TextParagraph, raw_lines
from workflows.intake.text.reading import Block, BlockKind, Passage, Span
from workflows.intake.text.sentences import full_sentences

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

    def read(self, paragraphs: Iterable[TextParagraph]) -> Iterator[Block]:
        """Yield the blocks in their order; together they are the whole text."""
        for paragraph in paragraphs:
            self._say_why(paragraph.passage)
        self._join_short()
        begin = 0
        for end in self._ends():
            kind, why = _CODES[self._codes[begin]]
            yield Block(kind, Span(begin, end), why)
            begin = end

    def _say_why(self, passage: Passage) -> None:
        """Mark each unread sentence that orders nobody. Each is judged alone: none hides the one behind it."""
        whole = passage.span()
        if _UNREAD not in self._codes[whole.start : whole.end]:
            return
        for sentence in full_sentences(passage.text):
            span = passage.span(sentence.start, sentence.end)
            if self._codes[span.start] == _UNREAD and (why := no_order(passage.text[sentence.start : sentence.end])):
                self._codes[span.start : span.end] = self._codes[span.start : span.end].translate(_only_unread(why))

    def _join_short(self) -> None:
        """Join blanks, marks and labels to what they stand beside."""
        for begin, end in list(self._runs()):
            words = self._text[begin:end]
            if begin and (not words.strip() or (self._codes[begin] == _UNREAD and not any(map(str.isalnum, words)))):
                beside = self._codes[begin - 1]
            elif self._codes[begin] != _UNREAD or "\n" in words.strip() or len(words.strip()) > _LABEL:
                continue
            else:
                beside = self._beside(begin, end)
            self._codes[begin:end] = bytes([beside]) * (end - begin)

    def _beside(self, begin: int, end: int) -> int:
        """Return the code of what stands in the same line behind these characters, else before them, else their own."""
        words = self._text[begin:end].lstrip()
        if end < len(self._text) and "\n" not in words and self._codes[end] != _FURNITURE:
            return self._codes[end]
        if begin and self._text[begin - 1] != "\n" and self._codes[begin - 1] != _FURNITURE:
            return self._codes[begin - 1]
        return self._codes[begin]

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


def _only_unread(why: NoOrder) -> bytes:
    """Return a table that puts this reason in place of unread, and leaves all else."""
    code = _CODES.index((BlockKind.NO_ORDER, why))
    return bytes(code if other == _UNREAD else other for other in range(256))


_OTHERS = [re.compile(b"[^" + re.escape(bytes([code])) + b"]") for code in range(len(_CODES))]
