"""A task's date as a calendar entry: one per task, replaced when the date moves, cancelled when it is withdrawn."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from icalendar import Calendar, Event, vCalAddress, vText
from icalendar.parser import Contentline

from models.localtime import due_date
from notifications.facts import Item
from notifications.keys import calendar_uid

_SUMMARY = {"vi": "Thời hạn: {item}", "en": "Deadline: {item}"}
_CANCELLED = {"vi": "Đã thu hồi: {item}", "en": "Withdrawn: {item}"}
ENDED = frozenset({"withdrawn", "incident_stood_down"})


def method(item: Item) -> str:
    """The iTIP method of an item's entry: PUBLISH, or CANCEL once the task is withdrawn."""
    return "CANCEL" if item.event in ENDED else "PUBLISH"


def calendar_entry(
    item: Item,
    name: str,
    *,
    slot: datetime,
    domain: str,
    organiser: str,
    language: str,
    is_drill: bool = False,
) -> bytes:
    """The .ics of an item that has a date.

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
        f"[DIỄN TẬP] {summary}" if is_drill else summary,
        item.due_at if item.hours_left is not None else due_date(item.due_at),
        # A cancellation must outrank what it cancels (RFC 5546, 3.2.5).
        item.due_revision + cancelled,
        slot,
        organiser,
    )
    # both are escaped by nature: hexadecimal and a plain domain, a URI
    own = _line(f"UID:{calendar_uid(item.task_id, domain)}") + _line(f"URL:{item.url}")
    return head + own + tail


@lru_cache(maxsize=512)
def _calendar(
    method: str, summary: str, on: date | datetime, sequence: int, slot: datetime, organiser: str
) -> tuple[bytes, bytes]:
    """A calendar up to and from where its entry's UID and URL belong: the rest is the same for all units of a duty."""
    event = Event()
    event.add("sequence", sequence)
    event.add("dtstamp", slot)
    event.add("dtstart", on)
    if not isinstance(on, datetime):
        event.add("dtend", on + timedelta(days=1))
    event.add("summary", summary)
    event.add("organizer", _organiser(organiser))
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # a deadline does not make anybody busy
    calendar = Calendar()
    calendar.add("prodid", "-//Đôn đốc//dondoc//VI")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    head, begin, tail = bytes(calendar.to_ical()).partition(b"BEGIN:VEVENT\r\n")
    return head + begin, tail


def _line(text: str) -> bytes:
    return bytes(Contentline(text).to_ical()) + b"\r\n"  # type: ignore[no-untyped-call]


def _organiser(address: str) -> vCalAddress:
    organiser = vCalAddress(f"mailto:{address}")
    organiser.params["cn"] = vText("Đôn đốc")
    return organiser
