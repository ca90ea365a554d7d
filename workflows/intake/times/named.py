"""Days and periods that the calendar names: "trước ngày 15/6 và 15/12/2026", "quý III - IV", "tuần cuối tháng 9".

A day without its year, or "tháng sau", is counted from the day of the document.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from workflows.intake.times.days import coming_day, full_year, last_of_month, make_day
from workflows.intake.times.grammar import kinds, letters_of, rule
from workflows.intake.times.words import TimeWord, Word, time_words, words_between


class NamedKind(StrEnum):
    """How a day or period is named; the names of the groups of `_NAMED`, in the order in which they are tried."""

    RANGE = "range"
    TODAY = "today"
    NEXT_YEAR = "next_year"
    DAYS = "days"
    WEEK = "week"
    THIRD = "third"
    FROM_ISSUE = "from_issue"
    PERIOD = "period"


class Dates(NamedTuple):
    """The first and last day that words name; None for a missing year or a day that no calendar has."""

    first: date | None
    last: date | None
    is_guessed: bool = False


@dataclass(frozen=True, slots=True)
class NamedTime:
    """A day or period of the calendar: characters `start` to `end` of the text, `when` without its preposition.

    `each` holds the days of a list, with where each begins and ends; the last one alone where only one is named.
    """

    kind: NamedKind
    start: int
    when: int
    end: int
    lead: frozenset[Word]
    dates: Dates
    each: tuple[tuple[int, int, Dates], ...] = ()


_NAMED = rule(
    "(?P<lead> lead)? (?P<beside> beside_day) (?: (?P<range> range) | (?P<today> this_day) | (?P<next_year> next_year)"
    " | (?P<days> days) | (?P<week> week_of_month) | (?P<third> third_of_month) | (?P<from_issue> from_issue)"
    " | (?P<period> periods))"
)
_ONE_DAY = rule("one_day")
_ONE_PERIOD = rule("period")
_FIGURES = (Word.NUMBER, Word.NUMBER_WORD, Word.YEAR_NUMBER)


def named_times(text: str, start: int, end: int, issued_on: date | None) -> Iterator[NamedTime]:
    """Yield the days and periods between two characters of a text, in its order."""
    words = time_words(text)
    for match in _NAMED.finditer(kinds(text), *words_between(text, start, end)):
        kind = next(kind for kind in NamedKind if match.group(kind) is not None)
        core = words[match.start(kind) : match.end(kind)]
        lead = frozenset(word.kind for word in words[slice(*match.span("lead"))]) if match["lead"] else frozenset()
        when = words[match.end("lead") if match["lead"] else match.start()].start
        each = tuple(_each_day(core, issued_on)) if kind is NamedKind.DAYS else ()
        dates = each[-1][2] if each else _READERS[kind](core, issued_on)
        yield NamedTime(kind, words[match.start()].start, when, core[-1].end, lead, dates, each)


def _each_day(core: Sequence[TimeWord], issued_on: date | None) -> Iterator[tuple[int, int, Dates]]:
    """Yield the days of a list; one without its month or year has those of the next one that says them."""
    found: list[tuple[int, int, list[int]]] = []
    letters = letters_of(core)
    for match in _ONE_DAY.finditer(letters):
        words = core[match.start() : match.end()]
        found.append((words[0].start, words[-1].end, [word.value for word in words if word.kind in _FIGURES]))
    for at in reversed(range(len(found) - 1)):
        figures = found[at][2]
        if len(figures) == 1:
            figures += found[at + 1][2][1:]
    for start, end, figures in found:
        yield start, end, _dates_of_day(figures, issued_on)


def _dates_of_day(figures: Sequence[int], issued_on: date | None) -> Dates:
    match figures:
        case [day, month, year]:
            named = make_day(day, month, full_year(year))
            return Dates(named, named, year < 100)
        case [day, month]:
            named = coming_day(day, month, issued_on)
            return Dates(named, named, True)
    return Dates(None, None, True)


def _read_periods(core: Sequence[TimeWord], issued_on: date | None) -> Dates:
    """Return the first and last day of all periods of a list."""
    letters = letters_of(core)
    each = [_read_period(core[slice(*match.span())], issued_on) for match in _ONE_PERIOD.finditer(letters)]
    named = [one for one in each if one.first is not None and one.last is not None]
    if not named:
        return Dates(None, None, True)
    return Dates(
        min(one.first for one in named if one.first),
        max(one.last for one in named if one.last),
        any(one.is_guessed for one in named),
    )


def _read_period(core: Sequence[TimeWord], issued_on: date | None) -> Dates:
    """Return the first and last day of a year, a half of one, quarters or months."""
    said = [word.value for word in core if word.kind is Word.YEAR_NUMBER]
    if not said and issued_on is None:
        return Dates(None, None, True)
    year = said[-1] if said else (issued_on or date.min).year
    numbers = [word.value for word in core if word.kind in (Word.NUMBER, Word.NUMBER_WORD, Word.ROMAN)]
    kinds_said = [word.kind for word in core]
    if Word.QUARTER in kinds_said:
        months = (numbers[0] * 3 - 2, numbers[-1] * 3)
    elif Word.YEAR in kinds_said and Word.MONTH in kinds_said and kinds_said[0] in _FIGURES:  # "6 tháng đầu năm"
        months = (1, numbers[0]) if Word.FIRST in kinds_said else (13 - numbers[0], 12)
    elif Word.PART_OF_MONTH in kinds_said:
        months = (1, 6) if core[0].text.endswith("đầu") else (7, 12)
    elif numbers:
        months = (numbers[0], numbers[-1])
    else:
        months = (1, 12)
    found = Dates(make_day(1, months[0], year), last_of_month(year, months[1]), not said)
    if not said and issued_on is not None and found.last is not None and found.last < issued_on:
        return Dates(make_day(1, months[0], year + 1), last_of_month(year + 1, months[1]), True)
    return found


def _read_range(core: Sequence[TimeWord], issued_on: date | None) -> Dates:
    """Return the last day of a range: what stands behind the last word of its end."""
    ends = [at for at, word in enumerate(core) if word.kind in (Word.UNTIL, Word.DASH, Word.END)]
    for at in ends:
        rest = core[at + 1 :]
        if rest and not any(word.kind in (Word.UNTIL, Word.END) for word in rest):
            break
    letters = letters_of(rest)
    if days := [match for match in _ONE_DAY.finditer(letters) if match.end() == len(letters)]:
        figures = [word.value for word in rest[days[-1].start() :] if word.kind in _FIGURES]
        if len(figures) > 1 and Word.QUARTER not in [word.kind for word in rest]:
            return _dates_of_day(figures, issued_on)
    whole = core if rest[0].kind in (Word.ROMAN, Word.NUMBER) else rest
    return _read_period(whole, issued_on)


def _read_week(core: Sequence[TimeWord], issued_on: date | None) -> Dates:
    """Return a week of a month; the second one ends on the 14th."""
    month = next(at for at, word in enumerate(core) if word.kind is Word.MONTH)
    first, last, is_guessed = _read_period(core[month:], issued_on)
    if first is None or last is None or core[1].kind is Word.LAST:
        return Dates(first, last, is_guessed)
    number = 1 if core[1].kind is Word.FIRST else core[1].value
    return Dates(first + timedelta(7 * number - 7), min(last, first + timedelta(7 * number - 1)), is_guessed)


def _read_third(core: Sequence[TimeWord], issued_on: date | None) -> Dates:
    """Return the beginning, middle or end of a month; which day it ends on is the house's own reading."""
    first, last, is_guessed = _read_period(core[1:], issued_on)
    if last is None:
        return Dates(first, last, is_guessed)
    ends = {"đầu": 10, "đầu tiên": 10, "thượng tuần": 10, "giữa": 15, "nửa đầu": 15, "trung tuần": 20}
    return Dates(first, last.replace(day=ends.get(core[0].text, last.day)), is_guessed)


