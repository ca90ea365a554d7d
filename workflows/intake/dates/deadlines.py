"""The deadlines of a duty, in the order in which its text names them."""

import re
from dataclasses import replace
from datetime import date

from workflows.intake.dates.fixed_days import read_fixed
from workflows.intake.dates.recurring import read_recurring
from workflows.intake.dates.relative import read_relative
from workflows.intake.dates.time_lines import read_time_lines
from workflows.intake.text.passage import Passage
from workflows.intake.text.reading import Deadline, Reason
from workflows.intake.text.vocabulary import bare

_DAYS = ("2", "hai", "3", "ba", "4", "tu", "5", "nam", "6", "sau", "7", "bay")
_WEEKDAY = re.compile(rf"\bthu ({'|'.join(_DAYS)})\b")


_COUNTED = r"(?:\d{1,3}|một|hai|ba|bốn|năm|sáu|bảy|mười)(?: ?\([^()]{1,20}\))? (?:ngày|tuần|tháng|giờ|tiếng)\b"
_TIME = re.compile(
    r"\b(?:trước|chậm nhất|muộn nhất|không muộn hơn|hạn cuối|hạn chót|đến hết|xong trong|hoàn thành trong)"
    r"(?: (?:là|vào|đến|trong|hết|lúc|trước|cuối|đầu|ngày|mùng|tháng|quý|năm|tuần)){0,6} ?"
    r"(?:\d{1,4}(?:\s?(?:giờ|h|/|tháng|năm)\s?\d{0,4}){0,4}|(?:IV|III|II|I)\b)"
    r"(?: (?:của )?(?:tháng|quý|năm|tuần) (?:sau|tiếp theo|kế tiếp|tới|này))?"
    rf"|\b(?:trong|sau|không quá|tối đa)(?: (?:vòng|thời hạn|thời gian))?(?: không quá)? {_COUNTED}"
    r"|\b(?:trong|từ) (?:tháng|quý|tuần) (?:\d{1,2}|IV|III|II|I)\b(?:\s?(?:/|năm)?\s?\d{4})?"
    r"|\b(?:\d{1,2}|một|hai) lần\s?(?:/|một|mỗi|trong) ?(?:ngày|tuần|tháng|quý|năm)"
    r"|\b(?:định k[ỳìy]|h[àằ]ng|mỗi) (?:tuần|tháng|quý)\b"
    r"|\bngày \d{1,2} (?:của )?(?:tháng|quý|năm) (?:sau|tiếp theo|kế tiếp|tới)"
    r"|\b(?:vào|trong|trước|đến) (?:cuối|đầu|giữa) (?:tháng|quý|năm|tuần)(?: \d{1,4}(?:/\d{4})?)?",
    re.IGNORECASE,
)


def times_in(text: str) -> list[tuple[int, int]]:
    """Return where words stand that speak of a time to be met, read or not: the one detector of them.

    Each repetition is bounded: any text is read in linear time.
    """
    places = [at for at, char in enumerate(text) if not (char.isspace() and text[at - 1 : at].isspace())]
    plain = "".join(" " if text[at].isspace() else text[at] for at in places)  # words may stand on two lines
    return [(places[found.start()], places[found.end() - 1] + 1) for found in _TIME.finditer(plain)]


def read_deadlines(passage: Passage, issued_on: date | None) -> tuple[Deadline, ...]:
    """Fixed, recurring and relative deadlines; overlapping ones count once, the earlier kind of rule first."""
    whole = passage.span()
    taken = bytearray(whole.end - whole.start)
    timed, again = read_time_lines(passage, issued_on), read_recurring(passage)
    found: list[Deadline] = []
    for one in (*timed, *again, *read_fixed(passage, issued_on), *read_relative(passage)):
        start, end = one.span.start - whole.start, one.span.end - whole.start
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(one)
    found.sort(key=lambda one: one.span.start)
    kept: dict[tuple[object, ...], Deadline] = {}
    for one in found:
        key = (one.kind, one.day, one.op, one.rule if one.kind != "relative" else bare(one.value))
        kept.setdefault(key, doubted(one, issued_on))
    return tuple(kept.values())


def doubted(deadline: Deadline, issued_on: date | None) -> Deadline:
    """Return a day before the document's own date, or with another day's weekday: flagged and not corrected."""
    if deadline.day is None:
        return deadline
    if issued_on is not None and deadline.day < issued_on:
        return replace(deadline, confidence=0.4, doubt=Reason.BEFORE_ISSUE)
    weekday = _WEEKDAY.search(bare(deadline.value).casefold())
    if weekday and _DAYS.index(weekday.group(1)) // 2 != deadline.day.weekday():
        return replace(deadline, confidence=0.4, doubt=Reason.OTHER_WEEKDAY)
    return deadline
