"""Times that come again: "định kỳ 6 tháng", "trước ngày 20 hằng tháng", "thứ Sáu hằng tuần", "30 phút/lần".

Words of time that follow each other, also across commas and brackets, are read together, in whatever order they stand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from workflows.intake.times.grammar import kinds, letters_of, rule
from workflows.intake.times.words import TimeWord, Word, time_words, words_between

_UNIT_NAMES = {
    Word.MINUTE: "minute",
    Word.HOUR: "hour",
    Word.DAY: "day",
    Word.WEEK: "week",
    Word.MONTH: "month",
    Word.QUARTER: "quarter",
    Word.YEAR: "year",
}
_MONTHS_OF_A_QUARTER = {1: "first", 2: "second", 3: "last"}
_WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_AGAIN = rule("again")
_REPORTED = rule("reported_period")
_DAY_ALONE = rule("day_alone")
_RATE = rule("rate")
_BREAKS = frozenset({Word.OTHER, Word.STOP, Word.DOT, Word.PERCENT, Word.REPORT, Word.TODAY})
_TIME_ENDS = frozenset(
    {Word.NUMBER, Word.NUMBER_WORD, Word.DAY, Word.WEEK, Word.MONTH, Word.QUARTER, Word.YEAR, Word.TERM, Word.HOUR}
    | {Word.MINUTE, Word.WEEKDAY, Word.PART_OF_DAY, Word.OFFICE_HOURS, Word.FIRST, Word.LAST, Word.NEXT, Word.AFTER}
    | {Word.THAT, Word.ONE_TIME, Word.HALF_YEAR, Word.CLOSE}
)
_LOOSE_STARTS = frozenset(
    {Word.COMMA, Word.AND, Word.CLOSE, Word.COLON, Word.DASH, Word.IS, Word.OF, Word.SEVERAL, Word.SLASH, Word.SEND}
)
_NAMES_ONE = (Word.NUMBER, Word.NUMBER_WORD, Word.ROMAN, Word.YEAR_NUMBER, Word.DAY, Word.WEEKDAY)
"""What follows a unit that stands for one day or period: "tháng 9", "ngày thứ Năm"."""
_DATED = rule("dated")
"""A day or period with its year: it comes once, also among words of what comes again."""
_MOST_MONTHS = 8
"""Reports of more months are of one year: "sơ kết 9 tháng"."""
_MOST_WORDS = 80
"""Words of time that are read together: nobody says more in one breath."""
_APART = 160
"""Characters that may stand between a period and its day."""
_GOES_ON = ("gửi", "về", "để", "cho", "tổng")
"""Words behind a number of days: "trước ngày 05 và 20 gửi …", but "hằng tháng, 3 sở …"."""


@dataclass
class Recurrence:
    """What comes again and when: `every` holds counts and units, `days` the days ("25", "15/6") of each period.

    `start` and `end` are characters of the text. `rule` says it in English, as the answers in gold files do.
    """

    start: int
    end: int
    every: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)
    weekdays: list[str] = field(default_factory=list)
    hours: list[str] = field(default_factory=list)
    edge: str = ""
    week_of: str = ""
    month_of_quarter: str = ""
    is_next_month: bool = False
    is_next_year: bool = False
    is_before: bool = False
    is_certain: bool = True
    """Its words alone say that something comes again, not only of which period a noun speaks ("kế hoạch hằng năm")."""

    @property
    def has_day(self) -> bool:
        return bool(self.days or self.weekdays or self.hours or self.edge)

    @property
    def speaks_of_a_deadline(self) -> bool:
        """Return whether it is more than "hằng năm" or "hằng ngày", which most often describe a noun."""
        return self.is_certain or bool({"every week", "every month", "every quarter"} & set(self.every))

    @property
    def rule(self) -> str:
        sense = ", before " if self.is_before else ", by "
        month = [f"{self.month_of_quarter} month of each quarter"] if self.month_of_quarter else []
        text = "; ".join(dict.fromkeys([*self.every, *month]))
        if self.days:
            text += f"{sense}day {' and '.join(self.days)}" + (" of the next month" if self.is_next_month else "")
            text += ", in the next year" if self.is_next_year else ""
        elif self.edge and not self.weekdays:
            text += f"{sense}its {self.edge}"
        if self.weekdays:
            text += f", on {' and '.join(self.weekdays)}" + (f" of the {self.week_of} week" if self.week_of else "")
        return text + (sense + " and ".join(self.hours) if self.hours else "")


def recurrences(text: str, start: int, end: int) -> Iterator[Recurrence]:
    """Yield what comes again between two characters of a text; a lone period takes the day that is said later."""
    found = [one for first, last in _stretches(text, start, end) for one in _read_stretch(text, first, last)]
    for at, one in enumerate(found):
        following = found[at + 1] if at + 1 < len(found) else None
        if following is not None and _says_the_day_of(following, one):
            following.start, following.every = one.start, one.every
            following.is_certain |= one.is_certain
        elif one.every:
            yield one


def _says_the_day_of(following: Recurrence, one: Recurrence) -> bool:
    """Return whether a period without a day has it further on: "hằng tháng, các sở báo cáo … trước ngày 25"."""
    if not one.every or one.has_day or following.start - one.end >= _APART:
        return False
    return not following.every or (following.has_day and following.every == one.every)


def read_period_words(text: str) -> str:
    """Return the rule of a line or cell that holds nothing but when something comes again."""
    words = [word for word in time_words(text) if word.kind not in _BREAKS]
    return _read_words(words).rule


def _stretches(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where words of time follow each other, by their numbers in the text, that say or may say a period."""
    words = time_words(text)
    begin, last = words_between(text, start, end)
    dated = {at for match in _DATED.finditer(kinds(text), begin, last) for at in range(*match.span())}
    first, is_open = None, False
    for at in range(begin, last):
        kind = words[at].kind
        is_long = first is not None and at - first >= _MOST_WORDS
        if is_long or at in dated or kind in _BREAKS or (kind is Word.CLOSE and not is_open):
            if first is not None:
                yield first, _without_a_count_of_others(words, first, at)
            first, is_open = None, False
            continue
        first = at if first is None else first
        is_open = kind is Word.OPEN or (is_open and kind is not Word.CLOSE)
    if first is not None:
        yield first, last