def _read_from_issue(core: Sequence[TimeWord], issued_on: date | None) -> Dates:
    """Return a week, month, quarter or year seen from the document's day, or a day of such a month."""
    if issued_on is None:
        return Dates(None, None, True)
    unit, which = core[-2].kind, core[-1].kind
    later = which is not Word.THIS
    if unit is Word.WEEK:
        monday = issued_on - timedelta(issued_on.weekday()) + timedelta(7 * later)
        return Dates(monday, monday + timedelta(6), True)
    size = {Word.MONTH: 1, Word.QUARTER: 3, Word.YEAR: 12}[unit]
    months = issued_on.year * 12 + (issued_on.month - 1) // size * size + size * later
    first, last = make_day(1, months % 12 + 1, months // 12), _last_of(months + size - 1)
    if (day := next((word.value for word in core if word.kind is Word.NUMBER), None)) is not None:
        named = make_day(day, months % 12 + 1, months // 12) if unit is Word.MONTH else None
        return Dates(named, named, True)
    return Dates(first, last, True)


def _last_of(months: int) -> date | None:
    return last_of_month(months // 12, months % 12 + 1)


def _read_next_year(core: Sequence[TimeWord], issued_on: date | None) -> Dates:
    figures = [word.value for word in core if word.kind in _FIGURES]
    named = make_day(figures[0], figures[1], issued_on.year + 1) if issued_on else None
    return Dates(named, named, True)


def _read_today(core: Sequence[TimeWord], issued_on: date | None) -> Dates:
    figures = [word.value for word in core if word.kind in _FIGURES]
    return _dates_of_day(figures, issued_on) if figures else Dates(issued_on, issued_on, issued_on is None)


_READERS: dict[NamedKind, Callable[[Sequence[TimeWord], date | None], Dates]] = {
    NamedKind.RANGE: _read_range,
    NamedKind.TODAY: _read_today,
    NamedKind.NEXT_YEAR: _read_next_year,
    NamedKind.WEEK: _read_week,
    NamedKind.THIRD: _read_third,
    NamedKind.FROM_ISSUE: _read_from_issue,
    NamedKind.PERIOD: _read_periods,
}
