"""Convert between instants and Vietnamese local time, and write dates. Only this module knows the local zone."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.errors import BadInput

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST_YEAR, LAST_YEAR = 1975, 2099
"""Years of the working calendar (workflows/rules/calendar/workdays.py)."""
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(LAST_YEAR - 1, 12, 31)
"""Accepted days; others are typing mistakes. Before them there is no local zone. After them the working calendar ends
too soon for reminders (workflows/rules/calendar/workdays.py)."""
MORNING = time(8, 0)
"""The local time at which day rungs fire and digests leave."""


def at_local(day: date, clock: time = MORNING) -> datetime:
    return datetime.combine(day, clock, ZONE).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """Return 24:00 local of a day as an exclusive UTC instant, as every `due_at` is stored."""
    return at_local(day + timedelta(days=1), time(0, 0))


def local(instant: datetime) -> datetime:
    return instant.astimezone(ZONE)


def local_date(instant: datetime) -> date:
    return local(instant).date()


def due_date(due_at: datetime) -> date:
    """Return the last permitted local day."""
    return local_date(due_at - timedelta(microseconds=1))


def write_date(day: date) -> str:
    """Write a day as 05/11/2026."""
    return f"{day:%d/%m/%Y}"


_WEEKDAYS = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = ("January February March April May June July August September October November December").split()


def write_weekday(day: date, language: str) -> str:
    return _WEEKDAYS[language][day.weekday()]


def write_long_date(day: date, language: str) -> str:
    """Write "ngày 05 tháng 11 năm 2026", with the zeros of Decree 30/2020/NĐ-CP, or "5 November 2026"."""
    if language == "vi":
        month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
        return f"ngày {day.day:02d} tháng {month} năm {day.year}"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def write_day(day: date, language: str) -> str:
    """Write 06/07/2004, or 6 July 2004, because an English reader could read the former as June."""
    return write_date(day) if language == "vi" else write_long_date(day, "en")


def write_time(instant: datetime, language: str) -> str:
    """Write local time as "14 giờ 30" or "14:30"."""
    moment = local(instant)
    return f"{moment:%H} giờ {moment:%M}" if language == "vi" else f"{moment:%H:%M}"


ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def as_day(value: str) -> str:
    """Rewrite 05/11/2026, as offices write it, in ISO format. Other text stays as it is."""
    match = _DAY_FIRST.fullmatch(value)
    return f"{match[3]}-{int(match[2]):02d}-{int(match[1]):02d}" if match else value


def as_moment(value: str) -> str:
    """Rewrite 05/11/2026 14:30 in ISO format. Other text stays as it is."""
    day, blank, clock = value.partition(" ")
    return as_day(day) + blank + clock


def read_day(name: str, text: str) -> date:
    """Read a day in ISO format or as offices write it. Raises BadInput, which names the option."""
    iso_day = as_day(text.strip())
    if not iso_day:
        raise BadInput("{option}: a day is needed, such as 05/11/2026", option=name)
    try:
        if ISO_DAY.fullmatch(iso_day) and FIRST_DAY <= (day := date.fromisoformat(iso_day)) <= LAST_DAY:
            return day
    except ValueError:
        pass
    raise BadInput(
        "{option} {value}: not a day of the calendar; write it as 05/11/2026 or 2026-11-05", option=name, value=text
    )


def read_instant(text: str) -> datetime:
    """Read an ISO instant. Without a zone it is local; a date alone is 08:00 local. Raises ValueError."""
    if "T" not in text and " " not in text:
        return at_local(date.fromisoformat(text))
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).astimezone(UTC)
