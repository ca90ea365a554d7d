"""The deadlines of a duty, in the order in which its text names them."""

import re
from dataclasses import replace
from datetime import date

from workflows.intake.fixed_days import read_fixed
from workflows.intake.passage import Passage
from workflows.intake.reading import Deadline, Reason
from workflows.intake.recurring import read_recurring
from workflows.intake.relative import read_relative
from workflows.intake.time_lines import read_time_lines
from workflows.intake.vocabulary import bare

_DAYS = ("2", "hai", "3", "ba", "4", "tu", "5", "nam", "6", "sau", "7", "bay")
_WEEKDAY = re.compile(rf"\bthu ({'|'.join(_DAYS)})\b")


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
    """A day before the document's own date, or with another day's weekday: flagged and not corrected."""
    if deadline.day is None:
        return deadline
    if issued_on is not None and deadline.day < issued_on:
        return replace(deadline, confidence=0.4, doubt=Reason.BEFORE_ISSUE)
    weekday = _WEEKDAY.search(bare(deadline.value).casefold())
    if weekday and _DAYS.index(weekday.group(1)) // 2 != deadline.day.weekday():
        return replace(deadline, confidence=0.4, doubt=Reason.OTHER_WEEKDAY)
    return deadline