def _without_a_count_of_others(words: Sequence[TimeWord], first: int, last: int) -> int:
    """Return where the words end without a number that counts what follows: "hằng tháng, 3 sở"."""
    follows = words[last]
    if last - first < 2 or follows.kind is not Word.OTHER or follows.text in _GOES_ON:
        return last
    is_count = words[last - 1].kind in (Word.NUMBER, Word.NUMBER_WORD) and words[last - 2].kind in (
        Word.COMMA,
        Word.AND,
    )
    return last - 1 if is_count else last


def _read_stretch(text: str, first: int, last: int) -> Iterator[Recurrence]:
    """Yield the recurrences in words that follow each other, or the day alone that they say."""
    words, letters = time_words(text), kinds(text)
    is_report = first > 0 and words[first - 1].kind is Word.REPORT
    again = _AGAIN.search(letters, first, last)
    reported = _REPORTED.match(letters, first, last) if is_report else None
    if again is None and (reported is None or not _is_report_of(words, first, last)):
        if (day := _DAY_ALONE.search(letters, first, last)) is not None and len(letters[first:last]) < 14:
            yield _read_words(words[day.start() : day.end()])
        return
    if again is not None and again.start() > first and words[again.start() - 1].kind is Word.AT_MOST:
        return
    is_before = False
    for group in _groups(words, first, last):
        one = _read_words(group)
        one.is_certain = one.has_day or reported is not None or not _is_bare(group)
        if one.is_next_year and _is_bare(group) and not any(word.kind is Word.EACH for word in group):
            continue  # "báo cáo năm trước ngày 15 tháng 01 của năm sau" is one day
        has_lead = any(word.kind in (Word.BEFORE, Word.LATEST, Word.AT) for word in group)
        one.is_before = is_before = one.is_before if has_lead else is_before
        yield one


