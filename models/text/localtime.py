"""The one place that knows the local zone: from instants to Vietnamese dates and back, and how they are written."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.errors import BadInput

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST_YEAR, LAST_YEAR = 1975, 2099
"""Years of the working calendar (workflows/rules/calendar/workdays.py)."""
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(LAST_YEAR - 1, 12, 31)
"""Days of an office's time: before, there is no zone to count in; after, not the year of working days that reminders
of a date are counted in (workflows/rules/calendar/workdays.py). What lies beyond is a slip of the keyboard."""
MORNING = time(8, 0)
"""Day rungs fire, and digests leave, at 08:00 local."""


def at_local(day: date, clock: time = MORNING) -> datetime:
    return datetime.combine(day, clock, ZONE).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """24:00 local of a day, as an exclusive UTC instant: how every `due_at` is stored."""
    return at_local(day + timedelta(days=1), time(0, 0))


def local(instant: datetime) -> datetime:
    return instant.astimezone(ZONE)


def local_date(instant: datetime) -> date:
    return local(instant).date()


def due_date(due_at: datetime) -> date:
    """The last permitted local day."""
    return local_date(due_at - timedelta(microseconds=1))


def write_date(day: date) -> str:
    """05/11/2026"""
    return f"{day:%d/%m/%Y}"


_WEEKDAYS = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = ("January February March April May June July August September October November December").split()


def write_weekday(day: date, language: str) -> str:
    """ "thứ Tư", "Wednesday"."""
    return _WEEKDAYS[language][day.weekday()]


def write_long_date(day: date, language: str) -> str:
    """ "ngày 05 tháng 11 năm 2026" or "5 November 2026", with the zeros of Decree 30/2020/NĐ-CP."""
    if language == "vi":
        month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
        return f"ngày {day.day:02d} tháng {month} năm {day.year}"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def write_day(day: date, language: str) -> str:
    """06/07/2004, or 6 July 2004 (an English reader could take the former for June)."""
    return write_date(day) if language == "vi" else write_long_date(day, "en")


def write_time(instant: datetime, language: str) -> str:
    """ "14 giờ 30" or "14:30", local."""
    moment = local(instant)
    return f"{moment:%H} giờ {moment:%M}" if language == "vi" else f"{moment:%H:%M}"


ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def as_day(value: str) -> str:
    """From 05/11/2026, as offices write it, to ISO's way; anything else stays as it is."""
    found = _DAY_FIRST.fullmatch(value)
    return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}" if found else value


def as_moment(value: str) -> str:
    """As `as_day`, with a time of day: 05/11/2026 14:30."""
    day, blank, clock = value.partition(" ")
    return as_day(day) + blank + clock


def read_day(name: str, text: str) -> date:
    """As options and date fields give it, or an office writes it. BadInput says what is right."""
    given = as_day(text.strip())
    if not given:
        raise BadInput("{option}: a day is needed, such as 05/11/2026", option=name)
    try:
        if ISO_DAY.fullmatch(given) and FIRST_DAY <= (day := date.fromisoformat(given)) <= LAST_DAY:
            return day
    except ValueError:
        pass
    raise BadInput(
        "{option} {value}: not a day of the calendar; write it as 05/11/2026 or 2026-11-05", option=name, value=text
    )


def read_instant(text: str) -> datetime:
    """An ISO instant; without a zone it is local, a bare date is 08:00 local. Raises ValueError."""
    if "T" not in text and " " not in text:
        return at_local(date.fromisoformat(text))
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).astimezone(UTC)
