"""Load the working calendar from the database, and read and write edited days as text."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache

from sqlalchemy import select as columns
from sqlmodel import Session, col

from models.errors import BadInput, BadRows
from models.i18n import Words, _
from models.organization.calendar import CalendarDay, CalendarRevision, DayKind
from models.text.localtime import write_date
from workflows.rules.calendar.workdays import WorkCalendar


@dataclass(frozen=True)
class EditedDay:
    kind: DayKind
    name: str = ""  # such as "nghỉ bù" or "làm bù cho ngày 22/08"


def load_calendar(session: Session) -> WorkCalendar:
    """Return the calendar with all edits. Of several edits of a day the newest counts."""
    return _calendar(tuple((day, kind, name) for day, kind, name in session.execute(_EDITED)))


_EDITED = (
    columns(col(CalendarDay.day), col(CalendarDay.kind), col(CalendarDay.name))
    .join(CalendarRevision, col(CalendarRevision.id) == col(CalendarDay.revision_id))
    .order_by(col(CalendarRevision.recorded_at), col(CalendarRevision.id))
)


@lru_cache(4)
def _calendar(edited: tuple[tuple[date, DayKind, str], ...]) -> WorkCalendar:
    """Build the calendar once for these edits. It counts the days of a century, which is too slow for each page."""
    return WorkCalendar({day: kind for day, kind, _name in edited}, {day: name for day, _kind, name in edited if name})


def is_decided(session: Session, year: int) -> bool:
    """Return whether the year's days off and make-up days are known, from the library or by edits."""
    return _is_in_library(year) or any(day.year == year for day in load_calendar(session).edits)


def is_next_year_wanted(today: date) -> bool:
    """Return whether the days of the next year should be entered, which is so from 1 November."""
    return today >= date(today.year, 11, 1)


def year_to_enter(session: Session, today: date) -> int | None:
    """Return the first year whose days should be entered; None where all are known."""
    years = (today.year, today.year + 1) if is_next_year_wanted(today) else (today.year,)
    return next((year for year in years if not is_decided(session, year)), None)


@cache
def _is_in_library(year: int) -> bool:
    """Return whether the library knows the make-up days of a year. It computes holidays for all years."""
    from holidays import country_holidays  # a late import: it is slow

    return any(day.year == year for day in country_holidays("VN", years=year).weekend_workdays)


_OFF = {"off", "nghỉ", "nghi", "nghỉ lễ", "nghỉ bù", "nghỉ tết", "ngày nghỉ"}
_WORKING = {"working", "work", "làm", "làm bù", "lam bu", "làm việc", "ngày làm bù"}
_HEADERS = {"day", "date", "days", "ngày", "ngay"}
_DAY = r"\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{4}"
_RANGE = re.compile(rf"({_DAY})\s*(?:-|–|\.\.|đến)\s*({_DAY})", re.IGNORECASE)
_LONGEST = 31  # days in one range; the longest Tết is a third of it
_MOST = 400
_LONGEST_LINE = 1000  # characters
_LINE = _("line {row}: {fault}")
_NO_DAY = _("{value} is not a day; write 31/08/2026, or 16/02/2027–20/02/2027")
_NO_KIND = _("{value}: say whether the day is off or working")
_TWICE = _("{value} is named twice")
_LONG_LINE = _("{field}: {length} characters; expected at most {most}")
_TOO_LONG = _("{value}: more than {limit} days at once; is that right? write them in parts")


def read_days(text: str) -> dict[date, EditedDay]:
    """Read a line for each day or range. BadRows has the line of each fault; BadInput for no days or too many."""
    days: dict[date, EditedDay] = {}
    faults: list[BadInput] = []
    for number, cells in _rows(text):
        try:
            for day in _read_range(cells[0]):
                if day in days:
                    raise BadInput(_TWICE, value=write_date(day))
                days[day] = EditedDay(_read_kind(cells[1] if len(cells) > 1 else ""), ", ".join(cells[2:]).strip())
        except BadInput as fault:
            faults.append(BadInput(_LINE, row=number, fault=Words(fault.message, **fault.facts)))
    if faults:
        raise BadRows(_("days"), faults)
    if not days:
        raise BadInput(_("days: write at least one, such as 31/08/2026, off, Nghỉ bù"))
    if len(days) > _MOST:
        raise BadInput(_("days: {count} at once; at most {limit}"), count=len(days), limit=_MOST)
    return days


def write_days(days: Mapping[date, EditedDay]) -> str:
    """Write days as `read_days` reads them."""
    return "\n".join(
        ", ".join([write_date(day), edited.kind.value, *([edited.name] if edited.name else [])])
        for day, edited in sorted(days.items())
    )


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each line. Commas, semicolons or tabs separate cells; a header is skipped."""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not line.strip():
            continue
        if len(line) > _LONGEST_LINE:
            fault = Words(_LONG_LINE, field=_("day"), length=len(line), most=_LONGEST_LINE)
            raise BadInput(_LINE, row=number, fault=fault)
        delimiter = max("\t;,", key=line.count)
        cells = [cell.strip() for cell in next(csv.reader(io.StringIO(line), delimiter=delimiter))]
        if cells[0].casefold() in _HEADERS:
            continue
        yield number, cells


def _read_range(text: str) -> Iterator[date]:
    parts = _RANGE.fullmatch(text)
    first, last = (_read_day(parts[1]), _read_day(parts[2])) if parts else (_read_day(text), _read_day(text))
    if last < first:
        raise BadInput(_NO_DAY, value=text)
    if (last - first).days >= _LONGEST:
        raise BadInput(_TOO_LONG, value=text, limit=_LONGEST)
    yield from (first + timedelta(days=number) for number in range((last - first).days + 1))


def _read_day(text: str) -> date:
    try:
        if match := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text):
            return date(int(match[3]), int(match[2]), int(match[1]))
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(_NO_DAY, value=text or "–") from None


def _read_kind(text: str) -> DayKind:
    if text.casefold() in _OFF:
        return DayKind.OFF
    if text.casefold() in _WORKING:
        return DayKind.WORKING
    raise BadInput(_NO_KIND, value=text or "–")
