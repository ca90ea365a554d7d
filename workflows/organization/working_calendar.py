"""The working calendar as the database holds it."""

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
    """What a day becomes, and what it is called ("nghỉ bù", "làm bù cho ngày 22/08")."""

    kind: DayKind
    name: str = ""


def load_calendar(session: Session) -> WorkCalendar:
    """As edited so far; of several revisions of a day the newest counts."""
    return _calendar(tuple((day, kind, name) for day, kind, name in session.execute(_EDITED)))


_EDITED = (
    columns(col(CalendarDay.day), col(CalendarDay.kind), col(CalendarDay.name))
    .join(CalendarRevision, col(CalendarRevision.id) == col(CalendarDay.revision_id))
    .order_by(col(CalendarRevision.recorded_at), col(CalendarRevision.id))
)


@lru_cache(4)
def _calendar(edited: tuple[tuple[date, DayKind, str], ...]) -> WorkCalendar:
    """Made once for what was edited: it counts the days of a century, which takes longer than a page may."""
    return WorkCalendar({day: kind for day, kind, _name in edited}, {day: name for day, _kind, name in edited if name})


def is_decided(session: Session, year: int) -> bool:
    """The year's days off and make-up days are known: entered by hand, or announced."""
    return _is_in_library(year) or any(day.year == year for day in load_calendar(session).edits)


def is_next_year_wanted(today: date) -> bool:
    """From 1 November."""
    return today >= date(today.year, 11, 1)


def year_to_enter(session: Session, today: date) -> int | None:
    """This year, or the next once it is wanted; None where both are known."""
    wanted = (today.year, today.year + 1) if is_next_year_wanted(today) else (today.year,)
    return next((year for year in wanted if not is_decided(session, year)), None)


@cache
def _is_in_library(year: int) -> bool:
    """The library knows the make-up days of this year; it computes holidays of every year."""
    from holidays import country_holidays  # who asks for no day does without

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
    """BadRows with every fault and its line, BadInput for none or far too many."""
    found: dict[date, EditedDay] = {}
    faults: list[BadInput] = []
    for number, cells in _rows(text):
        try:
            for day in _days(cells[0]):
                if day in found:
                    raise BadInput(_TWICE, value=write_date(day))
                found[day] = EditedDay(_kind(cells[1] if len(cells) > 1 else ""), ", ".join(cells[2:]).strip())
        except BadInput as fault:
            faults.append(BadInput(_LINE, row=number, fault=Words(fault.message, **fault.facts)))
    if faults:
        raise BadRows(_("days"), faults)
    if not found:
        raise BadInput(_("days: write at least one, such as 31/08/2026, off, Nghỉ bù"))
    if len(found) > _MOST:
        raise BadInput(_("days: {count} at once; at most {limit}"), count=len(found), limit=_MOST)
    return found


def write_days(days: Mapping[date, EditedDay]) -> str:
    """As `read_days` reads them."""
    return "\n".join(
        ", ".join([write_date(day), edited.kind.value, *([edited.name] if edited.name else [])])
        for day, edited in sorted(days.items())
    )


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield lines as cells, between commas, semicolons or tabs; a header and empty lines are passed over."""
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


def _days(text: str) -> Iterator[date]:
    parts = _RANGE.fullmatch(text)
    first, last = (_day(parts[1]), _day(parts[2])) if parts else (_day(text), _day(text))
    if last < first:
        raise BadInput(_NO_DAY, value=text)
    if (last - first).days >= _LONGEST:
        raise BadInput(_TOO_LONG, value=text, limit=_LONGEST)
    yield from (first + timedelta(days=number) for number in range((last - first).days + 1))


def _day(text: str) -> date:
    try:
        if match := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text):
            return date(int(match[3]), int(match[2]), int(match[1]))
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(_NO_DAY, value=text or "–") from None


def _kind(text: str) -> DayKind:
    said = text.casefold()
    if said in _OFF:
        return DayKind.OFF
    if said in _WORKING:
        return DayKind.WORKING
    raise BadInput(_NO_KIND, value=text or "–")
