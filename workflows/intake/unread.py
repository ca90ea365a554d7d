"""What gave neither a duty nor a heading: a page, or a long passage, is named, so that somebody looks at it."""

import re
from collections.abc import Iterable, Iterator, Sequence

from workflows.intake.text.labels import Level, read_label
from workflows.intake.text.paragraphs import TextParagraph
from workflows.intake.text.reading import ReadingReason, Span, TextFinding
from workflows.intake.text.shape import is_capitals

LONG = 1_000
"""Characters, most of a page; a list of recipients and a signature have fewer."""
_MOST_RECIPIENTS = 40
_LONGEST_RECIPIENT = 120
_RECIPIENTS = re.compile(r"\W*n[ơo]i nh[ậa]n\b", re.IGNORECASE)
_FIRST_WORDS = 80


def passages_left(paragraphs: Sequence[TextParagraph], known: Iterable[Span]) -> Iterator[TextFinding]:
    """Yield the long passages of a document that lie wholly between the places that something was read from."""
    taken = _merged(known)
    place, run = 0, list[TextParagraph]()
    for paragraph, is_recipient in zip(paragraphs, _recipients(paragraphs), strict=True):
        span = paragraph.passage.span()
        while place < len(taken) and taken[place].end <= span.start:
            place += 1
        if is_recipient or (place < len(taken) and taken[place].start < span.end):
            yield from _told(run)
            run = []
        else:
            run.append(paragraph)
    yield from _told(run)


def _told(run: Sequence[TextParagraph]) -> Iterator[TextFinding]:
    if sum(len(one.text) for one in run) < LONG:
        return
    text = run[0].text
    words = text if len(text) <= _FIRST_WORDS else f"{text[:_FIRST_WORDS].rpartition(' ')[0]}…"
    span = Span(run[0].passage.span().start, run[-1].passage.span().end)
    yield TextFinding(words, span, 1.0, ReadingReason.NOTHING_READ)


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for one in sorted((one for one in spans if one.start < one.end), key=lambda one: one.start):
        if merged and one.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, one.end))
        else:
            merged.append(one)
    return merged


def _recipients(paragraphs: Sequence[TextParagraph]) -> Iterator[bool]:
    """Yield whether each paragraph belongs to a list of recipients: these are long, and order nobody."""
    left = 0
    for paragraph in paragraphs:
        if _RECIPIENTS.match(paragraph.text):
            left = _MOST_RECIPIENTS
        label = read_label(paragraph.text) if left else None
        is_one = label.level is Level.DASH if label else not is_capitals(paragraph.text)  # a letterhead is no recipient
        left = left - 1 if left and is_one and len(paragraph.text) <= _LONGEST_RECIPIENT else 0
        yield left > 0
