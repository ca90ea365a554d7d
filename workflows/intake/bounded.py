"""Read a text within bounds, in a process of its own: how far the processor's time reaches, how much of one duty.

What is past a bound is named as unread, with its place.
"""

import signal
import sys
from collections.abc import Iterable
from dataclasses import fields, replace
from types import FrameType
from typing import Any, TypeVar

from pydantic import TypeAdapter

from models.errors import Refused
from workflows.apart.limits import READING_SECONDS
from workflows.intake.read import read
from workflows.intake.text.reading import ReadDuty, Reading, ReadingReason, Span, TextFinding

MOST_DUTIES = 1_000
"""Of a document; those of a long plan are some hundred and fifty."""
MOST_NAMES = 200
"""That a duty gives for one thing, such as who takes part; a province has a hundred and fifty communes."""
LONGEST_DUTY = 20_000
"""Characters of a duty; the longest that has been seen has 3,500."""
READING = TypeAdapter(Reading)
_FIRST = 100_000
"""Characters that are read first: hardly a document has more."""
_SHORTEST = 500
"""Characters below which a text that takes too long is not read at all."""
_SAFE = 0.7
"""Of the time that is left, what a longer part may take at the pace of the one before."""
_FIRST_WORDS = 80
_Left = tuple[int, int, ReadingReason]
_Found = TypeVar("_Found", bound=TextFinding)


class OutOfTime(BaseException):
    """The processor's time is over. No rule of the reader takes it for a fault of its own."""


def read_sent(data: bytes) -> dict[str, Any]:
    """Return the `reading` of a text in UTF-8, or why it is `refused` with its `facts`; all in JSON."""
    try:
        reading = read_bounded(data.decode(), READING_SECONDS)
    except Refused as error:
        return {"refused": error.message, "facts": error.facts}
    return {"reading": READING.dump_python(reading, mode="json")}


def read_bounded(text: str, seconds: float) -> Reading:
    """Read a text from its beginning, as far as these seconds of the processor reach."""
    reading, reached, end, left = Reading(), 0, _cut(text, _FIRST), seconds
    while left > 0:
        clock = _Clock(left if reached else left / 2)
        try:
            with clock:
                longer = read(text[:end])
            reading, reached = longer, end
        except (OutOfTime, MemoryError, RecursionError):
            if reached:
                break
        left -= clock.taken
        # what was read says how far the rest of the time reaches; where nothing was, a shorter part is tried
        more = _cut(text, int(reached * left * _SAFE / clock.taken) if reached else end // 4)
        if reached == len(text) or more < (reached * 1.5 if reached and more < len(text) else _SHORTEST):
            break
        end = more
    return _within_bounds(text, reading, reached)


class _Clock:
    """Raises OutOfTime where more seconds of the processor are used, or five times as many pass on a busy machine."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.taken = 0.001
        """Seconds of the processor, or a fifth of those by the clock, whichever are more."""

    def __enter__(self) -> None:
        for timer, sign, times in _TIMERS:
            signal.signal(sign, _ring)
            signal.setitimer(timer, self._seconds * times)

    def __exit__(self, *_fault: object) -> None:
        for timer, _sign, times in _TIMERS:
            self.taken = max(self.taken, self._seconds - signal.setitimer(timer, 0)[0] / times)


_PATIENCE = 5
"""Times as long as the processor's time it may take by the clock: less in all than a process that reads may last."""
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
    duties: list[ReadDuty] = []
    left: list[_Left] = []
    for one in reading.duties[:MOST_DUTIES]:
        duty, past = _shortened(one)
        duties.append(duty)
        left += past
    too_many = [one.span.start for one in reading.duties[MOST_DUTIES:]]
    if too_many or reached < len(text):
        left.append((min([*too_many, reached]), len(text), ReadingReason.NOT_REACHED))
    heading = reading.heading
    heading = replace(heading, addressees=heading.addressees[:MOST_NAMES], bases=heading.bases[:MOST_NAMES])
    addressees, past = _few(reading.addressees)
    unread = [_unread(text, *one) for one in sorted({*left, *past})]
    return replace(
        reading, heading=heading, addressees=addressees, duties=tuple(duties), unread=(*reading.unread, *unread)
    )


def _shortened(duty: ReadDuty) -> tuple[ReadDuty, list[_Left]]:
    changed: dict[str, Any] = {}
    left: list[_Left] = []
    passage = duty.passage.cut(0, LONGEST_DUTY)
    begins, ends = passage.span().end, duty.span.end
    if begins < ends:
        changed["passage"] = passage
        left.append((begins, ends, ReadingReason.LONG_DUTY))
    for field in fields(ReadDuty):
        found = getattr(duty, field.name)
        if isinstance(found, tuple):
            kept, past = _few([one for one in found if not begins <= one.span.start < ends])
            changed[field.name] = kept
            left += past
    return replace(duty, **changed), left


def _few(found: Iterable[_Found]) -> tuple[tuple[_Found, ...], list[_Left]]:
    """Return as many names as one thing may have, and where the others stand."""
    found = tuple(found)
    more = found[MOST_NAMES:]
    if not more:
        return found, []
    begins, ends = min(one.span.start for one in more), max(one.span.end for one in more)
    return found[:MOST_NAMES], [(begins, ends, ReadingReason.MANY_NAMES)]


def _unread(text: str, begins: int, ends: int, reason: ReadingReason) -> TextFinding:
    words = " ".join(text[begins : min(ends, begins + _FIRST_WORDS)].split())
    return TextFinding(words + "…" * (ends - begins > _FIRST_WORDS), Span(begins, ends), 1.0, reason)
