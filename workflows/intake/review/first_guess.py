"""Guess a duty's template from its words: name, kind, deadline rule, period and product. Pure.

A person confirms the guesses. Where the words do not say a thing, nothing is made up.
"""

import re
from collections.abc import Sequence
from typing import Any

from models.directives.directive import DutyKind
from models.directives.template import DayOfPeriod
from workflows.intake.text.reading import Deadline, ReadDuty, Span
from workflows.intake.times.deadlines import times_in
from workflows.templates.template_check import sensitive_phrase

_LONGEST_TITLE, _LONGEST_RESULT = 300, 200
_FEW_WORDS, _MOST_WORDS = 10, 18
_BULLET = re.compile(r"^\s*(?:[-–+•*]|\d{1,2}[.)/]|[a-zđ][.)])\s+")
_WITH = re.compile(r"(?:chủ trì,?\s+)?(?:và\s+)?(?:phối hợp (?:với|cùng)|cùng(?: với)?)\s+", re.IGNORECASE)
_CLAUSE = re.compile(
    r"\s*,\s|\s+\(|\s+(?:để|nhằm|trước ngày|chậm nhất|theo đúng|phục vụ|bảo đảm|đảm bảo"
    r"|và (?:báo cáo|gửi|trình|tổ chức))\s"
)
"""Where a phrase may end whole: before a further clause."""
_BEFORE_SENSITIVE = re.compile(r"\s(?:khi|đối với|nếu|để|nhằm|về|trong|trước|theo|và|,)\s")
_SUBJECT_TAIL = re.compile(r"^(?:và|có trách nhiệm|phải|cần|chịu trách nhiệm)\s+")
_EVERY = (
    ("half_year", re.compile(r"\b6 months|half")),
    ("quarter", re.compile(r"\bquarter|\b3 months")),
    ("month", re.compile(r"\bmonth")),
    ("year", re.compile(r"\byear|\b12 months")),
)
"""Reporting presets by the rule of a recurring deadline; of two periods the one that stands first here."""
_EVERY_RULES = {
    "every month": "month",
    "every 1 month": "month",
    "every quarter": "quarter",
    "every 1 quarter": "quarter",
    "every 3 months": "quarter",
    "every 6 months": "half_year",
    "every year": "year",
    "every 1 year": "year",
    "every 12 months": "year",
}
_ON_DAY = re.compile(
    rf"(?P<every>{'|'.join(_EVERY_RULES)})(?:; (?P<part>last|first) month of each quarter)?, "
    r"(?P<sense>before|by|on) day (?P<day>\d{1,2})(?:/(?P<month>\d{1,2}))?"
    r"(?: and (?P<other>\d{1,2})/(?P<other_month>\d{1,2}))?"
    r"(?P<next> of the next (?:month|quarter|year))?"
)
_AT_ITS_END = 3
"""Months at the end of a period: a day in them is of this very period."""
OF_PERIOD = "of_period"
"""The rule of a day in each period, as a proposal keeps it: with the fields of `DayOfPeriod`."""
_NUMBERS = {"một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "bảy": 7, "mười": 10, "mười lăm": 15}
_COUNTED = re.compile(
    rf"\b(?P<amount>\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})(?:\s*\([^)]{{1,20}}\))?\s+"
    r"(?P<unit>ngày làm việc|ngày|tuần|tháng)\b,?\s*(?:kể từ|tính từ|từ)\s+(?:khi\s+)?(?:ngày\s+)?"
    r"(?P<since>[^,.;]{2,60})",
    re.IGNORECASE,
)
_SIGNED, _RECEIVED = re.compile(r"\b(?:ký|ban hành)\b", re.I), re.compile(r"\b(?:nhận|giao)\b", re.I)
_THINGS = (
    "kế hoạch|đề án|phương án|quy chế|quy định|quy trình|chương trình|dự án|danh mục|hướng dẫn|báo cáo|tờ trình"
    "|quyết định|thông tư|nghị định"
)
_PRODUCT = re.compile(
    r"\b(?:xây dựng|lập|soạn thảo|ban hành|hoàn thiện|hoàn thành|trình)\s+"
    rf"(?P<what>(?:dự thảo\s+)?(?:{_THINGS})\b[^,;.]{{0,160}})",
    re.IGNORECASE,
)


def title_of(duty: ReadDuty) -> str:
    """Return the work without its actor, such as "Rà soát hệ thống"."""
    text = duty.text
    for one in (*duty.addressees, *duty.lead):
        if text.startswith(one.value):
            text = _SUBJECT_TAIL.sub("", text[len(one.value) :].lstrip(" ,:"))
    return short_title(_without_partners(text, [one.value for one in duty.coordinating]))


def _without_partners(text: str, partners: Sequence[str]) -> str:
    """Return what is done where the words begin with whom it is done with: "Chủ trì, phối hợp với A, B rà soát …"."""
    found = _WITH.match(text)
    if found is None:
        return text
    at = found.end()
    while (last := max((_joins(text, at, name) for name in partners), default=0)) > at:
        at = last
    rest = re.sub(r"^và\s+", "", text[at:].lstrip(" ,;:"))
    return rest if len(rest.split()) > 2 else text


def _joins(text: str, at: int, name: str) -> int:
    """Return where a name ends that stands at a place, or behind a comma or "và" there; 0 for elsewhere."""
    found = re.compile(r"(?:\s*,)?\s*(?:và |cùng )?(?:với )?(?:các )?").match(text, at)
    start = found.end() if found else at
    return next((one + len(name) for one in (start, at) if text.startswith(name, one)), 0)


def short_title(text: str) -> str:
    """Return the beginning of a duty, as a name for it until somebody gives a better one.

    A whole phrase: it ends with its sentence, or where a further clause begins, at some twenty words at the most.
    """
    sentences = (_BULLET.sub("", one).strip() for one in re.split(r"[;.:](?:\s|$)", " ".join(text.split())))
    phrase = next((one for one in sentences if len(one.split()) > 1), " ".join(text.split()))
    if len(phrase.split()) > _MOST_WORDS:
        phrase = phrase[: _end_of_title(phrase)]
    if len(phrase) > _LONGEST_TITLE:
        phrase = phrase[:_LONGEST_TITLE].rpartition(" ")[0]
    short = _without_sensitive(phrase).rstrip(" ,;.:–-(/")
    return short[:1].upper() + short[1:]


def _without_sensitive(phrase: str) -> str:
    """Return a phrase up to the clause with words that no subject line may bear; a title is one."""
    while found := sensitive_phrase(phrase):
        before = phrase[: phrase.casefold().index(found.casefold())]
        ends = [one.start() for one in _BEFORE_SENSITIVE.finditer(before)]
        phrase = before[: ends[-1]] if ends else before.rpartition(" ")[0]
    return phrase


def _end_of_title(phrase: str) -> int:
    """Return where a long phrase may end, as late as its length allows."""
    ends = [(len(phrase[: one.start()].split()), one.start()) for one in _CLAUSE.finditer(phrase)]
    fitting = [end for words, end in ends if _FEW_WORDS <= words <= _MOST_WORDS]
    later = [end for words, end in ends if words > _MOST_WORDS]
    return max(fitting, default=min(later, default=len(phrase)))


def kind_of(duty: ReadDuty) -> DutyKind:
    """Return oversight for who is told to watch over others, recurring for what comes again, else once.

    A check that has a day of its own is done once. A contingency is never guessed: its tasks would wait in silence for
    an incident.
    """
    watched = {one.value for one in duty.supervisor}
    every = every_of(duty)
    if watched and watched == {one.value for one in duty.addressees} and (every or not _dated(duty)[1]):
        return DutyKind.OVERSIGHT
    if every:
        return DutyKind.RECURRING
    return DutyKind.ONE_OFF


def every_of(duty: ReadDuty) -> str:
    """Return the period of a recurring duty as a reporting preset, "" for once or where the words name no period."""
    rules = "; ".join(one.rule or "" for one in duty.deadlines if one.kind == "recurring")
    return next((preset for preset, words in _EVERY if words.search(rules)), "")


def deadline_of(duty: ReadDuty) -> dict[str, Any]:
    """Return the first day that is named, else the first counted from signing or assignment, as a rule."""
    if every := every_of(duty):
        return next((day for one in _again(duty) if (day := _day_of_period(every, one.rule or ""))), {})
    return _dated(duty)[1]


def _dated(duty: ReadDuty) -> tuple[Deadline | None, dict[str, Any]]:
    """Return the deadline of a duty done once, and the rule that it becomes."""
    for one in duty.deadlines:
        if one.kind == "fixed" and one.day is not None:
            before = {"before": True} if one.op == "before" else {}
            return one, {"rule": "fixed", "on": one.day.isoformat()} | before
    for one in duty.deadlines:
        if one.kind == "relative" and (rule := _relative(one.value)):
            return one, rule
    return None, {}


def _day_of_period(every: str, rule: str) -> dict[str, Any]:
    """Return the day of each period that a rule names: "every month, before day 5 of the next month"; {} for none."""
    found = _ON_DAY.fullmatch(rule)
    if found is None or _EVERY_RULES.get(found["every"]) != every:
        return {}
    months = {int(month) for month in (found["month"], found["other_month"]) if month}
    if found["other"] and (found["other"] != found["day"] or not found["month"]):
        return {}
    if months:  # "15/6 and 15/12": the same place in each period, or none
        length = {"half_year": 6, "year": 12}.get(every)
        places = {-month % length for month in months} if length else set()
        place = places.pop() if len(places) == 1 else _AT_ITS_END
        # early in a period: of the one that has just ended, or of this one? somebody must say
        if place >= _AT_ITS_END:
            return {}
    elif every == "year":
        return {}
    else:
        place = -1 if found["next"] else 2 if found["part"] == "first" else 0
    day, before = int(found["day"]), found["sense"] == "before"
    if not 1 <= day <= 31:
        return {}
    return {"rule": OF_PERIOD} | DayOfPeriod(day=day, months_before=place, before=before).model_dump()


def unread_times(duty: ReadDuty) -> list[tuple[str, Span]]:
    """Return the words of time that the guess leaves out, with their place: a day of a period, a second date, others.

    A task without them would be told another date than the document says; somebody must say what they mean.
    """
    used = _used(duty)
    unread = [(one.value, one.span) for one in duty.deadlines if one.kind != "none" and one is not used]
    read = [one.span for one in duty.deadlines]
    for start, end in times_in(duty.passage.text):
        span = duty.passage.span(start, end)
        if not any(span.start < one.end and one.start < span.end for one in read):
            unread.append((duty.passage.text[start:end], span))
    return sorted(unread, key=lambda one: one[1].start)


def _used(duty: ReadDuty) -> Deadline | None:
    """Return the one deadline that becomes the rule, whole: a period with a day of its own is not taken whole."""
    if every := every_of(duty):
        return next((one for one in _again(duty) if _is_whole(every, one.rule or "")), None)
    return _dated(duty)[0]


def _again(duty: ReadDuty) -> list[Deadline]:
    return [one for one in duty.deadlines if one.kind == "recurring"]


def _is_whole(every: str, rule: str) -> bool:
    """Return whether a rule says no more than its period and, perhaps, one day of it."""
    return _EVERY_RULES.get(rule) == every or bool(_day_of_period(every, rule))


def result_of(duty: ReadDuty) -> str:
    """Return the product that is named: "Kế hoạch triển khai"; "" where none is."""
    found = _PRODUCT.search(duty.text)
    if found is None:
        return ""
    what = " ".join(found["what"].split())[:_LONGEST_RESULT]
    return what[:1].upper() + what[1:]


def _relative(words: str) -> dict[str, Any]:
    found = _COUNTED.search(words)
    if found is None:
        return {}
    since = "signed" if _SIGNED.search(found["since"]) else "assigned" if _RECEIVED.search(found["since"]) else ""
    if not since:
        return {}  # counted from something that only somebody can date
    given = found["amount"].casefold()
    amount = int(given) if given.isdecimal() else _NUMBERS[given]
    unit = found["unit"].casefold()
    weeks = 7 if unit == "tuần" else 1
    units = {"ngày làm việc": "working_days", "ngày": "days", "tuần": "days", "tháng": "months"}
    return {"rule": "relative", "amount": amount * weeks, "unit": units[unit], "since": since}
