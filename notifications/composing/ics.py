"""A task's date as a calendar entry: one per task, replaced when the date moves, cancelled when it is withdrawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from icalendar import Calendar, Event, vCalAddress, vText
from icalendar.parser import Contentline

from models.text.localtime import due_date
from notifications.composing.facts import LetterItem
from notifications.composing.keys import calendar_uid

_SUMMARY = {"vi": "Thời hạn: {item}", "en": "Deadline: {item}"}
_CANCELLED = {"vi": "Đã thu hồi: {item}", "en": "Withdrawn: {item}"}
ENDED = frozenset({"withdrawn", "incident_stood_down"})


def method(item: LetterItem) -> str:
    """Return the iTIP method of an item's entry: PUBLISH, or CANCEL once the task is withdrawn."""
    return "CANCEL" if item.event in ENDED else "PUBLISH"


def calendar_entry(
    item: LetterItem, name: str, *, slot: datetime, domain: str, organiser: str, language: str, is_drill: bool = False
) -> bytes:
    """Return the .ics of an item that has a date.

    All day on the last permitted local day; a contingency's clock gives its instant instead. `name` is how subjects
    call the item ("mục 2, Chỉ thị …"): the duty's own words stay out, calendars are shown on many screens.
    SEQUENCE is the due revision, DTSTAMP the letter's slot, so the same facts give the same bytes.
    """
    if item.due_at is None:
        raise ValueError("an undated task has no calendar entry")
    cancelled = method(item) == "CANCEL"
    summary = (_CANCELLED if cancelled else _SUMMARY)[language].format(item=name)
    head, tail = _calendar(
        method(item),
        _marked(summary, is_drill),
        item.due_at if item.hours_left is not None else due_date(item.due_at),
        # A cancellation must outrank what it cancels (RFC 5546, 3.2.5), and not what takes it up again.
        item.due_revision + (cancelled or item.event == "reopened"),
        slot,
        organiser,
    )
    # both are escaped by nature: hexadecimal and a plain domain, a URI
    own = _line(f"UID:{calendar_uid(item.task_id, domain)}") + _line(f"URL:{item.url}")
    return head + own + tail


@dataclass(frozen=True)
class FeedEntry:
    """A task's date in somebody's calendar feed. `name` as subjects call it; `due_at` the exclusive end."""

    task_id: UUID
    name: str
    due_at: datetime
    by_the_hour: bool
    revision: int
    set_at: datetime
    url: str
    is_drill: bool


def calendar_feed(entries: Iterable[FeedEntry], *, title: str, domain: str, organiser: str, language: str) -> bytes:
    """Return a calendar that programs subscribe to: its entries have the UIDs of those in letters."""
    calendar = _empty_calendar()
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    for one in entries:
        summary = _SUMMARY[language].format(item=one.name)
        on = one.due_at if one.by_the_hour else due_date(one.due_at)
        event = _event(_marked(summary, one.is_drill), on, one.revision, one.set_at, organiser)
        event.add("uid", calendar_uid(one.task_id, domain))
        event.add("url", one.url)
        event.add("status", "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _marked(summary: str, is_drill: bool) -> str:
    return f"[DIỄN TẬP] {summary}" if is_drill else summary


@lru_cache(maxsize=512)
def _calendar(
    method: str, summary: str, on: date | datetime, sequence: int, slot: datetime, organiser: str
) -> tuple[bytes, bytes]:
    """Return a calendar up to and from its entry's UID and URL: the rest is the same for all units of a duty."""
    event = _event(summary, on, sequence, slot, organiser)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    calendar = _empty_calendar()
    calendar.add("method", method)
    calendar.add_component(event)
    head, begin, tail = bytes(calendar.to_ical()).partition(b"BEGIN:VEVENT\r\n")
    return head + begin, tail


def _empty_calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Đôn đốc//dondoc//VI")
    calendar.add("version", "2.0")
    return calendar


def _event(summary: str, on: date | datetime, sequence: int, stamp: datetime, organiser: str) -> Event:
    event = Event()
    event.add("sequence", sequence)
    event.add("dtstamp", stamp)
    event.add("dtstart", on)
    if not isinstance(on, datetime):
        event.add("dtend", on + timedelta(days=1))
    event.add("summary", summary)
    event.add("organizer", _organiser(organiser))
    event.add("transp", "TRANSPARENT")  # a deadline does not make anybody busy
    return event


def _line(text: str) -> bytes:
    return bytes(Contentline(text).to_ical()) + b"\r\n"  # type: ignore[no-untyped-call]


def _organiser(address: str) -> vCalAddress:
    organiser = vCalAddress(f"mailto:{address}")
    organiser.params["cn"] = vText("Đôn đốc")
    return organiser
