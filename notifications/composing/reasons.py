"""Say in English why a date is what it is: the sentences of `rules/calendar/due.py` and `moved_dates.py` by part.

They are stored in Vietnamese with the task. A part that is none of theirs is a person's own words, and is quoted.
"""

import re
from collections.abc import Callable
from datetime import date

from models.text.localtime import write_long_date

_DAY = r"(\d\d/\d\d/\d{4})"
_MOMENT = rf"(?:(\d\d) giờ (\d\d) ngày )?{_DAY}"
WEEKDAYS = {
    "thứ Hai": "a Monday",
    "thứ Ba": "a Tuesday",
    "thứ Tư": "a Wednesday",
    "thứ Năm": "a Thursday",
    "thứ Sáu": "a Friday",
    "thứ Bảy": "a Saturday",
    "Chủ nhật": "a Sunday",
}
_MOVES = {
    "chuyển lên ngày làm việc liền trước": "moved back to the working day before",
    "chuyển sang ngày làm việc liền sau": "moved on to the next working day",
    "ngày làm việc liền trước đã qua khi giao, chuyển sang ngày làm việc liền sau": (
        "the working day before had passed at assignment, moved on to the next one"
    ),
}
_UNITS = {"ngày": "days", "ngày làm việc": "working days", "tháng": "months"}
_SINCE = {"ngày ký": "signing", "ngày giao": "assignment"}
_QUARTERS = {"I": 1, "II": 2, "III": 3, "IV": 4}


def in_english(reason: str) -> str:
    """ "hạn 06/09/2026 rơi vào Chủ nhật, …" as "6 September 2026 is a Sunday, …"; a person's words in quotes."""
    parts = [_part(part) for part in reason.split("; ")]
    return f"“{reason}”" if None in parts else "; ".join(filter(None, parts))


def _part(part: str) -> str | None:
    for pattern, write in _SENTENCES:
        if found := pattern.fullmatch(part):
            return write(found)
    return None


def _day(written: str) -> str:
    day, month, year = (int(part) for part in written.split("/"))
    return write_long_date(date(year, month, day), "en")


def _moment(hour: str | None, minute: str | None, day: str) -> str:
    return f"{hour}:{minute} on {_day(day)}" if hour else _day(day)


def _within(span: str) -> str:
    if quarter := re.fullmatch(r"quý (I|II|III|IV)/(\d{4})", span):
        return f"quarter {_QUARTERS[quarter[1]]} of {quarter[2]}"
    if half := re.fullmatch(r"6 tháng (đầu|cuối) năm (\d{4})", span):
        return f"the {'first' if half[1] == 'đầu' else 'second'} half of {half[2]}"
    if month := re.fullmatch(r"tháng (\d+)/(\d{4})", span):
        return f"{date(int(month[2]), int(month[1]), 1):%B %Y}"
    return span.removeprefix("năm ")


def _fell(found: re.Match[str]) -> str:
    return f"{_day(found[1])} is {WEEKDAYS.get(found[2], f'a day off (“{found[2]}”)')}, {_MOVES[found[3]]}"


_SENTENCES: list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = [
    (re.compile(rf"hạn {_DAY} rơi vào (.+?), (?:báo cáo )?({'|'.join(_MOVES)})"), _fell),
    (
        re.compile(rf"(\d+) giờ kể từ khi giao \({_MOMENT}\)"),
        lambda m: f"{m[1]} hours from assignment ({_moment(m[2], m[3], m[4])})",
    ),
    (
        re.compile(rf"(\d+) (ngày làm việc|ngày|tháng) kể từ (ngày ký|ngày giao) {_DAY}"),
        lambda m: f"{m[1]} {_UNITS[m[2]]} from {_SINCE[m[3]]} on {_day(m[4])}",
    ),
    (re.compile(rf"trước ngày {_DAY}, không tính ngày đó"), lambda m: f"before {_day(m[1])}, that day not included"),
    (re.compile(r"ngày cuối cùng của (.+)"), lambda m: f"the last day of {_within(m[1])}"),
    (
        re.compile(rf"theo hạn của nhiệm vụ cấp trên: {_MOMENT}"),
        lambda m: f"the date of the task above: {_moment(m[1], m[2], m[3])}",
    ),
    (
        re.compile(rf"hạn {_MOMENT} quá hạn của nhiệm vụ cấp trên, rút về {_MOMENT}"),
        lambda m: f"{_moment(m[1], m[2], m[3])} is past the task above, cut to {_moment(m[4], m[5], m[6])}",
    ),
    (
        re.compile(rf"lịch làm việc điều chỉnh, hạn {_DAY} chuyển thành {_DAY}"),
        lambda m: f"the working calendar changed: {_day(m[1])} became {_day(m[2])}",
    ),
]
