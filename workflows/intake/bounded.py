"""Read a text within bounds of processor time, duties, names and length, in a process of its own.

Passages beyond a bound are named as unread, with their places.
"""

import signal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from types import FrameType
from typing import Any, NamedTuple, TypeVar

from pydantic import TypeAdapter

from models.errors import Refused
from workflows.bounded_process.limits import READING_SECONDS
from workflows.intake.read import read
from workflows.intake.text.reading import Block, BlockKind, ReadDuty, Reading, ReadingReason, Span, TextFinding

MOST_DUTIES = 1_000
"""Duties of a document; a long plan has some 150."""
MOST_NAMES = 200
"""Names that a duty gives for one thing, such as its coordinating units; a province has 150 communes."""
MOST_UNREAD = 200
"""Unread passages of a document that are named one by one; a paper has one or two."""
LONGEST_DUTY = 20_000
"""Characters of a duty; the longest that has been seen has 3,500."""
READING = TypeAdapter(Reading)
_FIRST_PART = 100_000
"""Characters of the part that is read first: hardly any document has more."""
_SHORTEST_PART = 500
"""Characters of the shortest part that is tried. A text is not read at all if even that takes too long."""
_SAFE_SHARE = 0.7
"""The share of the time left that a longer part may take, at the pace of the part before."""
_Finding = TypeVar("_Finding", bound=TextFinding)


class _UnreadPlace(NamedTuple):
    begins: int
    ends: int
    reason: ReadingReason


class OutOfTime(BaseException):
    """The processor time is over. As a BaseException, no rule of the reader catches it as a fault of its own."""


def read_sent(data: bytes) -> dict[str, Any]:
    """Return the `reading` of a text in UTF-8, or why it is `refused` with its `facts`; all in JSON."""
    try:
        reading = read_bounded(data.decode(), READING_SECONDS)
    except Refused as error:
        return {"refused": error.message, "facts": error.facts}
    return {"reading": READING.dump_python(reading, mode="json")}


def read_bounded(text: str, seconds: float) -> Reading:
    """Read a text from its beginning, as far as these seconds of processor time reach."""
    reading, reached, end, seconds_left = Reading(), 0, _cut(text, _FIRST_PART), seconds
    while seconds_left > 0:
        clock = _Clock(seconds_left if reached else seconds_left / 2)
        try:
            with clock:
                longer_reading = read(text[:end])
            reading, reached = longer_reading, end
        except (OutOfTime, MemoryError, RecursionError):
            if reached:
                break
        seconds_left -= clock.taken
        # the pace so far says how far the time left reaches; after no success, a shorter part is tried
        next_end = _cut(text, int(reached * seconds_left * _SAFE_SHARE / clock.taken) if reached else end // 4)
        if reached == len(text) or next_end < (reached * 1.5 if reached and next_end < len(text) else _SHORTEST_PART):
            break
        end = next_end
    return _within_bounds(text, reading, reached)


class _Clock:
    """Raises OutOfTime after these seconds of processor time, or after five times as many by the clock."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.taken = 0.001
        """The seconds of processor time, or a fifth of those by the clock if these are more."""

    def __enter__(self) -> None:
        for timer, sign, times in _TIMERS:
            signal.signal(sign, _ring)
            signal.setitimer(timer, self._seconds * times)

    def __exit__(self, *_fault: object) -> None:
        for timer, _sign, times in _TIMERS:
            self.taken = max(self.taken, self._seconds - signal.setitimer(timer, 0)[0] / times)


_PATIENCE = 5
"""The factor between time by the clock and processor time. In all it stays below the limit of a reading process."""
_TIMERS = (
    ()
    if sys.platform == "win32"
    else ((signal.ITIMER_PROF, signal.SIGPROF, 1), (signal.ITIMER_REAL, signal.SIGALRM, _PATIENCE))
)


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise OutOfTime


def _cut(text: str, most: int) -> int:
    """Return where a part of a text ends: at the end of a line, or of a word."""
    if most >= len(text):
        return len(text)
    return text.rfind("\n", most // 2, most) + 1 or text.rfind(" ", most // 2, most) + 1 or most


def _within_bounds(text: str, reading: Reading, reached: int) -> Reading:
    addressees, unread_places = _few(reading.addressees)
    duties: list[ReadDuty] = []
    for duty in reading.duties[:MOST_DUTIES]:
        shortened_duty, places = _shortened(duty)
        duties.append(shortened_duty)
        unread_places += places
    too_many = [duty.span.start for duty in reading.duties[MOST_DUTIES:]]
    if too_many or reached < len(text):
        unread_places.append(_UnreadPlace(min([*too_many, reached]), len(text), ReadingReason.NOT_REACHED))
    heading = reading.heading
    heading = replace(heading, addressees=heading.addressees[:MOST_NAMES], bases=heading.bases[:MOST_NAMES])
    unread = [TextFinding.unread(text, Span(*place[:2]), place.reason) for place in sorted(set(unread_places))]
    beyond = [Block(BlockKind.UNREAD, Span(reached, len(text)))] if reached < len(text) else []
    return replace(
        reading,
        heading=heading,
        addressees=addressees,
        duties=tuple(duties),
        unread=(*_few_unread(text, reading.unread), *unread),
        blocks=(*reading.blocks, *beyond),
    )


def _few_unread(text: str, unread: Sequence[TextFinding]) -> list[TextFinding]:
    """Return the first MOST_UNREAD passages; the last of them reaches to the end of all."""
    if len(unread) <= MOST_UNREAD:
        return list(unread)
    rest = Span(unread[MOST_UNREAD - 1].span.start, unread[-1].span.end)
    return [*unread[: MOST_UNREAD - 1], TextFinding.unread(text, rest, ReadingReason.NOTHING_READ)]


def _shortened(duty: ReadDuty) -> tuple[ReadDuty, list[_UnreadPlace]]:
    """Return a duty within bounds, and the places of what is cut off."""
    changes: dict[str, Any] = {}
    unread_places: list[_UnreadPlace] = []
    passage = duty.passage.cut(0, LONGEST_DUTY)
    begins, ends = passage.span().end, duty.span.end
    if begins < ends:
        changes["passage"] = passage
        unread_places.append(_UnreadPlace(begins, ends, ReadingReason.LONG_DUTY))
    for field in fields(ReadDuty):
        findings = getattr(duty, field.name)
        if isinstance(findings, tuple):
            changes[field.name], places = _few(
                finding for finding in findings if not begins <= finding.span.start < ends
            )
            unread_places += places
    return replace(duty, **changes), unread_places


def _few(findings: Iterable[_Finding]) -> tuple[tuple[_Finding, ...], list[_UnreadPlace]]:
    """Return the first MOST_NAMES findings, and the place of the others."""
    findings = tuple(findings)
    left_out = findings[MOST_NAMES:]
    if not left_out:
        return findings, []
    begins, ends = min(finding.span.start for finding in left_out), max(finding.span.end for finding in left_out)
    return findings[:MOST_NAMES], [_UnreadPlace(begins, ends, ReadingReason.MANY_NAMES)]
