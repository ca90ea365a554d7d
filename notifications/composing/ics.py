"""Writes a task's deadline as a calendar entry. A moved date replaces the entry, a withdrawn task cancels it."""

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

    The entry takes the whole last permitted local day, or the instant of an incident's task. `name` is the item's name
    in subjects ("mục 2, Chỉ thị …"). The duty's own words stay out, as many people see a calendar. SEQUENCE is the due
    revision and DTSTAMP the letter's slot, so that the same facts give the same bytes.
    """
    if item.due_at is None:
        raise ValueError("an undated task has no calendar entry")
    cancelled = method(item) == "CANCEL"
    summary = (_CANCELLED if cancelled else _SUMMARY)[language].format(item=name)
    head, tail = _calendar(
        method(item),
        _marked(summary, is_drill),
        item.due_at if item.hours_left is not None else due_date(item.due_at),
        # A cancellation must outrank the entry that it cancels (RFC 5546, 3.2.5), but not the one after a reopening.
        item.due_revision + (cancelled or item.event == "reopened"),
        slot,
        organiser,
    )
    # neither needs escaping: one is hexadecimal with a plain domain, the other a URI
    own = _line(f"UID:{calendar_uid(item.task_id, domain)}") + _line(f"URL:{item.url}")
    return head + own + tail


@dataclass(frozen=True)
class FeedEntry:
    """A deadline in a person's calendar feed. `name` is the one that subjects use; `due_at` is exclusive."""

    task_id: UUID
    name: str
    due_at: datetime
    by_the_hour: bool
    revision: int
    set_at: datetime
    url: str
    is_drill: bool


def calendar_feed(entries: Iterable[FeedEntry], *, title: str, domain: str, organiser: str, language: str) -> bytes:
    """Return a calendar to subscribe to. Its entries have the same UIDs as those in letters."""
    calendar = _empty_calendar()
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    for entry in entries:
        summary = _SUMMARY[language].format(item=entry.name)
        start = entry.due_at if entry.by_the_hour else due_date(entry.due_at)
        event = _event(_marked(summary, entry.is_drill), start, entry.revision, entry.set_at, organiser)
        event.add("uid", calendar_uid(entry.task_id, domain))
        event.add("url", entry.url)
        event.add("status", "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _marked(summary: str, is_drill: bool) -> str:
    return f"[DIỄN TẬP] {summary}" if is_drill else summary


@lru_cache(maxsize=512)
def _calendar(
    method: str, summary: str, start: date | datetime, sequence: int, slot: datetime, organiser: str
) -> tuple[bytes, bytes]:
    """Return what stands before and after the entry's UID and URL. All units of a duty share it."""
    event = _event(summary, start, sequence, slot, organiser)
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


def _event(summary: str, start: date | datetime, sequence: int, stamp: datetime, organiser: str) -> Event:
    event = Event()
    event.add("sequence", sequence)
    event.add("dtstamp", stamp)
    event.add("dtstart", start)
    if not isinstance(start, datetime):
        event.add("dtend", start + timedelta(days=1))
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