def _is_report_of(words: Sequence[TimeWord], first: int, last: int) -> bool:
    """Return whether a kind of report is named and not a period: "6 tháng", "quý (trước ngày 15)", not "9 tháng"."""
    if words[first].kind in (Word.NUMBER, Word.NUMBER_WORD):
        return words[first].value <= _MOST_MONTHS
    said = [word.kind for word in words[first:last]]
    has_limit = any(kind in (Word.BEFORE, Word.LATEST, Word.AT, Word.LIMIT) for kind in said)
    return has_limit and (Word.DAY in said or Word.WEEKDAY in said or Word.SLASH in said)


def _is_bare(words: Sequence[TimeWord]) -> bool:
    """Return whether only "hằng quý" or "mỗi tháng" is said, which may describe a noun."""
    said = {word.kind for word in words}
    return not said & {Word.PERIODIC, Word.ONE_TIME, Word.TERM}


def _groups(words: Sequence[TimeWord], first: int, last: int) -> Iterator[Sequence[TimeWord]]:
    """Yield the words of each deadline: a period with a day of its own begins another one."""
    begin = first
    items = [at for at in range(first, last) if words[at].kind in (Word.COMMA, Word.AND)]
    for at, following in zip(items, [*items, last][1:], strict=True):
        item = words[at + 1 : following]
        left, right = _read_words(words[begin:at]), _read_words(item)
        said = {word.kind for word in item}
        says_each = bool(said & {Word.EACH, Word.PERIODIC}) and Word.OPEN not in said
        if says_each and left.every and left.has_day and right.every and right.has_day:
            yield words[begin:at]
            begin = at + 1
    yield words[begin:last]


def _trimmed(words: Sequence[TimeWord]) -> Sequence[TimeWord]:
    """Return the words without those at either end that say no time, and without half a bracket."""
    start = 0
    while start < len(words) and words[start].kind in _LOOSE_STARTS:
        start += 1
    words = words[start:]
    for at, word in enumerate(words):
        if word.kind is Word.OPEN and (
            all(later.kind is not Word.CLOSE for later in words[at:])
            or (at + 2 < len(words) and words[at + 1].kind in (Word.MONTH, Word.QUARTER) and words[at + 2].value)
        ):
            words = words[:at]
            break
        if word.kind is Word.CLOSE and all(earlier.kind is not Word.OPEN for earlier in words[:at]):
            words = words[:at]
            break
    end = len(words)
    while end > 0 and words[end - 1].kind not in _TIME_ENDS:
        end -= 1
    return words[:end]


def _read_words(words: Sequence[TimeWord]) -> Recurrence:
    """Return what words of time say together."""
    words = _trimmed(words)
    if not words:
        return Recurrence(0, 0)
    one = Recurrence(words[0].start, words[-1].end)
    one.is_before = any(word.kind is Word.BEFORE for word in words)
    at = 0
    while at < len(words):
        at += _take(one, words, at)
    if one.is_next_month and not one.every:
        one.every.append("every quarter" if any(word.kind is Word.QUARTER for word in words) else "every month")
    return one


