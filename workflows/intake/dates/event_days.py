"""Days that no word of limit names: of an event, "hôm nay", and the year by which a state is to be reached."""

import re
from collections.abc import Iterator
from datetime import date

from workflows.intake.dates.written_periods import DATE, HOUR, PERIOD, last_day
from workflows.intake.text.beginnings import Part
from workflows.intake.text.passage import Passage
from workflows.intake.text.reading import Deadline, Reason

_WEEKDAY = r"(?: ?\(thứ [^()]{1,8}\))?"
_STEP = re.compile(rf"[^:;.\n]{{3,90}}: (?:vào )?(?P<when>ngày\s*{DATE}){_WEEKDAY}(?= ?[.;,]|$)", re.IGNORECASE)
"""A step of a calendar: "Khai giảng năm học mới: Ngày 05/9/2024"."""
_HELD = re.compile(
    rf"\b(?:tựu trường|khai giảng|khai mạc|bế mạc|ra quân|diễn ra)(?: [^.;:,\n]{{0,40}}?)? (?P<when>ngày\s*{DATE})"
    rf"{_WEEKDAY}(?= ?[.;,)]|$)",
    re.IGNORECASE,
)
_TODAY = re.compile(
    rf"\b(?:(?P<before>trước)\s+{HOUR}|(?:ngay |xong )?trong )?(?:ngày )?hôm nay(?: ?\((?:ngày )?(?P<when>{DATE})\))?",
    re.IGNORECASE,
)
_BY_YEAR = re.compile(
    r"(?:^|(?<=[^\d][,;.] )|\b(?:phấn đấu|bảo đảm|đảm bảo)(?: là)? )đến (?:hết |cuối )?"
    r"(?P<when>năm \d{4}|quý (?:IV|III|II|I|[1-4])(?:/| năm )\d{4}),? (?=\w)",
    re.IGNORECASE,
)
"""By when a state is to be reached: "đến năm 2020, các xã có trụ sở"."""
_CLOSED_IN = re.compile(rf"\b(?:tổng kết|sơ kết|kết thúc) (?:[^.;,\d\n]{{0,40}}?)vào (?P<when>{PERIOD})", re.IGNORECASE)


_WORDS = re.compile(
    r"hôm nay|: (?:vào )?ngày|tựu trường|khai giảng|khai mạc|bế mạc|ra quân|diễn ra|đến (?:hết |cuối )?(?:năm|quý)|"
    r"tổng kết|sơ kết|kết thúc",
    re.IGNORECASE,
)
"""The words without which a sentence names no such day."""


def event_days(passage: Passage, part: Part, issued_on: date | None) -> Iterator[Deadline]:
    """Yield the days of events in a sentence, what is due today, and by which year."""
    text = passage.text
    if not _WORDS.search(text, part.start, part.end):
        return
    if step := _STEP.match(text, part.start, part.end):
        yield from _named(passage, step, issued_on, "on", 0.8)
    for match in _HELD.finditer(text, part.start, part.end):
        yield from _named(passage, match, issued_on, "on", 0.8)
    for pattern in (_BY_YEAR, _CLOSED_IN):
        for match in pattern.finditer(text, part.start, part.end):
            if re.search(r"\d{4}", match.group("when")):
                yield from _named(passage, match, issued_on, "within", 0.75)
    for match in _TODAY.finditer(text, part.start, part.end):
        day = last_day(match.group("when"), issued_on)[0] if match.group("when") else issued_on
        if day is not None:
            op = "before" if match.group("before") else "within"
            span = passage.span(match.start(), match.end())
            yield Deadline(match.group(), span, 0.8, Reason.NAMED_DAY, "fixed", day, op)


def _named(passage: Passage, match: re.Match[str], issued_on: date | None, op: str, sure: float) -> Iterator[Deadline]:
    day, guessed = last_day(match.group("when"), issued_on)
    if day is None:
        return
    start, end = match.start("when"), match.end() if op == "on" else match.end("when")
    reason = Reason.NO_YEAR if guessed else Reason.NAMED_DAY
    span = passage.span(start, end)
    yield Deadline(passage.text[start:end], span, 0.7 if guessed else sure, reason, "fixed", day, op)