def _take(one: Recurrence, words: Sequence[TimeWord], at: int) -> int:
    """Take what begins at a word into a recurrence; return how many words it is made of."""
    word, before = words[at], words[at - 1].kind if at else None
    after = [following.kind for following in words[at + 1 : at + 6]] + [None] * 5
    match word.kind:
        case Word.WEEKDAY:
            one.weekdays.append(_WEEKDAY_NAMES[word.value])
        case Word.NUMBER | Word.NUMBER_WORD:
            return _take_number(one, words, at)
        case Word.TERM | Word.HALF_YEAR:
            one.every.append("every 6 months")
        case Word.DAY | Word.WORKING_DAY | Word.WEEK if after[0] in (Word.LAST, Word.FIRST):
            edge = "last" if after[0] is Word.LAST else "first"
            if word.kind is Word.WEEK:
                one.week_of = edge
            one.edge = f"{edge} {'week' if word.kind is Word.WEEK else 'day'}"
            return 2
        case Word.MONTH if after[0] in (Word.NEXT, Word.AFTER):
            one.is_next_month = True
            return 2
        case Word.MONTH if after[0] in (Word.LAST, Word.FIRST):
            quarter = [kind for kind in after[1:] if kind is not Word.OF][:2]
            if after[0] is Word.FIRST and quarter[0] is Word.QUARTER and quarter[1] in (Word.NEXT, Word.AFTER):
                one.is_next_month = True
            else:
                one.month_of_quarter = "last" if after[0] is Word.LAST else "first"
            return 2
        case Word.YEAR if after[0] in (Word.NEXT, Word.AFTER):
            one.is_next_year = True
            return 2
        case Word.MONTH | Word.QUARTER if after[0] in (Word.THAT, Word.NEXT, Word.AFTER):
            return 2
        case Word.MONTH if after[0] is Word.NUMBER_WORD and Word.QUARTER in after[1:4]:
            one.month_of_quarter = _MONTHS_OF_A_QUARTER.get(words[at + 1].value, "")
            return 2
        case Word.MONTH if after[0] in (Word.NUMBER, Word.NUMBER_WORD) and before is not Word.EACH:
            return 2
        case Word.DAY | Word.WEEK | Word.MONTH | Word.QUARTER | Word.YEAR:
            is_named = after[0] in _NAMES_ONE and (
                word.kind is not Word.WEEK and before is not Word.EACH and after[1] is not Word.ONE_TIME
            )
            is_within = before is Word.WITHIN and (
                at < 2 or words[at - 2].kind not in (Word.ONE_TIME, Word.LAST, Word.FIRST, Word.NUMBER_WORD)
            )
            if not (is_named or is_within):
                one.every.append(f"every {_UNIT_NAMES[word.kind]}")
    return 1


def _take_number(one: Recurrence, words: Sequence[TimeWord], at: int) -> int:
    """Take a number and what it counts: a period, a day with its month, an hour, or a day alone."""
    word, before = words[at], words[at - 1].kind if at else None
    after = [following.kind for following in words[at + 1 : at + 8]] + [None] * 7
    if after[0] is Word.ONE_TIME:
        return 2
    is_rate = _RATE.match(letters_of(words[at : at + 8]))
    is_clock = after[0] is Word.HOUR and not is_rate
    if is_clock or (after[0] is Word.COLON and after[1] is Word.NUMBER):
        has_minutes = after[1] is Word.NUMBER and (after[2] is not Word.HOUR)
        minutes = words[at + 2].value if has_minutes else 0
        one.hours.append(f"{word.value:02}:{minutes:02}")
        return 2 + has_minutes + (after[2] is Word.MINUTE)
    if (
        after[0] in _UNIT_NAMES
        and before is not Word.DAY
        and (is_rate or after[1] not in (Word.NEXT, Word.AFTER, Word.NUMBER))
    ):
        unit = _UNIT_NAMES[after[0]]
        one.every.append(f"every {word.value} {unit}s" if word.value > 1 else f"every {unit}")
        return 4 if after[1] is Word.FIRST and after[2] is Word.YEAR else 2
    is_in_quarter = after[1] is Word.NUMBER_WORD and Word.QUARTER in after[2:5]
    if after[0] in (Word.SLASH, Word.MONTH) and after[1] in (Word.NUMBER, Word.NUMBER_WORD) and not is_in_quarter:
        one.days.append(f"{word.text}/{words[at + 2].text if after[1] is Word.NUMBER else words[at + 2].value}")
        return 3
    one.days.append(word.text)
    return 1
